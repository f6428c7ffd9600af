"""Pixels with their time: `Frame`, `Box`, `Span`.

All stream times are `pts`: int nanoseconds since the start of the run. All wall times are `at`:
int nanoseconds since the Unix epoch, UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

NANOSECONDS = 1_000_000_000

Image = npt.NDArray[np.uint8]
"""Shape (height, width, 3), BGR, as OpenCV has it."""

Grey = npt.NDArray[np.uint8]
"""Shape (height, width)."""

Samples = npt.NDArray[np.int16]
"""Sound, shape (n,), one channel of `RATE` samples a second."""

RATE = 16_000

Vector = npt.NDArray[np.float32]
"""An embedding, shape (n,), L2-normalised."""


class Box(NamedTuple):
    """A rectangle in pixels of the frame it was found in; (x, y) is its upper left corner."""

    x: int
    y: int
    w: int
    h: int

    @property
    def area(self) -> int:
        return self.w * self.h

    def overlap(self, other: "Box") -> float:
        """Intersection over union, in [0, 1]."""
        inner = self.intersection(other)
        union = self.area + other.area - inner
        return inner / union if union else 0.0

    def intersection(self, other: "Box") -> int:
        """Area shared with `other`, in pixels."""
        w = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        h = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(w, 0) * max(h, 0)

    def clipped(self, width: int, height: int) -> "Box":
        """The part inside a picture of this size (its area may be 0)."""
        x0, y0 = max(self.x, 0), max(self.y, 0)
        x1, y1 = min(self.x + self.w, width), min(self.y + self.h, height)
        return Box(x0, y0, max(x1 - x0, 0), max(y1 - y0, 0))

    def scaled(self, scale: float) -> "Box":
        """The same in a picture that is so many times as large."""
        return Box(*(round(value * scale) for value in self))

    @staticmethod
    def around(boxes: "Sequence[Box]") -> "Box":
        """The smallest box that holds them all."""
        x0, y0 = min(box.x for box in boxes), min(box.y for box in boxes)
        x1, y1 = max(box.x + box.w for box in boxes), max(box.y + box.h for box in boxes)
        return Box(x0, y0, x1 - x0, y1 - y0)

    def crop(self, image: Image) -> Image:
        """The pixels inside the box; a view of `image`, not a copy."""
        box = self.clipped(image.shape[1], image.shape[0])
        return image[box.y : box.y + box.h, box.x : box.x + box.w]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, both ends included, in nanoseconds (of the stream or of the wall)."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"span ends before it starts: {self.start} > {self.end}")

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / NANOSECONDS

    def overlaps(self, other: "Span") -> bool:
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture of one run. Whoever receives it must not write into `image`."""

    image: Image
    pts: int
    at: int
    run: str

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        shape: tuple[Any, ...] = self.image.shape
        return int(shape[1]), int(shape[0])


def seconds(ns: int) -> float:
    """Nanoseconds as seconds, rounded to the millisecond."""
    return round(ns / NANOSECONDS, 3)


def nanoseconds(s: float) -> int:
    """Seconds as nanoseconds."""
    return round(s * NANOSECONDS)
