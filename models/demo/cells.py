"""What stands in each cell of a picture's grid: the first lesson of the vision tower.

Needs no torch.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from app.eval.world.acts import DOING, Pose
from app.eval.world.camera import THING, Camera, owners
from app.eval.world.canvas import Picture
from app.eval.world.director import Director, Role
from app.eval.world.eye import Eye
from app.eval.world.scene import Scene
from app.eval.world.traits import COLOURS, HATS, KINDS, PATTERNS, SHAPES, SIZES, look, look_alike

TASKS: dict[str, int] = {
    "what": 3,
    "shape": len(SHAPES),
    "colour": len(COLOURS),
    "hat": len(HATS),
    "pattern": len(PATTERNS),
    "size": len(SIZES),
    "deed": len(DOING),
    "facing": 2,
    "thing": len(KINDS),
    "thing colour": len(COLOURS),
}
"""Classes of each lesson; `what` is nothing, a figure, a thing."""
IGNORED = -100
Part = tuple[int, int, int]
"""Left, top and side of a cut-out, in pixels of a picture of twice the size."""
DEEDS = {deed: n for n, deed in enumerate(DOING)}
MIRRORED_DEEDS = [
    DEEDS[{"walk left": "walk right", "walk right": "walk left"}.get(deed, deed)] for deed in DOING
]
MIRRORED_POSE = np.array([-1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1], np.float32)
WINDOW = 6
"""Cells along one side of a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One picture, RGB, and for each lesson a class for each cell, row by row."""

    picture: Picture
    labels: npt.NDArray[np.int64]
    """Lessons x cells; IGNORED where a lesson does not apply."""
    boxes: npt.NDArray[np.float32]
    """4 x cells: left, top, right and bottom, as shares of the picture, of what is visible of the
    subject that the cell is of; 0 where there is none."""
    poses: npt.NDArray[np.float32]
    """How the figure stands that a cell is of, numbers x cells (see `stance`)."""
    places: npt.NDArray[np.int64]
    """Which cell of the whole picture each cell is."""
    whole_room: bool


Whose = npt.NDArray[np.uint8]


def seen_by(scene: Scene, t: float, image: int, part: Part | None = None) -> Whose:
    """Whose each pixel is, in the whole picture or a cut-out of it; image x image."""
    if part is None:
        return owners(scene, t, (image, image))
    x, y, wide = part
    whole = owners(scene, t, (2 * image, 2 * image))[y : y + wide, x : x + wide]
    small = cv2.resize(whole, (image, image), interpolation=cv2.INTER_NEAREST)
    return small.astype(np.uint8, copy=False)


def stance(pose: Pose) -> tuple[float, ...]:
    """A pose as numbers of about -1 to 1. To tell them one has to look at all of the figure, and
    they say of every picture what a deed is known by. The first three change sign in a mirror."""
    return (
        float(pose.facing), pose.lean * pose.facing, math.sin(pose.turn), math.cos(pose.turn),
        pose.lift / 78, 4 * pose.squash, pose.seated, pose.walks, pose.raised, pose.both,
        pose.reach,
    )  # fmt: skip


def labels(
    scene: Scene, t: float, whose: Whose, cells: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Classes, boxes and poses. A cell is of the subject that covers most of it, if that is a
    quarter at least."""
    image = whose.shape[0]
    side = image // cells
    blocks = whose.reshape(cells, side, cells, side).transpose(0, 2, 1, 3).reshape(cells**2, -1)
    found = np.full((len(TASKS), cells**2), IGNORED, np.int64)
    found[0] = 0
    boxes = np.zeros((4, cells**2), np.float32)
    poses = np.zeros((len(MIRRORED_POSE), cells**2), np.float32)
    subjects: list[int] = [int(n) for n in np.unique(blocks) if n]
    for n in subjects:
        share = (blocks == n).mean(axis=1)
        rivals = np.zeros_like(share)
        for m in subjects:
            if m != n:
                rivals = np.maximum(rivals, (blocks == m).mean(axis=1))
        where = (share >= 0.25) & (share > rivals)
        rows, columns = np.nonzero(whose == n)
        corners = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        boxes[:, where] = np.array(corners, np.float32)[:, None] / image
        if n >= THING:
            thing = scene.things[n - THING]
            found[0, where] = 2
            found[8, where] = KINDS.index(thing.kind)
            found[9, where] = COLOURS.index(thing.colour)
            continue
        actor = scene.cast[n - 1].look
        act, pose = scene.act(n - 1, t), scene.pose(n - 1, t)
        if act is None or pose is None:
            continue
        poses[:, where] = np.array(stance(pose), np.float32)[:, None]
        values = (
            1, SHAPES.index(actor.shape), COLOURS.index(actor.colour), HATS.index(actor.hat),
            PATTERNS.index(actor.pattern), SIZES.index(actor.size), DEEDS[act.deed],
            int(act.facing > 0),
        )  # fmt: skip
        for task, value in enumerate(values):
            found[task, where] = value
    return found, boxes, poses


def mirrored(grid: Grid) -> Grid:
    """The same with left and right exchanged; what is written can no longer be read."""
    side = math.isqrt(grid.labels.shape[1])
    turned = np.arange(side**2).reshape(side, side)[:, ::-1].ravel()
    classes, boxes = grid.labels[:, turned], grid.boxes[:, turned]
    deeds, facing = classes[6], classes[7]
    known = deeds != IGNORED
    deeds[known] = np.array(MIRRORED_DEEDS)[deeds[known]]
    facing[known] = 1 - facing[known]
    there = classes[0] > 0
    boxes[0, there], boxes[2, there] = 1 - boxes[2, there], 1 - boxes[0, there]
    return replace(
        grid,
        picture=np.ascontiguousarray(grid.picture[:, ::-1]),
        labels=classes,
        boxes=boxes,
        poses=grid.poses[:, turned] * MIRRORED_POSE[:, None],
    )


def window(grid: Grid, chance: random.Random, shuffle: int) -> Grid | None:
    """The part of a whole picture around somebody: a quarter of the work, and most of its cells
    are of figures. It begins where a token does. None where nobody is."""
    side = math.isqrt(grid.labels.shape[1])
    pixels = grid.picture.shape[0] // side
    figures = (grid.labels[0] == 1).reshape(side, side)
    corners = [(y, x) for y in range(0, side - WINDOW + 1, shuffle)
               for x in range(0, side - WINDOW + 1, shuffle)]  # fmt: skip
    crowded = [int(figures[y : y + WINDOW, x : x + WINDOW].sum()) for y, x in corners]
    if not any(crowded):
        return None
    y, x = chance.choices(corners, [count**2 for count in crowded])[0]
    kept = np.arange(side**2).reshape(side, side)[y : y + WINDOW, x : x + WINDOW].ravel()
    rows, columns = (
        slice(y * pixels, (y + WINDOW) * pixels),
        slice(x * pixels, (x + WINDOW) * pixels),
    )
    return Grid(
        picture=np.ascontiguousarray(grid.picture[rows, columns]),
        labels=grid.labels[:, kept],
        boxes=grid.boxes[:, kept],
        poses=grid.poses[:, kept],
        places=kept,
        whole_room=False,
    )


def crowd(chance: random.Random, count: int) -> Scene:
    """A scene of the training split, often with look-alikes."""
    looks = [look(chance, "train")]
    while len(looks) < count:
        alike = chance.random() < 0.5
        looks.append(look_alike(chance, chance.choice(looks)) if alike else look(chance, "train"))
    return Director(
        chance, [Role(look=one, name=None) for one in looks], length_s=chance.uniform(12, 30)
    ).plan()


def close_up(scene: Scene, t: float, image: int, chance: random.Random) -> Part | None:
    """A cut-out around somebody; None where nobody is."""
    whose = owners(scene, t, (2 * image, 2 * image))
    rows, columns = np.nonzero((whose > 0) & (whose < THING))
    if rows.size == 0:
        return None
    n, wide = chance.randrange(rows.size), chance.randint(image * 7 // 8, image * 3 // 2)
    x, y = (
        min(max(int(middle) - chance.randint(wide // 4, wide * 3 // 4), 0), 2 * image - wide)
        for middle in (columns[n], rows[n])
    )
    return x, y, wide


def grids(seed: int, image: int, cells: int) -> Iterator[Grid]:
    """An endless lesson. Half of the pictures are close-ups, from which the traits are learned
    sooner than from whole rooms."""
    chance, eye = random.Random(seed), Eye(image)
    near = Camera((2 * image, 2 * image), oversample=1)
    while True:
        scene = crowd(chance, chance.choice((1, 2, 3, 3, 4)))
        for n in range(4):
            t = chance.uniform(0, scene.length_s)
            part = close_up(scene, t, image, chance) if n % 2 else None
            if part is None:
                picture = eye.see(scene, t, chance)
            else:
                x, y, wide = part
                cut = near.frame(scene, t)[y : y + wide, x : x + wide, ::-1]
                small = cv2.resize(cut, (image, image), interpolation=cv2.INTER_AREA)
                picture = small.astype(np.uint8, copy=False)
            classes, boxes, poses = labels(scene, t, seen_by(scene, t, image, part), cells)
            yield Grid(
                picture=picture,
                labels=classes,
                boxes=boxes,
                poses=poses,
                places=np.arange(cells**2),
                whole_room=part is None,
            )
