"""How the figures of the demo's drawn world stand, by a small network of our own.

Trained by `models/demo/teach_poses.py`. It looks at all of the small grey picture at once and tells
for each cell whether it is of a figure, where that figure is, and how it stands.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from engine.facts import DRAWN, BodyPose
from engine.media import Box, Grey
from engine.perception.drawn import settled
from engine.perception.onnx import OnnxModel, model_name

GLANCED = (240, 180)
"""Width and height of the picture that is looked at."""
STRIDE = 8
BLANK = 2.0
"""Deviation, in grey levels, below which there is nobody in a picture: the network has learned from
none that is of one grey."""
NUMBERS = 11
"""Which way it faces, leans and turns (sine, cosine), how high it jumped, is squashed, sits, walks,
has its free arm raised, both arms, and reaches out; about -1 to 1 each."""


class DrawnPoses:
    """`PoseEstimator` of the drawn world."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        self._model = OnnxModel(path)
        self._name = model_name(f"{DRAWN}poses", path, digest)

    @property
    def name(self) -> str:
        return self._name

    def find(self, grey: Grey) -> Sequence[BodyPose]:
        height, width = grey.shape
        if float(grey.std()) < BLANK:
            return []
        seen = grey if (width, height) == GLANCED else cv2.resize(grey, GLANCED)
        pixels = np.ascontiguousarray(seen[None, None], np.float32)
        rows = self._model.run({"picture": pixels})[0]
        scores, boxes, poses = rows[:, 0], rows[:, 1:5], rows[:, 5:]
        across, down = width / GLANCED[0], height / GLANCED[1]
        found: list[BodyPose] = []
        for best, near in settled(scores, boxes):
            left, top, right, low = np.average(boxes[near], axis=0, weights=scores[near])
            x, y = round(left * across), round(top * down)
            box = Box(x, y, round(right * across) - x, round(low * down) - y).clipped(width, height)
            if box.area:
                pose = np.average(poses[near], axis=0, weights=scores[near])
                score = min(float(scores[best]), 1.0)
                found.append(BodyPose(box=box, numbers=_either_way(pose), score=score))
        return found


def _either_way(pose: np.ndarray) -> np.ndarray:
    """The same whichever way it faces: the first three change sign in a mirror."""
    return np.concatenate([np.abs(pose[1:3]), pose[3:]]).astype(np.float32)
