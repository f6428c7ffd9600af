# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""The student learns to say of each place of a view what the teacher says, in fewer dimensions.

python -m models.glance.teach --views 220000 [--fold 0]
"""

import argparse
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models.demo.checkpoint import load, save
from models.glance.lessons import FOLDER, PLACES, SIDE, Lessons, read
from models.glance.network import STRIDE, TAUGHT, Glance

RATE, WARM = 2e-3, 0.05
"""The highest learning rate, and the share of the steps after which it is reached (a half cosine
down to nothing follows)."""
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


def teach(
    lessons: Lessons,
    path: Path,
    *,
    views: int,
    minutes: float = float("inf"),
    batch: int = 64,
    workers: int = 1,
    begin: Path | None = None,
) -> Glance:
    """Learn from so many views in all, or for so long; goes on from the checkpoint at `path`, else
    from the weights at `begin`. Several workers change the same weights without waiting for each
    other (Recht et al., "Hogwild!", 2011)."""
    torch.manual_seed(0)
    model = Glance().to(memory_format=torch.channels_last)
    if begin is not None:
        load(begin, {"model": model}, "cpu")
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05)
    parts = {"model": model, "optimizer": optimizer}
    first, steps = load(path, parts, "cpu"), -(-views // batch)
    _share(model, optimizer)
    source = course(lessons)
    pace = _Pace(first, steps, batch, minutes * 60)
    context = multiprocessing.get_context("fork")
    busy = [
        context.Process(target=_learn, args=(n, model, optimizer, source, pace))
        for n in range(workers)
    ]
    for one in busy:
        one.start()
    while any(one.is_alive() for one in busy):
        busy[0].join(KEPT_EVERY_S)
        save(path, parts, pace.step)
        spent = time.monotonic() - pace.begun
        seen = (pace.step - first) * batch / spent
        loss = pace.loss.value
        print(f"step {pace.step} of {steps} loss {loss:.4f} {seen:.0f} views/s", flush=True)
    if any(one.exitcode for one in busy):
        raise RuntimeError("A process that learns has failed.")
    save(path, parts, pace.step)
    return model.eval()


class _Pace:
    """How far the learning is, for all workers."""

    def __init__(self, first: int, steps: int, batch: int, seconds: float) -> None:
        context = multiprocessing.get_context("fork")
        self._step = context.Value("l", first)
        self.loss = context.Value("d", 0.0)
        self.begun, self.batch = time.monotonic(), batch
        self._steps, self._seconds = steps, seconds

    @property
    def step(self) -> int:
        return int(self._step.value)

    def next(self) -> tuple[int, float]:
        """(number of the step to be made, share of the learning that is done)."""
        with self._step.get_lock():
            step = int(self._step.value)
            spent = (time.monotonic() - self.begun) / self._seconds
            done = max(step / self._steps, spent)
            if done < 1:
                self._step.value += 1
            return step, done


def _share(model: Glance, optimizer: torch.optim.AdamW) -> None:
    """Put the weights and what the optimizer keeps of them where all processes have them."""
    model.share_memory()
    for weights in model.parameters():
        kept = optimizer.state[weights]
        kept.setdefault("step", torch.tensor(0.0))
        for name in ("exp_avg", "exp_avg_sq"):
            kept.setdefault(name, torch.zeros_like(weights, memory_format=torch.preserve_format))
        for tensor in kept.values():
            tensor.share_memory_()


def _learn(
    number: int,
    model: Glance,
    optimizer: torch.optim.AdamW,
    source: Course,
    pace: _Pace,
) -> None:
    torch.set_num_threads(1)
    model.train()
    while True:
        step, done = pace.next()
        if done >= 1:
            return
        rng = np.random.default_rng((step, number))
        for group in optimizer.param_groups:
            group["lr"] = rate(done)
        x, wanted = taken(source, pace.batch, SMALL_SIDE if done < SMALL_SHARE else SIDE, rng)
        loss = loss_of(model.places(x), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        pace.loss.value = loss.item()


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--views", type=int, default=220_000)
    arguments.add_argument("--minutes", type=float, default=float("inf"))
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--begin", type=Path, help="a checkpoint whose weights are gone on from")
    which = arguments.add_mutually_exclusive_group()
    which.add_argument("--fold", type=int, help="leave out the subjects of this fold")
    which.add_argument(
        "--neutral", action="store_true", help="leave out all subjects: what all folds begin with"
    )
    chosen = arguments.parse_args()
    lessons = read(chosen.folder)
    lessons = lessons.neutral() if chosen.neutral else lessons.without(chosen.fold)
    fold = "glance" if chosen.fold is None else f"fold-{chosen.fold}"
    teach(
        lessons,
        chosen.folder / ("neutral.pt" if chosen.neutral else f"{fold}.pt"),
        views=chosen.views,
        minutes=chosen.minutes,
        batch=chosen.batch,
        workers=chosen.workers,
        begin=chosen.begin,
    )


if __name__ == "__main__":
    main()
