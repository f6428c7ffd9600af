"""What a figure or a thing can look like, what it can be called, and which split it belongs to.

Every combination of traits, every name and every wording of a question belongs to exactly one of
three splits, so that what a model is tested on never stood in its training.
"""

import hashlib
import random
from dataclasses import dataclass, replace
from typing import Literal

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")

SHAPES = ("round", "square", "pear-shaped", "long")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "grey")
HATS = ("no hat", "a cap", "a top hat", "a party hat", "a crown")
PATTERNS = ("plain", "striped", "dotted", "two-tone")
SIZES = ("small", "big")
KINDS = ("ball", "cup", "book", "box", "star", "flower", "balloon", "apple")
ROOMS = ("living room", "kitchen", "library", "playroom", "garden")
WORDS = ("TEA", "HELLO", "SUN", "MUSIC", "PLAY", "CAKE", "JUMP", "SNOW", "READ", "MOON")

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


def split_of(*parts: str) -> Split:
    """The split that these traits, this name or this wording belongs to: 7 : 1 : 2."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    share = digest[0] / 256
    return "train" if share < 0.7 else "dev" if share < 0.8 else "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The stable traits of a figure."""

    shape: str
    colour: str
    hat: str
    pattern: str
    size: str

    @property
    def split(self) -> Split:
        """Size is left out: a big and a small one of the same kind stay in one split."""
        return split_of(self.shape, self.colour, self.hat, self.pattern)

    def words(self) -> str:
        """A description such as `a small round green striped figure with a crown`."""
        hat = "no hat" if self.hat == "no hat" else self.hat
        return f"a {self.size} {self.shape} {self.colour} {self.pattern} figure with {hat}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that can be picked up."""

    kind: str
    colour: str

    def words(self) -> str:
        article = "an" if self.colour[0] in "aeiou" else "a"
        return f"{article} {self.colour} {self.kind}"


def look(chance: random.Random, split: Split) -> Look:
    """A look of this split, all of them equally likely."""
    while True:
        found = Look(
            shape=chance.choice(SHAPES),
            colour=chance.choice(COLOURS),
            hat=chance.choice(HATS),
            pattern=chance.choice(PATTERNS),
            size=chance.choice(SIZES),
        )
        if found.split == split:
            return found


def look_alike(chance: random.Random, like: Look) -> Look:
    """The same but for one trait, in the same split."""
    values = {
        "shape": SHAPES,
        "colour": COLOURS,
        "hat": HATS,
        "pattern": PATTERNS,
        "size": SIZES,
    }
    others = [
        other
        for trait, choices in values.items()
        for choice in choices
        if (other := replace(like, **{trait: choice})) != like and other.split == like.split
    ]
    return chance.choice(others)


def differing(a: Look, b: Look) -> tuple[str, ...]:
    """The traits in which two looks differ."""
    traits = ("shape", "colour", "hat", "pattern", "size")
    return tuple(trait for trait in traits if getattr(a, trait) != getattr(b, trait))


def thing(chance: random.Random) -> Thing:
    """Things are of all splits: what is held out is the figures and their names."""
    return Thing(kind=chance.choice(KINDS), colour=chance.choice(COLOURS))


def name(chance: random.Random, split: Split, *, syllables: int = 2) -> str:
    """A name of this split: invented, two open syllables for a figure, three for a dance."""
    while True:
        parts = [chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(syllables)]
        made = "".join(parts).capitalize()
        if len(set(parts)) == syllables and split_of(made) == split:
            return made
