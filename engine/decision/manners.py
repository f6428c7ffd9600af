"""When an alert that fires is heard: not in quiet hours, not twice the same, not too often. And
what thumbs up and down make of it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from engine.decision.wording import local
from engine.facts import Alert
from engine.media import nanoseconds

DEFAULT_THRESHOLD = 0.5
HOUR = nanoseconds(3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How remarks behave; in seconds of the stream unless told otherwise."""

    settle_s: float = 0.0
    """A line on a screen must have stood so long: text that grows is no settled line."""
    again_s: float = 0.0
    """Who was away for less than this has not come anew."""
    same_s: float = 3.0
    """The same words of another alert are not said again within so long."""
    per_hour: int = 120
    """At most so many remarks in an hour, of all alerts together."""
    tz: tzinfo = field(default=UTC)


@dataclass(frozen=True, slots=True)
class Thumbs:
    """What the thumbs come to: two down in a row pause an alert."""

    threshold: float
    paused: bool


def weighed(thumbs: Sequence[bool]) -> Thumbs:
    """Thumb by thumb: down raises the bar by 0.4 of what is left above it, up lowers it by 0.1,
    never below 0.3. Undoing a thumb is weighing without it."""
    threshold = DEFAULT_THRESHOLD
    for up in thumbs:
        threshold = max(threshold - 0.1, 0.3) if up else threshold + 0.4 * (1 - threshold)
    return Thumbs(round(threshold, 4), list(thumbs[-2:]) == [False, False])


def explained(alert: Alert) -> str:
    """What the thumbs have made of an alert, for its card."""
    if not alert.thumbs:
        return "Your thumbs were taken back: it speaks as at first."
    if alert.paused:
        return "Twice in a row you did not want it: it is paused. Undo brings it back."
    said = "You liked it" if alert.thumbs[-1] else "You did not want this one"
    return f"{said}: it now speaks when it is at least {alert.threshold:.0%} sure."


def in_quiet_hours(quiet: tuple[int, int] | None, at: int, tz: tzinfo) -> bool:
    """Whether this wall time lies in them; they may go over midnight."""
    if quiet is None:
        return False
    then = local(at, tz)
    minute, (start, end) = then.hour * 60 + then.minute, quiet
    return start <= minute < end if start <= end else minute >= start or minute < end


class Budget:
    """How much was said within the last hour, and what."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._said: deque[tuple[int, str, int, str]] = deque(maxlen=max(manners.per_hour, 1))
        """(at, run, pts, text)"""

    def why_not(self, text: str, run: str, pts: int, at: int) -> str:
        """Why this is not to be said now; empty where it may be."""
        same = nanoseconds(self._manners.same_s)
        if any(t == text and r == run and 0 <= pts - p < same for _, r, p, t in self._said):
            return "Another alert had just said the same."
        full = len(self._said) == self._said.maxlen
        if full and 0 <= at - self._said[0][0] < HOUR:
            return f"{len(self._said)} remarks within an hour are enough; this one was held back."
        return ""

    def say(self, text: str, run: str, pts: int, at: int) -> None:
        self._said.append((at, run, pts, text))
