"""Poses without a network: a grey square is a body, and its grey says how it stands."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from engine.facts import BodyPose, MotionClip
from engine.media import Box, Grey, nanoseconds

GROUND, LOW, HIGH = 20, 60, 240
"""A body is LOW where its first number is 0, and HIGH where it is 1."""

Doing = Callable[[float], float]
"""The first number of a pose, from the share of the time."""


class GreyPoses:
    """`PoseEstimator`."""

    name = "grey-poses@1"

    def find(self, grey: Grey) -> Sequence[BodyPose]:
        mask = (grey > (GROUND + LOW) // 2).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
        found: list[BodyPose] = []
        for label in range(1, count):
            x, y, w, h = (int(value) for value in stats[label][:4])
            shade = float(np.median(grey[labels == label]))
            high = (shade - LOW) / (HIGH - LOW)
            numbers = np.array([high, 1 - high], np.float32)
            found.append(BodyPose(box=Box(x, y, w, h), numbers=numbers, score=0.9))
        return found


def once(share: float) -> float:
    """Up, stays, and down."""
    return float(np.clip(4 * min(share, 1 - share), 0, 1))


def turning(share: float, turns: int = 3) -> float:
    return float(0.5 - 0.5 * np.cos(2 * np.pi * turns * share))


def standing(share: float) -> float:
    del share
    return 0.0


def picture(*bodies: tuple[int, float]) -> Grey:
    """Bodies: (x, how it stands)."""
    drawn = np.full((180, 240), GROUND, np.uint8)
    for x, high in bodies:
        drawn[60:120, x : x + 30] = round(LOW + high * (HIGH - LOW))
    return drawn


def acted(doing: Doing, *, lasts_s: float = 2.0, x: int = 40, rests_s: float = 0.6) -> MotionClip:
    """Stands, does it, and stands again."""
    count = round((lasts_s + 2 * rests_s) * 10) + 1
    shares = [min(max((n / 10 - rests_s) / lasts_s, 0.0), 1.0) for n in range(count)]
    return MotionClip(
        times=tuple(nanoseconds(n / 10) for n in range(count)),
        pictures=tuple(picture((x, doing(share))) for share in shares),
    )
