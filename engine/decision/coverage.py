"""When anything was watched at all, and where the watching was interrupted."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from engine.facts import Query, Watched
from engine.media import NANOSECONDS, Span

GAP_WORTH_TELLING = 2 * NANOSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch inside what was asked about in which a source was not watched."""

    label: str
    recorded: bool
    span: Span
    """Of the stream for recordings, of the wall otherwise."""


def inside(query: Query, span: Span, at: Span, *, recorded: bool) -> int:
    """Nanoseconds of a stretch that lie inside the bounds of a question. A recording is bounded
    by stream time, a live source by wall time; where only one is given, it bounds both."""
    if query.pts is not None and (recorded or query.at is None):
        mine, asked = span, query.pts
    else:
        mine, asked = at, query.at
    if asked is None:
        return span.end - span.start
    return max(min(mine.end, asked.end) - max(mine.start, asked.start), 0)


def gaps(query: Query, watched: Sequence[Watched], told: Set[str]) -> tuple[Gap, ...]:
    """Interruptions inside the question's bounds, in order of time.

    Without bounds only those within one of the runs that the answer tells of (`told`) count:
    between two runs Nacre was simply not used.
    """
    found: list[Gap] = []
    keys = dict.fromkeys((w.label, w.recorded) for w in watched)
    for label, recorded in keys:
        asked = query.pts if recorded else query.at
        stretches = [w for w in watched if (w.label, w.recorded) == (label, recorded)]
        runs = list(dict.fromkeys(w.run for w in stretches))
        together = (
            [stretches] if asked is not None else [_of_run(stretches, r) for r in runs if r in told]
        )
        for part in together:
            found += [
                Gap(label=label, recorded=recorded, span=span)
                for span in _between(_spans(part, recorded), asked)
            ]
    return tuple(found)


def _of_run(stretches: Sequence[Watched], run: str) -> list[Watched]:
    return [w for w in stretches if w.run == run]


def _spans(stretches: Iterable[Watched], recorded: bool) -> list[Span]:
    spans = [w.span if recorded else w.at for w in stretches]
    return sorted(spans, key=lambda span: (span.start, span.end))


def _between(spans: Sequence[Span], asked: Span | None) -> list[Span]:
    """The holes between stretches, cut to what was asked about."""
    holes: list[Span] = []
    covered = spans[0].end if spans else 0
    for span in spans[1:]:
        start, end = covered, span.start
        if asked is not None:
            start, end = max(start, asked.start), min(end, asked.end)
        if end - start >= GAP_WORTH_TELLING:
            holes.append(Span(start=start, end=end))
        covered = max(covered, span.end)
    return holes
