"""How visits, words and their times are told: each with its time, and its source where there is
more than one or where it is a recording."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from itertools import groupby
from typing import Literal

from engine.decision.coverage import Gap
from engine.decision.wording import (
    clock_moment,
    clock_span,
    count,
    day_name,
    duration,
    listed,
    local,
    quoted,
    stream_moment,
    stream_span,
)
from engine.facts import Evidence, Passage, Query, Visit, Watched
from engine.media import Span

LISTED_AT_MOST = 10
QUOTATIONS_AT_MOST = 5
_FOREVER = 2**61


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing with its time, as it is told."""

    label: str
    recorded: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells times as they are said at wall time `now`."""

    now: int
    tz: tzinfo
    several: bool
    """Whether a live source must be named too."""

    def visit(self, visit: Visit, part: Literal["whole", "start", "end"] = "whole") -> Told:
        """`from 0:06 to 0:20`, or only when it began or ended."""
        if part != "whole":
            text = self._moment(visit, start=part == "start")
        elif visit.open:
            start = self._moment(visit, start=True)
            text = f"since {start.removeprefix('at ')}"
        else:
            text = self._span(visit.recorded, visit.span, visit.at)
        return Told(label=visit.label, recorded=visit.recorded, text=text)

    def passage(self, passage: Passage) -> Told:
        """`“Build finished” at 14:05:12`."""
        time = self._span(passage.recorded, passage.span, passage.at)
        text = f"{quoted(passage.text)} {time}"
        return Told(label=passage.label, recorded=passage.recorded, text=text)

    def watched(self, watched: Watched) -> Told:
        text = self._span(watched.recorded, watched.span, watched.at)
        return Told(label=watched.label, recorded=watched.recorded, text=text)

    def listed(self, items: Sequence[Told], most: int = LISTED_AT_MOST) -> str:
        """All in one line; the source is said once for those that follow each other."""
        shown, more = items[:most], len(items) - most
        parts: list[str] = []
        for (label, recorded), group in groupby(shown, key=lambda t: (t.label, t.recorded)):
            parts.append(self._of(listed([t.text for t in group]), label, recorded))
        text = "; ".join(parts)
        return f"{text}, and {more} more" if more > 0 else text

    def period(self, query: Query, watched: Iterable[Watched]) -> str:
        """What the question was bounded by, in words: `yesterday`, `between 10:00:00 and …`;
        empty when it had no bounds."""
        recordings = any(w.recorded for w in watched)
        if query.pts is not None and (recordings or query.at is None):
            return _stream_period(query.pts)
        return "" if query.at is None else self._clock_period(query.at)

    def interruptions(self, gaps: Sequence[Gap]) -> str:
        """One sentence about where nothing was watched; empty when it was watched throughout."""
        if not gaps:
            return ""
        if len(gaps) == 1:
            gap = gaps[0]
            span = self._span(gap.recorded, gap.span, gap.span)
            return f"Watching was interrupted {self._of(span, gap.label, gap.recorded)}."
        lost = duration(sum(gap.span.end - gap.span.start for gap in gaps))
        return f"Watching was interrupted {count(len(gaps), 'time')}, for {lost} altogether."

    def _of(self, text: str, label: str, recorded: bool) -> str:
        if recorded:
            return f"{text} of {label}"
        return f"{text} ({label})" if self.several and label else text

    def _span(self, recorded: bool, span: Span, at: Span) -> str:
        return stream_span(span) if recorded else clock_span(at, now=self.now, tz=self.tz)

    def _moment(self, visit: Visit, *, start: bool) -> str:
        if visit.recorded:
            return stream_moment(visit.span.start if start else visit.span.end)
        at = visit.at.start if start else visit.at.end
        return clock_moment(at, now=self.now, tz=self.tz)

    def _clock_period(self, at: Span) -> str:
        start, end = local(at.start, self.tz), local(at.end + 1, self.tz)
        midnight = (start.hour, start.minute, start.second) == (0, 0, 0)
        if at.start <= 0:
            return f"before {self._time(at.end)}"
        until_midnight = (
            end.date() == start.date() + timedelta(days=1) and end.hour == end.minute == 0
        )
        until_now = at.end >= self.now and start.date() == end.date()
        if midnight and (until_midnight or until_now):
            return day_name(at.start, now=self.now, tz=self.tz) or "today"
        if at.end >= self.now:
            return f"since {self._time(at.start)}"
        return f"between {self._time(at.start)} and {self._time(at.end)}"

    def _time(self, at: int) -> str:
        said = clock_moment(at, now=self.now, tz=self.tz).removeprefix("at ")
        return re.sub(r"(\d\d:\d\d):00$", r"\1", said)


def _stream_period(pts: Span) -> str:
    start = stream_moment(pts.start).removeprefix("at ")
    if pts.end >= _FOREVER:
        return f"after {start}"
    return f"between {start} and {stream_moment(pts.end).removeprefix('at ')}"


def sources(*groups: Iterable[Visit | Passage | Watched]) -> set[tuple[str, bool]]:
    """The different sources (label, recorded) that these come from."""
    return {(item.label, item.recorded) for group in groups for item in group}


def evidence_of(item: Visit | Passage | Watched) -> Evidence:
    """Where something told comes from."""
    kind: Literal["sighting", "text", "observation", "utterance", "remark", "source"] = "sighting"
    if isinstance(item, Passage):
        kind = "remark" if item.kind == "answer" else item.kind
    elif isinstance(item, Watched):
        kind = "source"
    return Evidence(run=item.run, span=item.span, at=item.at, kind=kind, label=item.label)
