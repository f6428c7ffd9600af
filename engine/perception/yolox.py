"""Proposals by YOLOX-nano (Ge et al., "YOLOX: Exceeding YOLO Series in 2021").

Its classes are those of COCO. Only one of them, person, is ever used; the rest would be guesses
about the user's own things.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Box, Image
from engine.perception.detections import FoundObject
from engine.perception.letterbox import letterbox
from engine.perception.onnx import OnnxModel

SIDE = 416
STRIDES = (8, 16, 32)
PERSON = 0


class YoloX:
    """`ObjectDetector` on ONNX Runtime."""

    def __init__(
        self, path: Path, *, least_score: float = 0.25, overlap: float = 0.45, most: int = 30
    ) -> None:
        """`least_score` of objectness times the best class; boxes that overlap more than
        `overlap` are one object; at most `most` are returned."""
        self._model = OnnxModel(path)
        self._least_score = least_score
        self._overlap = overlap
        self._most = most
        self._corners, self._steps = _grid()

    def detect(self, image: Image) -> Sequence[FoundObject]:
        square, scale = letterbox(image, SIDE, fill=114)
        pixels = np.ascontiguousarray(square.transpose(2, 0, 1)[None], dtype=np.float32)
        rows = self._model.run({"images": pixels})[0]
        classes = rows[:, 5:]
        best = classes.argmax(axis=1)
        scores = rows[:, 4] * classes[np.arange(len(rows)), best]
        sure = np.flatnonzero(scores >= self._least_score)
        centres = (rows[sure, :2] + self._corners[sure]) * self._steps[sure] / scale
        sizes = np.exp(np.minimum(rows[sure, 2:4], 20)) * self._steps[sure] / scale
        boxes = np.concatenate([centres - sizes / 2, sizes], axis=1)
        kept = cv2.dnn.NMSBoxes(
            boxes.tolist(), scores[sure].tolist(), self._least_score, self._overlap
        )
        height, width = int(image.shape[0]), int(image.shape[1])
        found: list[FoundObject] = []
        for index in np.asarray(kept, np.int64).ravel()[: self._most]:
            x, y, w, h = (round(float(value)) for value in boxes[index])
            box = Box(x, y, w, h).clipped(width, height)
            if box.area:
                row = int(sure[index])
                found.append(
                    FoundObject(
                        box=box,
                        score=min(float(scores[row]), 1.0),
                        is_person=int(best[row]) == PERSON,
                    )
                )
        return sorted(found, key=lambda item: -item.score)


def _grid() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The upper left corner of every cell, in cells, and the size of its cell in pixels."""
    corners: list[npt.NDArray[np.float32]] = []
    steps: list[npt.NDArray[np.float32]] = []
    for stride in STRIDES:
        n = SIDE // stride
        ys, xs = np.mgrid[0:n, 0:n]
        corners.append(np.stack([xs, ys], axis=-1).reshape(-1, 2).astype(np.float32))
        steps.append(np.full((n * n, 1), stride, np.float32))
    return np.concatenate(corners), np.concatenate(steps)
