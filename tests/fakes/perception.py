"""Detectors, embedders and a reader that see painted rectangles: flat colours stand for faces,
bodies, things and words, so that a test draws what is to be found."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Box, Image, Vector
from engine.perception.detections import FoundFace, FoundObject
from engine.perception.finding import Eyes
from engine.ports.seeing import FaceDetection

FACE, BODY, THING, WORDS = 250, 251, 252, 253
"""The blue channel says what a rectangle is; green and red say which one."""
WALL = (40, 40, 40)


def wall(width: int = 640, height: int = 480) -> Image:
    """A picture with nothing in it."""
    return np.full((height, width, 3), WALL, np.uint8)


def paint(image: Image, kind: int, box: Box, which: int = 1) -> Image:
    """Put a rectangle of this kind into the picture; returns the picture."""
    colour = (kind, which * 20, 80 + 160 * (which % 2))
    cv2.rectangle(image, (box.x, box.y), (box.x + box.w - 1, box.y + box.h - 1), colour, -1)
    return image


class FakeFaceDetector:
    def __init__(self, score: float = 0.9) -> None:
        self.score = score
        self.looks = 0

    def detect(self, image: Image) -> Sequence[FoundFace]:
        self.looks += 1
        return [
            FoundFace(box=box, score=self.score, landmarks=_landmarks(box))
            for box in _painted(image, FACE)
        ]


class FakeObjectDetector:
    def __init__(self, person_score: float = 0.9) -> None:
        self.person_score = person_score
        self.looks = 0

    def detect(self, image: Image) -> Sequence[FoundObject]:
        self.looks += 1
        bodies = [
            FoundObject(box=box, score=self.person_score, is_person=True)
            for box in _painted(image, BODY)
        ]
        things = [
            FoundObject(box=box, score=0.5, is_person=False) for box in _painted(image, THING)
        ]
        return sorted(bodies + things, key=lambda item: -item.score)


class FakeFaceEmbedder:
    """One axis for each `which`."""

    name = "fake-face@00000000"

    def __init__(self) -> None:
        self.embedded = 0

    def align(self, image: Image, face: FaceDetection) -> Image:
        return np.asarray(cv2.resize(face.box.crop(image), (112, 112)), np.uint8)

    def embed(self, aligned: Image) -> Vector:
        self.embedded += 1
        return _vector(aligned)


class FakeImageEmbedder:
    name = "fake-image@00000000"

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, image: Image) -> Vector:
        self.embedded += 1
        return _vector(image)

    def embed_parts(self, image: Image) -> Vector:
        self.embedded += 1
        return np.stack([_vector(image)] * 3)


class FakeTextEmbedder:
    """Counts letters: texts of the same letters are near each other."""

    name = "fake-text@00000000"

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.full((len(texts), 26), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - ord("a")] += 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class FakeTextReader:
    """Reads the words given for each `which`."""

    def __init__(self, words: Mapping[int, str]) -> None:
        self._words = words
        self.read_sizes: list[tuple[int, int]] = []

    def read(self, image: Image) -> Sequence[tuple[Box, str]]:
        self.read_sizes.append((int(image.shape[1]), int(image.shape[0])))
        lines = [(box, self._words[_which(box.crop(image))]) for box in _painted(image, WORDS)]
        return sorted(lines, key=lambda line: (line[0].y, line[0].x))


def fake_eyes() -> Eyes:
    """Everything but the reader."""
    return Eyes(
        faces=FakeFaceDetector(),
        face_embedder=FakeFaceEmbedder(),
        objects=FakeObjectDetector(),
        image_embedder=FakeImageEmbedder(),
    )


def _painted(image: Image, kind: int) -> list[Box]:
    boxes: list[Box] = []
    blue = image[:, :, 0] == kind
    for which in sorted({int(value) for value in image[blue][:, 1]}):
        mask = (blue & (image[:, :, 1] == which)).astype(np.uint8)
        rows = np.asarray(cv2.connectedComponentsWithStats(mask, connectivity=4)[2], np.int64)
        boxes += [Box(*(int(value) for value in row[:4])) for row in rows[1:] if row[4] > 60]
    return boxes


def _which(image: Image) -> int:
    return round(int(np.median(image[:, :, 1])) / 20)


def _vector(image: Image) -> Vector:
    vector = np.full(13, 0.01, np.float32)
    vector[_which(image) % 13] = 1
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _landmarks(box: Box) -> npt.NDArray[np.float32]:
    places = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    return np.array([(box.x + x * box.w, box.y + y * box.h) for x, y in places], np.float32)
