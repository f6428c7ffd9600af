"""Faces of people who are not there: made from the faces of others, for want of more people.

Two people in clips and some forty in single photos show little of how often one of many is taken
for somebody. So faces are mixed, put together from two, and pulled out of shape, all after
alignment, where eyes, nose and mouth of all of them stand at the same places. What comes of it goes
through the product's own embedder and session. It is not what another living person would show: a
mixture is smoother than a face, and lies between the two that it is made of.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.eval import people
from app.eval.people import Unit, Watched
from engine.facts import View
from engine.media import Box, Image
from engine.ports.seeing import FaceEmbedder

EACH, QUICK_EACH = 20, 4
"""So many of each sort are made."""
LOOKS = 4
"""Views of each, at other moments."""
SEAM, BLEND = 62, 16
"""Between eyes and nose, in rows of an aligned face of 112, and over so many rows."""
MOST_ALIKE = 0.5
"""A look-alike is so much the person and so much somebody else."""
IN_A_PHOTO = "in a photo"
Face = Image
"""An aligned face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Somebody made, in views of other moments."""

    name: str
    sort: str
    views: tuple[View, ...]


def mixed(one: Face, other: Face, share: float = 0.5) -> Face:
    """So much of the one, the rest of the other."""
    return np.asarray(cv2.addWeighted(one, share, other, 1 - share, 0), np.uint8)


def joined(upper: Face, lower: Face) -> Face:
    """The eyes of the one over the mouth of the other."""
    below = np.clip((np.arange(len(upper)) - SEAM) / BLEND + 0.5, 0, 1)[:, None, None]
    return np.asarray(upper * (1 - below) + lower * below, np.uint8)


def misshapen(face: Face, rng: random.Random) -> Face:
    """The same skin on other bones: eyes, nose and mouth up to an eighth of the face away from
    where they stood, the rest moved smoothly along (inverse distance weighting, Shepard, 1968)."""
    side = len(face)
    held = [(0, 0), (side, 0), (0, side), (side, side)]
    points = [*held, (38, 52), (74, 52), (56, 72), (42, 92), (71, 92)]
    reach = side / 8
    moves = [(0.0, 0.0)] * len(held)
    moves += [(rng.uniform(-reach, reach), rng.uniform(-reach, reach)) for _ in points[len(held) :]]
    ys, xs = np.mgrid[0:side, 0:side].astype(np.float32)
    far = np.stack([(xs - x) ** 2 + (ys - y) ** 2 + 1 for x, y in points])
    weights: npt.NDArray[np.float32] = (1 / far) / (1 / far).sum(axis=0)
    shift = np.tensordot(np.array(moves, np.float32).T, weights, axes=1)
    to_x, to_y = (xs + shift[0]).astype(np.float32), (ys + shift[1]).astype(np.float32)
    border = cv2.BORDER_REFLECT
    return np.asarray(cv2.remap(face, to_x, to_y, cv2.INTER_LINEAR, borderMode=border), np.uint8)


def moment_of(face: Face, rng: random.Random) -> Face:
    """The face as it is found and aligned at another moment: landmarks a little elsewhere, another
    light, sometimes out of focus."""
    side = len(face)
    turn = cv2.getRotationMatrix2D(
        (side / 2, side / 2), rng.uniform(-4, 4), rng.uniform(0.95, 1.05)
    )
    turn[:, 2] += [rng.uniform(-2, 2), rng.uniform(-2, 2)]
    moved = cv2.warpAffine(face, turn, (side, side), borderMode=cv2.BORDER_REFLECT)
    lit = moved.astype(np.float32) * rng.uniform(0.75, 1.25) + rng.uniform(-15, 15)
    shown = np.asarray(np.clip(lit, 0, 255), np.uint8)
    if rng.random() < 0.4:
        shown = np.asarray(cv2.GaussianBlur(shown, (0, 0), rng.uniform(0.5, 1.2)), np.uint8)
    return shown


def made(faces: Sequence[Face], embedder: FaceEmbedder, each: int = EACH) -> list[Stranger]:
    """`each` of every sort, by seed, from the faces of people of whom none is registered."""
    sorts: Mapping[str, Callable[[random.Random], Face]] = {
        "mixed of two": lambda rng: _of_two(mixed, faces, rng),
        "joined of two": lambda rng: _of_two(joined, faces, rng),
        "misshapen": lambda rng: misshapen(rng.choice(faces), rng),
    }
    found: list[Stranger] = []
    for sort, make in sorts.items():
        for number in range(each):
            rng = random.Random(f"{sort}/{number}")
            found.append(_shown(f"{sort} {number}", sort, make(rng), embedder, rng))
    return found


def at_other_moments(name: str, face: Face, embedder: FaceEmbedder) -> Stranger:
    """Somebody of whom there is one photo."""
    return _shown(name, IN_A_PHOTO, face, embedder, random.Random(name))


def look_alikes(known: Watched, faces: Sequence[Face], embedder: FaceEmbedder) -> list[Stranger]:
    """Half the person, as each look of the clip shows it, and half of each of these others."""
    found: list[Stranger] = []
    for number, other in enumerate(faces):
        views = [view_of(mixed(view.crop, other, MOST_ALIKE), embedder) for view in known.views]
        name = f"{known.clip}, half of {number}"
        found.append(Stranger(name=name, sort="half of the person", views=tuple(views[:LOOKS])))
    return found


def view_of(face: Face, embedder: FaceEmbedder) -> View:
    side = len(face)
    box = Box(0, 0, side, side)
    return View(
        embedder=embedder.name, vector=embedder.embed(face), box=box, crop=face, quality=1.0
    )


def units(watched: Sequence[Watched], strangers: Sequence[Stranger]) -> list[Unit]:
    """Each person registered from each clip, before each of the strangers."""
    shown = [people.posing(one.name, one.views) for one in strangers]
    return [
        people.unit(one, [(known.person, known.snapshot)]) for known in watched for one in shown
    ]


def _of_two(make: Callable[[Face, Face], Face], faces: Sequence[Face], rng: random.Random) -> Face:
    one, other = rng.sample(list(faces), 2)
    return make(one, other)


def _shown(
    name: str, sort: str, face: Face, embedder: FaceEmbedder, rng: random.Random
) -> Stranger:
    moments = [face, *(moment_of(face, rng) for _ in range(LOOKS - 1))]
    views = tuple(view_of(one, embedder) for one in moments)
    return Stranger(name=name, sort=sort, views=views)
