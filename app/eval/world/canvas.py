"""Surfaces that the world is drawn on: one in colours, one that tells whose each pixel is."""

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 640, 480
SHIFT = 4
"""Fraction bits of the coordinates that OpenCV draws with."""

Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""
Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
"""n x 2, in scene units."""


@lru_cache(maxsize=512)
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


def points(*corners: tuple[float, float]) -> Points:
    return np.array(corners, dtype=float)


def moved(outline: Points, x: float, y: float) -> Points:
    """The outline, shifted."""
    return outline + np.array([x, y])


def smooth(corners: Points, *, closed: bool = True, steps: int = 6) -> Points:
    """A Catmull-Rom curve through the corners."""
    if closed:
        around = np.concatenate([corners[-1:], corners, corners[:2]])
    else:
        around = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (around[n : len(around) - 3 + n, None, :] for n in range(4))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, corners[-1:]])


@lru_cache(maxsize=8)
def _circle(steps: int) -> Points:
    turn = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


class Canvas:
    """Draws in scene units (640 x 480) onto a picture of any size.

    The picture is drawn `oversample` times larger than it is shown. `fine` says whether details
    that a small picture cannot show are worth drawing.
    """

    def __init__(self, size: tuple[int, int], *, oversample: int = 2) -> None:
        self.size = size
        self.fine = size[0] >= 256
        self.coloured = True
        """Whether marks on a body that do not change its outline are worth drawing."""
        self.grain = 40 if self.fine else 14
        """Corners of a circle."""
        width, height = size[0] * oversample, size[1] * oversample
        self.scale = np.array([width / WIDTH, height / HEIGHT])
        self.picture: Picture = np.zeros((height, width, 3), np.uint8)
        self.subject = 0

    def fill(self, outline: Points, colour: Colour, alpha: float = 1.0) -> None:
        whole = np.rint(outline * (self.scale * (1 << SHIFT))).astype(np.int32)
        self._paint(whole, colour, alpha)

    def _paint(self, whole: npt.NDArray[np.int32], colour: Colour, alpha: float) -> None:
        if alpha >= 1:
            cv2.fillPoly(self.picture, [whole], colour, cv2.LINE_AA, SHIFT)
            return
        low = np.maximum(whole.min(axis=0) >> SHIFT, 0) - 1
        high = (whole.max(axis=0) >> SHIFT) + 2
        x, y = max(int(low[0]), 0), max(int(low[1]), 0)
        part = self.picture[y : max(int(high[1]), 0), x : max(int(high[0]), 0)]
        if part.size == 0:
            return
        over = part.copy()
        moved = whole - np.array([x, y], np.int32) * (1 << SHIFT)
        cv2.fillPoly(over, [moved], colour, cv2.LINE_AA, SHIFT)
        part[:] = cv2.addWeighted(over, alpha, part, 1 - alpha, 0)

    def ellipse(  # noqa: PLR0917
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Colour,
        alpha: float = 1.0,
    ) -> None:
        self.fill(moved(_circle(self.grain) * (rx, ry), x, y), colour, alpha)

    def box(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        self.fill(points((x, y), (x + w, y), (x + w, y + h), (x, y + h)), colour)

    def cushion(  # noqa: PLR0917
        self, x: float, y: float, w: float, h: float, r: float, colour: Colour
    ) -> None:
        """A box with round corners."""
        circle = _circle(16 if not self.fine else 32)
        middle = np.array([x + w / 2, y + h / 2])
        inner = np.array([max(w / 2 - r, 0), max(h / 2 - r, 0)])
        self.fill(middle + np.where(circle >= 0, inner, -inner) + circle * r, colour)

    def stroke(self, line: Points, width: float, colour: Colour) -> None:
        """A line with round ends and joints."""
        for p, q in pairwise(line):
            along = q - p
            length = float(np.hypot(along[0], along[1]))
            if length < 1e-6:
                continue
            side = np.array([-along[1], along[0]]) * (width / 2 / length)
            self.fill(np.array([p + side, q + side, q - side, p - side]), colour)
        if self.fine:
            for x, y in line:
                self.ellipse(float(x), float(y), width / 2, width / 2, colour)

    def text(self, word: str, x: float, y: float, height: float, colour: Colour) -> None:
        """Capitals centred at x, standing on y."""
        face, thick = cv2.FONT_HERSHEY_DUPLEX, 2
        (w, h), _ = cv2.getTextSize(word, face, 1.0, thick)
        plate = np.zeros((h + 12, w + 12), np.uint8)
        cv2.putText(plate, word, (6, h + 6), face, 1.0, (255,), thick + 1, cv2.LINE_AA)
        factor = height / h
        to = self.scale * factor
        size = (max(round(plate.shape[1] * to[0]), 1), max(round(plate.shape[0] * to[1]), 1))
        mask = cv2.resize(plate, size, interpolation=cv2.INTER_AREA)
        left = round((x * self.scale[0]) - size[0] / 2)
        top = round(y * self.scale[1] - size[1] + 6 * to[1])
        share = (mask / 255).astype(np.float32)[..., None]
        self._stamp(share, left, top, colour)

    def _stamp(self, mask: npt.NDArray[np.float32], left: int, top: int, colour: Colour) -> None:
        part = self.picture[max(top, 0) : top + mask.shape[0], max(left, 0) : left + mask.shape[1]]
        cut = mask[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
        part[:] = (part * (1 - cut) + np.array(colour, np.float32) * cut).astype(np.uint8)

    def shadow(self, x: float, y: float, rx: float, ry: float) -> None:
        """The soft patch on the floor under something."""
        self.ellipse(x, y, rx, ry, (60.0, 48.0, 50.0), 0.16)
        if self.fine:
            self.ellipse(x, y, rx * 0.75, ry * 0.72, (60.0, 48.0, 50.0), 0.16)

    def shown(self) -> Picture:
        """The picture in its final size, BGR."""
        if self.picture.shape[1] == self.size[0]:
            return self.picture.copy()
        small = cv2.resize(self.picture, self.size, interpolation=cv2.INTER_AREA)
        return small.astype(np.uint8, copy=False)


class Outline(Canvas):
    """Draws whose each pixel is: `picture` holds subject numbers, without soft edges."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__(size, oversample=1)
        self.fine = self.coloured = False
        self.picture = np.zeros((size[1], size[0]), np.uint8)

    def _paint(self, whole: npt.NDArray[np.int32], colour: Colour, alpha: float) -> None:
        if alpha >= 0.5:
            cv2.fillPoly(self.picture, [whole], (float(self.subject),), cv2.LINE_8, SHIFT)

    def _stamp(self, mask: npt.NDArray[np.float32], left: int, top: int, colour: Colour) -> None:
        """Words lie on what is drawn already."""

    def shadow(self, x: float, y: float, rx: float, ry: float) -> None:
        """A shadow is nobody's."""
