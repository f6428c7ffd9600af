"""A noisy observer of the drawn world: what perception and a model report, with their errors.

Used where watching 60 hours of drawn pictures with the real detectors, embedders and a real model
would take weeks. The engine gets what it gets from real perception (tracks with boxes and
embeddings, a coarse picture, answers with probabilities), and nothing of the truth. The errors are
written here and nowhere else; they are assumptions, not measurements.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.eval.world.camera import Seen as InTruth
from app.eval.world.camera import Truth
from app.eval.world.standing import Condition
from engine.facts import Track, View
from engine.media import Box, Image, Vector

WIDTH, HEIGHT = 160, 120
DRIFT_S = 0.5
"""The model's errors change in steps of this length, which is the time between two frames."""
EMBEDDER = "drawn figures"
LENGTH = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """How often it errs."""

    missed: float = 0.04
    """Of figures in plain sight, a look."""
    missed_hidden: float = 0.35
    """Of figures of which less than 0.6 is visible."""
    ghosts: float = 0.002
    """Looks with somebody who is not there."""
    switched: float = 0.005
    """Tracks that get another number, a look."""
    jitter: float = 0.02
    """Of a box's edges, as a share of its size (deviation)."""
    faceless: float = 0.2
    """Tracks without an embedding, a look."""
    likeness: float = 0.72
    """Cosine of two views of one figure (mean); those of a look-alike lie at 0.35."""
    sure: float = 2.5
    """Log-odds of the model's answers: their mean where it is so (its negative where it is not),"""
    unsure: float = 1.5
    """and their deviation. Of single answers 5 in 100 are wrong."""
    lasting_s: float = 1.0
    """A model that errs about a picture errs about the next: errors fade in so long (by 1/e)."""


class Observer:
    """Watches one stream. Deterministic for a seed."""

    def __init__(self, seed: str, names: dict[str, str], errors: Errors) -> None:
        """`names`: concept id by the name of a known figure."""
        self._chance = random.Random(f"{seed}/observer")
        self._noise = np.random.default_rng(self._chance.randrange(2**32))
        self._errors = errors
        self._names = names
        self._faces: dict[str, Vector] = {}
        self._tracks: dict[tuple[int, int], int] = {}
        self._next = 1
        self._seed = seed
        self._off: dict[int, _Drift] = {}
        """By request: how far off the model's answers are."""

    def portrait(self, name: str) -> Vector:
        """A view to teach a known figure by."""
        return self._view(name)

    def tracks(self, scene: int, now: Truth) -> tuple[Track, ...]:
        """Who is seen in one look."""
        chance, errors = self._chance, self._errors
        found: list[Track] = []
        kept: dict[tuple[int, int], int] = {}
        for one in now.seen:
            missed = errors.missed if one.visible >= 0.6 else errors.missed_hidden
            key = scene, one.actor
            if key in self._tracks and chance.random() >= errors.switched:
                kept[key] = self._tracks[key]
            else:
                kept[key], self._next = self._next, self._next + 1
            if chance.random() >= missed:
                found.append(self._track(kept[key], one))
        self._tracks = kept
        if chance.random() < errors.ghosts:
            box = Box(chance.randrange(100), chance.randrange(60), 30, 50)
            found.append(Track(id=self._next, kind="person", box=box, score=0.5))
            self._next += 1
        return tuple(found)

    def picture(self, now: Truth) -> Image:
        """What a glance at the picture tells: light, door, and figures as grey shapes."""
        light = 0.45 if now.lamp_out else 1.0
        image = np.full((HEIGHT, WIDTH), 150.0, np.float32)
        image[30:100, 120:145] = 60.0 if now.door_open else 190.0
        for one in now.seen:
            left, top, right, low = one.box
            image[int(top * HEIGHT) : int(low * HEIGHT), int(left * WIDTH) : int(right * WIDTH)] = (
                90.0
            )
        image *= light
        image += 4 * self._noise.standard_normal(image.shape, np.float32)
        grey = np.clip(image, 0, 255, out=image).astype(np.uint8)
        return np.broadcast_to(grey[:, :, None], (HEIGHT, WIDTH, 3))

    def judge(
        self,
        asked: Sequence[tuple[int, Condition]],
        at_s: float,
        now: Truth,
        notes: tuple[str, ...] = (),
    ) -> list[float]:
        """The probability of yes that the model gives, for each of the numbered requests."""
        del notes
        return [self._judge(number, condition, at_s, now) for number, condition in asked]

    def _judge(self, number: int, condition: Condition, at_s: float, now: Truth) -> float:
        off = self._off.get(number)
        if off is None:
            chance = random.Random(f"{self._seed}/answers/{number}")
            off = self._off[number] = _Drift(chance, self._errors.lasting_s)
        sure = self._errors.sure if condition.holds(now) else -self._errors.sure
        return 1 / (1 + math.exp(-(sure + self._errors.unsure * off.at(at_s))))

    def _track(self, number: int, one: InTruth) -> Track:
        chance, size = self._chance, self._errors.jitter
        left, top, right, low = one.box
        x, y, w, h = left * WIDTH, top * HEIGHT, (right - left) * WIDTH, (low - top) * HEIGHT
        box = Box(
            round(x + chance.gauss(0, size) * w),
            round(y + chance.gauss(0, size) * h),
            max(round(w * (1 + chance.gauss(0, size))), 1),
            max(round(h * (1 + chance.gauss(0, size))), 1),
        )
        view = None
        if chance.random() >= self._errors.faceless:
            look = one.name or one.look.words()
            view = View(
                embedder=EMBEDDER,
                vector=self._view(look),
                box=box,
                crop=np.zeros((1, 1, 3), np.uint8),
                quality=min(one.visible, 1.0),
            )
        return Track(id=number, kind="person", box=box, score=0.9, view=view)

    def _view(self, look: str) -> Vector:
        """A view of one figure: its own direction and noise. Strangers share a part with the known
        figure that they look like."""
        own = self._faces.get(look)
        if own is None:
            own = _unit(self._noise.normal(size=LENGTH))
            known = [self._faces[name] for name in self._names if name in self._faces]
            if look not in self._names and known:
                own = _unit(0.4 * known[self._next % len(known)] + own)
            self._faces[look] = own
        share = self._errors.likeness**0.5
        noise = _unit(self._noise.normal(size=LENGTH))
        return _unit(share * own + (1 - share**2) ** 0.5 * noise)


class _Drift:
    """A standardized error that drifts with the stream whether one asks or not, so that all who ask
    at one moment are told the same, whenever they have asked before."""

    def __init__(self, chance: random.Random, lasting_s: float) -> None:
        self._chance = chance
        self._kept = math.exp(-DRIFT_S / lasting_s)
        self._step, self._value = 0, chance.gauss(0, 1)

    def at(self, at_s: float) -> float:
        """Times must not go back."""
        before, self._step = self._step, round(at_s / DRIFT_S)
        for _ in range(self._step - before):
            self._value *= self._kept
            self._value += math.sqrt(1 - self._kept**2) * self._chance.gauss(0, 1)
        return self._value


def _unit(vector: np.ndarray) -> Vector:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
