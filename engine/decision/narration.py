"""What is said without being asked for: little, of what matters to this user, and never twice."""

from collections import deque
from dataclasses import dataclass

from engine.config import Remarks
from engine.facts import Alert, Condition, Sighting
from engine.media import nanoseconds

UNASKED = "unasked-"
"""How the id of a kind of unasked remark begins; once it was rated it is kept like an alert."""
FRESH_S = 5.0
"""What could not be said for so long is no news any more."""
SAME_S = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `per_hour` remarks in an hour, `gap_s` apart (stream time)."""

    gap_s: float
    per_hour: int


PACES: dict[Remarks, Pace] = {"off": Pace(0, 0), "sparse": Pace(60, 6), "lively": Pace(15, 30)}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that might be told."""

    topic: str
    text: str
    run: str
    pts: int
    rank: int
    """Known concepts first."""
    sighting: Sighting | None = None


class Narrator:
    """Chooses among the news. One thread."""

    def __init__(self, remarks: Remarks) -> None:
        self.remarks: Remarks = remarks
        self._waiting: list[News] = []
        self._said: deque[tuple[str, str, int]] = deque(maxlen=64)
        """(text, run, pts)"""

    def came(self, sighting: Sighting, text: str) -> None:
        """A visit began."""
        known = sighting.concept is not None
        if known or self.remarks == "lively":
            self._offer("came", sighting, text, rank=0 if known else 2)

    def left(self, sighting: Sighting, text: str) -> None:
        """A visit ended: whoever is gone is no longer said to have come."""
        who = sighting.concept or sighting.kind
        self._waiting = [one for one in self._waiting if one.topic != f"{UNASKED}came-{who}"]
        if sighting.concept is not None and self.remarks == "lively":
            self._offer("left", sighting, text, rank=1)

    def observed(self, text: str, run: str, pts: int) -> None:
        """A clip was described."""
        if self.remarks == "lively":
            topic = f"{UNASKED}observed"
            self._waiting.append(News(topic=topic, text=text, run=run, pts=pts, rank=3))

    def choose(self, run: str, pts: int, *, busy: bool, muted: frozenset[str]) -> News | None:
        """What is to be said now; nothing while something else speaks."""
        fresh = nanoseconds(FRESH_S)
        self._waiting = [
            one
            for one in self._waiting[-32:]
            if one.run != run or (pts - one.pts <= fresh and one.topic not in muted)
        ]
        mine = [one for one in self._waiting if one.run == run and not self._was_said(one, pts)]
        if busy or not mine or not self._may_speak(run, pts):
            return None
        best = min(mine, key=lambda one: (one.rank, one.pts))
        self._waiting.remove(best)
        self.say(best.text, run, pts)
        return best

    def say(self, text: str, run: str, pts: int) -> None:
        """This was said, by whomever: it is no news."""
        self._said.append((text, run, pts))

    def interrupt(self, run: str) -> None:
        self._waiting = [one for one in self._waiting if one.run != run]

    def _offer(self, what: str, sighting: Sighting, text: str, *, rank: int) -> None:
        who = sighting.concept or sighting.kind
        if self.remarks != "off":
            self._waiting.append(
                News(
                    topic=f"{UNASKED}{what}-{who}",
                    text=text,
                    run=sighting.run,
                    pts=sighting.span.end,
                    rank=rank,
                    sighting=sighting,
                )
            )

    def _was_said(self, news: News, pts: int) -> bool:
        same = nanoseconds(SAME_S)
        return any(
            text == news.text and run == news.run and pts - then < same
            for text, run, then in self._said
        )

    def _may_speak(self, run: str, pts: int) -> bool:
        pace = PACES[self.remarks]
        mine = [then for _, place, then in self._said if place == run]
        if mine and pts - mine[-1] < nanoseconds(pace.gap_s):
            return False
        return sum(pts - then < nanoseconds(3600) for then in mine) < pace.per_hour


def kept_as(topic: str, text: str, at: int) -> Alert:
    """A kind of unasked remark, kept like an alert from its first thumb on."""
    return Alert(
        id=topic,
        text=f"Said without being asked: {text}",
        condition=Condition(event="unasked", subject="something"),
        dwell_s=0.0,
        cooldown_s=0.0,
        created_at=at,
    )
