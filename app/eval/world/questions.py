"""Questions about what is seen, with the one right answer and three wrong ones."""

import random
from dataclasses import dataclass

from .acts import DOING, Act
from .camera import Box, Seen, Truth
from .scene import Scene
from .traits import COLOURS, HATS, PATTERNS, SHAPES, SIZES, Look, Thing
from .wording import clock

VALUES: dict[str, tuple[str, ...]] = {
    "colour": COLOURS,
    "shape": SHAPES,
    "hat": HATS,
    "pattern": PATTERNS,
    "size": SIZES,
}
PLAIN = 0.6
"""How much of a figure must be visible before it is asked about."""
ENDING_S = 0.15
"""So long before its end an act is no longer asked about."""
HANDLED_FROM = 0.55
"""The share of an act from which on it is clear who takes up, puts down, gives or takes a thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question at one moment."""

    kind: str
    question: str
    answer: str
    wrong: tuple[str, ...] = ()
    """Other answers of the same sort, three where there are so many."""
    needs: int = 1
    """How many of the last frames, one a second, hold the evidence."""
    name: str | None = None
    """The taught figure that it is about."""
    box: Box | None = None
    """Where that stands, in the newest frame or in the one at `when`; for training alone."""
    before: Box | None = None
    """Where that stood a second before, if it takes two frames to tell; for training alone."""
    when: str | None = None
    """The time mark of the past frame that it is about."""

    def options(self, chance: random.Random) -> tuple[tuple[str, ...], int]:
        """Up to four options in a drawn order, and where the right one stands."""
        options = [self.answer, *self.wrong[:3]]
        chance.shuffle(options)
        return tuple(options), options.index(self.answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What can be asked about: the present of a scene, and who of it is known by name."""

    scene: Scene
    at_s: float
    now: Truth
    names: dict[int, str]
    """By actor, of those whose card is at hand; negative numbers for who is not in the cast."""


def doing(seen: Seen, act: Act) -> str:
    """How an answer says it: who comes in or leaves is seen walking."""
    if act.deed in ("come in", "leave", "walk left", "walk right"):
        return DOING["walk right" if act.facing > 0 else "walk left"]
    return DOING[seen.deed]


def carrying(held: Thing | None) -> str:
    """What a sentence adds about what is held; nothing where hands are empty."""
    return "" if held is None else f", holding {held.words()}"


def noted(at_s: float, name: str, deed: str, room: str, held: Thing | None) -> str:
    """A line about a past second, as the assistant writes it when idle."""
    return f"[{clock(at_s)}] {name} {deed} in the {room}{carrying(held)}.\n"


def settled(scene: Scene, actor: int, t: float) -> Act | None:
    """The act, if the last frames show it beyond doubt."""
    act = scene.act(actor, t)
    if act is None or t - act.start_s < 1.05 or act.end_s - t < ENDING_S:
        return None
    if act.deed in ("wave", "sit", "bow") and not 0.2 < act.share(t) < 0.8:
        return None
    if act.deed in ("pick up", "put down", "give", "take") and act.share(t) < HANDLED_FROM:
        return None
    return act


def phrase(traits: dict[str, str]) -> str:
    """Traits before and after a noun: `small green one with a crown`."""
    words = [traits[key] for key in ("size", "pattern", "colour", "shape") if key in traits]
    end = {"no hat": " without a hat"}.get(traits.get("hat", ""), f" with {traits.get('hat')}")
    return " ".join([*words, "one"]) + (end if "hat" in traits else "")


def refer(chance: random.Random, who: Seen, now: Truth, leave_out: str | None) -> str | None:
    """Words that mean this figure alone among those seen."""
    others = [one for one in now.seen if one.actor != who.actor]
    traits = [trait for trait in VALUES if trait != leave_out]
    chance.shuffle(traits)
    for count in (1, 2, 3):
        chosen = {trait: str(getattr(who.look, trait)) for trait in traits[:count]}
        if not any(all(getattr(o.look, t) == v for t, v in chosen.items()) for o in others):
            return f"the {phrase(chosen)}"
    if others and chance.random() < 0.8:
        middles = [(one.box[0] + one.box[2]) / 2 for one in others]
        x = (who.box[0] + who.box[2]) / 2
        if all(x < other - 0.12 for other in middles):
            return "the one on the left"
        if all(x > other + 0.12 for other in middles):
            return "the one on the right"
    return None


DEEDS = tuple(text for deed, text in DOING.items() if deed not in ("come in", "leave"))


def any_look(chance: random.Random) -> Look:
    """Any combination of traits, of whatever split."""
    return Look(**{trait: chance.choice(values) for trait, values in VALUES.items()})


def clear(moment: Moment) -> bool:
    """Nobody is half seen: who is on the stage is in plain sight, or not to be seen at all."""
    plain = {one.actor for one in moment.now.seen if one.visible >= PLAIN}
    return all(
        moment.scene.act(n, moment.at_s) is None or n in plain
        for n in range(len(moment.scene.cast))
    )
