"""A drawing surface in scene coordinates, drawn larger than it is shown and scaled down."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 854, 480
SCALE = 2
SHIFT = 4
"""Fraction bits of the coordinates that OpenCV draws with."""

Point = tuple[float, float]
Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""
Picture = npt.NDArray[np.uint8]
Draw = Callable[[Picture], object]


def rgb(code: str) -> Colour:
    """`#RRGGBB` as a colour."""
    value = int(code.removeprefix("#"), 16)
    return (float(value & 255), float(value >> 8 & 255), float(value >> 16))


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`a` at 0, `b` at 1."""
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


def between(a: Sequence[Point], b: Sequence[Point], share: float) -> list[Point]:
    """An outline on its way from one pose to another."""
    return [
        (p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share)
        for p, q in zip(a, b, strict=True)
    ]


def smooth(points: Sequence[Point], *, closed: bool, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    count = len(points)
    curve: list[Point] = []
    for n in range(count if closed else count - 1):
        around = [n - 1, n, n + 1, n + 2]
        index = (
            [i % count for i in around] if closed else [min(max(i, 0), count - 1) for i in around]
        )
        p0, p1, p2, p3 = (np.array(points[i], dtype=float) for i in index)
        for step in range(steps):
            t = step / steps
            at = 0.5 * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
            curve.append((float(at[0]), float(at[1])))
    return curve if closed else [*curve, points[-1]]


class Canvas:
    """Shapes with soft edges; positions and sizes in scene pixels, also between them."""

    def __init__(self, picture: Picture | None = None) -> None:
        size = (HEIGHT * SCALE, WIDTH * SCALE, 3)
        self.picture: Picture = np.zeros(size, np.uint8) if picture is None else picture.copy()

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        corners = np.array(points, dtype=float) * SCALE * (1 << SHIFT)
        whole = [np.round(corners).astype(np.int32)]
        self._paint(lambda to: cv2.fillPoly(to, whole, colour, cv2.LINE_AA, SHIFT), alpha)

    def blob(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """A smooth shape through the points."""
        self.polygon(smooth(points, closed=True), colour, alpha)

    def ellipse(
        self,
        centre: Point,
        radii: Point,
        colour: Colour,
        *,
        angle: float = 0.0,
        alpha: float = 1.0,
    ) -> None:
        turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        x, y = radii[0] * np.cos(turn), radii[1] * np.sin(turn)
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        points = np.stack([centre[0] + x * c - y * s, centre[1] + x * s + y * c], axis=1)
        self.polygon([(float(px), float(py)) for px, py in points], colour, alpha)

    def box(
        self, corner: Point, size: Point, colour: Colour, *, round_by: float = 0, alpha: float = 1.0
    ) -> None:
        (x, y), (w, h) = corner, size
        r = min(round_by, w / 2, h / 2)
        if r <= 0:
            self.polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], colour, alpha)
            return
        points: list[Point] = []
        corners = ((x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90))
        for cx, cy, begin in (*corners, (x + r, y + r, 180)):
            for degree in range(begin, begin + 91, 10):
                turn = np.radians(degree)
                points.append((float(cx + r * np.cos(turn)), float(cy + r * np.sin(turn))))
        self.polygon(points, colour, alpha)

    def stroke(
        self, points: Sequence[Point], width: float | Sequence[float], colour: Colour
    ) -> None:
        """A line with round ends; a width for each point tapers it."""
        widths = [width] * len(points) if isinstance(width, int | float) else list(width)
        for (p, q), (a, b) in zip(pairwise(points), pairwise(widths), strict=True):
            along = np.array(q, dtype=float) - np.array(p, dtype=float)
            length = float(np.hypot(*along))
            if length < 1e-6:
                continue
            side = np.array([-along[1], along[0]]) / length / 2
            outline = [p + side * a, q + side * b, q - side * b, p - side * a]
            self.polygon([(float(x), float(y)) for x, y in outline], colour)
        for point, wide in zip(points, widths, strict=True):
            self.ellipse(point, (wide / 2, wide / 2), colour)

    def curve(
        self, points: Sequence[Point], width: float | Sequence[float], colour: Colour
    ) -> None:
        """A smooth line through the points; two widths taper it from end to end."""
        line = smooth(points, closed=False)
        if not isinstance(width, int | float):
            ends = list(width)
            width = [float(w) for w in np.linspace(ends[0], ends[-1], len(line))]
        self.stroke(line, width, colour)

    def shadow(self, centre: Point, radii: Point, depth: float, soft: float = 8.0) -> None:
        """Darken softly; `depth` is the share of light that is taken away."""
        reach = soft * 2.5
        x0, y0 = (
            max(int(centre[0] - radii[0] - reach), 0),
            max(int(centre[1] - radii[1] - reach), 0),
        )
        x1 = min(int(centre[0] + radii[0] + reach), WIDTH)
        y1 = min(int(centre[1] + radii[1] + reach), HEIGHT)
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.float32)
        middle = (round(centre[0] - x0), round(centre[1] - y0))
        axes = (max(round(radii[0]), 1), max(round(radii[1]), 1))
        cv2.ellipse(mask, middle, axes, 0, 0, 360, (depth,), -1, cv2.LINE_AA)
        mask = cv2.GaussianBlur(mask, (0, 0), soft)
        whole = cv2.resize(mask, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_LINEAR)
        part = self.picture[y0 * SCALE : y1 * SCALE, x0 * SCALE : x1 * SCALE]
        part[:] = (part * (1 - whole[..., None])).astype(np.uint8)

    def shown(self) -> Picture:
        """The picture in its final size."""
        small = cv2.resize(self.picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return small.astype(np.uint8, copy=False)

    def _paint(self, draw: Draw, alpha: float) -> None:
        if alpha >= 1:
            draw(self.picture)
        elif alpha > 0:
            over = self.picture.copy()
            draw(over)
            cv2.addWeighted(over, alpha, self.picture, 1 - alpha, 0, dst=self.picture)
