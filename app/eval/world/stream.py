"""Streams of any length: scene after scene with a lasting population, one in memory at a time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from .acts import STEPS
from .camera import Camera, Truth, truth
from .canvas import Picture
from .director import Dance, Director, Role
from .scene import Scene, scene_seed
from .traits import Look, Split, look, look_alike, name, split_of

SHORTEST_S, LONGEST_S = 14.0, 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who lives in a stream: named figures, strangers among them look-alikes, and dances."""

    known: tuple[Role, ...]
    strangers: tuple[Role, ...]
    dances: tuple[Dance, ...]


def dance(chance: random.Random, split: Split) -> Dance:
    """Two different steps in an order that belongs to this split."""
    while True:
        first, second = chance.sample(STEPS, 2)
        if split_of("dance", first, second) == split:
            return Dance(name=name(chance, split, syllables=3), steps=(first, second))


def population(chance: random.Random, split: Split, *, known: int = 4, strangers: int = 5,
               dances: int = 2) -> Population:  # fmt: skip
    """Of each known figure there is a look-alike among the strangers, as far as they go."""
    looks: list[Look] = []
    while len(looks) < known:
        made = look(chance, split)
        if made not in looks:
            looks.append(made)
    names: list[str] = []
    while len(names) < known:
        called = name(chance, split)
        if called not in names:
            names.append(called)
    others: list[Look] = []
    tries = 0
    while len(others) < strangers:
        # A small split may hold no other look-alike than one that is taken.
        like, tries = len(others) < known and tries < 20, tries + 1
        made = look_alike(chance, looks[len(others)]) if like else look(chance, split)
        if made not in looks and made not in others:
            others.append(made)
            tries = 0
    taught: list[Dance] = []
    while len(taught) < dances:
        made_dance = dance(chance, split)
        if all(made_dance.steps != one.steps for one in taught):
            taught.append(made_dance)
    return Population(
        known=tuple(Role(look=one, name=called) for one, called in zip(looks, names, strict=True)),
        strangers=tuple(Role(look=one, name=None) for one in others),
        dances=tuple(taught),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One frame of a stream."""

    at_s: float
    """Since the stream's beginning."""
    scene: Scene
    scene_s: float
    """Since the scene's beginning."""
    number: int
    """Of the scene."""
    picture: Picture | None

    def truth(self) -> Truth:
        return truth(self.scene, self.scene_s)


class Stream:
    """A stream without an end; the same seed shows the same. Scenes begin with a cut."""

    def __init__(self, seed: int, split: Split = "train") -> None:
        self.seed = seed
        self.split: Split = split
        self.population = population(random.Random(f"{seed}/population/{split}"), split)

    def scene(self, number: int) -> Scene:
        """The scene of this number, whatever was asked for before."""
        chance = scene_seed(self.seed, number)
        people = self.population
        known = chance.sample(people.known, min(chance.choice((1, 1, 2, 2, 3)), len(people.known)))
        count = chance.choice((0, 1, 1, 2))
        cast = known + chance.sample(people.strangers, min(count, len(people.strangers)))
        chance.shuffle(cast)
        length = chance.uniform(SHORTEST_S, LONGEST_S)
        return Director(chance, cast, length_s=length, dances=people.dances).plan()

    def frames(
        self, *, until_s: float, fps: float = 1.0, camera: Camera | None = None
    ) -> Iterator[Shown]:
        """Frames at n / fps seconds; pictures only where a camera is given."""
        number, begin, n = 0, 0.0, 0
        scene = self.scene(0)
        while (at := n / fps) < until_s:
            while at - begin >= scene.length_s:
                begin += scene.length_s
                number += 1
                scene = self.scene(number)
            inside = at - begin
            yield Shown(
                at_s=at,
                scene=scene,
                scene_s=inside,
                number=number,
                picture=None if camera is None else camera.frame(scene, inside),
            )
            n += 1
