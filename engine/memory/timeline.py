"""Folds over the timeline: visits out of sightings, stretches of watching out of run states.

Pure: facts in, facts out. Times are int nanoseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from engine.facts import Concept, Passage, Run, RunState, Sighting, Visit, Watched
from engine.media import NANOSECONDS, Span
from engine.memory.rows import RECORDED_KINDS

BRIDGED_GAP_NS = 2 * NANOSECONDS
_ALL = Span(start=0, end=2**62)

in_stream_order = attrgetter("run", "span.start", "span.end")


def by_time(item: Visit | Passage | Watched) -> tuple[int, int, str, int]:
    """The order in which things are told. What a recording shows goes by the wall time of its end:
    watched faster than it plays, it has a beginning in stream time alone."""
    at = item.at
    return (at.end if item.recorded else at.start, at.end, item.run, item.span.start)


def in_telling_order(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """By time; a recording that was watched in parts is told as one, in its own order."""
    found = list(visits)
    newest: dict[str, int] = {}
    for visit in found:
        newest[visit.recording] = max(newest.get(visit.recording, 0), visit.at.end)

    def key(visit: Visit) -> tuple[int, str, int, int]:
        if not visit.recording:
            return visit.at.start, "", visit.at.end, visit.span.start
        return newest[visit.recording], visit.recording, visit.span.start, visit.span.end

    return tuple(sorted(found, key=key))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """A run with its states and its last known moment."""

    run: Run
    states: tuple[RunState, ...] = ()
    last_pts: int = 0
    last_at: int = 0

    @property
    def recorded(self) -> bool:
        return self.run.kind in RECORDED_KINDS

    @property
    def over(self) -> bool:
        return any(state.state == "ended" for state in self.states)


def fold_visits(
    sightings: Iterable[Sighting],
    runs: Mapping[str, RunLog],
    concepts: Mapping[str, Concept],
) -> tuple[Visit, ...]:
    """Visits in order of time. The sightings come in the order in which they were stored.

    A visit opens with `began` and closes with `ended` or `stayed`. One that was never closed lasts
    to the last known moment of its run, and is `open` while that run is not over. Overlapping
    visits of one concept in one run (after a merge of concepts) become one.
    """
    began: dict[tuple[str, str | None, int], list[Sighting]] = {}
    visits: list[Visit] = []
    for sighting in sightings:
        key = _pairing(sighting)
        if sighting.phase == "began":
            began.setdefault(key, []).append(sighting)
            continue
        waiting = began.get(key)
        if waiting is not None:
            began[key] = [other for other in waiting if not other.span.overlaps(sighting.span)]
        visits.append(_visit(sighting, runs, concepts))
    for waiting in began.values():
        visits += [_unclosed(sighting, runs, concepts) for sighting in waiting]
    return tuple(sorted(_joined(visits), key=by_time))


def _pairing(sighting: Sighting) -> tuple[str, str | None, int]:
    """A named visit may ride several tracks; an unnamed one is its track."""
    return (
        sighting.run,
        sighting.concept,
        sighting.track if sighting.concept is None else 0,
    )


def _visit(
    sighting: Sighting, runs: Mapping[str, RunLog], concepts: Mapping[str, Concept]
) -> Visit:
    log = runs.get(sighting.run)
    concept = concepts.get(sighting.concept) if sighting.concept else None
    length = sighting.span.end - sighting.span.start
    return Visit(
        run=sighting.run,
        label=log.run.label if log else "",
        recorded=log.recorded if log else False,
        concept=sighting.concept,
        name=concept.name if concept else nameless(sighting.kind),
        kind=concept.kind if concept else sighting.kind,
        span=sighting.span,
        at=Span(start=sighting.at - length, end=sighting.at),
        open=False,
        score=sighting.score,
        recording=log.run.identity if log and log.recorded else "",
        changed=sighting.changed,
        actor=sighting.actor,
    )


def _unclosed(
    sighting: Sighting, runs: Mapping[str, RunLog], concepts: Mapping[str, Concept]
) -> Visit:
    visit = _visit(sighting, runs, concepts)
    log = runs.get(sighting.run)
    if log is None:
        return visit
    end = max(log.last_pts, visit.span.end)
    at_end = max(log.last_at, visit.at.end) if end > visit.span.end else visit.at.end
    return replace(
        visit,
        span=Span(start=visit.span.start, end=end),
        at=Span(start=visit.at.start, end=at_end),
        open=not log.over,
    )


def nameless(kind: str) -> str:
    """What to call a visit without a concept."""
    return "someone" if kind == "person" else "something"


def _joined(visits: Iterable[Visit]) -> list[Visit]:
    """Overlapping visits of one concept in one run as one; the others as they are."""
    kept: list[Visit] = []
    newest: dict[tuple[str, str], int] = {}
    for visit in sorted(visits, key=in_stream_order):
        if visit.concept is None or visit.kind == "action":
            kept.append(visit)
            continue
        key = (visit.run, visit.concept)
        index = newest.get(key)
        if index is not None and visit.span.start <= kept[index].span.end:
            kept[index] = _union(kept[index], visit)
            continue
        newest[key] = len(kept)
        kept.append(visit)
    return kept


def _union(first: Visit, second: Visit) -> Visit:
    return replace(
        first,
        span=Span(start=first.span.start, end=max(first.span.end, second.span.end)),
        at=Span(start=min(first.at.start, second.at.start), end=max(first.at.end, second.at.end)),
        open=first.open or second.open,
        score=max(first.score, second.score),
        changed=first.changed or second.changed,
    )


def unite(visits: Iterable[Visit], gap_ns: int = BRIDGED_GAP_NS) -> tuple[Visit, ...]:
    """When anybody at all was there: in each run the union of the visits, gaps shorter than
    `gap_ns` bridged. A united visit keeps its name when all of its parts are of one concept."""
    united: list[Visit] = []
    newest: dict[str, int] = {}
    for visit in sorted(visits, key=in_stream_order):
        index = newest.get(visit.run)
        if index is None or visit.span.start - united[index].span.end >= gap_ns:
            newest[visit.run] = len(united)
            united.append(visit)
            continue
        whole = _union(united[index], visit)
        if whole.concept != visit.concept:
            whole = replace(whole, concept=None, name=nameless(whole.kind))
        united[index] = whole
    return tuple(sorted(united, key=by_time))


def told_once(passages: Iterable[Passage]) -> list[Passage]:
    """Words that stood on a screen without what was noted when they came, where the whole time is
    known; the order stays."""
    found = list(passages)
    until: dict[tuple[str, str, int], int] = {}
    for passage in found:
        key = (passage.run, passage.text, passage.span.start)
        until[key] = max(passage.span.end, until.get(key, passage.span.end))
    return [
        passage
        for passage in found
        if passage.kind != "text"
        or passage.span.end == until[passage.run, passage.text, passage.span.start]
    ]


def watched_stretches(log: RunLog) -> tuple[Watched, ...]:
    """When the source was really watched: from each `open` to the next other state, or to the last
    known moment. Stalls, losses and pauses are the gaps between. A run begins open."""
    stretches: list[Watched] = []
    since: tuple[int, int] | None = (0, log.run.opened_at)
    if log.states and log.states[0].state == "open":
        since = None
    for state in log.states:
        if state.state == "open":
            since = since or (state.pts, state.at)
        elif since is not None:
            stretches.append(_stretch(log, since, (state.pts, state.at)))
            since = None
    if since is not None:
        stretches.append(_stretch(log, since, (log.last_pts, log.last_at)))
    return tuple(stretches)


def _stretch(log: RunLog, since: tuple[int, int], until: tuple[int, int]) -> Watched:
    return Watched(
        run=log.run.run,
        label=log.run.label,
        recorded=log.recorded,
        span=Span(start=since[0], end=max(since[0], until[0])),
        at=Span(start=since[1], end=max(since[1], until[1])),
    )


class Coverage:
    """What newer watchings of a recording have replaced.

    Runs of equal identity show the same recording. A moment of stream time that a newer run
    watched is told by that run alone. While a recording is being watched, nothing of it is told
    but what that watching has seen: what is still to come is not known yet.
    """

    def __init__(self, logs: Sequence[RunLog]) -> None:
        """`logs` in the order in which the runs were stored."""
        self._newer: dict[str, list[Span]] = {}
        seen: dict[str, list[Span]] = {}
        for log in reversed(logs):
            spans = seen.setdefault(log.run.identity, [])
            self._newer[log.run.run] = list(spans)
            spans += [stretch.span for stretch in watched_stretches(log)] if log.over else [_ALL]
        self._identity = {log.run.run: log.run.identity for log in logs}

    def replaces(self, run: str, pts: int) -> bool:
        """Whether a newer run of the same recording watched this moment."""
        return any(span.start <= pts <= span.end for span in self._newer.get(run, ()))

    def newest_visits(self, visits: Iterable[Visit]) -> tuple[Visit, ...]:
        """Without what newer runs tell. A visit that a newer run saw only the beginning of gives
        way to the older run's, which saw all of it."""
        kept: list[Visit] = []
        straddling: list[Visit] = []
        for visit in visits:
            if not self.replaces(visit.run, visit.span.start):
                kept.append(visit)
            elif not self.replaces(visit.run, visit.span.end):
                straddling.append(visit)
        for whole in straddling:
            cut = [other for other in kept if self._is_cut(other, whole)]
            if any(other.open for other in cut):
                continue
            if cut:
                kept = [other for other in kept if other not in cut]
                kept.append(whole)
            else:
                kept.append(self._rest(whole))
        return tuple(sorted(kept, key=by_time))

    def _is_cut(self, newer: Visit, older: Visit) -> bool:
        return (
            newer.run != older.run
            and self._identity.get(newer.run) == self._identity.get(older.run)
            and (newer.concept, newer.kind) == (older.concept, older.kind)
            and newer.span.overlaps(older.span)
            and newer.span.end < older.span.end
        )

    def _rest(self, visit: Visit) -> Visit:
        """The part of an older visit after what newer runs watched."""
        start = max(
            (span.end for span in self._newer[visit.run] if span.end < visit.span.end),
            default=visit.span.start,
        )
        start = max(start, visit.span.start)
        shift = start - visit.span.start
        return replace(
            visit,
            span=Span(start=start, end=visit.span.end),
            at=Span(start=min(visit.at.start + shift, visit.at.end), end=visit.at.end),
        )
