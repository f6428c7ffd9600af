"""Rooms: what stands still, the door, the board, the sky in the window, and what hides figures."""

import math
import random
from dataclasses import dataclass

from .canvas import HEIGHT, WIDTH, Canvas, Colour, mix, points, rgb, smooth
from .traits import ROOMS

FLOOR_Y = 306.0
DOOR_X, BOARD_X, WINDOW_X = 556.0, 128.0, 344.0

WALLS = {
    "living room": ("#F3E6D6", "#E3D2BD", "#C59A74"),
    "kitchen": ("#E3EEF0", "#CFE0E4", "#A9B7BC"),
    "library": ("#E6DCE8", "#D6C8DA", "#8E6E5A"),
    "playroom": ("#FBF1CF", "#F3E3AE", "#D9C79A"),
    "garden": ("#CDE9F5", "#BFE0C2", "#9CCB84"),
}
"""Wall, skirting and floor."""
WOOD, FRAME = rgb("#9A6B48"), rgb("#FFFDF8")


Part = tuple[float, float, float, float]
"""Left, top, width and height, in units of the scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A place; `mirrored` swaps left and right, `occluder_x` is where the front piece stands."""

    kind: str
    mirrored: bool
    occluder_x: float | None
    word: str | None
    seed: int

    def across(self, x: float) -> float:
        return WIDTH - x if self.mirrored else x

    @property
    def door_x(self) -> float:
        return self.across(DOOR_X)

    @property
    def board(self) -> Part:
        return self.across(BOARD_X) - 106, 70, 212, 102

    @property
    def door(self) -> Part:
        return self.door_x - 55, 119, 110, FLOOR_Y - 119


def share(part: Part) -> tuple[float, float, float, float]:
    """Left, top, right and bottom as shares of the picture."""
    left, top, wide, high = part
    return left / WIDTH, top / HEIGHT, (left + wide) / WIDTH, (top + high) / HEIGHT


def room(chance: random.Random, words: tuple[str, ...]) -> Room:
    return Room(
        kind=chance.choice(ROOMS),
        mirrored=chance.random() < 0.5,
        occluder_x=chance.uniform(170, 470) if chance.random() < 0.4 else None,
        word=chance.choice(words) if chance.random() < 0.6 else None,
        seed=chance.randrange(1 << 30),
    )


def draw_room(canvas: Canvas, place: Room) -> None:
    """All that never moves; the door is drawn closed, the window empty."""
    wall, skirting, floor = (rgb(code) for code in WALLS[place.kind])
    canvas.box(-20, -20, WIDTH + 40, FLOOR_Y + 20, wall)
    canvas.box(-20, FLOOR_Y, WIDTH + 40, HEIGHT - FLOOR_Y + 20, floor)
    if place.kind == "garden":
        _garden(canvas, place, floor)
    else:
        if canvas.fine:
            _wallpaper(canvas, place, wall)
        canvas.box(-20, FLOOR_Y - 12, WIDTH + 40, 12, skirting)
        _floorboards(canvas, floor)
    _board(canvas, place)
    _FURNITURE[place.kind](canvas, place)


def _wallpaper(canvas: Canvas, place: Room, wall: Colour) -> None:
    for n in range(21):
        if place.kind in ("living room", "playroom"):
            canvas.fill(
                points((n * 32 - 4, -20), (n * 32 + 10, -20), (n * 32 + 10, 294),
                       (n * 32 - 4, 294)), mix(wall, FRAME, 0.3),
            )  # fmt: skip
        elif place.kind == "kitchen":
            canvas.box(n * 32, -20, 2, 314, mix(wall, FRAME, 0.7))
            if n * 32 < FLOOR_Y:
                canvas.box(-20, n * 32, WIDTH + 40, 2, mix(wall, FRAME, 0.7))


def _floorboards(canvas: Canvas, floor: Colour) -> None:
    line = mix(floor, rgb("#3A2C22"), 0.09)
    for y in (334, 376, 428):
        canvas.box(-20, y, WIDTH + 40, 3, line)
    if canvas.fine:
        for n, y in enumerate((306, 337, 379, 431)):
            for m in range(4):
                x = (m * 190 + n * 87) % 700 - 20
                canvas.box(x, y, 3, (28, 39, 49, 60)[n], line)
    canvas.ellipse(320, 420, 248, 44, mix(floor, FRAME, 0.28))
    if canvas.fine:
        canvas.ellipse(320, 420, 232, 38, mix(floor, FRAME, 0.34))


def _garden(canvas: Canvas, place: Room, grass: Colour) -> None:
    hills = points((-20, 306), (-20, 236), (120, 190), (260, 230), (400, 196), (560, 226),
                   (660, 200), (660, 306))  # fmt: skip
    canvas.fill(smooth(hills), rgb("#B4DBA6"))
    canvas.box(-20, 262, WIDTH + 40, 8, FRAME)
    canvas.box(-20, 286, WIDTH + 40, 8, FRAME)
    for n in range(22):
        canvas.box(n * 31 - 12, 246, 12, 62, FRAME)
    tuft = mix(grass, rgb("#2F6B33"), 0.3)
    chance = random.Random(place.seed)
    for _ in range(40 if canvas.fine else 14):
        x, y = chance.uniform(0, WIDTH), chance.uniform(320, HEIGHT)
        canvas.fill(points((x - 6, y), (x - 8, y - 9), (x, y - 3), (x + 3, y - 12), (x + 6, y)),
                    tuft)  # fmt: skip


def _board(canvas: Canvas, place: Room) -> None:
    if place.word is None:
        return
    x = place.across(BOARD_X)
    canvas.box(*place.board, WOOD)
    canvas.box(x - 98, 78, 196, 86, rgb("#2D4A44"))
    height = 46.0 if len(place.word) <= 4 else 34.0
    canvas.text(place.word, x, 122 + height / 2, height, rgb("#F7F9F0"))


def draw_window(canvas: Canvas, place: Room, hour: float, cloud: float) -> None:
    """`hour` from 0 (noon) to 1 (night); `cloud` runs on with time."""
    if place.kind == "garden":
        canvas.ellipse(place.across(WINDOW_X) + 20, 60 + 60 * hour, 26, 26, rgb("#FFE9A0"))
        _cloud(canvas, (cloud * 60) % 800 - 80, 36)
        return
    x = place.across(WINDOW_X)
    sky = mix(rgb("#A5DCEC"), rgb("#39406F"), hour)
    canvas.box(x - 66, 54, 132, 134, FRAME)
    canvas.box(x - 58, 62, 116, 118, sky)
    low = mix(rgb("#E9F7F1"), rgb("#F2A77F"), min(hour * 1.6, 1.0))
    canvas.box(x - 58, 134, 116, 46, mix(sky, low, 0.55))
    light = mix(rgb("#FFF1BE"), rgb("#FBF7E6"), hour)
    canvas.ellipse(x + 26, 84 + 34 * math.sin(math.pi * hour), 13, 13, light)
    if canvas.fine:
        drift = (cloud * 30) % 76
        canvas.ellipse(x - 34 + drift, 102, 16, 7, FRAME, 0.8)
        canvas.ellipse(x - 22 + drift, 97, 12, 8, FRAME, 0.8)
    canvas.fill(smooth(points((x - 58, 180), (x - 58, 160), (x - 20, 150), (x + 20, 163),
                              (x + 58, 152), (x + 58, 180))), rgb("#8FC48A"))  # fmt: skip
    canvas.box(x - 66, 180, 132, 8, FRAME)
    canvas.box(x - 4, 62, 8, 118, FRAME)
    canvas.box(x - 58, 116, 116, 7, FRAME)


def _cloud(canvas: Canvas, x: float, y: float) -> None:
    for dx, dy, r in ((-26, 6, 17), (0, 0, 24), (26, 6, 18)):
        canvas.ellipse(x + dx, y + dy, r * 1.2, r * 0.8, FRAME)


def draw_door(canvas: Canvas, place: Room, opened: float) -> None:
    """`opened` from 0 (shut) to 1."""
    x, top = place.door_x, 128.0
    left = x - 46
    canvas.box(*place.door, FRAME)
    canvas.box(left, top, 92, FLOOR_Y - top, rgb("#3B3346"))
    if opened > 0 and canvas.fine:
        canvas.fill(points((left, FLOOR_Y), (left + 92, FLOOR_Y), (left + 70, FLOOR_Y - 60),
                           (left + 22, FLOOR_Y - 60)), rgb("#5A4D66"))  # fmt: skip
    wide, tilt = 92 * (1 - 0.8 * opened), 22 * opened
    leaf = points((left, top), (left + wide, top + tilt * 0.4), (left + wide, FLOOR_Y + tilt),
                  (left, FLOOR_Y))  # fmt: skip
    canvas.fill(leaf, rgb("#C27D4E"))
    if canvas.fine and opened < 0.5:
        for y in (top + 16, top + 98):
            canvas.cushion(left + 14, y, wide - 28, 66, 6, rgb("#B06C40"))
    canvas.ellipse(left + wide - 10, top + 96 + tilt * 0.5, 5, 5, rgb("#F6D266"))


def draw_butterfly(canvas: Canvas, place: Room, t: float) -> None:
    """Something that moves and that nobody is asked about; in some rooms only."""
    if place.seed % 3:
        return
    x = (place.seed % 640 + t * 34) % 760 - 60
    y = 232 + 26 * math.sin(t * 1.3 + place.seed % 7) + 6 * math.sin(t * 5)
    wing = 13 * abs(math.sin(t * 9)) + 4
    colour = rgb(("#E9A23B", "#7FA7D8", "#D884B4")[place.seed % 9 // 3])
    for side in (-1, 1):
        canvas.ellipse(x + side * wing * 0.6, y - 4, wing * 0.6, 9, colour)
        canvas.ellipse(x + side * wing * 0.5, y + 6, wing * 0.45, 6, mix(colour, FRAME, 0.4))
    canvas.ellipse(x, y, 2.5, 9, rgb("#3A2C33"))


def draw_occluder(canvas: Canvas, place: Room) -> None:
    """The piece of furniture in front, which hides who passes behind it."""
    if place.occluder_x is None:
        return
    x = place.occluder_x
    if place.kind in ("garden", "playroom"):
        for dx, r in ((-54, 44), (0, 58), (54, 46)):
            canvas.ellipse(x + dx, 470, r, r * 1.15, rgb("#4E8F55"))
        canvas.ellipse(x - 20, 440, 26, 22, rgb("#5FA366"))
        return
    canvas.cushion(x - 96, 392, 192, 120, 26, rgb("#6C7FA8"))
    canvas.cushion(x - 82, 428, 164, 90, 16, rgb("#7E90B8"))
    for side in (-1, 1):
        canvas.cushion(x + side * 96 - 20, 412, 40, 100, 16, rgb("#5D7099"))


def _living_room(canvas: Canvas, place: Room) -> None:
    x = place.across(236)
    canvas.stroke(points((x, 306), (x, 190)), 6, rgb("#6B5B52"))
    canvas.fill(points((x - 22, 150), (x + 22, 150), (x + 34, 196), (x - 34, 196)),
                rgb("#F4C98B"))  # fmt: skip
    canvas.ellipse(x, 306, 26, 6, rgb("#6B5B52"))
    p = place.across(452)
    canvas.box(p - 24, 84, 48, 60, WOOD)
    canvas.box(p - 18, 90, 36, 48, rgb("#CFE3DD"))
    canvas.ellipse(p, 116, 11, 11, rgb("#E9A48E"))


def _kitchen(canvas: Canvas, place: Room) -> None:
    x = place.across(130)
    canvas.box(x - 120, 230, 240, 70, rgb("#F7FAFA"))
    canvas.box(x - 126, 222, 252, 12, rgb("#7E8B90"))
    for n in range(3):
        canvas.box(x - 110 + n * 76, 242, 66, 54, rgb("#D7E3E6"))
        canvas.box(x - 84 + n * 76, 250, 14, 5, rgb("#8A979C"))
    p = place.across(452)
    canvas.cushion(p - 34, 148, 68, 156, 10, rgb("#F4F7F8"))
    canvas.box(p - 34, 206, 68, 4, rgb("#B9C6CA"))
    canvas.box(p - 26, 168, 5, 28, rgb("#9BA9AE"))


def _library(canvas: Canvas, place: Room) -> None:
    x = place.across(458)
    canvas.box(x - 32, 60, 64, 246, WOOD)
    chance = random.Random(place.seed)
    inks = ("#7C9A92", "#B8806E", "#8C86A8", "#C9B07A", "#6F8FA6")
    for shelf in range(5):
        y = 100 + shelf * 47
        canvas.box(x - 27, y - 34, 54, 38, rgb("#6E4A32"))
        for n in range(5):
            high = chance.uniform(22, 33)
            canvas.box(x - 26 + n * 10.6, y + 4 - high, 9, high, rgb(chance.choice(inks)))


def _playroom(canvas: Canvas, place: Room) -> None:
    for n, code in enumerate(("#E8A9A0", "#F2CF8F", "#A9CBB7", "#A7BBDD", "#C9B5DC")):
        x = 12 + n * 154
        canvas.fill(points((x, 16), (x + 60, 16), (x + 30, 60)), rgb(code))
        canvas.fill(points((x + 77, 16), (x + 137, 16), (x + 107, 60)), mix(rgb(code), FRAME, 0.4))
    p = place.across(452)
    for dx, dy, code in ((-18, 0, "#E8A9A0"), (18, 0, "#A7BBDD"), (0, -34, "#F2CF8F")):
        canvas.box(p + dx - 17, 272 + dy, 34, 34, rgb(code))


def _trees(canvas: Canvas, place: Room) -> None:
    x = place.across(452)
    canvas.box(x - 9, 190, 18, 118, WOOD)
    for dx, dy, r in ((-34, 170, 40), (30, 168, 44), (0, 128, 50)):
        canvas.ellipse(x + dx, dy, r, r * 0.92, rgb("#6DB36F"))
    canvas.ellipse(x - 10, 120, 22, 18, rgb("#83C383"))


_FURNITURE = {
    "living room": _living_room,
    "kitchen": _kitchen,
    "library": _library,
    "playroom": _playroom,
    "garden": _trees,
}
