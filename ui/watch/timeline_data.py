"""What the timeline strip shows of a stretch of wall time, and where a point of it leads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.facts import Query, Visit, Watched
from engine.media import NANOSECONDS, Span
from engine.ports.memory import Archive, ClipEntry
from ui.pictures import Moment

LANES = 3
MOST = 500
SLOT_STEPS_S = (
    *(1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900),
    *(1800, 2700, 3600, 5400, 7200, 10800, 14400, 21600, 43200, 86400, 172800, 604800),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One visit, in its lane (0 is the upper one)."""

    name: str
    concept: str | None
    at: Span
    lane: int
    moment: Moment
    changed: bool = False
    """Whose it is was corrected afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Words read, or something said unasked."""

    kind: Literal["text", "remark"]
    text: str
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """All of one stretch."""

    span: Span
    clips: tuple[ClipEntry, ...] = ()
    bands: tuple[Band, ...] = ()
    marks: tuple[Mark, ...] = ()
    watched: tuple[Watched, ...] = ()


def load(archive: Archive, span: Span) -> Strip:
    """Read a stretch of wall time; blocks."""
    query = Query(intent="what_happened", question="", at=span, limit=MOST)
    recall = archive.recall(query)
    visits = [v for v in recall.visits if v.at.overlaps(span)]
    marks = [
        Mark(
            kind="remark" if p.kind == "remark" else "text",
            text=p.text,
            moment=Moment(run=p.run, pts=p.span.start, at=p.at.start),
        )
        for p in recall.passages
        if p.kind != "answer" and p.at.overlaps(span)
    ]
    return Strip(
        span=span,
        clips=tuple(archive.clips(at=span)),
        bands=tuple(_banded(visits)),
        marks=tuple(marks),
        watched=tuple(w for w in archive.watched() if w.at.overlaps(span)),
    )


def _banded(visits: list[Visit]) -> Iterable[Band]:
    """Named ones first, each concept in one lane where it finds room."""
    ends = [0] * LANES
    homes: dict[str | None, int] = {}
    for visit in sorted(visits, key=lambda v: (v.at.start, v.concept is None)):
        home = homes.get(visit.concept)
        free = [n for n in range(LANES) if ends[n] <= visit.at.start]
        named = {n for concept, n in homes.items() if concept is not None}
        free.sort(key=lambda n: (n != home, n in named, n in homes.values(), n))
        lane = free[0] if free else LANES - 1
        homes.setdefault(visit.concept, lane)
        ends[lane] = max(ends[lane], visit.at.end)
        yield Band(
            name=visit.name,
            concept=visit.concept,
            at=visit.at,
            lane=lane,
            changed=visit.changed,
            moment=Moment(run=visit.run, pts=visit.span.start, at=visit.at.start),
        )


def slots(strip: Strip, slot_px: int, width: int) -> tuple[int, list[tuple[int, ClipEntry]]]:
    """Length of a slot (at least `slot_px` wide), and (its start, its first clip) for each that
    has one, in wall time: pictures that keep their places while the strip moves."""
    wanted = (strip.span.end - strip.span.start) / max(width, 1) * slot_px / NANOSECONDS
    step = next((s for s in SLOT_STEPS_S if s >= wanted), SLOT_STEPS_S[-1])
    length = int(step * NANOSECONDS)
    found: dict[int, ClipEntry] = {}
    for clip in strip.clips:
        found.setdefault(clip.at.start // length * length, clip)
    return length, sorted(found.items(), key=lambda pair: pair[0])


def moment_at(strip: Strip, at: int, prefer: str | None = None) -> Moment | None:
    """The moment of a run that lies at this wall time, or the nearest kept one."""
    inside = [w for w in strip.watched if w.at.start <= at <= w.at.end]
    inside.sort(key=lambda w: w.run != prefer)
    if inside:
        stretch = inside[0]
        wall = stretch.at.end - stretch.at.start
        share = (at - stretch.at.start) / wall if wall else 0.0
        pts = stretch.span.start + round(share * (stretch.span.end - stretch.span.start))
        return Moment(run=stretch.run, pts=pts, at=at)
    clips = sorted(strip.clips, key=lambda c: abs(c.at.start - at))
    return first_of(clips[0]) if clips else None


def first_of(clip: ClipEntry) -> Moment:
    """The first kept picture of a clip."""
    pts = clip.key_frames[0] if clip.key_frames else clip.span.start
    return Moment(run=clip.run, pts=pts, at=clip.at.start)


def step(strip: Strip, at: int, forward: bool) -> Moment | None:
    """The clip before or after a wall time."""
    clips = sorted(strip.clips, key=lambda c: c.at.start)
    if forward:
        return next((first_of(c) for c in clips if c.at.start > at), None)
    return next((first_of(c) for c in reversed(clips) if c.at.start < at), None)
