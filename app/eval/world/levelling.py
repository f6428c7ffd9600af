"""Answers that are equally likely, so that nobody can guess them without looking.

Rooms hold two figures more often than four, hands are mostly empty, doors mostly shut. Of answers
that come up often only a share is asked, and the wrong options are drawn like the right ones; so
neither a kind of question nor its options tell the answer.
"""

import random
from collections.abc import Sequence

from .acts import DOING, Deed

AT_ONCE: tuple[Deed, ...] = ("jump", "wave", "sit", "bow")
"""Deeds that a single picture shows."""
SLOW: dict[Deed, int] = {
    "walk left": 4,
    "walk right": 4,
    "spin": 4,
    "stand": 4,
    "open the door": 4,
    "pick up": 4,
    "put down": 2,
    "give": 1,
    "take": 1,
}
"""The others, and how often they are asked about against each other."""

_ASKED: dict[str, dict[str, float]] = {
    "count": {"1": 0.15, "2": 0.1, "3": 0.13},
    "count like": {"0": 0.2, "1": 0.15, "2": 0.3},
    "holding": {"nothing": 0.1},
    "door": {"no": 0.19},
    "board": {"nothing": 0.53},
    "presence": {"yes": 0.84},
    "name": {"no": 0.55},
    "action": {
        DOING["jump"]: 0.63,
        DOING["bow"]: 0.88,
        DOING["sit"]: 0.9,
        DOING["walk left"]: 0.27,
        DOING["walk right"]: 0.29,
        DOING["spin"]: 0.31,
        DOING["stand"]: 0.5,
        DOING["open the door"]: 0.63,
    },
}
"""By kind and answer: the share of questions that are asked (all, where nothing stands here). From
how often each came up among 19,000 questions of the training split."""


def asked(chance: random.Random, kind: str, answer: str) -> bool:
    """Whether a question with this answer is asked this time."""
    share = _ASKED.get(kind, {}).get(answer, 1.0)
    return share == 1.0 or chance.random() < share


def deeds_like(deed: Deed) -> list[str]:
    """The deeds that could be asked about in the same way, as an answer says them; those that are
    asked about more often stand there more often."""
    if deed in AT_ONCE:
        return [DOING[one] for one in AT_ONCE]
    return [DOING[one] for one, weight in SLOW.items() for _ in range(weight)]


def others(
    chance: random.Random, values: Sequence[str], answer: str, *, first: Sequence[str] = ()
) -> tuple[str, ...]:
    """Up to three wrong answers: `first`, then the others as often as they stand in `values`."""
    drawn = list(values)
    chance.shuffle(drawn)
    found = [one for one in dict.fromkeys([*first, *drawn]) if one != answer][:3]
    chance.shuffle(found)
    return tuple(found)
