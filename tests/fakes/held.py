"""Drawn things held before a camera: films without anything that a detector would know."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from engine.media import Box, Image

WIDTH, HEIGHT, RATE = 640, 360, 15
Held = Literal["mug", "box"]
SIZE = {"mug": (120, 130), "box": (150, 110)}
_AA = cv2.LINE_AA


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A thing that somebody holds up and moves a little, from one second to another."""

    what: Held
    begin: float
    end: float
    x: int
    y: int = 180
    scale: float = 1.0
    turned: float = 0.0
    """Degrees."""


def where(shown: Shown, t: float) -> Box:
    """The thing at `t` seconds: it comes from below, is moved to and fro, and goes down again."""
    width, height = (round(side * shown.scale) for side in SIZE[shown.what])
    arrived = min((t - shown.begin) / 0.6, (shown.end - t) / 0.6, 1.0)
    x = shown.x + 46 * math.sin(2.4 * (t - shown.begin))
    y = shown.y + 14 * math.cos(1.9 * (t - shown.begin)) + (1 - arrived) * (HEIGHT - shown.y + 80)
    return Box(round(x - width / 2), round(y - height / 2), width, height)


def frame(scenes: Sequence[Shown], t: float) -> Image:
    """The desk at `t` seconds, with what is held up then."""
    image = _desk()
    for shown in scenes:
        if shown.begin <= t <= shown.end:
            _lay(image, shown, where(shown, t))
    noise = np.random.default_rng(round(t * RATE)).normal(0, 1.5, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def film(path: Path, scenes: Sequence[Shown], length_s: float) -> Path:
    """All of it as a video file."""
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (WIDTH, HEIGHT), True)
    for n in range(round(length_s * RATE)):
        video.write(frame(scenes, n / RATE))
    video.release()
    return path


def _desk() -> Image:
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    image[:] = (168, 176, 172)
    cv2.rectangle(image, (0, 250), (WIDTH, HEIGHT), (74, 104, 140), -1)
    cv2.rectangle(image, (40, 40), (150, 170), (120, 96, 80), -1)
    cv2.rectangle(image, (52, 52), (138, 158), (206, 190, 150), -1)
    cv2.rectangle(image, (500, 60), (600, 250), (60, 72, 90), -1)
    for n, colour in enumerate(((70, 60, 150), (120, 130, 60), (60, 120, 170))):
        cv2.rectangle(image, (508 + 30 * n, 150), (532 + 30 * n, 248), colour, -1)
    return image


def _lay(image: Image, shown: Shown, box: Box) -> None:
    width, height = SIZE[shown.what]
    pixels, mask = (_mug if shown.what == "mug" else _box)(width, height)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), shown.turned, shown.scale)
    turn[:, 2] += (box.x + box.w / 2 - width / 2, box.y + box.h / 2 - height / 2)
    size = (WIDTH, HEIGHT)
    over = cv2.warpAffine(pixels, turn, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(mask, turn, size, flags=cv2.INTER_LINEAR)[..., None] / 255
    image[:] = (over * inside + image * (1 - inside)).astype(np.uint8)


def _mug(width: int, height: int) -> tuple[Image, Image]:
    pixels = np.full((height, width, 3), (190, 110, 40), np.uint8)
    for y in range(14, height, 32):
        cv2.rectangle(pixels, (0, y), (width, y + 12), (235, 240, 240), -1)
    cv2.circle(pixels, (44, 66), 22, (40, 190, 240), -1, _AA)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (4, 6), (88, height - 4), 255, -1)
    cv2.ellipse(mask, (88, height // 2), (26, 36), 0, -90, 90, 255, 11, _AA)
    return pixels, mask


def _box(width: int, height: int) -> tuple[Image, Image]:
    pixels = np.full((height, width, 3), (50, 60, 190), np.uint8)
    cv2.rectangle(pixels, (0, 0), (width, 26), (60, 160, 70), -1)
    for x in range(16, width, 34):
        cv2.line(pixels, (x, 30), (x + 20, height), (30, 30, 60), 5, _AA)
    cv2.putText(pixels, "TEA", (30, 84), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (240, 240, 240), 4, _AA)
    return pixels, np.full((height, width), 255, np.uint8)
