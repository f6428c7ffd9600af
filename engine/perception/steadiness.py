"""Where a picture changed since it was read and has come to rest again."""

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Box, Image
from engine.perception.gate import Cells, boxes_around, cells_in

CELL = 16
PIXEL_DIFFERENCE = 24
LEAST_PIXELS = 3
"""So many pixels of a cell must differ: a thin letter is enough, noise of the codec is not."""
MOST_REGIONS = 4

Grey = npt.NDArray[np.uint8]


class SteadyRegions:
    """A grid of cells, 16 pixels a side. One at rest has not changed for one look."""

    def __init__(self) -> None:
        self._now: Grey = np.zeros((0, 0), np.uint8)
        self._read: Grey = self._now
        self._unread: Cells = np.zeros((0, 0), np.bool_)
        self._moving: Cells = self._unread
        self._rested: npt.NDArray[np.int64] = np.zeros((0, 0), np.int64)

    def look(self, image: Image, pts: int) -> tuple[Box, ...]:
        """The regions that are worth reading now, in pixels; none that still moves."""
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        if grey.shape != self._now.shape:
            rows, columns = (int(side) // CELL for side in grey.shape)
            self._unread = np.ones((max(rows, 1), max(columns, 1)), np.bool_)
            self._moving = self._unread
            self._read = cv2.bitwise_not(grey).astype(np.uint8)
            self._rested = np.full(self._unread.shape, pts, np.int64)
            self._now = grey
            return ()
        self._moving = _differing(grey, self._now)
        self._unread = _differing(grey, self._read)
        self._rested[self._moving] = pts
        self._now = grey
        due = self._unread & ~self._moving
        # Letters of one line and lines of one text belong to one region.
        near = cv2.dilate(due.astype(np.uint8), np.ones((3, 7), np.uint8)).astype(np.bool_)
        height, width = grey.shape
        found = [box.clipped(width, height) for box in boxes_around(near, CELL)]
        return _few(found)

    def take(self, region: Box) -> None:
        """The region is being read as it is now."""
        box = region.clipped(self._now.shape[1], self._now.shape[0])
        part = (slice(box.y, box.y + box.h), slice(box.x, box.x + box.w))
        self._read[part] = self._now[part]

    def unread(self, box: Box) -> bool:
        """Whether anything in the box changed since it was read, as of the last look."""
        return bool(cells_in(self._unread, box, CELL).any())

    def moving(self, box: Box) -> bool:
        """Whether anything in the box changed between the last two looks."""
        return bool(cells_in(self._moving, box, CELL).any())

    def rested_at(self, box: Box) -> int:
        """The look at which what is in the box came to rest."""
        cells = cells_in(self._rested, box, CELL)
        return int(cells.max()) if cells.size else 0


def _differing(one: Grey, other: Grey) -> Cells:
    far = cv2.threshold(cv2.absdiff(one, other), PIXEL_DIFFERENCE, 255, cv2.THRESH_BINARY)[1]
    rows, columns = max(one.shape[0] // CELL, 1), max(one.shape[1] // CELL, 1)
    whole = far[: rows * CELL, : columns * CELL]
    share = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(share) >= round(255 * LEAST_PIXELS / CELL**2)


def _few(found: list[Box]) -> tuple[Box, ...]:
    """The boxes, those that overlap joined; one box around all when there are too many."""
    joined: list[Box] = []
    for box in found:
        grown = box
        while touching := [other for other in joined if other.intersection(grown)]:
            joined = [other for other in joined if other not in touching]
            grown = Box.around([grown, *touching])
        joined.append(grown)
    if len(joined) > MOST_REGIONS:
        joined = [Box.around(joined)]
    return tuple(sorted(joined, key=lambda box: (box.y, box.x)))
