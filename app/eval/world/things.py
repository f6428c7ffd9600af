"""Draws the things that figures carry about."""

import math

import numpy as np

from .canvas import Canvas, Points, mix, moved, points, rgb
from .figures import INK, PALETTE, WHITE
from .traits import Thing


def _star(radius: float) -> Points:
    turn = np.arange(10) * math.pi / 5 - math.pi / 2
    length = np.where(np.arange(10) % 2 == 0, radius, radius * 0.46)
    return np.stack([np.cos(turn) * length, np.sin(turn) * length], axis=1)


def draw_thing(canvas: Canvas, thing: Thing, x: float, y: float, *, held: bool) -> None:
    """Draw it around x; it stands on y, or is held there."""
    colour = PALETTE[thing.colour]
    dark, light = mix(colour, INK, 0.3), mix(colour, WHITE, 0.6)
    if not held:
        canvas.shadow(x, y, 20, 5)
    else:
        y += 17
    match thing.kind:
        case "ball":
            canvas.ellipse(x, y - 19, 19, 19, colour)
            canvas.ellipse(x - 6, y - 26, 6, 5, light)
            canvas.fill(points((x - 18, y - 20), (x + 18, y - 20), (x + 18, y - 15),
                               (x - 18, y - 15)), dark)  # fmt: skip
        case "cup":
            canvas.ellipse(x + 15, y - 18, 10, 10, colour)
            canvas.ellipse(x + 15, y - 18, 5, 5, light)
            canvas.fill(points((x - 17, y - 36), (x + 17, y - 36), (x + 13, y), (x - 13, y)),
                        colour)  # fmt: skip
            canvas.ellipse(x, y - 36, 17, 5, dark)
        case "book":
            canvas.box(x - 17, y - 44, 34, 44, colour)
            canvas.box(x - 17, y - 44, 7, 44, dark)
            canvas.box(x - 5, y - 34, 17, 8, WHITE)
        case "box":
            canvas.box(x - 22, y - 34, 44, 34, colour)
            canvas.box(x - 24, y - 40, 48, 10, dark)
            canvas.box(x - 4, y - 40, 8, 40, light)
        case "star":
            canvas.fill(moved(_star(26), x, y - 22), colour)
            canvas.fill(moved(_star(12), x, y - 22), light)
        case "flower":
            canvas.stroke(points((x, y), (x, y - 30)), 5, rgb("#2F8B4C"))
            for turn in range(5):
                angle = turn * math.tau / 5 - math.pi / 2
                canvas.ellipse(
                    x + 12 * math.cos(angle), y - 38 + 12 * math.sin(angle), 10, 10, colour
                )
            canvas.ellipse(x, y - 38, 7, 7, rgb("#FFF0B3"))
        case "balloon":
            canvas.stroke(points((x, y), (x, y - 40)), 2.5, INK)
            canvas.ellipse(x, y - 62, 21, 26, colour)
            canvas.ellipse(x - 7, y - 72, 5, 7, light)
        case _:
            canvas.ellipse(x - 8, y - 16, 14, 17, colour)
            canvas.ellipse(x + 8, y - 16, 14, 17, colour)
            canvas.stroke(points((x, y - 29), (x + 3, y - 40)), 4, rgb("#6B4A3A"))
            canvas.ellipse(x + 10, y - 38, 8, 4, rgb("#3FA75B"))
