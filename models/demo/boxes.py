"""What the demo's eyes learn from: where figures and things are, and what a figure looks like.

Needs no torch.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from app.eval.world.camera import THING, Camera, owners, truth
from app.eval.world.canvas import Picture
from app.eval.world.director import Director, Role
from app.eval.world.scene import Scene
from app.eval.world.traits import COLOURS, HATS, PATTERNS, SHAPES, SIZES, Look, Split, look
from app.eval.world.traits import look_alike as alike
from engine.perception.drawn import SEEN, STRIDE, cut_out

T = TypeVar("T")

DRAWN = (320, 240)
COLUMNS, ROWS = SEEN[0] // STRIDE, SEEN[1] // STRIDE
TIMES = 4
"""How often each lesson is learned from, on the average."""
JITTER = 0.06
"""How far a box may be off, as a share of its sides, when traits are read about its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """One picture (RGB) and, for each cell: 0 nothing, 1 a figure, 2 a thing; and the corners, as
    shares of the picture, of what it belongs to."""

    picture: Picture
    what: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A cut-out about a figure (RGB), and the value of each trait."""

    picture: Picture
    traits: npt.NDArray[np.int64]


def values(of: Look) -> list[int]:
    """The traits as numbers, in the order of `drawn.TRAITS`."""
    return [
        SHAPES.index(of.shape), COLOURS.index(of.colour), HATS.index(of.hat),
        PATTERNS.index(of.pattern), SIZES.index(of.size),
    ]  # fmt: skip


def scene(chance: random.Random, split: Split, others: Sequence[int] = (0, 1, 2, 2, 3)) -> Scene:
    """One figure and as many `others` as one of these, often look-alikes."""
    looks = [look(chance, split)]
    for _ in range(chance.choice(others)):
        twin = chance.random() < 0.4
        looks.append(alike(chance, chance.choice(looks)) if twin else look(chance, split))
    roles = [Role(look=one, name=None) for one in looks]
    return Director(chance, roles, length_s=chance.uniform(12, 30)).plan()


def coded(picture: Picture, chance: random.Random) -> Picture:
    """As it is, or as a video would have it."""
    if chance.random() < 0.5:
        return picture
    quality = chance.randint(40, 90)
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = cv2.imdecode(code, cv2.IMREAD_COLOR)
    assert read is not None
    return np.asarray(read, np.uint8)


def rgb(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[..., ::-1])


def _boxed(scene: Scene, t: float, picture: Picture) -> Boxed:
    whose = owners(scene, t, SEEN)
    blocks = whose.reshape(ROWS, STRIDE, COLUMNS, STRIDE).transpose(0, 2, 1, 3)
    blocks = blocks.reshape(ROWS * COLUMNS, -1)
    what = np.zeros(ROWS * COLUMNS, np.int64)
    boxes = np.zeros((ROWS * COLUMNS, 4), np.float32)
    most = np.zeros(ROWS * COLUMNS, np.float32)
    for n in (int(n) for n in np.unique(whose) if n):
        rows, columns = np.nonzero(whose == n)
        if rows.size < 12:
            continue
        share = (blocks == n).mean(axis=1)
        where = (share >= 0.2) & (share > most)
        most[where] = share[where]
        what[where] = 2 if n >= THING else 1
        boxes[where] = (
            columns.min() / SEEN[0], rows.min() / SEEN[1],
            (columns.max() + 1) / SEEN[0], (rows.max() + 1) / SEEN[1],
        )  # fmt: skip
    return Boxed(picture=rgb(picture), what=what, boxes=boxes)


def mirrored(lesson: Boxed) -> Boxed:
    """The same with left and right exchanged; drawing is what takes the time."""
    boxes = lesson.boxes.reshape(ROWS, COLUMNS, 4)[:, ::-1]
    turned = np.stack([1 - boxes[..., 2], boxes[..., 1], 1 - boxes[..., 0], boxes[..., 3]], axis=-1)
    what = lesson.what.reshape(ROWS, COLUMNS)[:, ::-1].ravel()
    turned = turned.reshape(-1, 4) * (what > 0)[:, None]
    return Boxed(
        picture=np.ascontiguousarray(lesson.picture[:, ::-1]),
        what=what.copy(),
        boxes=turned.astype(np.float32),
    )


def mixed(
    lessons: Iterator[T], chance: random.Random, *, times: int = TIMES, held: int = 3000
) -> Iterator[T]:
    """Out of order, since what follows one another is of one scene, and each several times, since
    drawing takes longer than learning."""
    pool: list[T] = []
    for lesson in lessons:
        if len(pool) < held:
            pool.append(lesson)
        else:
            pool[chance.randrange(held)] = lesson
        if len(pool) >= min(held, 96):
            for _ in range(times):
                yield pool[chance.randrange(len(pool))]


def boxed(seed: int, split: Split) -> Iterator[Boxed]:
    """An endless lesson in where things are."""
    chance = random.Random(seed)
    return mixed(_boxes(chance, split), chance)


def looked(seed: int, split: Split) -> Iterator[Looked]:
    """An endless lesson in what figures look like."""
    chance = random.Random(seed)
    return mixed(_looks(chance, split), chance)


def _boxes(chance: random.Random, split: Split) -> Iterator[Boxed]:
    small, large = Camera(SEEN), Camera((640, 480), oversample=1)
    while True:
        shown = scene(chance, split)
        for _ in range(8):
            t = chance.uniform(0, shown.length_s)
            if chance.random() < 0.1:
                picture = coded(large.frame(shown, t), chance)
                picture = np.asarray(cv2.resize(picture, SEEN, interpolation=cv2.INTER_AREA))
            else:
                picture = coded(small.frame(shown, t), chance)
            lesson = _boxed(shown, t, picture.astype(np.uint8, copy=False))
            yield lesson
            yield mirrored(lesson)


def _looks(chance: random.Random, split: Split) -> Iterator[Looked]:
    camera = Camera(DRAWN, oversample=1)
    while True:
        shown = scene(chance, split)
        for _ in range(8):
            t = chance.uniform(0, shown.length_s)
            now = truth(shown, t)
            if not now.seen:
                continue
            picture = coded(camera.frame(shown, t), chance)
            for one in now.seen:
                left, top, right, low = one.box
                x = (left + right) / 2 + chance.uniform(-JITTER, JITTER) * (right - left)
                y = (top + low) / 2 + chance.uniform(-JITTER, JITTER) * (low - top)
                cut = cut_out(picture, x * DRAWN[0], y * DRAWN[1])
                traits = np.array(values(one.look), np.int64)
                yield Looked(picture=rgb(cut), traits=traits)
                yield Looked(picture=rgb(cut[:, ::-1]), traits=traits)
