"""Which of the things in view is meant, when the user gives one of them a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.facts import ConceptKind, Proposal
from engine.media import Box, nanoseconds

NEW_FOR = nanoseconds(20.0)
"""What came within so long, while the others were there before, is what a name is given to."""
BEFORE = nanoseconds(3.0)
SAME = 0.5

_SIDE = {"left": 0, "leftmost": 0, "right": -1, "rightmost": -1}
_ORDER = {
    word: place
    for place, words in enumerate(("first 1 one", "second 2 two", "third 3 three", "fourth 4 four"))
    for word in words.split()
}
_CHOICE = re.compile(
    r"(?:(?:it(?: is|'s)|that(?: is|'s)|i mean|the one on|the|number|no\.?) )*"
    r"(?P<which>left(?:most)?|right(?:most)?|middle|first|second|third|fourth|last|biggest|largest"
    r"|smallest|one|two|three|four|[1-4])(?: one| side| person| thing| box)?",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InView:
    """Something that is followed."""

    box: Box
    concept: str | None
    """Whom it is known to be."""
    age: int
    """How long it has been there, in nanoseconds."""


def meant(
    proposals: Sequence[Proposal],
    in_view: Sequence[InView],
    *,
    kind: ConceptKind | None,
    concept: str | None = None,
    point: tuple[int, int] | None = None,
    box: Box | None = None,
) -> tuple[Proposal, ...]:
    """Those that may be meant, from left to right; one: it is clear. Before all counts what was
    drawn (`box`), then what is pointed at, then what is known as `concept` already, then what has
    no name yet, then what has just come."""
    wanted = "person" if kind == "person" else None if kind is None else "thing"
    fit = [
        p
        for p in proposals
        if wanted in (None, "person" if p.kind == "person" else "thing")
        or (wanted == "person" and p.anybody)
    ]
    if box is not None:
        found = [p for p in fit if _covers(p.box, box)]
        drawn = kind or (found[0].kind if found else "thing")
        return (Proposal(box=box, kind=drawn, score=1.0),)
    if point is not None:
        under = [p for p in fit if _holds(p.box, point)]
        if under:
            return (min(under, key=lambda p: p.box.area),)
    same = [p for p in fit if concept is not None and _who(p, in_view) == concept]
    if len(same) == 1:
        return (same[0],)
    unnamed = [p for p in fit if _who(p, in_view) in (None, concept)]
    by_age = sorted(unnamed, key=lambda p: _age(p, in_view))
    if len(by_age) > 1:
        newest, next_one = (_age(p, in_view) for p in by_age[:2])
        if newest <= NEW_FOR and next_one >= max(newest + BEFORE, 2 * newest):
            return (by_age[0],)
    return tuple(sorted(unnamed, key=lambda p: p.box.x + p.box.w / 2))


def chosen(text: str, offered: Sequence[Proposal]) -> Proposal | None:
    """The one that the user means by "the left one", "number two", "the biggest"; None where the
    sentence is something else. `offered` stands from left to right."""
    match = _CHOICE.fullmatch(" ".join(text.split()).rstrip(" .!"))
    if match is None or not offered:
        return None
    which = match["which"].lower()
    if which in _SIDE or which == "last":
        return offered[_SIDE.get(which, -1)]
    if which == "middle":
        return offered[len(offered) // 2]
    if which in ("biggest", "largest", "smallest"):
        by_size = sorted(offered, key=lambda p: p.box.area)
        return by_size[0] if which == "smallest" else by_size[-1]
    place = _ORDER[which]
    return offered[place] if place < len(offered) else None


def _who(proposal: Proposal, in_view: Sequence[InView]) -> str | None:
    return next((one.concept for one in _over(proposal, in_view) if one.concept is not None), None)


def _age(proposal: Proposal, in_view: Sequence[InView]) -> int:
    """Nothing followed there: it was not there at the last look."""
    return max((one.age for one in _over(proposal, in_view)), default=0)


def _over(proposal: Proposal, in_view: Sequence[InView]) -> list[InView]:
    """A person is proposed by the head, and followed by the body."""
    if proposal.kind == "person":
        found = [o for o in in_view if _covers(o.box, proposal.box)]
        return sorted(found, key=lambda o: o.box.area)[:1]
    return [o for o in in_view if o.box.overlap(proposal.box) >= SAME]


def _covers(one: Box, other: Box) -> bool:
    smaller = min(one.area, other.area)
    return smaller > 0 and one.intersection(other) >= SAME * smaller


def _holds(box: Box, point: tuple[int, int]) -> bool:
    x, y = point
    return box.x <= x < box.x + box.w and box.y <= y < box.y + box.h
