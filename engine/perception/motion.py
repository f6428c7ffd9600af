"""Where something moves, for machines without an object detector."""

import cv2
import numpy as np

from engine.media import Box, Image
from engine.perception.tracking import Found

LEAST_SHARE = 0.005
MOST_SHARE = 0.6
"""More than this share of the picture: the camera moved or the light changed."""
WIDTH = 160
LEARNING = 0.01
"""A look: what came and rests is background after some 5 to 10 s of two looks a second."""
_CLOSE_BY = 9


class MotionFinder:
    """Blobs that differ from a learnt background (Zivkovic's mixture of Gaussians, 2004)."""

    def __init__(self) -> None:
        self._background = cv2.createBackgroundSubtractorMOG2(varThreshold=25, detectShadows=False)
        self._background.setBackgroundRatio(0.9)
        self._size: tuple[int, int] | None = None

    def find(self, image: Image) -> list[Found]:
        """Moving blobs of at least 0.5 % of the picture; none in the first picture, and none
        when the whole picture changes."""
        scale = max(image.shape[1] / WIDTH, 1.0)
        size = (round(image.shape[1] / scale), max(round(image.shape[0] / scale), 1))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        first = size != self._size
        self._size = size
        mask = np.asarray(self._background.apply(small, learningRate=1.0 if first else LEARNING))
        mask = cv2.medianBlur(mask.astype(np.uint8), 3)
        if first:
            return []
        if np.count_nonzero(mask) > MOST_SHARE * mask.size:
            self._background.apply(small, learningRate=1.0)
            return []
        merged = cv2.dilate(mask, np.ones((_CLOSE_BY, _CLOSE_BY), np.uint8))
        return self._blobs(np.asarray(merged, np.uint8), mask.astype(np.bool_), scale)

    def _blobs(
        self,
        merged: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
        moving: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
        scale: float,
    ) -> list[Found]:
        count, labels = cv2.connectedComponents(merged, connectivity=8)[:2]
        found: list[Found] = []
        for label in range(1, count):
            ys, xs = np.nonzero((np.asarray(labels) == label) & moving)
            if not len(xs):
                continue
            x, y = int(xs.min()), int(ys.min())
            w, h = int(xs.max()) - x + 1, int(ys.max()) - y + 1
            if w * h >= LEAST_SHARE * moving.size:
                edges = (round(value * scale) for value in (x, y, w, h))
                found.append(Found(kind="motion", box=Box(*edges), score=len(xs) / (w * h)))
        return sorted(found, key=lambda item: -item.box.area)
