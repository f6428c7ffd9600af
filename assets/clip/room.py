"""The room: what stands still, and the light that slowly changes."""

import math
import random

import numpy as np
import numpy.typing as npt

from .canvas import HEIGHT, SCALE, WIDTH, Canvas, Picture, Point, mix, rgb

FLOOR_Y = 338
TABLE_TOP = 300
MUG_PLACE: Point = (640, TABLE_TOP)
LAMP_PLACE: Point = (500, TABLE_TOP)
WINDOW: tuple[float, float, float, float] = (128, 52, 208, 176)

TEAL, LILAC, AMBER, CORAL = rgb("#6FD3C7"), rgb("#C3A6E8"), rgb("#F2B872"), rgb("#EE7B78")
DEEP, PAPER, INK = rgb("#0C8F80"), rgb("#F7F9F9"), rgb("#20272C")

DAY_SKY = (rgb("#9CD8E6"), rgb("#E6F4EF"))
DUSK_SKY = (rgb("#7C78B8"), rgb("#F6B58E"))
NIGHT_SKY = (rgb("#27305A"), rgb("#6A5C93"))


def still_room(seed: int) -> Picture:
    """Everything that never moves, in plain daylight; the window is left empty."""
    canvas = Canvas()
    _wall_and_floor(canvas)
    _pictures(canvas)
    _shelf(canvas, random.Random(seed))
    _plant(canvas)
    _table(canvas)
    return canvas.picture


def draw_window(canvas: Canvas, hour: float, stars: list[tuple[float, float, float]]) -> None:
    """The view and the frame; `hour` runs from 0 (noon) to 1 (night)."""
    x, y, w, h = WINDOW
    top, low = _sky(hour)
    for n in range(44):
        share = n / 43
        canvas.box((x, y + h * n / 44), (w, h / 44 + 0.6), mix(top, low, share))
    for sx, sy, size in stars:
        glow = max((hour - 0.64) / 0.14, 0.0)
        place = (x + w * sx, y + h * sy * 0.55)
        canvas.ellipse(place, (size, size), PAPER, alpha=0.9 * min(glow, 1))
    sun_y = y + 34 + hour * 150
    if sun_y < y + h - 30:
        colour = mix(rgb("#FFF3C9"), rgb("#FF9A6B"), min(hour * 1.5, 1))
        canvas.ellipse((x + w * 0.68, sun_y), (26, 26), colour, alpha=0.25)
        canvas.ellipse((x + w * 0.68, sun_y), (17, 17), colour)
    if hour > 0.64:
        rise = min((hour - 0.64) / 0.14, 1)
        canvas.ellipse((x + w * 0.27, y + 74 - 30 * rise), (13, 13), rgb("#FBF3DC"), alpha=rise)
    _hills(canvas, hour)
    _frame(canvas)


def lit(picture: Picture, hour: float, lamp: float, glow: npt.NDArray[np.float32]) -> Picture:
    """The room in the light of the hour; `lamp` from 0 (off) to 1. `glow` is `lamp_glow()`."""
    day = np.array([1.0, 1.0, 1.0], np.float32)
    night = np.array([0.90, 0.79, 0.76], np.float32)
    ambient = day + (night - day) * np.float32(_eased(hour))
    light = ambient[None, None, :] + glow * np.float32(lamp)
    return np.clip(picture.astype(np.float32) * light, 0, 255).astype(np.uint8)


def lamp_glow() -> npt.NDArray[np.float32]:
    """How much of the lamp's light reaches each pixel, in its colour."""
    y, x = np.mgrid[0 : HEIGHT * SCALE, 0 : WIDTH * SCALE].astype(np.float32) / SCALE
    lx, ly = LAMP_PLACE[0], LAMP_PLACE[1] - 62
    near = np.exp(-(((x - lx) / 210) ** 2 + ((y - ly) / 175) ** 2))
    cone = np.exp(-(((x - lx) / 92) ** 2)) * np.clip((y - ly) / 60, 0, 1) * (y < TABLE_TOP + 6)
    strength = near * 0.32 + cone * 0.10
    return (strength[..., None] * np.array([0.16, 0.62, 1.0], np.float32)).astype(np.float32)


def sun_patch(canvas: Canvas, hour: float) -> None:
    """The window's light on the floor; it wanders and fades."""
    strength = 0.34 * max(1 - hour * 1.5, 0)
    if strength <= 0.01:
        return
    slide = 70 * hour
    for column in (0, 1):
        x = 170 + slide + column * 100
        top, low = 352, 446
        skew = 74 + 46 * hour
        points = [(x, top), (x + 82, top), (x + 90 + skew, low), (x + skew, low)]
        canvas.polygon(points, rgb("#FFF1CF"), strength)


def draw_lamp(canvas: Canvas, lamp: float) -> None:
    """The lamp on the table; its shade glows."""
    x, y = LAMP_PLACE
    canvas.ellipse((x, y - 2), (20, 4.5), rgb("#3B4A50"))
    canvas.stroke([(x, y - 4), (x, y - 50)], 4, rgb("#3B4A50"))
    shade = mix(rgb("#E8C9A0"), rgb("#FFE3AE"), lamp)
    canvas.polygon([(x - 17, y - 84), (x + 17, y - 84), (x + 31, y - 44), (x - 31, y - 44)], shade)
    canvas.ellipse((x, y - 44), (31, 5), mix(rgb("#D8B487"), rgb("#FFF4D6"), lamp))
    canvas.ellipse((x, y - 84), (17, 3), mix(rgb("#F0D6B3"), rgb("#FFEFC9"), lamp))


def _eased(x: float) -> float:
    x = min(max(x, 0), 1)
    return x * x * (3 - 2 * x)


def _sky(hour: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    if hour < 0.55:
        share = hour / 0.55
        return mix(DAY_SKY[0], DUSK_SKY[0], share), mix(DAY_SKY[1], DUSK_SKY[1], share)
    share = (hour - 0.55) / 0.45
    return mix(DUSK_SKY[0], NIGHT_SKY[0], share), mix(DUSK_SKY[1], NIGHT_SKY[1], share)


def _hills(canvas: Canvas, hour: float) -> None:
    x, y, w, h = WINDOW
    far = mix(rgb("#8FC7BD"), rgb("#3B4470"), hour)
    near = mix(rgb("#5FA99C"), rgb("#2A345A"), hour)
    for colour, base, high, waves, shift in ((far, 42, 13, 1.6, 0.6), (near, 24, 9, 2.3, 2.2)):
        ridge = [
            (x + w * n / 40, y + h - base - high * math.sin(n / 40 * waves * math.pi + shift))
            for n in range(41)
        ]
        canvas.polygon([*ridge, (x + w, y + h), (x, y + h)], colour)


def _frame(canvas: Canvas) -> None:
    x, y, w, h = WINDOW
    shade = rgb("#D9E2E1")
    for corner, size in (
        ((x - 9, y - 9), (w + 18, 9)),
        ((x - 9, y + h), (w + 18, 9)),
        ((x - 9, y - 9), (9, h + 18)),
        ((x + w, y - 9), (9, h + 18)),
        ((x + w / 2 - 3.5, y), (7, h)),
        ((x, y + h * 0.42 - 3), (w, 6)),
    ):
        canvas.box(corner, size, PAPER)
    canvas.box((x, y), (w, 3), shade)
    canvas.box((x - 20, y + h + 8), (w + 40, 11), PAPER, round_by=3)
    canvas.box((x - 16, y + h + 19), (w + 32, 4), rgb("#C3D2D0"))
    canvas.stroke([(x - 52, y - 22), (x + w + 52, y - 22)], 5, rgb("#B58B62"))
    for side in (-1, 1):
        _curtain(canvas, side)


def _curtain(canvas: Canvas, side: int) -> None:
    x, y, w, h = WINDOW
    edge = x - 44 if side < 0 else x + w + 44
    inner = edge - side * 50
    top, low = y - 20, y + h + 30
    cloth, fold = rgb("#D9C9F0"), rgb("#C6B1E4")
    canvas.polygon(
        [
            (edge, top),
            (inner, top),
            *[
                (
                    inner + side * (18 * math.sin(math.pi * n / 12) + 4 * n / 12),
                    top + (low - top) * n / 12,
                )
                for n in range(13)
            ],
            (edge, low),
        ],
        cloth,
    )
    for share in (0.3, 0.62):
        at = edge + (inner - edge) * share
        canvas.stroke([(at, top + 6), (at + side * 8, low - 2)], [2, 4], fold)


def _wall_and_floor(canvas: Canvas) -> None:
    top, low = rgb("#C4DBD7"), rgb("#DCE9E6")
    for n in range(FLOOR_Y):
        canvas.box((0, n), (WIDTH, 1.5), mix(top, low, n / FLOOR_Y))
    for n in range(FLOOR_Y, HEIGHT):
        share = (n - FLOOR_Y) / (HEIGHT - FLOOR_Y)
        canvas.box((0, n), (WIDTH, 1.5), mix(rgb("#D6B48E"), rgb("#E6C9A6"), share))
    line = rgb("#CBA77F")
    for n, y in enumerate((354, 376, 405, 441)):
        canvas.box((0, y), (WIDTH, 1 + n * 0.3), line)
        for x in range(-60 + n * 83, WIDTH, 210 + n * 24):
            below = (376, 405, 441, HEIGHT)[n]
            canvas.stroke([(x, y), (x - (WIDTH / 2 - x) * 0.06, below)], 1.2, line)
    canvas.box((0, FLOOR_Y - 13), (WIDTH, 13), rgb("#F1F5F4"))
    canvas.box((0, FLOOR_Y - 14), (WIDTH, 1.4), rgb("#BCCDCA"))
    canvas.shadow((WIDTH / 2, FLOOR_Y + 3), (WIDTH / 2 + 40, 3), 0.22, 4)
    canvas.shadow((318, 424), (226, 44), 0.10, 4)
    for radii, colour in (
        ((222, 43), rgb("#B79BDD")),
        ((208, 39), rgb("#D5C4EE")),
        ((180, 33), rgb("#C3A6E8")),
        ((122, 22), rgb("#D5C4EE")),
        ((106, 18.5), rgb("#C9B0EA")),
    ):
        canvas.ellipse((318, 420), radii, colour)


def _pictures(canvas: Canvas) -> None:
    for x, y, w, h in ((424, 84, 74, 96), (514, 112, 54, 54)):
        canvas.shadow((x + w / 2 + 4, y + h / 2 + 6), (w / 2, h / 2), 0.18, 5)
        canvas.box((x, y), (w, h), rgb("#B58B62"), round_by=2)
        canvas.box((x + 5, y + 5), (w - 10, h - 10), rgb("#F3EFE6"))
    canvas.blob([(440, 152), (446, 124), (461, 112), (476, 124), (482, 152), (461, 160)], TEAL)
    for lean in (-13, 0, 13):
        canvas.stroke([(461, 157), (461 + lean, 122)], 1.6, rgb("#A9E6DE"))
    canvas.ellipse((461, 146), (8, 8), PAPER)
    canvas.ellipse((458.5, 143.5), (2.6, 2.6), rgb("#FFFFFF"))
    canvas.ellipse((541, 139), (13, 13), AMBER)
    canvas.polygon([(524, 156), (536, 143), (546, 152), (553, 146), (558, 156)], DEEP)


def _shelf(canvas: Canvas, chance: random.Random) -> None:
    left, right, board = 610, 806, 150
    canvas.shadow(((left + right) / 2, board + 16), ((right - left) / 2 - 4, 8), 0.22, 6)
    x = float(left + 14)
    colours = [DEEP, LILAC, CORAL, rgb("#3E6E86"), AMBER, TEAL, rgb("#8C7BB8")]
    for n in range(8):
        w, h = chance.uniform(9, 15), chance.uniform(40, 60)
        canvas.box((x, board - h), (w, h), colours[n % len(colours)], round_by=1.5)
        canvas.box((x + 1.5, board - h + 8), (w - 3, 2.2), PAPER, alpha=0.6)
        x += w + 0.8
    lean = [(x + 3, board), (x + 14, board), (x + 30, board - 48), (x + 19, board - 51)]
    canvas.polygon(lean, rgb("#C46F6C"))
    canvas.box((752, board - 24), (30, 24), PAPER, round_by=4)
    for dx, dy in ((-17, -20), (-8, -30), (2, -34), (12, -28), (19, -18)):
        tip = (767 + dx, board - 24 + dy)
        canvas.curve(
            [(767, board - 22), (767 + dx * 0.4, board - 22 + dy * 0.7), tip], (7, 2), DEEP
        )
    for dx, length in ((-13, 44), (14, 62)):
        at = [(767 + dx, board - 22), (767 + dx * 1.6, board - 6), (767 + dx * 1.5, board + length)]
        canvas.curve(at, (3, 1.6), rgb("#2FA394"))
        for n in range(3):
            y = board + length * (0.25 + 0.33 * n)
            for side in (-1, 1):
                place = (767 + dx * 1.55 + side * 4, y + side)
                canvas.ellipse(place, (4.6, 2.6), rgb("#3DB3A3"), angle=side * 30)
    canvas.box((left, board), (right - left, 8), rgb("#C79A6D"), round_by=2)
    canvas.box((left, board + 6), (right - left, 2.4), rgb("#A97F56"))


def _plant(canvas: Canvas) -> None:
    canvas.shadow((58, 420), (42, 9), 0.34, 7)
    stems = ((-34, -118), (-14, -150), (14, -158), (38, -126), (-48, -74), (50, -82), (4, -108))
    for n, (dx, dy) in enumerate(stems):
        tip = (58 + dx, 372 + dy)
        mid = (58 + dx * 0.35, 372 + dy * 0.62)
        canvas.curve([(58, 378), mid, tip], (4, 2.4), rgb("#2B8577"))
        _leaf(canvas, tip, dx, (DEEP, rgb("#2FA394"), rgb("#177F72"))[n % 3])
    canvas.polygon([(28, 368), (88, 368), (80, 422), (36, 422)], CORAL)
    canvas.polygon([(66, 368), (88, 368), (80, 422), (64, 422)], rgb("#DB6A68"))
    canvas.box((24, 360), (68, 13), rgb("#F29390"), round_by=3)


def _leaf(canvas: Canvas, tip: Point, lean: float, colour: tuple[float, float, float]) -> None:
    turn = math.radians(lean * 1.5)
    outline = [(0, 20), (-15, 8), (-17, -8), (-8, -22), (0, -30), (8, -22), (17, -8), (15, 8)]
    c, s = math.cos(turn), math.sin(turn)
    placed = [(tip[0] + px * c - py * s, tip[1] + px * s + py * c) for px, py in outline]
    canvas.blob(placed, colour)
    canvas.stroke([placed[0], placed[4]], [2.2, 0.8], mix(colour, PAPER, 0.35))


def _table(canvas: Canvas) -> None:
    left, right = 460, 690
    wood, edge, dark = rgb("#C79A6D"), rgb("#A97F56"), rgb("#8F6A47")
    canvas.shadow(((left + right) / 2, 412), (118, 10), 0.30, 8)
    for x in (left + 22, right - 34):
        canvas.polygon(
            [(x, TABLE_TOP + 8), (x + 12, TABLE_TOP + 8), (x + 9, 408), (x + 3, 408)], dark
        )
    canvas.box((left + 16, TABLE_TOP + 8), (right - left - 32, 24), edge, round_by=2)
    canvas.box((left + 78, TABLE_TOP + 13), (74, 14), wood, round_by=2)
    canvas.ellipse((left + 115, TABLE_TOP + 20), (3, 3), dark)
    canvas.box((left, TABLE_TOP - 2), (right - left, 11), wood, round_by=3)
    canvas.box((left + 1, TABLE_TOP + 6), (right - left - 2, 3), edge, round_by=1)
    canvas.box((552, TABLE_TOP - 9), (54, 7), rgb("#3E6E86"), round_by=1.5)
    canvas.box((556, TABLE_TOP - 15), (46, 6), AMBER, round_by=1.5)
