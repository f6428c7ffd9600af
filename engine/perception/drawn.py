"""Figures and things of the demo's drawn world, by two small networks of our own.

Both are trained by `models/demo/teach_boxes.py`. One finds boxes in the whole picture, the other
reads the traits of the figure in the middle of a cut-out. A look is the outer product of the
traits' probabilities (their square roots, so that its length is 1): the cosine of two looks is the
product of how well each trait agrees, and one trait that differs is enough to tell two apart.

In the drawn world a figure is known by all of it: what a face is elsewhere is the figure here.
"""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.facts import DRAWN
from engine.media import Box, Image, Vector
from engine.perception.detections import FoundFace, FoundObject
from engine.perception.onnx import OnnxModel, model_name
from engine.ports.seeing import FaceDetection

SEEN = (160, 120)
"""Width and height of the picture that boxes are found in."""
STRIDE = 8
NOTHING, FIGURE, THING = 0, 1, 2
LEAST_SCORE = 0.4
OVERLAP = 0.5
AGREE = 0.7
"""Cells whose boxes overlap so much settle one figure together."""
LOOKED_AT = 64
"""Side of the cut-out that traits are read in."""
REACH = 0.5
"""Its side before, as a share of the picture's height: the same for all, so that big and small
stay so."""
TRAITS = {"shape": 4, "colour": 8, "hat": 5, "pattern": 4, "size": 2}
"""Values of each trait, in the order in which the network tells them."""

Rows = npt.NDArray[np.float32]


class DrawnObjects:
    """`ObjectDetector`: figures are its people."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def detect(self, image: Image) -> Sequence[FoundObject]:
        found = self.find(image, FIGURE) + self.find(image, THING)
        return sorted(found, key=lambda item: -item.score)

    def find(self, image: Image, wanted: int) -> list[FoundObject]:
        """Figures or things, best first. Cells that agree on one box settle it together."""
        small = cv2.resize(image, SEEN, interpolation=cv2.INTER_AREA)
        pixels = np.ascontiguousarray(small[..., ::-1].transpose(2, 0, 1)[None], np.float32)
        rows = self._model.run({"picture": pixels})[0]
        scores, boxes = rows[:, wanted - 1], rows[:, 2:]
        height, width = int(image.shape[0]), int(image.shape[1])
        found: list[FoundObject] = []
        for best, near in settled(scores, boxes):
            left, top, right, low = np.average(boxes[near], axis=0, weights=scores[near])
            x, y = round(left * width), round(top * height)
            box = Box(x, y, round(right * width) - x, round(low * height) - y)
            box = box.clipped(width, height)
            if box.area:
                score = min(float(scores[best]), 1.0)
                found.append(FoundObject(box=box, score=score, is_person=wanted == FIGURE))
        return found


def settled(scores: Rows, boxes: Rows) -> list[tuple[int, npt.NDArray[np.int64]]]:
    """(the surest cell, all that agree on its box) of everything found, the surest first."""
    sure = np.flatnonzero(scores >= LEAST_SCORE)
    corners = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(corners[sure].tolist(), scores[sure].tolist(), LEAST_SCORE, OVERLAP)
    bests = [int(sure[index]) for index in np.asarray(kept, np.int64).ravel()]
    return [(best, sure[_overlaps(boxes[best], boxes[sure]) > AGREE]) for best in bests]


class DrawnFigures:
    """`FaceDetector`: the upper middle of each figure, from which `DrawnLooks` knows all of it."""

    def __init__(self, objects: DrawnObjects) -> None:
        self._objects = objects

    def detect(self, image: Image) -> Sequence[FoundFace]:
        return [_face_of(one) for one in self._objects.find(image, FIGURE)]


class DrawnLooks:
    """`FaceEmbedder`: the traits of a figure, 1280 values."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        self._model = OnnxModel(path)
        self._name = model_name(f"{DRAWN}looks", path, digest)

    @property
    def name(self) -> str:
        return self._name

    def align(self, image: Image, face: FaceDetection) -> Image:
        middle = face.landmarks.mean(axis=0)
        return cut_out(image, float(middle[0]), float(middle[1]))

    def embed(self, aligned: Image) -> Vector:
        return look_of(self.traits(aligned))

    def traits(self, aligned: Image) -> Rows:
        """The probability of every value of every trait, one after another."""
        pixels = np.ascontiguousarray(aligned[..., ::-1].transpose(2, 0, 1)[None], np.float32)
        return self._model.run({"picture": pixels})[0]


def cut_out(image: Image, x: float, y: float) -> Image:
    """The square about a point that traits are read in; beyond the picture its edge goes on."""
    side = REACH * image.shape[0]
    scale = LOOKED_AT / side
    move = np.array(
        [[scale, 0, LOOKED_AT / 2 - scale * x], [0, scale, LOOKED_AT / 2 - scale * y]], np.float32
    )
    if scale < 1:  # Shrinking by a warp alone would leave pixels out.
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        move[:, :2] = np.eye(2)
    moved = cv2.warpAffine(
        image, move, (LOOKED_AT, LOOKED_AT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def look_of(chances: Rows) -> Vector:
    """The outer product of the square roots of the traits' probabilities."""
    ends = np.cumsum(list(TRAITS.values()))[:-1]
    parts = [np.sqrt(np.maximum(part, 0)) for part in np.split(chances, ends)]
    return reduce(lambda a, b: np.outer(a, b).ravel(), parts).astype(np.float32)


def _face_of(figure: FoundObject) -> FoundFace:
    """Where a head around it would be the whole figure, with the figure's middle as landmarks."""
    box = figure.box
    inner = Box(
        round(box.x + box.w / 6),
        round(box.y + 0.219 * box.h),
        max(round(box.w / 1.5), 1),
        max(round(box.h / 1.6), 1),
    )
    middle = np.array([[box.x + box.w / 2, box.y + box.h / 2]], np.float32)
    return FoundFace(box=inner, score=figure.score, landmarks=np.repeat(middle, 5, axis=0))


def _overlaps(box: Rows, boxes: Rows) -> Rows:
    """Intersection over union with each; corners."""
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return shared / np.maximum(areas + np.prod(box[2:] - box[:2]) - shared, 1e-9)
