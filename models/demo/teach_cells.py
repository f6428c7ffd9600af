# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""First stage: the vision tower learns what stands in each cell of a picture.

The lesson is read twice: from the cells themselves, and from the projected tokens, so that what
the tower knows is handed on to the text model.
"""

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.demo.cells import IGNORED, MIRRORED_POSE, TASKS, Grid, grids, mirrored, window
from models.demo.checkpoint import FOLDER, Spent, load, save
from models.demo.company import Company, together
from models.demo.feeding import Feed
from models.demo.imported import read_weights
from models.demo.network import DemoModel, Shape, Vision, prepared
from models.demo.optimizing import Optimizer
from models.demo.precision import mixed

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
        side = math.isqrt(tokens.shape[1])
        spread = tokens.view(n, side, side, s, s, -1).permute(0, 1, 3, 2, 4, 5)
        return self.on_cells(cells), spread.reshape(n, (side * s) ** 2, -1)


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


class Stances(nn.Module):
    """From a cell to the pose of the figure that it is of."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.on_cells = nn.Linear(shape.vision_width, len(MIRRORED_POSE))

    def loss(self, cells: Tensor, labels: Tensor, poses: Tensor) -> Tensor:
        """Mean distance of a pose's numbers; poses are n x numbers x cells."""
        there = labels[:, 0] == 1
        if not there.any():
            return cells.new_zeros(())
        return (self.on_cells(cells) - poses.transpose(1, 2)).abs()[there].mean()


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


class Pool:
    """Drawn pictures, kept for a while: each is learned from several times, as it is, mirrored, and
    through windows. Drawing is what a slow machine has too little time for."""

    def __init__(self, feed: Feed[Grid], shuffle: int, *, size: int, seed: int) -> None:
        self._feed, self._shuffle, self._size = feed, shuffle, size
        self._kept: list[Grid] = []
        self._chance = random.Random(seed)

    def take(self, fresh: int, whole: int, windows: int) -> tuple[list[Grid], list[Grid]]:
        """Whole pictures and windows, after `fresh` new ones came in."""
        self._kept = [*self._kept, *self._feed.take(fresh)][-self._size :]
        newest = self._kept[-fresh:]
        chosen = [*newest[:whole], *self._chance.choices(self._kept, k=max(whole - fresh, 0))]
        rooms = [grid for grid in self._kept[-4 * windows :] if grid.whole_room]
        cut: list[Grid] = []
        for grid in self._chance.choices(rooms, k=windows):
            part = window(grid, self._chance, self._shuffle)
            if part is not None:
                cut.append(part)
        return self._turned(chosen), self._turned(cut)

    def _turned(self, taken: list[Grid]) -> list[Grid]:
        return [mirrored(grid) if self._chance.random() < 0.5 else grid for grid in taken]


class Lessons(nn.Module):
    """All that the tower is taught at once."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.vision, self.reader = Vision(shape), CellReader(shape)
        self.extents, self.stances = Extents(shape), Stances(shape)

    def loss(self, taken: list[Grid], device: str) -> tuple[Tensor, Tensor, Tensor]:
        """The loss, the logits of the projected tokens, and the labels."""
        pictures, labels, boxes = stacked(taken, device)
        places, poses = (
            torch.from_numpy(np.stack([getattr(grid, name) for grid in taken])).to(device)
            for name in ("places", "poses")
        )
        with mixed(device):
            cells = self.vision.cells(pictures, places)
            on_cells, on_tokens = self.reader(self.vision, cells)
            edges = self.extents.loss(cells, labels, boxes)
            stances = self.stances.loss(cells, labels, poses)
        loss = lesson_loss(on_cells, labels) + lesson_loss(on_tokens, labels)
        return loss + 6 * edges + 2 * stances, on_tokens, labels

    def parts(self) -> dict[str, nn.Module]:
        return dict(self.named_children())


def teach(company: Company, folder: Path, *, seconds: float, batch: int, workers: int, device: str,
          begin: Path | None) -> None:  # fmt: skip
    """Learn until it has had so many seconds in all runs; goes on from the checkpoint in `folder`,
    else with the tower of the exported files in `begin`. In turn, half a batch of whole pictures
    and two of windows."""
    torch.manual_seed(0)
    shape = Shape()
    lessons = Lessons(shape).to(device)
    optimizer = Optimizer(
        [(name.removeprefix("reader."), one) for name, one in lessons.named_parameters()], tower=1.0
    )
    spent = Spent("cells", seconds)
    parts = {**lessons.parts(), "optimizer": optimizer, "spent": spent}
    step = load(folder / "cells.pt", parts, device)
    if step == 0 and begin is not None:
        whole = DemoModel(shape)
        read_weights(begin, whole)
        lessons.vision.load_state_dict(whole.vision.state_dict())
    seed = company.seed(step)
    feed = Feed(grids, (shape.image, shape.cells), workers=workers, first_seed=seed)
    pool = Pool(feed, shape.shuffle, size=64 * batch, seed=seed)
    begun = said = time.monotonic()
    first, ended = step, spent.over
    try:
        while not ended:
            rate = min((step + 1) / 100, 1.0) * RATE * spent.falling(1 / 3)
            whole, cut = pool.take(batch // 3, batch // 2, 2 * batch)
            meeting = company.due
            telling = meeting and company.place == 0 and time.monotonic() - said > 30
            for taken in (whole, cut):
                loss, on_tokens, labels = lessons.loss(taken, device)
                optimizer.step(loss, rate)
                if telling:
                    scores = accuracy(on_tokens, labels)
                    line = " ".join(f"{name} {score:.2f}" for name, score in scores.items())
                    kind = "whole" if taken is whole else "windows"
                    print(f"{kind} step {step} loss {loss.item():.3f} {line}", flush=True)
            step += 1
            if meeting:
                ended = company.meet(optimizer.parameters, spent.over)
            if telling:
                said = time.monotonic()
                print(f"{(step - first) / (said - begun):.2f} steps/s", flush=True)
                save(folder / "cells.pt", parts, step)
    finally:
        feed.close()
        if company.place == 0:
            save(folder / "cells.pt", parts, step)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--minutes", type=float, default=30.0)
    arguments.add_argument("--batch", type=int, default=48)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--processes", type=int, default=1, help="learning side by side")
    arguments.add_argument("--begin", type=Path, help="go on from the exported files there")
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    together(
        chosen.processes,
        teach,
        folder=chosen.folder,
        seconds=chosen.minutes * 60,
        batch=chosen.batch,
        workers=chosen.workers,
        device=device,
        begin=chosen.begin,
    )


if __name__ == "__main__":
    main()
