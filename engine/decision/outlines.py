"""How each body stands in each look, by its box alone: against how it usually stands, and against
the look before. Who jumps, sits or bows has another outline."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.facts import Overlay
from engine.media import Box, Vector

TRACKS, NAMES = 64, 256
"""So many bodies are remembered; the one that came longest ago is let go of first."""
TRACK_LOOKS, NAME_LOOKS = 60, 300
"""How a body usually stands is the median of so many of its last looks."""

Places = tuple[float, ...]
HEIGHT: Places = (-0.5, -0.3, -0.18, -0.09, -0.03, 0.03, 0.09, 0.18, 0.3)
"""Centres at which the logarithm of its height is read, over the usual;"""
WIDTH: Places = (-0.5, -0.3, -0.15, -0.05, 0.05, 0.15, 0.3, 0.5)
FOOT: Places = (-0.5, -0.25, -0.12, -0.05, -0.02, 0.02, 0.05, 0.12)
"""how much lower than usual its foot is, as a share of its usual height;"""
HEIGHT_STEP: Places = (-0.2, -0.08, -0.03, 0.03, 0.08, 0.2)
"""and the same since the look before,"""
WIDTH_STEP: Places = (-0.3, -0.12, -0.04, 0.04, 0.12, 0.3)
FOOT_STEP: Places = (-0.2, -0.08, -0.03, 0.03, 0.08, 0.2)
ASIDE: Places = (0.02, 0.05, 0.1, 0.2, 0.4)
"""with how far it went aside."""
STANDS = (HEIGHT, WIDTH, FOOT)
STEPS = (HEIGHT_STEP, WIDTH_STEP, FOOT_STEP, ASIDE)
FIRST = sum(map(len, STEPS))
"""Where it stands that there was no look before."""


class _Recent:
    """The last so many measurements of a body, oldest overwritten first."""

    def __init__(self, most: int) -> None:
        self._kept = np.zeros((most, 4), np.float32)
        self._count = 0

    def add(self, measured: Vector) -> None:
        self._kept[self._count % len(self._kept)] = measured
        self._count += 1

    def last(self) -> Vector | None:
        """None before the first."""
        return self._kept[(self._count - 1) % len(self._kept)].copy() if self._count else None

    def usual(self) -> Vector:
        """Their median; numpy's own takes ten times as long for so few."""
        ordered = np.sort(self._kept[: self._count], axis=0)
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


@dataclass(slots=True)
class _Body:
    """What is remembered of one track."""

    looks: _Recent = field(default_factory=lambda: _Recent(TRACK_LOOKS))
    stands: Vector | None = None
    """How it stood in the look before."""


class Outlines:
    """Of the bodies of one run. One thread."""

    def __init__(self) -> None:
        self._bodies: dict[int, _Body] = {}
        self._names: dict[str, _Recent] = {}

    def look(self, overlays: Sequence[Overlay]) -> Mapping[str, tuple[Vector, ...]]:
        """How each stands now, by concept; "" for anybody else."""
        found: dict[str, tuple[Vector, ...]] = {}
        for overlay in overlays:
            sure = overlay.certainty == "sure" and overlay.concept
            name = str(overlay.concept) if sure else ""
            found[name] = (*found.get(name, ()), self._outline(overlay, name))
        return found

    def _outline(self, overlay: Overlay, name: str) -> Vector:
        body = self._bodies.setdefault(overlay.track, _Body())
        _let_go(self._bodies, TRACKS)
        now, last = _measured(overlay.box), body.looks.last()
        body.looks.add(now)
        usual = body.looks.usual()
        if name:
            known = self._names.setdefault(name, _Recent(NAME_LOOKS))
            _let_go(self._names, NAMES)
            known.add(now)
            # A body's size goes with it; where it stands does not.
            usual[:2] = known.usual()[:2]
        high = math.exp(usual[0])
        scale = np.array((1.0, 1.0, high, high), np.float32)
        apart = (now - usual) / scale
        read = [_read(one, places) for one, places in zip(apart, STANDS, strict=False)]
        stands = np.concatenate(read)
        stepped = np.zeros(FIRST + 1, np.float32)
        if last is None:
            stepped[FIRST] = 1.0
        else:
            step = (now - last) / scale
            step[3] = abs(step[3])
            read = [_read(one, places) for one, places in zip(step, STEPS, strict=True)]
            stepped[:FIRST] = np.concatenate(read)
        before = np.zeros_like(stands) if body.stands is None else body.stands
        body.stands = stands
        return np.concatenate([stands, stepped, before])


def _measured(box: Box) -> Vector:
    """Logarithms of height and width, the foot, and the middle."""
    high, wide = math.log(max(box.h, 1)), math.log(max(box.w, 1))
    return np.array((high, wide, box.y + box.h, box.x + box.w / 2), np.float32)


def _read(value: float, places: Places) -> Vector:
    """A value as shares of the two places that it lies between."""
    index = np.arange(len(places), dtype=np.float32)
    at = np.float32(np.interp(value, places, index))
    return np.maximum(1 - np.abs(index - at), 0)


def _let_go(kept: dict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.pop(next(iter(kept)))
