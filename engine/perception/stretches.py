"""Stretches of motion: what moved in one place over some seconds, as one small description.

A stretch is a box and a length of time. Its box is where pixels moved in that time, so that it is
found alike wherever and by whomever something is done; its description is the flow in the box, in
4 x 4 cells and 16 equal parts of the time, brought to one length. So neither place nor size nor
speed is left in it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from engine.facts import MOTION_CELLS, MOTION_CHANNELS, MOTION_LONGEST_S
from engine.media import NANOSECONDS, Span
from engine.perception.flow import Mask, Moved

PARTS = 16
SIGNED = 1.0
AMOUNT = 1.0
"""How much the directions and the amounts of motion count."""
SHARES = (0.30, 0.10)
"""A pixel belongs to a stretch that moved in so much of its time. The larger share leaves out who
walks past; the smaller finds slow and short motions whole."""
LEAST_PIXELS = 4
LEAST_SIDE = 2
MOST_BOXES = 4
LEAST_STEPS = 4
ALIKE = 0.8
STIRRING = 0.02
"""Of the pixels of a box: where fewer move, nothing is done yet, or no more."""
KEPT = 125
"""So many pictures at least are kept."""
MARGIN = 0.06

Description = npt.NDArray[np.float32]
"""(PARTS + 1, LENGTH + 1). The rows of the parts have, without their last column, all together the
length 1; the row after them tells how long it lasted, as a share of MOTION_LONGEST_S. The last
column brings each row to the length 1."""
Binned = npt.NDArray[np.float32]
"""(PARTS, MOTION_CELLS * MOTION_CELLS, MOTION_CHANNELS)."""
Small = tuple[int, int, int, int]
"""x, y, w, h in cells of the field (engine/perception/flow.py)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """What moved in one place."""

    span: Span
    box: Small
    share: float
    """Which of SHARES it was found with."""
    description: Description
    energy: float
    """Pixels of motion between two pictures, summed over the box, on the average."""


class StretchFinder:
    """Keeps the motion of the last 12 seconds, summed up from the first picture on, and describes
    what ended just now. About 25 MB."""

    def __init__(self) -> None:
        self._times: list[int] = []
        """Of the pictures; sums and counts of all motion from the first to each of them."""
        self._sums = np.zeros((0, 0, 0, MOTION_CHANNELS), np.float32)
        self._counts = np.zeros((0, 0, 0), np.uint16)

    def add(self, since: int, pts: int, moved: Moved) -> None:
        """What moved from `since` to `pts`. A gap, and a picture of another size, begin anew."""
        if not self._times or self._times[-1] != since or self._sums[0].shape != moved.sums.shape:
            self._begin(since, moved)
        number = len(self._times)
        if number == len(self._sums):
            number = self._let_go()
        self._times.append(pts)
        self._sums[number] = self._sums[number - 1] + moved.sums
        self._counts[number] = self._counts[number - 1] + moved.moving

    def _begin(self, since: int, moved: Moved) -> None:
        self._times = [since]
        self._sums = np.zeros((2 * KEPT, *moved.sums.shape), np.float32)
        self._counts = np.zeros((2 * KEPT, *moved.moving.shape), np.uint16)

    def _let_go(self) -> int:
        """All but the newest, whose sums begin anew."""
        self._times = self._times[-KEPT:]
        self._sums[:KEPT] = self._sums[-KEPT:] - self._sums[-KEPT]
        self._counts[:KEPT] = self._counts[-KEPT:] - self._counts[-KEPT]
        return KEPT

    def ending(self, lengths_s: Sequence[float]) -> list[Stretch]:
        """What lasted so long and ended with the last picture."""
        if not self._times:
            return []
        end = self._times[-1]
        found: list[Stretch] = []
        for length_s in lengths_s:
            start = end - round(length_s * NANOSECONDS)
            if start >= self._times[0]:
                found += self.within(Span(start=start, end=end))
        return found

    def within(self, span: Span) -> list[Stretch]:
        """What moved in this time, in one place and another; nothing where nothing moves in the
        first or the last part of it."""
        first = bisect_right(self._times, span.start) - 1
        last = bisect_left(self._times, span.end)
        if first < 0 or last >= len(self._times) or last - first < LEAST_STEPS:
            return []
        often = (self._counts[last] - self._counts[first]) / np.float32(last - first)
        found: list[Stretch] = []
        for share in SHARES:
            for box in _boxes(often >= share):
                if any(_shared(box, one.box) > ALIKE for one in found):
                    continue
                binned = self.binned(box, span)
                energy = float(np.abs(binned[..., 2:]).sum()) / (last - first)
                if energy > 0:
                    found.append(
                        Stretch(
                            span=span,
                            box=box,
                            share=share,
                            description=finished(binned, span.seconds),
                            energy=energy,
                        )
                    )
        return found

    def binned(self, box: Small, span: Span) -> Binned:
        """The motion in each cell of the box, in equal parts of the time."""
        times = np.array(self._times, np.float64)
        edges = np.linspace(span.start, span.end, PARTS + 1)
        place = np.interp(edges, times, np.arange(len(times)))
        low = np.minimum(place.astype(int), len(times) - 2)
        part = (place - low).astype(np.float32)[:, None, None]
        at = self._cells(low, box) * (1 - part) + self._cells(low + 1, box) * part
        return np.diff(at, axis=0).astype(np.float32)

    def stirring(self, box: Small, span: Span) -> Span:
        """The part of the time from the first to the last motion in the box."""
        x, y, w, h = box
        inside = self._counts[: len(self._times), y : y + h, x : x + w]
        moving = np.diff(inside.sum(axis=(1, 2), dtype=np.int64)) >= STIRRING * w * h
        spans = [
            one
            for one, moves in zip(pairwise(self._times), moving, strict=True)
            if moves and one[0] >= span.start and one[1] <= span.end
        ]
        return Span(start=spans[0][0], end=spans[-1][1]) if spans else span

    def _cells(self, steps: npt.NDArray[np.intp], box: Small) -> npt.NDArray[np.float32]:
        """The sums over the cells of the box, at these pictures: (n, MOTION_CELLS squared,
        MOTION_CHANNELS)."""
        x, y, w, h = box
        height, width = (int(side) - 1 for side in self._sums.shape[1:3])
        xs = np.linspace(x - MARGIN * w, x + w * (1 + MARGIN), MOTION_CELLS + 1).clip(0, width)
        ys = np.linspace(y - MARGIN * h, y + h * (1 + MARGIN), MOTION_CELLS + 1).clip(0, height)
        left, top = np.minimum(xs.astype(int), width - 1), np.minimum(ys.astype(int), height - 1)
        across = (xs - left).astype(np.float32)[None, None, :, None]
        down = (ys - top).astype(np.float32)[None, :, None, None]
        n, row, column = steps[:, None, None], top[None, :, None], left[None, None, :]
        sums: npt.NDArray[np.float32] = self._sums
        upper = sums[n, row, column] * (1 - across) + sums[n, row, column + 1] * across
        lower = sums[n, row + 1, column] * (1 - across) + sums[n, row + 1, column + 1] * across
        corners = upper * (1 - down) + lower * down
        cells = np.diff(np.diff(corners, axis=1), axis=2)
        return cells.reshape(len(steps), MOTION_CELLS * MOTION_CELLS, MOTION_CHANNELS).astype(
            np.float32, copy=False
        )


def whole(finder: StretchFinder, span: Span) -> Stretch | None:
    """The largest motion in all of the span, from its first stirring to its last; None where
    nothing moves."""
    found = max(finder.within(span), key=_weight, default=None)
    if found is None:
        return None
    trimmed = finder.stirring(found.box, span)
    near = [one for one in finder.within(trimmed) if _shared(one.box, found.box) > 0.3]
    return max(near, key=_weight, default=found)


def _weight(stretch: Stretch) -> float:
    """How much moved; of the same, the box that holds all of it."""
    return stretch.energy * (1.0 if stretch.share == SHARES[0] else 1.2)


def _boxes(mask: Mask) -> list[Small]:
    """Around the parts that hang together, the largest first."""
    merged = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(merged, connectivity=8)
    found: list[tuple[int, Small]] = []
    for label in range(1, count):
        x, y, w, h = (int(value) for value in stats[label][:4])
        inside = mask[y : y + h, x : x + w] & (labels[y : y + h, x : x + w] == label)
        pixels = int(np.count_nonzero(inside))
        if pixels < LEAST_PIXELS:
            continue
        ys, xs = np.nonzero(inside)
        box = (x + int(xs.min()), y + int(ys.min()),
               int(xs.max() - xs.min()) + 1, int(ys.max() - ys.min()) + 1)  # fmt: skip
        if min(box[2:]) >= LEAST_SIDE:
            found.append((pixels, box))
    found.sort(key=lambda item: -item[0])
    return [box for _, box in found[:MOST_BOXES]]


def _shared(one: Small, other: Small) -> float:
    w = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    h = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    inner = max(w, 0) * max(h, 0)
    return inner / (one[2] * one[3] + other[2] * other[3] - inner)


def finished(binned: Binned, length_s: float) -> Description:
    """Roots of the amounts (so that no single cell outweighs the rest), brought to length 1."""
    weights = np.array([SIGNED, SIGNED, AMOUNT, AMOUNT], np.float32)
    rooted = (np.sign(binned) * np.sqrt(np.abs(binned)) * weights).reshape(PARTS, -1)
    rooted = rooted / max(float(np.linalg.norm(rooted)), 1e-12)
    told = np.zeros((1, rooted.shape[1]), np.float32)
    told[0, 0] = min(length_s / MOTION_LONGEST_S, 1.0)
    rows = np.concatenate([rooted, told])
    rest = np.sqrt(np.maximum(1 - (rows**2).sum(axis=1, keepdims=True), 0))
    return np.concatenate([rows, rest], axis=1).astype(np.float32)
