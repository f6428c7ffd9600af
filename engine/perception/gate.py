"""The change gate: has anything changed, and where, at a small fraction of a detector's cost."""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Box, Image

COLUMNS, ROWS = 64, 36
CELL_DIFFERENCE = 6.0
LEAST_CELLS = 2

Cells = npt.NDArray[np.bool_]
Cell = TypeVar("Cell", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """What the gate made of one picture."""

    passed: bool
    cells: Cells
    """Shape (rows, columns): the cells that differ from the last picture that passed."""
    cell: int
    """Side of a cell, in pixels of the picture."""
    thumbnail: Image
    """The picture, one pixel a cell."""

    def touches(self, box: Box) -> bool:
        """Whether anything changed inside the box (pixels of the picture)."""
        return bool(cells_in(self.cells, box, self.cell).any())

    @property
    def regions(self) -> tuple[Box, ...]:
        """Boxes around the changed cells that hang together, in pixels, largest first."""
        return boxes_around(self.cells, self.cell)


class ChangeGate:
    """Compares each picture with the last one that passed, so that slow change passes too.

    A cell is the mean of some hundred pixels: noise of the camera and of the codec averages out
    in it, and what moves does not.
    """

    def __init__(self) -> None:
        self._passed: npt.NDArray[np.int16] | None = None

    def check(self, image: Image) -> Change:
        """The first picture, and one of another size, pass whole."""
        small, cell = thumbnail(image)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.int16)
        if self._passed is None or self._passed.shape != grey.shape:
            cells = np.ones(grey.shape, np.bool_)
        else:
            cells = np.abs(grey - self._passed) > CELL_DIFFERENCE
        passed = int(np.count_nonzero(cells)) >= LEAST_CELLS
        if passed:
            self._passed = grey
        return Change(passed=passed, cells=cells, cell=cell, thumbnail=small)


def thumbnail(image: Image) -> tuple[Image, int]:
    """The picture at about 64x36, and how many of its pixels one of the thumbnail's is a side.

    The factor is whole, because OpenCV averages by whole factors several times faster.
    """
    height, width = int(image.shape[0]), int(image.shape[1])
    cell = max(min(width // COLUMNS, height // ROWS), 1)
    columns, rows = width // cell, height // cell
    whole = image[: rows * cell, : columns * cell]
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), cell


def cells_in(cells: npt.NDArray[Cell], box: Box, cell: int) -> npt.NDArray[Cell]:
    """The part of a grid of cells that a box in pixels touches."""
    top, left = max(box.y, 0) // cell, max(box.x, 0) // cell
    return cells[top : (box.y + box.h - 1) // cell + 1, left : (box.x + box.w - 1) // cell + 1]


def boxes_around(cells: Cells, cell: int) -> tuple[Box, ...]:
    """Boxes in pixels around the set cells that touch each other, largest first."""
    found = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)[2]
    boxes = [Box(*(int(value) * cell for value in row[:4])) for row in found[1:]]
    return tuple(sorted(boxes, key=lambda box: (-box.area, box)))
