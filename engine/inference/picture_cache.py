"""Pictures as they were encoded, kept outside the model's process."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from engine.inference.protocol import Rows, Shown
from engine.media import Image

LIMIT_BYTES: Final = 256 << 20
Precision = Literal["f16", "int8"]
"""How rows are kept: as they came, or in half the memory, a row's numbers as 255 steps of its
largest. With int8 a window that is decoded again is near what it was, not the same."""
ASKED_AT_MOST: Final = 256
"""Pictures on their way at a time; of those that were broken off nothing ever comes."""
LONGEST_SIDE: Final = 2048
"""In pixels; larger pictures are made smaller before they travel."""


@dataclass(frozen=True, slots=True)
class _Int8:
    """Rows in 8 bits: `steps` (n, width), each row in units of its own `unit` (n, 1)."""

    steps: npt.NDArray[np.int8]
    unit: npt.NDArray[np.float32]
    rest: Rows
    """All but the rows."""

    @staticmethod
    def of(rows: Rows) -> "_Int8":
        wide = rows.rows.astype(np.float32)
        unit = np.abs(wide).max(axis=1, keepdims=True) / 127
        steps = np.rint(wide / np.maximum(unit, np.finfo(np.float32).tiny)).astype(np.int8)
        return _Int8(steps, unit, replace(rows, rows=rows.rows[:0]))

    def rows(self) -> Rows:
        wide = self.steps.astype(np.float32) * self.unit
        return replace(self.rest, rows=wide.astype(np.float16))

    @property
    def size_bytes(self) -> int:
        return self.steps.nbytes + self.unit.nbytes + self.rest.size_bytes


class PictureCache:
    """The pictures used last, up to a limit in bytes. One thread uses it.

    A picture is known by its pixels, so the same one is encoded once, wherever it comes from.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES, precision: Precision = "f16") -> None:
        self._limit = limit_bytes
        self._narrowed: Callable[[Rows], Rows | _Int8] = (
            _Int8.of if precision == "int8" else lambda rows: rows
        )
        self._kept: OrderedDict[str, Rows | _Int8] = OrderedDict()
        self._asked: OrderedDict[str, None] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def shown(self, image: Image, mark: str = "") -> Shown:
        """The picture for the model's process: encoded where it is kept, else its pixels."""
        digest = hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16)
        key = f"{digest.hexdigest()}-{image.shape[1]}x{image.shape[0]}"
        if key in self._kept:
            self._kept.move_to_end(key)
            kept = self._kept[key]
            rows = kept.rows() if isinstance(kept, _Int8) else kept
            return Shown(key=key, mark=mark, encoded=rows)
        self._asked[key] = None
        while len(self._asked) > ASKED_AT_MOST:
            self._asked.popitem(last=False)
        return Shown(key=key, mark=mark, image=_bounded(image))

    def keep(self, key: str, rows: Rows) -> None:
        """Keep what was made of a picture; what nobody asked for (any more) is dropped."""
        if key not in self._asked:
            return
        del self._asked[key]
        self._kept[key] = kept = self._narrowed(rows)
        self.size_bytes += kept.size_bytes
        while self.size_bytes > self._limit:
            _, oldest = self._kept.popitem(last=False)
            self.size_bytes -= oldest.size_bytes

    def forget(self) -> None:
        """Forget every picture, also those on their way."""
        self._kept.clear()
        self._asked.clear()
        self.size_bytes = 0


def _bounded(image: Image) -> Image:
    longest = max(image.shape[:2])
    if longest <= LONGEST_SIDE:
        return image
    share = LONGEST_SIDE / longest
    size = max(1, round(image.shape[1] * share)), max(1, round(image.shape[0] * share))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
