# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""The demo's eyes: two small networks that find the figures of the drawn world and tell what they
look like, written as ONNX.

Trained from nothing on the training split; the tower of the language model is too large for this.
`engine/perception/drawn.py` runs them, `nacre eval demo-eyes` measures them on the test split.
"""

import argparse
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.perception.drawn import LOOKED_AT, SEEN, STRIDE, TRAITS
from models.demo.boxes import COLUMNS, ROWS, Boxed, Looked, boxed, looked
from models.demo.checkpoint import FOLDER, Spent, load, save
from models.demo.feeding import Feed
from models.demo.precision import mixed

BOXES, LOOKS = "nacre-demo-boxes.onnx", "nacre-demo-looks.onnx"
RATE = 3e-3
SEEDS = 5_000_000
"""Between the seeds of the two: a run that goes on begins so much later as steps were made."""


def block(before: int, after: int, stride: int = 1, spread: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, spread, dilation=spread, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class Boxes(nn.Module):
    """1 x 3 x 120 x 160 (RGB, 0..255) to one row a cell: how sure it is of a figure and of a
    thing, and the corners of its box as shares of the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(
            block(3, 16, 2), block(16, 32, 2), block(32, 32), block(32, 64, 2)
        )
        self.far = nn.ModuleList(block(64, 64, spread=n) for n in (1, 2, 3))
        self.what = nn.Conv2d(64, 3, 1)
        self.box = nn.Conv2d(64, 4, 1)
        self.fit = nn.Conv2d(64, 1, 1)
        ys, xs = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
        middles = torch.stack([xs, ys], dim=-1).reshape(-1, 2) + 0.5
        self.register_buffer("middles", middles * STRIDE / torch.tensor(SEEN))

    def heads(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (n x cells x 3), corners (n x cells x 4) and logits of how well they fit."""
        x = self.near(pictures / 127.5 - 1)
        for block in self.far:
            x = x + block(x)
        what, box, fit = (
            head(x).flatten(2).transpose(1, 2) for head in (self.what, self.box, self.fit)
        )
        reach = 0.2 * functional.softplus(box)
        corners = torch.cat([self.middles - reach[..., :2], self.middles + reach[..., 2:]], dim=-1)
        return what, corners, fit[..., 0]

    def forward(self, pictures: Tensor) -> Tensor:
        what, corners, fit = self.heads(pictures)
        chances = what.softmax(dim=-1)[..., 1:] * fit.sigmoid()[..., None]
        return torch.cat([chances, corners], dim=-1)


class Looks(nn.Module):
    """1 x 3 x 64 x 64 (RGB, 0..255) to the probabilities of every value of every trait."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(
            block(3, 24, 2), block(24, 40, 2), block(40, 40), block(40, 80, 2), block(80, 80)
        )
        self.far = block(80, 80, spread=2)
        self.places = nn.Parameter(torch.randn(4, 64) * 0.02)
        self.traits = nn.Linear(4 * 80, sum(TRAITS.values()))

    def logits(self, pictures: Tensor) -> list[Tensor]:
        x = self.see(pictures / 127.5 - 1)
        x = (x + self.far(x)).flatten(2)
        pooled = torch.einsum("ncp,kp->nkc", x, self.places.softmax(dim=-1)).flatten(1)
        return list(self.traits(pooled).split(list(TRAITS.values()), dim=-1))

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.cat([part.softmax(dim=-1) for part in self.logits(pictures)], dim=-1)


def overlaps(found: Tensor, wanted: Tensor) -> Tensor:
    """Intersection over union, row by row."""
    low = torch.maximum(found[..., :2], wanted[..., :2])
    high = torch.minimum(found[..., 2:], wanted[..., 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    areas = [(one[..., 2:] - one[..., :2]).clamp(min=0).prod(dim=-1) for one in (found, wanted)]
    return shared / (areas[0] + areas[1] - shared).clamp(min=1e-9)


def boxes_loss(model: Boxes, lessons: list[Boxed]) -> Tensor:
    what, corners, fit = (part.float() for part in model.heads(_pictures(lessons)))
    classes = torch.from_numpy(np.stack([one.what for one in lessons]))
    wanted = torch.from_numpy(np.stack([one.boxes for one in lessons]))
    loss = functional.cross_entropy(what.flatten(0, 1), classes.flatten())
    there = classes > 0
    if not there.any():
        return loss
    found, right = corners[there], wanted[there]
    good = overlaps(found, right)
    fits = functional.binary_cross_entropy_with_logits(fit[there], good.detach())
    return loss + (1 - good).mean() + 4 * (found - right).abs().mean() + 0.5 * fits


def looks_loss(model: Looks, lessons: list[Looked]) -> Tensor:
    traits = torch.from_numpy(np.stack([one.traits for one in lessons]))
    parts = [part.float() for part in model.logits(_pictures(lessons))]
    losses = [
        functional.cross_entropy(part, traits[:, n], label_smoothing=0.01)
        for n, part in enumerate(parts)
    ]
    return torch.stack(losses).sum()


def _pictures(lessons: list[Any]) -> Tensor:
    shown = np.stack([one.picture for one in lessons])
    return torch.from_numpy(shown).permute(0, 3, 1, 2).float()  # Channels stay last in memory.


def teach(
    model: nn.Module,
    loss_of: Callable[[Any, list[Any]], Tensor],
    lessons: Callable[..., Iterator[Any]],
    path: Path,
    *,
    seconds: float,
    batch: int,
    workers: int,
    seed: int,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """Learn until so many seconds are spent in all runs, of the processor's time by default; goes
    on from the checkpoint at `path`. The rate falls to nothing meanwhile.

    Raises:
        RuntimeError: what is kept at `path` is of another network, or a worker has died.
    """
    model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    spent = Spent(path.stem, seconds, clock)
    parts = {"model": model, "optimizer": optimizer, "spent": spent}
    first = step = load(path, parts, "cpu")
    feed = Feed[Any](lessons, ("train",), workers=workers, first_seed=seed + first)
    said = spent.seconds
    model.train()
    try:
        while not spent.over:
            warm = min((step - first + 1) / 50, 1.0)
            falling = 0.5 + 0.5 * float(np.cos(np.pi * spent.share))
            for group in optimizer.param_groups:
                group["lr"] = RATE * warm * max(falling, 0.01)
            with mixed("cpu"):
                loss = loss_of(model, feed.take(batch))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            step += 1
            if spent.seconds - said > 30:
                said = spent.seconds
                print(f"{said:4.0f} s, step {step}, loss {loss.item():.3f}", flush=True)
                save(path, parts, step)
    finally:
        feed.close()
    save(path, parts, step)
    print(f"{path.stem}: {step} steps of {batch}", flush=True)


def write(model: nn.Module, size: tuple[int, int], path: Path, *, channels: int = 3) -> None:
    """As ONNX, for one picture at a time, with the weights in half precision: they are widened
    when the file is loaded."""
    import onnx
    from onnx import helper, numpy_helper

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model.eval(),
        (torch.zeros(1, channels, size[1], size[0]),),
        str(path),
        input_names=["picture"],
        output_names=["found"],
        dynamo=False,
    )
    whole = onnx.load(str(path))
    graph = whole.graph
    widened: list[Any] = []
    for tensor in graph.initializer:
        data = numpy_helper.to_array(tensor)
        if data.dtype != np.float32 or data.size < 256:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(data.astype(np.float16), f"{name}.half"))
        widened.append(helper.make_node("Cast", [f"{name}.half"], [name], to=1))
    for node in reversed(widened):
        graph.node.insert(0, node)
    onnx.checker.check_model(whole)
    onnx.save(whole, str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{path.name}: size = {path.stat().st_size}, sha256 = {digest}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--out", type=Path, default=FOLDER / "export")
    arguments.add_argument("--minutes", type=float, default=18.0, help="of one core, together")
    arguments.add_argument("--only", choices=("looks", "boxes"), help="one of the two networks")
    arguments.add_argument("--seed", type=int, default=810_000_001)
    arguments.add_argument("--batch", type=int, default=32)
    arguments.add_argument("--workers", type=int, default=1)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    parts = (
        (LOOKS, Looks(), looks_loss, looked, (LOOKED_AT, LOOKED_AT), 0.45),
        (BOXES, Boxes(), boxes_loss, boxed, SEEN, 0.55),
    )
    for n, (name, model, loss_of, lessons, size, share) in enumerate(parts):
        if chosen.only and chosen.only not in name:
            continue
        teach(
            model,
            loss_of,
            lessons,
            chosen.folder / f"{name}.pt",
            seconds=60 * chosen.minutes * share,
            batch=chosen.batch,
            workers=chosen.workers,
            seed=chosen.seed + n * SEEDS,
        )
        write(model, size, chosen.out / name)


if __name__ == "__main__":
    main()
