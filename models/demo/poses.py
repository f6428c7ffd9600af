"""What the demo's pose network learns from: where figures are, and how they stand.

Windows of the small grey pictures that motion is glanced at in, so that most of what is learned
from is of figures. Needs no torch.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.eval.world.camera import THING, Camera, owners
from app.eval.world.scene import Scene
from app.eval.world.traits import Split
from engine.media import Grey
from engine.perception.drawn_poses import GLANCED, NUMBERS, STRIDE
from engine.perception.flow import small_grey
from models.demo.boxes import coded, mixed, scene
from models.demo.cells import MIRRORED_POSE, stance

WINDOW = 96
"""Pixels of a side of what is learned from."""
CELLS = WINDOW // STRIDE
IGNORED = -100
LEAST_SHARE = 0.25
"""Of a cell: then it is of whom covers it."""
LEAST_PIXELS = 24
INSIDE = 0.85
"""A figure of which less lies in the window is neither there nor not there."""
MOMENTS, WINDOWS = 8, 3
TIMES = 8
"""How often each lesson is learned from, on the average."""
OTHERS = (0, 1, 2, 3, 4, 4)
"""So many stand beside somebody: who is half behind another is read worst."""
BETWEEN, MEET = 0.5, 5
"""Of the windows about figures so many are about where two stand less than MEET pixels apart."""
DRAWN = (320, 240)

Whose = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """One window and, for each of its cells: 1 a figure, 0 none, IGNORED; the corners in pixels of
    the window of the figure that it is of; how that stands (`stance`)."""

    picture: Grey
    what: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]
    poses: npt.NDArray[np.float32]


def posed(seed: int, split: Split) -> Iterator[Posed]:
    """An endless lesson."""
    chance = random.Random(seed)
    return mixed(_windows(chance, split), chance, times=TIMES)


def _windows(chance: random.Random, split: Split) -> Iterator[Posed]:
    small, large = Camera(DRAWN, oversample=1), Camera((640, 480), oversample=1)
    while True:
        shown = scene(chance, split, OTHERS)
        for _ in range(MOMENTS):
            t = chance.uniform(0, shown.length_s)
            camera = large if chance.random() < 0.15 else small
            picture = small_grey(coded(camera.frame(shown, t), chance))
            whose = owners(shown, t, GLANCED)
            for x, y in _corners(whose, chance):
                lesson = window(shown, t, (picture, whose), (x, y))
                yield lesson
                yield mirrored(lesson)


def _corners(whose: Whose, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Left and top of some windows, about figures where there are any."""
    height, width = whose.shape
    anywhere = np.nonzero((whose > 0) & (whose < THING))
    meeting = np.nonzero(_meeting(whose))
    for _ in range(WINDOWS):
        if anywhere[0].size and chance.random() < 0.9:
            between = meeting[0].size and chance.random() < BETWEEN
            rows, columns = meeting if between else anywhere
            n = chance.randrange(rows.size)
            x, y = int(columns[n]) - WINDOW // 2, int(rows[n]) - WINDOW // 2
            x, y = x + chance.randint(-16, 16), y + chance.randint(-16, 16)
        else:
            x, y = chance.randint(0, width - WINDOW), chance.randint(0, height - WINDOW)
        yield min(max(x, 0), width - WINDOW), min(max(y, 0), height - WINDOW)


def _meeting(whose: Whose) -> npt.NDArray[np.bool_]:
    """The pixels of figures that are MEET to the left of another figure's."""
    figure = np.where(whose < THING, whose, 0)
    here, there = figure[:, :-MEET], figure[:, MEET:]
    meeting = np.zeros(whose.shape, np.bool_)
    meeting[:, :-MEET] = (here > 0) & (there > 0) & (here != there)
    return meeting


def window(scene: Scene, t: float, whole: tuple[Grey, Whose], corner: tuple[int, int]) -> Posed:
    """The part of a picture, of which it is known whose each pixel is, whose corner is at x, y."""
    (picture, whose), (x, y) = whole, corner
    part = slice(y, y + WINDOW), slice(x, x + WINDOW)
    blocks = whose[part].reshape(CELLS, STRIDE, CELLS, STRIDE).transpose(0, 2, 1, 3)
    blocks = blocks.reshape(CELLS**2, -1)
    what = np.zeros(CELLS**2, np.int64)
    boxes = np.zeros((CELLS**2, 4), np.float32)
    poses = np.zeros((CELLS**2, NUMBERS), np.float32)
    most = np.zeros(CELLS**2, np.float32)
    for n in (int(n) for n in np.unique(blocks) if n):
        share = (blocks == n).mean(axis=1)
        where = (share >= LEAST_SHARE) & (share > most)
        most[where] = share[where]
        pose = scene.pose(n - 1, t) if n < THING else None
        if pose is None:
            what[where] = 0
            continue
        rows, columns = np.nonzero(whose == n)
        inside = int((whose[part] == n).sum())
        clear = rows.size >= LEAST_PIXELS and inside >= INSIDE * rows.size
        what[where] = 1 if clear else IGNORED
        corners = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        boxes[where] = np.array(corners, np.float32) - (x, y, x, y)
        poses[where] = stance(pose)
    return Posed(picture=picture[part], what=what, boxes=boxes, poses=poses)


def mirrored(lesson: Posed) -> Posed:
    """The same with left and right exchanged; drawing is what takes the time."""
    boxes = lesson.boxes.reshape(CELLS, CELLS, 4)[:, ::-1]
    turned = np.stack(
        [WINDOW - boxes[..., 2], boxes[..., 1], WINDOW - boxes[..., 0], boxes[..., 3]], axis=-1
    )
    poses = lesson.poses.reshape(CELLS, CELLS, -1)[:, ::-1] * MIRRORED_POSE
    return Posed(
        picture=np.ascontiguousarray(lesson.picture[:, ::-1]),
        what=lesson.what.reshape(CELLS, CELLS)[:, ::-1].ravel(),
        boxes=turned.reshape(-1, 4).astype(np.float32),
        poses=np.ascontiguousarray(poses.reshape(CELLS**2, -1), np.float32),
    )
