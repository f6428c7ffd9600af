"""What the bodies of one run do of what was shown: a `Spotter` for each of them, and where it was
done."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.decision.actions import Performance
from engine.decision.spotting import Spotted, Spotter
from engine.decision.templates import FILLER, Templates, poses_of, template_of
from engine.facts import Body
from engine.media import Box, Vector, nanoseconds

GONE_S = 1.0
"""Who was not seen for so long has ended what they did."""
KEPT_S = 30.0
ONE_BODY = 0.7
"""Of the smaller box: what two who share so much do at the same time was done by one of them, who
is followed twice."""


def templates_of(shown: Iterable[tuple[str, Sequence[Vector], Sequence[Vector]]]) -> Templates:
    """What is looked for: (action, descriptions that show it, descriptions of what it is not)."""
    return Templates([
        template_of(concept, poses_of(vector))
        for action, right, wrong in shown
        for concept, vectors in ((action, right), (None, wrong))
        for vector in vectors
    ])  # fmt: skip


@dataclass(slots=True)
class _Followed:
    spotter: Spotter
    places: deque[tuple[int, Box]] = field(default_factory=deque[tuple[int, Box]])


class BodyWatch:
    """Bounded: a place for each picture of the last 30 s that a body is seen in."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._followed: dict[int, _Followed] = {}
        self._told: deque[Performance] = deque(maxlen=32)

    def look(self, bodies: Iterable[Body], pts: int) -> list[Performance]:
        """What is now known to have been done; told once."""
        done: list[Performance] = []
        for body in bodies:
            one = self._followed.get(body.track)
            if one is None:
                one = self._followed[body.track] = _Followed(Spotter(self._templates))
            one.places.append((pts, body.box))
            while pts - one.places[0][0] > nanoseconds(KEPT_S):
                one.places.popleft()
            done += _performances(one, one.spotter.look(pts, body.numbers))
        gone = [
            track
            for track, one in self._followed.items()
            if pts - one.places[-1][0] > nanoseconds(GONE_S)
        ]
        for track in gone:
            one = self._followed.pop(track)
            done += _performances(one, one.spotter.close())
        return self._once(done)

    def close(self) -> list[Performance]:
        """Nothing more is seen: what was done until then."""
        followed, self._followed = self._followed, {}
        return self._once([
            each for one in followed.values() for each in _performances(one, one.spotter.close())
        ])  # fmt: skip

    def _once(self, done: Sequence[Performance]) -> list[Performance]:
        """Without what was told of the same body already, in order."""
        new: list[Performance] = []
        for one in sorted(done, key=lambda one: one.span.end):
            if not any(_same(one, other) for other in self._told):
                self._told.append(one)
                new.append(one)
        return new


def _same(one: Performance, other: Performance) -> bool:
    smaller = min(one.box.area, other.box.area)
    return (
        one.concept == other.concept
        and one.span.overlaps(other.span)
        and one.box.intersection(other.box) >= ONE_BODY * smaller
    )


def _performances(one: _Followed, spotted: Sequence[Spotted]) -> list[Performance]:
    found: list[Performance] = []
    for done in spotted:
        boxes = [box for at, box in one.places if done.span.start <= at <= done.span.end]
        if done.concept is not None and boxes:
            score = min(max(1 - 0.5 * done.cost / FILLER, 0.0), 1.0)
            found.append(
                Performance(
                    concept=done.concept, span=done.span, box=Box.around(boxes), score=score
                )
            )
    return found
