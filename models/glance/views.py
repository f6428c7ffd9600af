"""Endless views of few pictures: cut, turned, recoloured, mixed.

A teacher's answers to heavily changed views of very few pictures carry most of what it knows (Asano
and Saeed, arXiv 2112.00725), if teacher and student see the same view (Beyer et al., arXiv
2106.05237).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Image
from models.glance.sources import NEUTRAL, Source, drawn, texture

TEACHER_SIDE = 224
TEXTURES, DRAWN = 0.15, 0.05
"""Shares of views that are cut from textures and from the drawn world."""
PASTED, BLENDED = 0.40, 0.15
"""Shares of views of two pictures, one before the other or both through each other."""
MADE = 200
"""So many textures and drawn pictures are made; more views are cut from them than from a photo, but
each is cheap to have."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One view, 224 x 224 x 3 (RGB), and the bucket that it belongs to."""

    picture: Image
    bucket: int


def views(seed: int, found: Sequence[Source], made: int = MADE) -> Iterator[Shown]:
    """An endless supply. Only pictures of one bucket are mixed, and neutral ones with any, so that
    a fold can leave a bucket out."""
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    photos: dict[int, list[Image]] = {}
    for one in found:
        photos.setdefault(one.bucket, []).append(one.picture)
    textures = [texture(rng, TEACHER_SIDE) for _ in range(made)] or photos[NEUTRAL]
    world = list(islice(drawn(chance), made)) or photos[NEUTRAL]
    neutral = (textures, world, photos[NEUTRAL])
    # The subjects, that matter most, come up thrice where what is neutral comes up twice.
    turns = [*photos, *photos, *(one for one in photos if one != NEUTRAL)]
    while True:
        bucket = chance.choice(turns)
        pictures = photos[bucket]
        if chance.random() < TEXTURES + DRAWN:
            bucket = NEUTRAL
            pictures = textures if chance.random() * (TEXTURES + DRAWN) < TEXTURES else world
        shown = _cut(chance.choice(pictures), chance)
        kind = chance.random()
        if kind < PASTED + BLENDED:
            beside = pictures if chance.random() < 0.6 else chance.choices(neutral, (4, 1, 5))[0]
            mix = _pasted if kind < PASTED else _blended
            shown = mix(shown, _cut(chance.choice(beside), chance), chance)
        yield Shown(np.ascontiguousarray(_recoloured(shown, chance, rng)[..., ::-1]), bucket)


def _cut(picture: Image, chance: random.Random) -> Image:
    """Some part of it, turned and bent a little."""
    height, width = picture.shape[:2]
    area = chance.uniform(0.08, 1.0) ** 0.8 * height * width
    shape = np.exp(chance.uniform(-0.35, 0.35))
    w, h = min((area * shape) ** 0.5, width), min((area / shape) ** 0.5, height)
    left, top = chance.uniform(0, width - w), chance.uniform(0, height - h)
    corners = np.array([[left, top], [left + w, top], [left + w, top + h], [left, top + h]])
    if chance.random() < 0.5:
        corners += np.array(
            [[chance.gauss(0, 0.05) * w, chance.gauss(0, 0.05) * h] for _ in "1234"]
        )
    if chance.random() < 0.5:
        angle, middle = chance.gauss(0, 0.25), corners.mean(axis=0)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = (corners - middle) @ turn.T + middle
    if chance.random() < 0.5:
        corners = corners[[1, 0, 3, 2]]
    side = TEACHER_SIDE
    whole = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    bend = cv2.getPerspectiveTransform(corners.astype(np.float32), whole)
    if w > 2 * side:
        picture = np.asarray(cv2.blur(picture, (3, 3)), np.uint8)
    bent = cv2.warpPerspective(
        picture, bend, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(bent, np.uint8)


def _pasted(under: Image, over: Image, chance: random.Random) -> Image:
    """A part of one before the other."""
    mask = np.zeros(under.shape[:2], np.uint8)
    side = TEACHER_SIDE
    centre = (chance.randrange(side), chance.randrange(side))
    axes = (chance.randrange(20, side // 2), chance.randrange(20, side // 2))
    if chance.random() < 0.5:
        cv2.ellipse(mask, centre, axes, chance.uniform(0, 180), 0, 360, 255, -1)
    else:
        x, y = centre[0] - axes[0], centre[1] - axes[1]
        cv2.rectangle(mask, (x, y), (centre[0] + axes[0], centre[1] + axes[1]), 255, -1)
    whole = under.copy()
    cv2.copyTo(over, mask, whole)
    return whole


def _blended(one: Image, other: Image, chance: random.Random) -> Image:
    share = chance.uniform(0.15, 0.85)
    return np.asarray(cv2.addWeighted(one, share, other, 1 - share, 0), np.uint8)


def _recoloured(picture: Image, chance: random.Random, rng: np.random.Generator) -> Image:
    """Other light, another white, now and then blur, noise or grey."""
    gains = np.exp(rng.normal(0, 0.12, 3)) * np.exp(chance.gauss(0, 0.2))
    x: npt.NDArray[np.float32] = picture.astype(np.float32) * gains.astype(np.float32)
    mean = float(x.mean())
    x = (x - mean) * np.exp(chance.gauss(0, 0.2)) + mean
    if chance.random() < 0.3:
        grey = x.mean(axis=-1, keepdims=True)
        x = grey + (x - grey) * chance.uniform(0, 1.5)
    if chance.random() < 0.15:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), chance.uniform(0.5, 3)), np.float32)
    if chance.random() < 0.15:
        x = x + rng.normal(0, chance.uniform(2, 12), x.shape).astype(np.float32)
    return np.clip(x, 0, 255).astype(np.uint8)
