"""What comes, goes and acts in the room: a cat, a ball, somebody with a mug."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .canvas import Canvas, Colour, Point, between, mix, rgb
from .room import AMBER, CORAL, DEEP, PAPER

Place = Callable[[Point], Point]
"""From the figure's own coordinates to those of the scene."""

FUR, FUR_DARK, FUR_LIGHT = AMBER, rgb("#DB9650"), rgb("#FBE3C2")
SKIN, HAIR = rgb("#E2A98A"), rgb("#4A3440")
TROUSERS, SHOE = rgb("#34505C"), rgb("#F1F5F4")
SWEATER, SWEATER_DARK = rgb("#2FA394"), rgb("#1F8A7D")

WALKING: list[Point] = [
    (44, -56), (48, -42), (34, -28), (0, -26), (-36, -28), (-50, -42), (-46, -56), (-18, -61),
    (18, -59),
]  # fmt: skip
SITTING: list[Point] = [
    (24, -70), (27, -46), (24, -16), (6, -3), (-26, -3), (-43, -17), (-36, -43), (-16, -64),
    (6, -76),
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cat:
    """A pose: where it stands, which way it looks, how far it has sat down (0 to 1)."""

    x: float
    y: float
    facing: int
    sits: float
    stride: float
    """Phase of the walk, in radians."""
    swish: float
    """Phase of the tail, in radians."""
    blinks: bool = False


def draw_cat(canvas: Canvas, cat: Cat) -> None:
    def at(point: Point) -> Point:
        return (cat.x + cat.facing * point[0], cat.y + point[1])

    sits = cat.sits
    bob = (1 - sits) * 1.6 * math.sin(cat.stride * 2)
    canvas.shadow((cat.x - cat.facing * 4 * sits, cat.y), (52 - 10 * sits, 6), 0.34, 6)
    sway = math.sin(cat.swish)
    tail = between(
        [(-46, -50), (-68, -58), (-76, -82 + 4 * sway), (-70 + 8 * sway, -104)],
        [(-34, -12), (-62, -6), (-76, -14 - 3 * sway), (-72 + 3 * sway, -30 - 8 * sway)],
        sits,
    )
    canvas.curve([at(p) for p in tail], (13, 9), FUR)
    canvas.ellipse(at(tail[-1]), (5.2, 5.2), FUR_DARK)
    _cat_legs(canvas, cat, at, near=False)
    body = [at((px, py + bob)) for px, py in between(WALKING, SITTING, sits)]
    canvas.blob(body, FUR)
    for n in range(3):
        top = between([(-26 + n * 20, -60)], [(-30 + n * 13, -48 - n * 11)], sits)[0]
        low = (top[0] + 2 + 5 * sits, top[1] + 15)
        canvas.stroke(
            [at((top[0], top[1] + bob + 1)), at((low[0], low[1] + bob))], [5, 2], FUR_DARK
        )
    if sits > 0.4:
        canvas.ellipse(at((-14, -20)), (25, 18), mix(FUR, FUR_DARK, 0.22), angle=-18 * cat.facing)
        canvas.blob(
            [at(p) for p in ((16, -66), (25, -46), (22, -26), (12, -34), (10, -52))], FUR_LIGHT
        )
    _cat_legs(canvas, cat, at, near=True)
    head = between([(54, -70)], [(20, -90)], sits)[0]
    _cat_head(canvas, at((head[0], head[1] + bob)), cat)


def _cat_legs(canvas: Canvas, cat: Cat, at: Place, *, near: bool) -> None:
    swing = 13 * (1 - cat.sits)
    phase = cat.stride + (0 if near else math.pi)
    fur = FUR if near else FUR_DARK
    for hip, foot, shift in (
        (((34, -36), (18, -42)), ((36, -3), (20 if near else 12, -3)), 0.0),
        (((-38, -38), (-18, -16)), ((-38, -3), (-4 if near else -12, -3)), math.pi * 0.9),
    ):
        above = between([hip[0]], [hip[1]], cat.sits)[0]
        below = between([foot[0]], [foot[1]], cat.sits)[0]
        along = swing * math.sin(phase + shift)
        lift = max(math.cos(phase + shift), 0) * 6 * (1 - cat.sits)
        paw = (below[0] + along, below[1] - lift)
        knee = ((above[0] + paw[0]) / 2 - 2, (above[1] + paw[1]) / 2)
        canvas.curve([at(above), at(knee), at(paw)], (15, 9), fur)
        canvas.ellipse(at((paw[0] + 3, paw[1])), (7.5, 4), FUR_LIGHT if near else fur)


def _cat_head(canvas: Canvas, centre: Point, cat: Cat) -> None:
    x, y = centre
    f = cat.facing
    for side in (-1, 1):
        ear = [(x + side * 19, y - 8), (x + side * 15, y - 31), (x + side * 3, y - 16)]
        canvas.polygon(ear, FUR if side == f else FUR_DARK)
        inner = [(x + side * 15.5, y - 12), (x + side * 13.6, y - 25), (x + side * 6.5, y - 16)]
        canvas.polygon(inner, rgb("#F3A79B"))
    canvas.ellipse((x, y), (22, 18.5), FUR)
    for lean in (-5, 0, 5):
        canvas.stroke(
            [(x + lean + f * 2, y - 17), (x + lean * 0.7 + f * 2, y - 9)], [3.4, 1.4], FUR_DARK
        )
    canvas.ellipse((x + f * 6, y + 7), (11, 7.5), FUR_LIGHT)
    for side in (-1, 1):
        eye = (x + f * 5 + side * 8.5, y - 2)
        if cat.blinks:
            canvas.stroke([(eye[0] - 3, eye[1]), (eye[0] + 3, eye[1])], 1.6, rgb("#3A2C22"))
        else:
            canvas.ellipse(eye, (3.3, 4.1), rgb("#2B3A2E"))
            canvas.ellipse((eye[0] + 1, eye[1] - 1.4), (1.1, 1.3), PAPER)
    nose = (x + f * 7, y + 4)
    canvas.polygon(
        [(nose[0] - 2.8, nose[1] - 1.4), (nose[0] + 2.8, nose[1] - 1.4), (nose[0], nose[1] + 2)],
        CORAL,
    )
    for side in (-1, 1):
        for tilt in (-2, 2):
            begin = (nose[0] + side * 7, nose[1] + 2 + tilt * 0.4)
            canvas.stroke([begin, (begin[0] + side * 14, begin[1] + tilt)], [1.1, 0.6], PAPER)


def draw_ball(canvas: Canvas, x: float, y: float, turned: float) -> None:
    """A ball of radius 15 that has rolled by `turned` radians."""
    canvas.shadow((x, y), (15, 4), 0.36, 4)
    centre = (x, y - 15)
    canvas.ellipse(centre, (15, 15), CORAL)
    for n in range(2):
        across = math.cos(turned + n * math.pi / 2)
        canvas.ellipse(centre, (max(abs(across) * 14, 1.2), 14.4), PAPER, angle=24, alpha=0.28)
    canvas.ellipse((x - 5, y - 21), (4.4, 3.2), rgb("#FFD9D4"), angle=-30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody walking (`stride` in radians), or reaching out (`reach`, 0 to 1)."""

    x: float
    y: float
    facing: int
    walks: float
    """How much of the walk is in the legs: 0 stands still."""
    stride: float
    reach: float
    holds_mug: bool


def draw_person(canvas: Canvas, who: Person) -> Point:
    """Draw somebody; where the carrying hand is."""

    def at(point: Point) -> Point:
        return (who.x + who.facing * point[0], who.y + point[1])

    bob = -2.5 * who.walks * abs(math.cos(who.stride))
    lean = 9 * who.reach
    canvas.shadow((who.x, who.y), (44, 7), 0.36, 7)
    hip, neck = (0.0, -118 + bob), (lean, -196 + bob)
    _person_arm(canvas, at, (neck[0] - 4, neck[1] + 14), -who.walks * math.sin(who.stride) * 0.5)
    _leg(canvas, at, hip, who, far=True)
    _leg(canvas, at, hip, who, far=False)
    torso = [
        (neck[0] - 8, neck[1]), (neck[0] + 12, neck[1] + 2), (neck[0] + 25, neck[1] + 22),
        (hip[0] + 24, hip[1] - 14), (hip[0] + 23, hip[1] + 9), (hip[0], hip[1] + 13),
        (hip[0] - 24, hip[1] + 9), (hip[0] - 25, hip[1] - 16), (neck[0] - 25, neck[1] + 24),
    ]  # fmt: skip
    canvas.blob([at(p) for p in torso], SWEATER)
    canvas.stroke([at((hip[0] - 22, hip[1] + 7)), at((hip[0] + 21, hip[1] + 7))], 6, SWEATER_DARK)
    _person_head(canvas, at, (neck[0] + 3, neck[1] - 30))
    return _carrying_arm(canvas, at, neck, who)


def _carrying_arm(canvas: Canvas, at: Place, neck: Point, who: Person) -> Point:
    shoulder = (neck[0] + 2, neck[1] + 18)
    rest: Point = (30, -134) if who.holds_mug else (6, -112)
    hand = between([rest], [(64, -131)], who.reach)[0]
    if who.holds_mug:
        draw_mug(canvas, (at((hand[0] + 7, 0))[0], at((0, hand[1] + 11))[1]))
    elbow = (
        shoulder[0] + (6 if who.holds_mug else -6) + 20 * who.reach,
        shoulder[1] + 38 - 8 * who.reach,
    )
    canvas.curve([at(shoulder), at(elbow), at(hand)], (20, 14), SWEATER_DARK)
    canvas.ellipse(at(hand), (7.5, 7), SKIN)
    return at(hand)


def _person_arm(canvas: Canvas, at: Place, shoulder: Point, swing: float) -> None:
    elbow = (shoulder[0] + 36 * math.sin(swing), shoulder[1] + 36)
    hand = (elbow[0] + 34 * math.sin(swing + 0.25), elbow[1] + 32)
    canvas.curve([at(shoulder), at(elbow), at(hand)], (18, 13), SWEATER_DARK)
    canvas.ellipse(at(hand), (7, 7), mix(SKIN, HAIR, 0.15))


def _leg(canvas: Canvas, at: Place, hip: Point, who: Person, *, far: bool) -> None:
    phase = who.stride + (math.pi if far else 0)
    foot_x = who.walks * 30 * math.sin(phase) + (1 - who.walks) * (-9 if far else 9)
    lift = who.walks * 15 * max(math.cos(phase), 0)
    foot = (foot_x, -7 - lift)
    knee = _knee(hip, foot, 57.0)
    colour = mix(TROUSERS, rgb("#1D2C33"), 0.35) if far else TROUSERS
    canvas.stroke([at(hip), at(knee), at(foot)], [28, 22, 16], colour)
    sole = [(-10, -8), (6, -9), (17, -2), (17, 3), (-10, 3)]
    canvas.polygon(
        [at((foot[0] + px, foot[1] + py + 4)) for px, py in sole],
        SHOE if not far else rgb("#C9D3D2"),
    )


def _knee(hip: Point, foot: Point, bone: float) -> Point:
    """Where two bones of equal length meet, bent forward."""
    dx, dy = foot[0] - hip[0], foot[1] - hip[1]
    span = math.hypot(dx, dy)
    out = math.sqrt(max(bone**2 - (span / 2) ** 2, 0))
    return ((hip[0] + foot[0]) / 2 + out * dy / span, (hip[1] + foot[1]) / 2 - out * dx / span)


def _person_head(canvas: Canvas, at: Place, centre: Point) -> None:
    x, y = centre
    canvas.stroke([at((x - 4, y + 14)), at((x - 5, y + 34))], 15, mix(SKIN, HAIR, 0.18))
    canvas.ellipse(at((x - 20, y - 17)), (12, 12), HAIR)
    canvas.ellipse(at((x - 4, y - 4)), (25, 25), HAIR)
    canvas.blob(
        [
            at((x + px, y + py))
            for px, py in ((-7, -12), (8, -16), (19, -6), (21, 8), (12, 22), (0, 23), (-10, 12))
        ],
        SKIN,
    )
    canvas.blob(
        [
            at((x + px, y + py))
            for px, py in ((-16, -22), (4, -27), (20, -16), (18, -8), (4, -13), (-7, -6), (-14, 4))
        ],
        HAIR,
    )
    canvas.ellipse(at((x - 9, y + 4)), (5, 6.5), SKIN)
    for eye in (5.0, 16.0):
        canvas.ellipse(at((x + eye, y + 1)), (2, 2.7), rgb("#33252C"))
    canvas.ellipse(at((x + 3, y + 10)), (4.6, 3.2), CORAL, alpha=0.35)
    canvas.curve(
        [at((x + 6, y + 13)), at((x + 11, y + 15.5)), at((x + 16, y + 13))], 1.8, rgb("#9C5A50")
    )


def draw_mug(canvas: Canvas, foot: Point) -> None:
    """A mug whose bottom stands at `foot`."""
    x, y = foot
    glaze: Colour = rgb("#F4F1EA")
    canvas.curve([(x + 10, y - 18), (x + 19, y - 15), (x + 17, y - 6), (x + 9, y - 5)], 3.4, glaze)
    canvas.box((x - 12, y - 24), (24, 24), glaze, round_by=4)
    canvas.box((x - 12, y - 14), (24, 5), DEEP)
    canvas.ellipse((x, y - 24), (12, 2.8), rgb("#D9D3C6"))
    canvas.ellipse((x, y - 23.6), (9.6, 1.9), rgb("#6B4A3A"))
