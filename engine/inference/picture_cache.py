"""Pictures as they were encoded, kept outside the model's process."""

import hashlib
from collections import OrderedDict
from typing import Final

import cv2
import numpy as np

from engine.inference.protocol import Rows, Shown
from engine.media import Image

LIMIT_BYTES: Final = 256 << 20
LONGEST_SIDE: Final = 2048
"""In pixels; larger pictures are made smaller before they travel."""


class PictureCache:
    """The pictures used last, up to a limit in bytes. One thread uses it.

    A picture is known by its pixels, so the same one is encoded once, wherever it comes from.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[str, Rows] = OrderedDict()
        self._asked: set[str] = set()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def shown(self, image: Image, mark: str = "") -> Shown:
        """The picture for the model's process: encoded where it is kept, else its pixels."""
        digest = hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16)
        key = f"{digest.hexdigest()}-{image.shape[1]}x{image.shape[0]}"
        if key in self._kept:
            self._kept.move_to_end(key)
            return Shown(key=key, mark=mark, encoded=self._kept[key])
        self._asked.add(key)
        return Shown(key=key, mark=mark, image=_bounded(image))

    def keep(self, key: str, rows: Rows) -> None:
        """Keep what was made of a picture; what nobody asked for (any more) is dropped."""
        if key not in self._asked:
            return
        self._asked.discard(key)
        self._kept[key] = rows
        self.size_bytes += rows.size_bytes
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
