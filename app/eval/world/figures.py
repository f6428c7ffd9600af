"""Draws figures: a body with a face, two arms, two legs, a hat."""

import math

import numpy as np
import numpy.typing as npt

from .acts import Pose
from .canvas import Canvas, Colour, Points, mix, moved, points, rgb, smooth
from .traits import Look

PALETTE: dict[str, Colour] = {
    "red": rgb("#E0443E"),
    "orange": rgb("#F28C28"),
    "yellow": rgb("#F5CB3C"),
    "green": rgb("#3FA75B"),
    "blue": rgb("#3573D0"),
    "purple": rgb("#8650C4"),
    "pink": rgb("#F08BB8"),
    "grey": rgb("#87909B"),
}
INK, WHITE, GOLD = rgb("#2A2430"), rgb("#FFFFFF"), rgb("#F6C945")
LEG = 30.0
"""From the floor to the lowest point of a standing body."""


def _power(numbers: Points, exponent: float) -> Points:
    """The power of the amount, with its sign."""
    return np.sign(numbers) * np.power(np.abs(numbers), exponent)


def _oval(width: float, height: float, power: float, low: float = 0.0) -> Points:
    """A body outline: a superellipse whose lower part is wider by the share `low`."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x: npt.NDArray[np.float64] = _power(np.cos(turn), 2 / power) * (width / 2)
    y: npt.NDArray[np.float64] = _power(np.sin(turn), 2 / power) * (height / 2)
    x = x * (1 + low * (y / (height / 2)))
    return np.stack([x, y - height / 2], axis=1)


BODIES: dict[str, Points] = {
    "round": _oval(126, 122, 2.0),
    "square": _oval(116, 116, 6.0),
    "pear-shaped": _oval(104, 132, 2.3, 0.42),
    "long": _oval(74, 164, 3.0),
}
"""Outlines around x = 0, from the top of the body down to y = 0."""


def half_width(body: Points, y: float) -> float:
    """Of the outline, at height y."""
    right = body[body[:, 0] >= 0]
    order = np.argsort(right[:, 1])
    return float(np.interp(y, right[order, 1], right[order, 0]))  # pyright: ignore[reportUnknownArgumentType]


def band(body: Points, top: float, low: float) -> Points:
    """The part of the body between two heights."""
    ys = np.linspace(top, low, 7)
    xs = np.array([half_width(body, float(y)) for y in ys])
    return np.concatenate([np.stack([xs, ys], axis=1), np.stack([-xs[::-1], ys[::-1]], axis=1)])


def _marks(body: Points, pattern: str) -> list[Points]:
    top = float(body[:, 1].min())
    if pattern == "striped":
        pitch = -top / 5.6
        return [band(body, top + pitch * (n + 0.62), top + pitch * (n + 1.16)) for n in range(5)]
    if pattern == "two-tone":
        return [band(body, top * 0.42, 0.0)]
    if pattern != "dotted":
        return []
    circle = moved(_oval(20, 20, 2.0), 0, 10)
    dots: list[Points] = []
    for row in range(5):
        y = top * (0.9 - row * 0.195)
        wide = half_width(body, y)
        for column in range(-2, 3):
            x = (column + 0.5 * (row % 2)) * 33.0
            if abs(x) + 9 < wide:
                dots.append(moved(circle, x, y))
    return dots


MARKS = {
    (shape, p): _marks(BODIES[shape], p)
    for shape in BODIES
    for p in ("plain", "striped", "dotted", "two-tone")
}


def scale_of(look: Look) -> float:
    return 0.72 if look.size == "small" else 1.0


class FigurePainter:
    """Draws one figure in one pose; positions are the figure's own, feet at 0, 0."""

    def __init__(self, canvas: Canvas, look: Look, pose: Pose, floor: float) -> None:
        self._canvas, self._look, self._pose = canvas, look, pose
        self._size = scale_of(look)
        self._x, self._floor = pose.x, floor
        self._body = BODIES[look.shape]
        self._colour = PALETTE[look.colour]
        self._dark = mix(self._colour, INK, 0.28)
        self._light = mix(self._colour, WHITE, 0.62)
        self._tall = -float(self._body[:, 1].min())
        self._wide = float(self._body[:, 0].max())
        self._c, self._s = math.cos(pose.lean * pose.facing), math.sin(pose.lean * pose.facing)
        self._hip = -(LEG * (1 - 0.86 * pose.seated)) - pose.lift

    def draw(self) -> tuple[float, float]:
        """Draw it; where the carrying hand is, in scene units."""
        pose, canvas = self._pose, self._canvas
        reach = self._wide * self._size
        canvas.shadow(self._x, self._floor, reach * (1.05 - pose.lift / 260), 8 * self._size)
        back = math.cos(pose.turn) < 0
        self._leg(-1)
        self._leg(1)
        behind = self._arms() if back else None
        canvas.fill(self._on_body(self._body), self._colour)
        if canvas.coloured:
            for mark in MARKS[self._look.shape, self._look.pattern]:
                canvas.fill(self._on_body(mark), self._light)
        if canvas.fine:
            self._shade()
        if canvas.coloured and not back:
            self._face()
        self._hat()
        return behind or self._arms()

    def _at(self, outline: Points) -> Points:
        return moved(outline * self._size, self._x, self._floor)

    def _on_body(self, outline: Points) -> Points:
        """From body coordinates (0, 0 at its lowest point) to the scene: squash, lean, lift."""
        squash = 1 - self._pose.squash
        x = outline[:, 0] * (1 + 0.5 * self._pose.squash)
        y = outline[:, 1] * squash
        turned = np.empty_like(outline)
        turned[:, 0] = x * self._c - y * self._s
        turned[:, 1] = x * self._s + y * self._c + self._hip
        return self._at(turned)

    def _spot(self, x: float, y: float) -> tuple[float, float]:
        found = self._on_body(np.array([[x, y]]))[0]
        return float(found[0]), float(found[1])

    def _leg(self, side: int) -> None:
        pose, canvas = self._pose, self._canvas
        swing = math.sin(pose.stride + (math.pi if side > 0 else 0)) * pose.walks
        hip = np.array([side * self._wide * 0.36, self._hip - 6])
        foot_x = hip[0] + 17 * swing * pose.facing + side * 34 * pose.seated
        lift = 9 * max(math.cos(pose.stride + (math.pi if side > 0 else 0)), 0) * pose.walks
        tuck = pose.lift * 0.9
        foot = np.array([foot_x, -5 - lift - tuck])
        canvas.stroke(self._at(np.stack([hip, foot])), 13 * self._size, self._dark)
        toe = 5.0 * (side if pose.seated > 0.5 else pose.facing)
        x, y = self._at(moved(foot[None], toe, 0))[0]
        canvas.ellipse(
            float(x), float(y), 15 * self._size, 8 * self._size, mix(self._dark, INK, 0.45)
        )

    def _arms(self) -> tuple[float, float]:
        """Both arms; the carrying one is on the side that the figure faces."""
        pose, canvas = self._pose, self._canvas
        shoulder_y = -self._tall * 0.52
        wide = half_width(self._body, shoulder_y) - 3
        hands: list[tuple[float, float]] = []
        for side in (-pose.facing, pose.facing):
            carrying = side == pose.facing
            angle = 0.5 + 0.12 * math.sin(pose.stride) * pose.walks * side
            angle += (2.35 - angle) * pose.both
            if not carrying:
                angle += (2.75 + 0.36 * pose.sway - angle) * pose.raised
            if carrying and pose.reach > 0:
                angle += (1.5 - angle) * pose.reach
            length = 56.0 + (16 * abs(pose.reach) if carrying else 8 * pose.raised)
            if carrying and pose.reach < 0:
                angle += (0.3 - angle) * -pose.reach
            hand = (
                side * (wide + length * math.sin(angle)),
                shoulder_y + length * math.cos(angle),
            )
            line = np.array([self._spot(side * wide, shoulder_y), self._spot(*hand)])
            canvas.stroke(line, 12 * self._size, self._dark)
            x, y = float(line[1, 0]), float(line[1, 1])
            canvas.ellipse(x, y, 9.5 * self._size, 9.5 * self._size, self._light)
            hands.append((x, y))
        return hands[1]

    def _shade(self) -> None:
        """A soft light on the upper side and a darker belly edge."""
        body = self._body
        canvas = self._canvas
        shine = smooth(
            points(
                (-self._wide * 0.62, -self._tall * 0.62),
                (-self._wide * 0.34, -self._tall * 0.88),
                (-self._wide * 0.1, -self._tall * 0.9),
                (-self._wide * 0.42, -self._tall * 0.68),
            )
        )
        canvas.fill(self._on_body(shine), WHITE, 0.22)
        canvas.fill(self._on_body(band(body, -self._tall * 0.14, 0.0)), INK, 0.08)

    def _face(self) -> None:
        pose, canvas = self._pose, self._canvas
        side = math.sin(pose.turn) * 0.8 + 0.16 * pose.facing
        y = -self._tall * (0.66 if self._look.shape != "long" else 0.76)
        gap, open_ = self._wide * 0.27 + 3, 0.25 if pose.blinks else 1.0
        middle = side * self._wide * 0.62
        for eye in (-gap, gap):
            x, ey = self._spot(middle + eye, y)
            canvas.ellipse(x, ey, 11 * self._size, 13 * self._size * open_, WHITE)
            if not pose.blinks:
                x += 3.5 * pose.facing * self._size
                canvas.ellipse(x, ey + 1, 5.6 * self._size, 7 * self._size, INK)
                if canvas.fine:
                    canvas.ellipse(x - 2, ey - 2, 1.8 * self._size, 2.2 * self._size, WHITE)
        smile = moved(points((-10, 0), (-5, 4.6), (0, 6), (5, 4.6), (10, 0)), middle, y + 21)
        canvas.stroke(self._on_body(smile), 3.4 * self._size, INK)
        if canvas.fine:
            for cheek in (-gap - 9, gap + 9):
                x, ey = self._spot(middle + cheek, y + 17)
                canvas.ellipse(x, ey, 7 * self._size, 4.6 * self._size, rgb("#FF8E8E"), 0.45)

    def _hat(self) -> None:
        top, wide = -self._tall, max(half_width(self._body, -self._tall * 0.9), 30.0)
        canvas = self._canvas
        match self._look.hat:
            case "a cap":
                dome = smooth(
                    points((-wide, top + 13), (-wide * 0.8, top - 12), (0, top - 24),
                           (wide * 0.8, top - 12), (wide, top + 13))
                )  # fmt: skip
                canvas.fill(self._on_body(dome), rgb("#12807A"))
                f = self._pose.facing
                brim = points((f * wide * 0.2, top + 4), (f * (wide + 34), top + 6),
                              (f * (wide + 34), top + 15), (f * wide * 0.2, top + 15))  # fmt: skip
                canvas.fill(self._on_body(brim), rgb("#0B5B58"))
            case "a top hat":
                canvas.fill(self._on_body(_plate(0, top - 26, 30, 30)), rgb("#33303F"))
                canvas.fill(self._on_body(_plate(0, top - 4, 30, 7)), rgb("#D2504C"))
                canvas.fill(self._on_body(_plate(0, top + 6, 50, 5)), rgb("#33303F"))
            case "a party hat":
                cone = points((-31, top + 8), (0, top - 64), (31, top + 8))
                canvas.fill(self._on_body(cone), rgb("#FAF3E8"))
                for low, high in ((-0.02, 0.2), (0.42, 0.62)):
                    part = [_side(-1, low), _side(-1, high), _side(1, high), _side(1, low)]
                    canvas.fill(self._on_body(moved(points(*part), 0, top)), rgb("#EE5D8C"))
                x, y = self._spot(0, top - 64)
                canvas.ellipse(x, y, 9 * self._size, 9 * self._size, rgb("#37B4AA"))
            case "a crown":
                spikes = points(
                    (-38, top + 12), (-44, top - 34), (-20, top - 12), (0, top - 42),
                    (20, top - 12), (44, top - 34), (38, top + 12),
                )  # fmt: skip
                canvas.fill(self._on_body(spikes), GOLD)
                canvas.fill(self._on_body(_plate(0, top + 8, 38, 5)), rgb("#D69A1F"))
                if canvas.fine:
                    for x0, gem in ((-20, "#D2504C"), (0, "#3573D0"), (20, "#3FA75B")):
                        x, y = self._spot(x0, top - 4)
                        canvas.ellipse(x, y, 4 * self._size, 4 * self._size, rgb(gem))
            case _:
                self._tuft(top)

    def _tuft(self, top: float) -> None:
        """Two hairs, so that no hat looks like no hat."""
        for lean in (-7.0, 7.0):
            line = points((0, top + 4), (lean * 0.4, top - 10), (lean * 1.6, top - 18))
            self._canvas.stroke(self._on_body(line), 3.6 * self._size, self._dark)


def _plate(x: float, y: float, half: float, thick: float) -> Points:
    return points(
        (x - half, y - thick), (x + half, y - thick), (x + half, y + thick), (x - half, y + thick)
    )


def _side(side: int, share: float) -> tuple[float, float]:
    """A point on the edge of the party hat, `share` of the way up."""
    return side * 31 * (1 - share), 8 - 72 * share
