"""Curves as a PNG beside the figures, drawn with OpenCV alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from engine.media import Image

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP, BOTTOM = 90, 20, 44, 54
INK, FAINT = (40, 40, 40), (215, 215, 215)
COLOURS = ((150, 110, 20), (40, 90, 200), (60, 140, 60), (140, 60, 140))
FONT = cv2.FONT_HERSHEY_SIMPLEX
Curve = Sequence[tuple[float, float]]


def draw(out: Path | None, title: str, axes: tuple[str, str], curves: Mapping[str, Curve]) -> None:
    """Write the curves (x, y) beside `out`, as `out` with `.png`; nothing without `out`."""
    if out is None:
        return
    points = [point for curve in curves.values() for point in curve]
    if not points:
        return
    image: Image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    xs, ys = zip(*points, strict=True)
    frame = _Frame(min(xs), max(xs), 0.0, max(ys) * 1.1)
    _axes(image, frame, title, axes)
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = np.array([frame.place(x, y) for x, y in curve], np.int32)
        cv2.polylines(image, [path], False, colour, 2, cv2.LINE_AA)
        _text(image, name, (LEFT + 12 + number * 205, TOP + 18), colour)
    cv2.imwrite(str(out.with_suffix(".png")), image)


class _Frame:
    """Where a value lies in the picture."""

    def __init__(self, x0: float, x1: float, y0: float, y1: float) -> None:
        self.x0, self.x1 = x0, x1 if x1 > x0 else x0 + 1
        self.y0, self.y1 = y0, y1 if y1 > y0 else y0 + 1

    def place(self, x: float, y: float) -> tuple[int, int]:
        across = (x - self.x0) / (self.x1 - self.x0) * (WIDTH - LEFT - RIGHT)
        up = (y - self.y0) / (self.y1 - self.y0) * (HEIGHT - TOP - BOTTOM)
        return LEFT + round(across), HEIGHT - BOTTOM - round(up)


def _axes(image: Image, frame: _Frame, title: str, axes: tuple[str, str]) -> None:
    _text(image, title, (LEFT, 26), INK, 0.6)
    for step in range(6):
        x = frame.x0 + (frame.x1 - frame.x0) * step / 5
        y = frame.y0 + (frame.y1 - frame.y0) * step / 5
        at_x, at_y = frame.place(x, frame.y0), frame.place(frame.x0, y)
        cv2.line(image, at_y, (WIDTH - RIGHT, at_y[1]), FAINT, 1)
        _text(image, f"{x:.3g}", (at_x[0] - 12, at_x[1] + 20), INK)
        _text(image, f"{y:.3g}", (12, at_y[1] + 5), INK)
    _text(image, axes[0], (WIDTH // 2 - 60, HEIGHT - 10), INK)
    _text(image, axes[1], (12, TOP - 8), INK)


def _text(
    image: Image, text: str, at: tuple[int, int], colour: tuple[int, int, int], size: float = 0.45
) -> None:
    cv2.putText(image, text, at, FONT, size, colour, 1, cv2.LINE_AA)
