"""Searching the memory: visits and words, one list, newest first."""

from dataclasses import dataclass, replace
from typing import Literal

from engine.facts import Concept, Passage, Query, Visit
from engine.media import Span
from engine.ports.memory import Archive
from ui.pictures import Moment
from ui.wording import day, stretch

MOST = 100

Kind = Literal["visit", "text", "utterance", "observation", "remark", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of the result."""

    kind: Kind
    title: str
    when: str
    moment: Moment
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for."""

    text: str = ""
    kind: Kind | None = None
    at: Span | None = None


def find(archive: Archive, search: Search) -> tuple[Hit, ...]:
    """At most 100 hits; blocks."""
    text = search.text.strip()
    hits: list[Hit] = []
    if search.kind in (None, "visit"):
        hits += [_visit(v) for v in _once(_visits(archive, text, search.at))]
    if search.kind != "visit":
        hits += [_passage(p) for p in _passages(archive, text, search)]
    hits.sort(key=lambda h: -h.moment.at)
    return tuple(hits[:MOST])


def named_in(text: str, concepts: tuple[Concept, ...]) -> tuple[str, ...]:
    """Concepts whose name holds the text, or stands in it."""
    low = text.casefold()
    return tuple(
        c.id
        for c in concepts
        if any(low in n.casefold() or n.casefold() in low for n in (c.name, *c.aliases) if n)
    )


def _visits(archive: Archive, text: str, at: Span | None) -> tuple[Visit, ...]:
    if not text:
        query = Query(intent="what_happened", question="", at=at, limit=MOST)
        return _within(archive.recall(query).visits, at)
    low = text.casefold()
    for subject in ("somebody", "something"):
        if low in (subject, subject.replace("body", "one")):
            query = Query(intent="when", question=text, subject=subject, at=at, limit=MOST)
            visits = archive.recall(query).visits
            return _within(tuple(v for v in visits if v.concept is None), at)
    concepts = named_in(text, archive.concepts())
    if not concepts:
        return ()
    query = Query(
        intent="when", question=text, concepts=concepts, subject="concept", at=at, limit=MOST
    )
    return _within(archive.recall(query).visits, at)


def _once(visits: tuple[Visit, ...]) -> list[Visit]:
    """Nameless ones of a kind that were there together as one: they would read the same."""
    kept: list[Visit] = []
    newest: dict[tuple[str, str], int] = {}
    for visit in sorted(visits, key=lambda v: v.span.start):
        key = (visit.run, visit.kind)
        index = newest.get(key)
        if visit.concept is None and index is not None:
            other = kept[index]
            if visit.span.start <= other.span.end:
                kept[index] = replace(
                    other,
                    span=Span(start=other.span.start, end=max(other.span.end, visit.span.end)),
                    at=Span(
                        start=min(other.at.start, visit.at.start),
                        end=max(other.at.end, visit.at.end),
                    ),
                    open=other.open or visit.open,
                )
                continue
        if visit.concept is None:
            newest[key] = len(kept)
        kept.append(visit)
    return kept


def _within(visits: tuple[Visit, ...], at: Span | None) -> tuple[Visit, ...]:
    return tuple(v for v in visits if at is None or v.at.overlaps(at))


def _passages(archive: Archive, text: str, search: Search) -> tuple[Passage, ...]:
    if text:
        found = archive.search(text, limit=MOST, at=search.at)
    else:
        query = Query(intent="what_happened", question="", at=search.at, limit=MOST)
        found = archive.recall(query).passages
    return tuple(
        p
        for p in found
        if search.kind in (None, p.kind) and (search.at is None or p.at.overlaps(search.at))
    )


def _visit(visit: Visit) -> Hit:
    times = stretch(visit.at, visit.span, recorded=visit.recorded)
    return Hit(
        kind="visit",
        title=f"{visit.name[:1].upper()}{visit.name[1:]}" + (" is here" if visit.open else ""),
        when=times if visit.recorded else f"{day(visit.at.start)}, {times}",
        moment=Moment(run=visit.run, pts=visit.span.start, at=visit.at.start),
        source=visit.label,
    )


def _passage(passage: Passage) -> Hit:
    times = stretch(passage.at, passage.span, recorded=passage.recorded)
    return Hit(
        kind=passage.kind,
        title=passage.text,
        when=times if passage.recorded else f"{day(passage.at.start)}, {times}",
        moment=Moment(run=passage.run, pts=passage.span.start, at=passage.at.start),
        source=passage.label,
    )
