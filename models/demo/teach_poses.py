# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""The demo's pose network: finds the figures of the drawn world in small grey pictures and tells
how each stands, written as ONNX.

Trained from nothing on the training split. `engine/perception/drawn_poses.py` runs it; what it is
for is measured by `nacre eval actions`.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.perception.drawn_poses import GLANCED, NUMBERS, STRIDE
from models.demo.checkpoint import FOLDER
from models.demo.poses import IGNORED, Posed, posed
from models.demo.teach_boxes import block, overlaps, teach, write

POSES = "nacre-demo-poses.onnx"
WIDTH = 80
"""Features of a place, at last."""
REACH = 24.0
"""Pixels; a box reaches so far, times a positive number, from the middle of a cell."""

SPREAD = torch.tensor([1.0, 0.02, 0.08, 0.07, 0.12, 0.02, 0.05, 0.2, 0.07, 0.15, 0.1])
"""Variance of each number of a pose. The squared error is told in it: the absolute one leads to the
median, which for most numbers is that nobody does that."""


class Poses(nn.Module):
    """1 x 1 x height x width (grey, 0..255) to one row a cell: how sure it is of a figure, the
    corners of its box in pixels, and its pose."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(
            block(1, 16, 2), block(16, 40, 2), block(40, 40), block(40, WIDTH, 2)
        )
        self.far = nn.ModuleList(block(WIDTH, WIDTH, spread=n) for n in (1, 2, 3, 4, 1))
        self.what = nn.Conv2d(WIDTH, 2, 1)
        self.box = nn.Conv2d(WIDTH, 4, 1)
        self.fit = nn.Conv2d(WIDTH, 1, 1)
        self.pose = nn.Sequential(block(WIDTH, WIDTH), nn.Conv2d(WIDTH, NUMBERS, 1))

    def heads(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits (n x cells x 2), corners (n x cells x 4), logits of how well they fit, poses."""
        x = self.near(pictures / 127.5 - 1)
        for one in self.far:
            x = x + one(x)
        rows, columns = x.shape[-2:]
        ys, xs = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        middles = (torch.stack([xs, ys], dim=-1).reshape(-1, 2) + 0.5) * STRIDE
        what, box, fit, pose = (
            head(x).flatten(2).transpose(1, 2)
            for head in (self.what, self.box, self.fit, self.pose)
        )
        reach = REACH * functional.softplus(box)
        corners = torch.cat([middles - reach[..., :2], middles + reach[..., 2:]], dim=-1)
        return what, corners, fit[..., 0], pose

    def forward(self, pictures: Tensor) -> Tensor:
        what, corners, fit, pose = self.heads(pictures)
        chance = what.softmax(dim=-1)[..., 1:] * fit.sigmoid()[..., None]
        return torch.cat([chance, corners, pose], dim=-1)


def poses_loss(model: Poses, lessons: list[Posed]) -> Tensor:
    pictures = torch.from_numpy(np.stack([one.picture for one in lessons]))[:, None].float()
    what, corners, fit, pose = (part.float() for part in model.heads(pictures))
    classes = torch.from_numpy(np.stack([one.what for one in lessons]))
    loss = functional.cross_entropy(what.flatten(0, 1), classes.flatten(), ignore_index=IGNORED)
    there = classes == 1
    if not there.any():
        return loss
    wanted = torch.from_numpy(np.stack([one.boxes for one in lessons]))[there]
    found = corners[there]
    good = overlaps(found, wanted)
    fits = functional.binary_cross_entropy_with_logits(fit[there], good.detach())
    stands = torch.from_numpy(np.stack([one.poses for one in lessons]))[there]
    off = ((pose[there] - stands) ** 2 / SPREAD).mean()
    return loss + (1 - good).mean() + 0.01 * (found - wanted).abs().mean() + 0.5 * fits + 3 * off


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--out", type=Path, default=FOLDER / "export")
    arguments.add_argument("--minutes", type=float, default=34.0, help="of one core")
    arguments.add_argument("--seed", type=int, default=820_000_001)
    arguments.add_argument("--batch", type=int, default=32)
    arguments.add_argument("--workers", type=int, default=1)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = Poses()
    teach(
        model,
        poses_loss,
        posed,
        chosen.folder / f"{POSES}-{WIDTH}.pt",
        seconds=60 * chosen.minutes,
        batch=chosen.batch,
        workers=chosen.workers,
        seed=chosen.seed,
    )
    write(model, GLANCED, chosen.out / POSES, channels=1)


if __name__ == "__main__":
    main()
