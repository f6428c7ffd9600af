# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""First stage: the vision tower learns what stands in each cell of a picture.

The lesson is read twice: from the cells themselves, and from the projected tokens, so that what
the tower knows is handed on to the text model.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.demo.cells import IGNORED, TASKS, Grid, grids
from models.demo.checkpoint import FOLDER, load, save
from models.demo.feeding import Feed
from models.demo.network import Shape, Vision, prepared
from models.demo.optimizing import Optimizer

RATE = 2e-3


class CellReader(nn.Module):
    """Linear heads for every lesson, on cells and on projected tokens."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        total = sum(TASKS.values())
        self.on_cells = nn.Linear(shape.vision_width, total)
        self.on_tokens = nn.Linear(shape.width, total * shape.shuffle**2)

    def forward(self, vision: Vision, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Logits twice, n x cells x classes of all lessons."""
        tokens = self.on_tokens(vision.project(vision.shuffled(cells)))
        n, s = tokens.shape[0], self.shape.shuffle
        side = self.shape.cells // s
        spread = tokens.view(n, side, side, s, s, -1).permute(0, 1, 3, 2, 4, 5)
        return self.on_cells(cells), spread.reshape(n, self.shape.cells**2, -1)


class Extents(nn.Module):
    """From a cell to the box of what it is of: whoever can tell that has looked at all of it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.on_cells = nn.Linear(shape.vision_width, 4)

    def loss(self, cells: Tensor, labels: Tensor, boxes: Tensor) -> Tensor:
        """Mean distance of the edges, as shares of the picture; boxes are n x 4 x cells."""
        there = labels[:, 0] > 0
        if not there.any():
            return cells.new_zeros(())
        found = self.on_cells(cells).sigmoid()
        return (found - boxes.transpose(1, 2)).abs()[there].mean()


def lesson_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over lessons of the cross entropy; labels are n x lessons x cells."""
    total, begin = logits.new_zeros(()), 0
    for task, classes in enumerate(TASKS.values()):
        part = logits[..., begin : begin + classes].flatten(0, 1)
        wanted = labels[:, task].flatten()
        if (wanted != IGNORED).any():
            total = total + functional.cross_entropy(part.float(), wanted, ignore_index=IGNORED)
        begin += classes
    return total / len(TASKS)


@torch.no_grad()
def accuracy(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Of each lesson, over the cells that it applies to."""
    found: dict[str, float] = {}
    begin = 0
    for task, (name, classes) in enumerate(TASKS.items()):
        guess = logits[..., begin : begin + classes].argmax(-1)
        wanted = labels[:, task]
        kept = wanted != IGNORED
        found[name] = float((guess == wanted)[kept].float().mean()) if kept.any() else 0.0
        begin += classes
    return found


def stacked(batch: list[Grid], device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures ready for the network, labels, boxes."""
    pictures, labels, boxes = (
        torch.from_numpy(np.stack([getattr(grid, name) for grid in batch])).to(device)
        for name in ("picture", "labels", "boxes")
    )
    return prepared(pictures), labels, boxes


def teach(folder: Path, *, seconds: float, batch: int, workers: int, device: str) -> None:
    """Learn until the time is up; goes on from the checkpoint in `folder`."""
    torch.manual_seed(0)
    shape = Shape()
    vision, reader = Vision(shape).to(device), CellReader(shape).to(device)
    extents = Extents(shape).to(device)
    named = [(f"vision.{name}", one) for name, one in vision.named_parameters()]
    heads = [*reader.named_parameters(), *extents.named_parameters()]
    optimizer = Optimizer([*named, *heads], tower=1.0)
    parts = {"vision": vision, "reader": reader, "extents": extents, "optimizer": optimizer}
    step = load(folder / "cells.pt", parts, device)
    feed = Feed(grids, (shape.image, shape.cells), workers=workers, first_seed=step * 64 + 1)
    begun, said, begin_step = time.monotonic(), 0.0, step
    try:
        while (spent := time.monotonic() - begun) < seconds:
            rate = min((step + 1) / 100, 1.0) * RATE * min(1.0, max(1 - spent / seconds, 0.02) * 3)
            pictures, labels, boxes = stacked(feed.take(batch), device)
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                cells = vision.cells(pictures)
                on_cells, on_tokens = reader(vision, cells)
                edges = extents.loss(cells, labels, boxes)
            loss = lesson_loss(on_cells, labels) + lesson_loss(on_tokens, labels) + 6 * edges
            optimizer.step(loss, rate)
            step += 1
            if spent - said > 30:
                said = spent
                scores = accuracy(on_tokens, labels)
                line = " ".join(f"{name} {score:.2f}" for name, score in scores.items())
                pace = (step - begin_step) * batch / spent
                line = f"edges {edges:.3f} {line}"
                print(f"step {step} loss {loss:.3f} {pace:.0f} pictures/s  {line}", flush=True)
                save(folder / "cells.pt", parts, step)
    finally:
        feed.close()
        save(folder / "cells.pt", parts, step)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--minutes", type=float, default=30.0)
    arguments.add_argument("--batch", type=int, default=48)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=1)
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    teach(
        chosen.folder,
        seconds=chosen.minutes * 60,
        batch=chosen.batch,
        workers=chosen.workers,
        device=device,
    )


if __name__ == "__main__":
    main()
