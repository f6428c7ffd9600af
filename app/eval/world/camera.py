"""Draws scenes, and tells from the same drawing who is visible where."""

from collections import OrderedDict
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .acts import Deed
from .canvas import HEIGHT, WIDTH, Canvas, Outline, Picture
from .figures import BODIES, FigurePainter, scale_of
from .rooms import Room, draw_butterfly, draw_door, draw_occluder, draw_room, draw_window
from .scene import Scene
from .things import draw_thing
from .traits import Look, Thing

TRUTH_SIZE = (160, 120)
THING = 128
"""Subject number of the first thing; figures count from 1."""
ENOUGH = 0.3
"""A figure is seen when at least this share of its body's area is visible."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the picture's width and height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One actor at one moment."""

    actor: int
    look: Look
    name: str | None
    deed: Deed
    box: Box
    visible: float
    """Visible pixels over the area of its body: about 1 or more when nothing hides it."""
    holding: Thing | None
    dance: str | None
    thing_box: Box | None = None
    """Of what it holds, as far as that is visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything that is so at one moment of a scene."""

    at_s: float
    room: str
    seen: tuple[Seen, ...]
    """Who is visible, from left to right."""
    floor: tuple[Thing, ...]
    """What lies about."""
    door_open: bool
    lamp_out: bool
    word: str | None


class Camera:
    """Draws frames of one size. Keeps the last few rooms, nothing else."""

    def __init__(self, size: tuple[int, int], *, oversample: int = 2, rooms: int = 4) -> None:
        self._canvas = Canvas(size, oversample=oversample)
        self._still: OrderedDict[Room, Picture] = OrderedDict()
        self._rooms = rooms

    def frame(self, scene: Scene, t: float) -> Picture:
        """The picture at `t` seconds of the scene, BGR."""
        canvas = self._canvas
        np.copyto(canvas.picture, self._room(scene.room))
        draw_window(canvas, scene.room, scene.light.hour_at(t), t * 0.4 + scene.light.warm * 7)
        draw_door(canvas, scene.room, scene.opened(t))
        draw_butterfly(canvas, scene.room, t)
        _draw_life(canvas, scene, t)
        draw_occluder(canvas, scene.room)
        return _lit(_shaken(canvas.shown(), scene, t, cv2.INTER_LINEAR), scene.light.gain(t))

    def _room(self, room: Room) -> Picture:
        still = self._still.get(room)
        if still is None:
            draw_room(self._canvas, room)
            still = self._canvas.picture.copy()
            self._still[room] = still
            while len(self._still) > self._rooms:
                self._still.popitem(last=False)
        self._still.move_to_end(room)
        return still


def _draw_life(canvas: Canvas, scene: Scene, t: float) -> None:
    """Figures and things, the ones in front last; a figure's subject number is its own + 1, a
    thing's its own + THING."""
    lying = [
        (place.y, n)
        for n in range(len(scene.things))
        if (place := scene.place(n, t)).holder is None
    ]
    order = [(actor.floor, 0, n) for n, actor in enumerate(scene.cast)]
    order += [(y, 1, n) for y, n in lying]
    for floor, which, n in sorted(order):
        if which == 1:
            canvas.subject = THING + n
            place = scene.place(n, t)
            draw_thing(canvas, scene.things[n], place.x, place.y, held=False)
            continue
        pose = scene.pose(n, t)
        if pose is None:
            continue
        canvas.subject = n + 1
        hand = FigurePainter(canvas, scene.cast[n].look, pose, floor).draw()
        held = scene.held(n, t)
        if held is not None:
            canvas.subject = THING + held
            draw_thing(canvas, scene.things[held], *hand, held=True)


def _shaken(picture: Picture, scene: Scene, t: float, how: int) -> Picture:
    if scene.shake == 0:
        return picture
    height, width = picture.shape[:2]
    dx, dy = scene.offset(t)
    move = np.array([[1, 0, dx * width / WIDTH], [0, 1, dy * height / HEIGHT]], np.float32)
    moved = cv2.warpAffine(
        picture, move, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    return moved.astype(np.uint8, copy=False)


def _lit(picture: Picture, gain: tuple[float, float, float]) -> Picture:
    levels = np.arange(256)[:, None] * np.array(gain)[None]
    table = np.clip(levels, 0, 255).astype(np.uint8)[None]
    return cv2.LUT(picture, table).astype(np.uint8, copy=False)


def owners(scene: Scene, t: float, size: tuple[int, int] = TRUTH_SIZE) -> npt.NDArray[np.uint8]:
    """Whose each pixel is: 0 nobody's, else the actor's number + 1, or the thing's + THING. Height
    x width."""
    outline = Outline(size)
    _draw_life(outline, scene, t)
    outline.subject = 0
    draw_occluder(outline, scene.room)
    return _shaken(outline.picture, scene, t, cv2.INTER_NEAREST)


def truth(scene: Scene, t: float) -> Truth:
    """What is so at `t` seconds of the scene."""
    whose = owners(scene, t)
    seen: list[Seen] = []
    for n, actor in enumerate(scene.cast):
        act = scene.act(n, t)
        rows, columns = np.nonzero(whose == n + 1)
        box = _around(rows, columns)
        if act is None or box is None:
            continue
        visible = rows.size / _area(actor.look)
        if visible < ENOUGH:
            continue
        held = scene.held(n, t)
        seen.append(
            Seen(
                actor=n,
                look=actor.look,
                name=actor.name,
                deed=act.deed,
                box=box,
                visible=visible,
                holding=None if held is None else scene.things[held],
                dance=act.dance,
                thing_box=None if held is None else _around(*np.nonzero(whose == THING + held)),
            )
        )
    seen.sort(key=lambda one: one.box[0] + one.box[2])
    places = [scene.place(n, t) for n in range(len(scene.things))]
    return Truth(
        at_s=t,
        room=scene.room.kind,
        seen=tuple(seen),
        floor=tuple(
            thing for thing, at in zip(scene.things, places, strict=True) if at.holder is None
        ),
        door_open=scene.opened(t) > 0.5,
        lamp_out=scene.light.is_out(t),
        word=scene.room.word,
    )


def _around(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> Box | None:
    """The box around pixels of the truth's size; None around none."""
    if rows.size == 0:
        return None
    width, height = TRUTH_SIZE
    return (
        float(columns.min() / width),
        float(rows.min() / height),
        float((columns.max() + 1) / width),
        float((rows.max() + 1) / height),
    )


def _area(look: Look) -> float:
    """Of the body alone, in pixels of the truth's size."""
    body = BODIES[look.shape]
    scene = float(cv2.contourArea(body.astype(np.float32))) * scale_of(look) ** 2
    return scene * TRUTH_SIZE[0] * TRUTH_SIZE[1] / (WIDTH * HEIGHT)
