# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false
"""The student learns to say of each place of a view what the teacher says, in fewer dimensions.

python -m models.glance.teach [--fold 0]
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.demo.checkpoint import load, save
from models.demo.optimizing import Paired
from models.glance.lessons import FOLDER, PLACES, SIDE, Lessons, read
from models.glance.network import STRIDE, TAUGHT, Glance

RATE, WARM, DECAY = 5e-3, 0.05, 0.05
"""The highest learning rate, and the share of the steps after which it is reached (a half cosine
down to nothing follows); the weights decay apart from it. From nothing, in 150 s of a core, AdamW
alone came to a loss of 0.85 on other views (rate 0.002), with Muon it came to 0.73 (0.002), 0.69
(0.005) and 0.70 (0.01)."""
RELATIONS = 4.0
"""How much it counts that two views are as alike to the student as they are to the teacher (Park
et al., arXiv 1904.05068)."""
DENSE = 0.5
"""And that each place says the same (Romero et al., arXiv 1412.6550)."""
SMALL_SIDE, SMALL_SHARE = 64, 0.75
"""So large are the views, for that share of the steps: they are learned from at half the price.
Half of the batches are shrunk to it, of the others a part of 4 x 4 places is taken."""
PASTED = 0.5
"""So many views have some places of another one, which the teacher's features go with (Yun et al.,
arXiv 1905.04899)."""
SETTLING = 60
"""Batches."""
KEPT_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Course:
    """What is learned from: pictures n x 3 x 96 x 96; targets n x 256 x 6 x 6, whose mean over all
    places has length 1."""

    pictures: Tensor
    targets: Tensor


def axes(told: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The 256 directions in which the teacher's embeddings lie, 1280 x 256. About zero, not the
    mean: cosines are to stay what they are."""
    some = told[:: max(len(told) // 10_000, 1)].mean(axis=(1, 2), dtype=np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    _, vectors = np.linalg.eigh(some.T @ some)
    return np.ascontiguousarray(vectors[:, ::-1][:, :TAUGHT])


def course(lessons: Lessons, at_once: int = 500) -> Course:
    """The teacher's features in half precision, in directions that no subject has a part in: all
    folds have the same."""
    neutral = lessons.neutral()
    onto = torch.from_numpy(axes((neutral if len(neutral.told) else lessons).told))
    found: list[Tensor] = []
    for n in range(0, len(lessons.told), at_once):
        told = torch.from_numpy(lessons.told[n : n + at_once]).float() @ onto
        length = told.mean(dim=(1, 2)).norm(dim=1).clamp_min(1e-6)
        found.append((told / length[:, None, None, None]).permute(0, 3, 1, 2).half())
    pictures = torch.from_numpy(lessons.pictures).permute(0, 3, 1, 2)
    return Course(pictures, torch.cat(found))


def loss_of(said: Tensor, told: Tensor) -> Tensor:
    """Distance to what the teacher told of the whole and of each place, and between the two tables
    of who is like whom. Both n x 256 x places x places."""
    whole = functional.normalize(said.mean(dim=(2, 3)), dim=1)
    wanted = functional.normalize(told.mean(dim=(2, 3)), dim=1)
    near = (1 - (whole * wanted).sum(dim=1)).mean()
    related = (whole @ whole.T - wanted @ wanted.T).pow(2).mean()
    places = (said - told).pow(2).sum(dim=1).mean() / told.pow(2).sum(dim=1).mean()
    return near + RELATIONS * related + DENSE * places


def taken(course: Course, batch: int, side: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A batch, half of it mirrored: a thing and its mirror image are to look alike."""
    chosen = torch.from_numpy(rng.integers(0, len(course.pictures), batch))
    x, wanted = course.pictures[chosen].float(), course.targets[chosen].float()
    turned = torch.from_numpy(rng.random(batch) < 0.5)[:, None, None, None]
    x, wanted = torch.where(turned, x.flip(3), x), torch.where(turned, wanted.flip(3), wanted)
    if side != SIDE:
        x, wanted = _smaller(x, wanted, side, rng)
    x, wanted = _pasted(x, wanted, rng)
    return x.contiguous(memory_format=torch.channels_last), wanted


def _smaller(
    x: Tensor, wanted: Tensor, side: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    places = side // STRIDE
    if rng.random() < 0.5:
        x = functional.interpolate(x, (side, side), mode="bilinear", antialias=True)
        return x, functional.adaptive_avg_pool2d(wanted, places)
    top, left = (int(n) for n in rng.integers(0, PLACES - places + 1, 2))
    wanted = wanted[:, :, top : top + places, left : left + places]
    return x[:, :, top * STRIDE :, left * STRIDE :][:, :, :side, :side], wanted


def _pasted(x: Tensor, wanted: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The other one is the batch's next; the part is a rectangle of places."""
    places = wanted.shape[-1]
    inside = np.zeros((len(x), 2, places), np.bool_)
    for n in np.flatnonzero(rng.random(len(x)) < PASTED):
        for line in inside[n]:
            long = int(rng.integers(1, places))
            begin = int(rng.integers(0, places - long + 1))
            line[begin : begin + long] = True
    mask = torch.from_numpy(inside[:, 0, :, None] & inside[:, 1, None, :])[:, None]
    pixels = mask.repeat_interleave(STRIDE, 2).repeat_interleave(STRIDE, 3)
    return torch.where(pixels, x.roll(1, 0), x), torch.where(mask, wanted.roll(1, 0), wanted)


def rate(done: float) -> float:
    """At that share of all steps."""
    if done < WARM:
        return RATE * (done / WARM + 0.01)
    return RATE * 0.5 * (1 + float(np.cos(np.pi * (done - WARM) / (1 - WARM))))


def optimizer_of(model: nn.Module) -> Paired:
    """Muon for the filters that see features and have a shape, AdamW for everything else (those
    that see the picture, heads, norms)."""
    filters = [one for one in model.parameters() if _filters(one)]
    others = [one for one in model.parameters() if not _filters(one)]
    groups = ([{"params": some, "part": 1.0}] for some in (filters, others))
    return Paired(*groups, decay=DECAY, betas=(0.9, 0.999))


def _filters(one: nn.Parameter) -> bool:
    return one.ndim == 4 and one.shape[1] > 3 and one.shape[-1] > 1


def teach(
    lessons: Lessons, path: Path, *, views: int, batch: int = 64, begin: Path | None = None
) -> Glance:
    """Learn from so many views in all; goes on from the checkpoint at `path`, else from the weights
    at `begin`."""
    torch.manual_seed(0)
    model = Glance().to(memory_format=torch.channels_last)
    if begin is not None:
        load(begin, {"model": model}, "cpu")
    optimizer = optimizer_of(model)
    parts = {"model": model, "optimizer": optimizer}
    step, steps = load(path, parts, "cpu"), -(-views // batch)
    source, said = course(lessons), time.monotonic()
    while step < steps:
        done, rng = step / steps, np.random.default_rng(step)
        x, wanted = taken(source, batch, SMALL_SIDE if done < SMALL_SHARE else SIDE, rng)
        loss = loss_of(model.places(x), wanted)
        optimizer.step(loss, rate(done))
        step += 1
        if time.monotonic() - said > KEPT_EVERY_S:
            said = time.monotonic()
            save(path, parts, step)
            print(f"step {step} of {steps} loss {loss.item():.4f}", flush=True)
    settle(model, source, batch)
    save(path, parts, step)
    return model.eval()


@torch.no_grad()
def settle(model: Glance, source: Course, batch: int) -> None:
    """Take the means and deviations that the norms go by anew, of views of the full size: those
    kept while learning trail behind the weights, and are of small views mostly."""
    norms = [one for one in model.modules() if isinstance(one, nn.BatchNorm2d)]
    usual, rng = norms[0].momentum, np.random.default_rng(0)
    for one in norms:
        one.reset_running_stats()
        one.momentum = None
    for _ in range(SETTLING):
        model.places(taken(source, batch, SIDE, rng)[0])
    for one in norms:
        one.momentum = usual


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--views", type=int, default=192_000)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--begin", type=Path, help="a checkpoint whose weights are gone on from")
    which = arguments.add_mutually_exclusive_group()
    which.add_argument("--fold", type=int, help="leave out the subjects of this fold")
    which.add_argument(
        "--neutral", action="store_true", help="leave out all subjects: what all folds begin with"
    )
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    lessons = read(chosen.folder)
    lessons = lessons.neutral() if chosen.neutral else lessons.without(chosen.fold)
    fold = "glance" if chosen.fold is None else f"fold-{chosen.fold}"
    teach(
        lessons,
        chosen.folder / ("neutral.pt" if chosen.neutral else f"{fold}.pt"),
        views=chosen.views,
        batch=chosen.batch,
        begin=chosen.begin,
    )


if __name__ == "__main__":
    main()
