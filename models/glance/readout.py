# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""From what the network makes of a view to its embedding, by ridge regression (Hoerl and Kennard,
1970) on what the teacher says of the whole view.

python -m models.glance.readout [--fold 0]

Features of every depth are read: what a thing is made of and coloured tells it from others of its
kind, and is gone from the last features. What is counted without being taught
(`models/glance/local.py`) is fitted to the same pictures, and kept beside it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.demo.checkpoint import load, save
from models.glance import local
from models.glance.lessons import FOLDER, Lessons, read
from models.glance.network import CLIP, SIZE, Glance, Readout
from models.glance.teach import Course, course

RIDGE = 0.2
"""For each view; the statistics have deviation 1."""
COMMON = 0.3
"""So much is kept of what all embeddings have in common: the student errs towards it, so that all
would look alike. Settled, like RIDGE, with the figures of all folds in view."""
FLAT = 0.05
"""A statistic of less than this share of the usual deviation is not stretched to more."""
VIEWS, PLACED = 6000, 2000
"""So many are enough, for the readout and for what is seen without being taught; they are spread
over all lessons."""

Matrix = npt.NDArray[np.float64]


def fitted(model: Glance, source: Course, views: int = VIEWS) -> Readout:
    """The readout of a taught network."""
    model.eval()
    count = len(source.pictures)
    chosen = torch.arange(0, count, max(count // views, 1))[:views]
    x = np.concatenate([_statistics(model, some) for some in _parts(source.pictures, chosen)])
    told = np.concatenate(
        [some.float().mean(dim=(2, 3)) for some in _parts(source.targets, chosen)]
    )
    y = told.astype(np.float64)
    y /= np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-9)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.maximum(spread, FLAT * np.median(spread))
    weights, bias = _ridge(np.clip((x - mean) / spread, -CLIP, CLIP), y)
    found = Readout()
    with torch.no_grad():
        found.mean.copy_(torch.from_numpy(mean))
        found.spread.copy_(torch.from_numpy(spread))
        found.linear.weight.copy_(torch.from_numpy(weights.T))
        found.linear.bias.copy_(torch.from_numpy(bias))
    return found


def _ridge(x: Matrix, y: Matrix) -> tuple[Matrix, Matrix]:
    """(weights, bias), the answer turned into its 128 main directions: cosines stay what they
    are."""
    bias = y.mean(axis=0)
    squares = x.T @ x + RIDGE * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(squares, x.T @ (y - bias))
    bias = COMMON * bias
    said = x @ weights + bias
    _, vectors = np.linalg.eigh(said.T @ said)
    onto = vectors[:, ::-1][:, :SIZE]
    return weights @ onto, bias @ onto


def _shown(lessons: Lessons) -> tuple[Tensor, Tensor]:
    """Pictures of everything, and pictures of subjects."""
    return tuple(
        torch.from_numpy(some.pictures[:: max(len(some.pictures) // PLACED, 1)]).permute(0, 3, 1, 2)
        for some in (lessons, lessons.subjects())
    )


def _statistics(model: Glance, pictures: Tensor) -> Matrix:
    with torch.no_grad():
        return model.statistics(pictures.float()).numpy().astype(np.float64)


def _parts(of: Tensor, chosen: Tensor, at_once: int = 100) -> Iterator[Tensor]:
    for n in range(0, len(chosen), at_once):
        yield of[chosen[n : n + at_once]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--fold", type=int, help="of the network taught without this fold")
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    name = "glance" if chosen.fold is None else f"fold-{chosen.fold}"
    model, lessons = Glance(), read(chosen.folder).without(chosen.fold)
    step = load(chosen.folder / f"{name}.pt", {"model": model}, "cpu")
    whole = course(lessons)
    found = {"readout": fitted(model, whole), "local": local.fitted(*_shown(lessons))}
    save(chosen.folder / f"{name}.readout.pt", found, step)


if __name__ == "__main__":
    main()
