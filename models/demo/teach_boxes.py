# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""Third stage: a detector on the trained vision tower, written as ONNX.

The tower stays as it is; each cell learns to say whether a figure or a thing is there, where all of
it is, and what it looks like. Looks, averaged over the cells of a box, are the demo's embedding.
"""

import argparse
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.demo.cells import IGNORED, grids
from models.demo.checkpoint import FOLDER, load, save
from models.demo.feeding import Feed
from models.demo.network import DemoModel, Shape, Vision
from models.demo.teach_cells import stacked

LOOKS = {"shape": 1, "colour": 2, "hat": 3, "pattern": 4, "size": 5}
"""Rows of the lessons that a look is made of."""
CLASSES = {"shape": 4, "colour": 8, "hat": 5, "pattern": 4, "size": 2}
FILE = "nacre-demo-detector.onnx"


class Detector(nn.Module):
    """1 x 3 x 96 x 96 in -1..1 (RGB) to three tables of one row a cell: logits of nothing, figure
    and thing; boxes as shares of the picture; log probabilities of the looks' values."""

    def __init__(self, vision: Vision) -> None:
        super().__init__()
        self.vision = vision
        width = vision.shape.vision_width
        self.hidden = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(approximate="tanh"))
        self.what, self.box = nn.Linear(2 * width, 3), nn.Linear(2 * width, 4)
        self.looks = nn.ModuleList(nn.Linear(2 * width, n) for n in CLASSES.values())

    def heads(self, cells: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.hidden(cells)
        looks = [functional.log_softmax(head(x), dim=-1) for head in self.looks]
        return self.what(x), self.box(x).sigmoid(), torch.cat(looks, dim=-1)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.heads(self.vision.cells(picture))


def detector_loss(found: tuple[Tensor, Tensor, Tensor], labels: Tensor, boxes: Tensor) -> Tensor:
    """Labels are n x lessons x cells, boxes n x 4 x cells."""
    what, box, looks = found
    loss = functional.cross_entropy(what.flatten(0, 1), labels[:, 0].flatten())
    there = labels[:, 0] > 0
    if there.any():
        loss = loss + 5 * (box - boxes.transpose(1, 2)).abs()[there].mean()
    begin = 0
    for row, classes in zip(LOOKS.values(), CLASSES.values(), strict=True):
        wanted = labels[:, row].flatten()
        part = looks[..., begin : begin + classes].flatten(0, 1)
        if (wanted != IGNORED).any():
            loss = loss + functional.nll_loss(part, wanted, ignore_index=IGNORED) / len(LOOKS)
        begin += classes
    return loss


def tower(folder: Path, device: str) -> Vision:
    """The tower of the second stage, or of the first where there is no second yet."""
    model = DemoModel(Shape()).to(device)
    if load(folder / "model.pt", {"model": model}, device) == 0:
        load(folder / "cells.pt", {"vision": model.vision}, device)
    return model.vision.requires_grad_(False).eval()


def teach(folder: Path, *, seconds: float, batch: int, workers: int, device: str) -> Detector:
    """Learn until the time is up; the tower's weights do not move."""
    torch.manual_seed(0)
    detector = Detector(tower(folder, device)).to(device)
    learning = [one for one in detector.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=2e-3, weight_decay=0.01)
    shape = detector.vision.shape
    feed = Feed(grids, (shape.image, shape.cells), workers=workers, first_seed=800_000_001)
    begun, said, step = time.monotonic(), 0.0, 0
    try:
        while (spent := time.monotonic() - begun) < seconds:
            for group in optimizer.param_groups:
                group["lr"] = 2e-3 * max(1 - spent / seconds, 0.02)
            taken = feed.take(batch)
            pictures, labels, boxes = stacked(taken, device)
            with torch.no_grad():
                cells = detector.vision.cells(pictures)
            loss = detector_loss(detector.heads(cells), labels, boxes)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            step += 1
            if spent - said > 30:
                said = spent
                print(f"step {step} loss {loss.item():.3f}", flush=True)
    finally:
        feed.close()
    save(folder / "detector.pt", {"detector": detector}, step)
    return detector


def write(detector: Detector, path: Path) -> None:
    """As ONNX, for one picture at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    side = detector.vision.shape.image
    torch.onnx.export(
        detector.cpu().eval(),
        (torch.zeros(1, 3, side, side),),
        str(path),
        input_names=["picture"],
        output_names=["what", "box", "looks"],
        dynamo=False,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--out", type=Path, default=FOLDER / "export")
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument("--batch", type=int, default=48)
    arguments.add_argument("--workers", type=int, default=1)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    detector = teach(
        chosen.folder,
        seconds=chosen.minutes * 60,
        batch=chosen.batch,
        workers=chosen.workers,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )
    write(detector, chosen.out / FILE)
    print(chosen.out / FILE)


if __name__ == "__main__":
    main()
