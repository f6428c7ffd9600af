"""The pictures that the embedder learns from, by subject, so that a fold can leave subjects out.

Photos of things and pets (CC-BY-4.0 and Unsplash, see README.md), frames of the CC-BY clips, the
drawn world, and textures made here.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.eval.folds import FOLDS, folds
from app.eval.own_embedder import photos_in
from app.eval.world.camera import Camera
from app.eval.world.director import Director, Role
from app.eval.world.questions import any_look
from engine.media import Image

NEUTRAL = FOLDS
"""The bucket of what is in no fold: it teaches always."""
CLIPS = ("scenes", "people")
OTHER = "gestures"
LONGEST = 480


@dataclass(frozen=True, slots=True)
class Source:
    """A picture (BGR), and the bucket of its subject."""

    picture: Image
    bucket: int


def sources(data: Path) -> list[Source]:
    """All of them; of a subject's photos each stands there once, of a clip a frame each second, and
    each photo of hands."""
    things = photos_in(data / "things")
    bucket = folds(list(things))
    found = [Source(one, bucket[subject]) for subject, own in things.items() for one in own]
    for name in CLIPS:
        for clip in sorted((data / name).iterdir()):
            found += [Source(_small(frame), NEUTRAL) for frame in _frames(clip)]
    hands = sorted((data / OTHER).rglob("*.jpg"))
    return found + [Source(_small(_read(path)), NEUTRAL) for path in hands]


def drawn(chance: random.Random) -> Iterator[Image]:
    """Frames of the drawn world."""
    camera = Camera((240, 240), oversample=1, rooms=1)
    while True:
        roles = [Role(look=any_look(chance), name=None) for _ in range(chance.choice((1, 2, 3)))]
        scene = Director(chance, roles, length_s=8).plan()
        for _ in range(3):
            yield camera.frame(scene, chance.uniform(0, 8))


def texture(rng: np.random.Generator, side: int) -> Image:
    """Overlapping shapes of many sizes (dead leaves, Lee et al., 2001), each with a texture."""
    canvas = np.zeros((side, side, 3), np.uint8)
    canvas[:] = rng.integers(0, 256, 3)
    for size in np.sort(rng.pareto(1.2, int(rng.integers(4, 40))) * side * 0.08)[::-1]:
        mask = np.zeros((side, side), np.uint8)
        corner = rng.integers(0, side, 2)
        radius = float(np.clip(size, 3, side * 0.7))
        if rng.random() < 0.5:
            axes = (int(radius), int(radius * rng.uniform(0.3, 1)))
            centre = (int(corner[0]), int(corner[1]))
            cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
        else:
            angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
            reach = radius * rng.uniform(0.5, 1, len(angles))
            points = corner + np.stack([np.cos(angles), np.sin(angles)], 1) * reach[:, None]
            cv2.fillPoly(mask, [points.astype(np.int32)], 255)
        cv2.copyTo(_stuff(rng, side), mask, canvas)
    return canvas


def _stuff(rng: np.random.Generator, side: int) -> Image:
    """Noise at one scale between two colours, or stripes."""
    one, other = rng.integers(0, 256, (2, 3)).astype(np.float32)
    if rng.random() < 0.5:
        cells = int(rng.choice((1, 3, 8, 24, side // 2)))
        coarse = rng.random((cells, cells)).astype(np.float32)
        blend = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    else:
        y, x = np.mgrid[:side, :side]
        angle, wave = rng.uniform(0, np.pi), rng.uniform(0.05, 1.2)
        blend = 0.5 + 0.5 * np.sin((x * np.cos(angle) + y * np.sin(angle)) * wave)
    blend = np.clip(blend, 0, 1)[..., None]
    return (one * blend + other * (1 - blend)).astype(np.uint8)


def _frames(clip: Path) -> Iterator[Image]:
    capture = cv2.VideoCapture(str(clip))
    rate = round(capture.get(cv2.CAP_PROP_FPS)) or 10
    number = 0
    while capture.grab():
        if number % rate == 0:
            ok, frame = capture.retrieve()
            if ok:
                yield np.asarray(frame, np.uint8)
        number += 1
    capture.release()


def _read(path: Path) -> Image:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path.name} is not a picture.")
    return np.asarray(picture, np.uint8)


def _small(picture: Image) -> Image:
    scale = LONGEST / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
