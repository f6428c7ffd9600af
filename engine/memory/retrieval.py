"""Answering a `Query` from the stored facts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from engine.errors import ModelError
from engine.facts import Concept, Passage, Query, Recall, Run, Sighting, Watched
from engine.media import Span
from engine.memory.about import by_name, by_traits
from engine.memory.database import Database, Row
from engine.memory.rows import (
    CONCEPT_COLUMNS,
    SIGHTING_COLUMNS,
    concept_from,
    sighting_from,
    state_from,
)
from engine.memory.search import (
    Bounds,
    MeaningIndex,
    find_words,
    fuse,
    list_passages,
    passage_from,
)
from engine.memory.timeline import (
    Coverage,
    RunLog,
    by_time,
    fold_visits,
    in_telling_order,
    told_once,
    unite,
    watched_stretches,
)

UNITED_INTENTS = ("when", "when_last", "how_long", "how_often")
"""Asked of "somebody", these count the times when anybody was there."""
ABSENT_NAME = 0.5
"""The score of a caption that fits somebody and does not name them."""
WORD_INTENTS = ("screen_text", "speech", "search")
"""These want no visits, unless they name whose."""


def recall(database: Database, query: Query, index: MeaningIndex | None) -> Recall:
    """What the memory holds about the question, each list in order of time.

    A question about "somebody" with one of `UNITED_INTENTS` gets united visits. Where a recording
    was watched several times, each moment is told by the newest watching alone.
    """
    logs = read_runs(database)
    coverage = Coverage(logs)
    bounds = Bounds(at=query.at, pts=query.pts, kinds=_kinds(query))
    runs = {log.run.run: log for log in logs}
    concepts = {concept.id: concept for concept in read_concepts(database)}
    visits = [
        visit
        for visit in coverage.newest_visits(
            fold_visits(_sightings(database, query, logs, bounds), runs, concepts)
        )
        if bounds.holds(visit.recorded, visit.span, visit.at)
    ]
    if query.subject == "somebody" and not query.concepts and query.intent in UNITED_INTENTS:
        visits = list(unite(visits))
    return Recall(
        query=query,
        visits=in_telling_order(visits),
        passages=_passages(database, query, bounds, coverage, index),
        watched=_watched(query, logs, coverage, bounds),
    )


def _kinds(query: Query) -> tuple[str, ...]:
    """Which passages a question is answered from."""
    if query.intent == "screen_text":
        return ("text",)
    if query.intent == "speech":
        return ("utterance",)
    return ("text", "observation", "utterance", "remark", "answer")


def read_runs(database: Database) -> list[RunLog]:
    """All runs in the order in which they were stored."""
    states: dict[str, list[Any]] = {}
    for row in database.rows("SELECT run, pts, at, state, reason FROM run_states ORDER BY id"):
        states.setdefault(row[0], []).append(state_from(row))
    return [
        RunLog(
            run=Run(run=run, kind=kind, label=label, identity=identity.hex(), opened_at=opened_at),
            states=tuple(states.get(run, ())),
            last_pts=last_pts,
            last_at=last_at,
        )
        for run, kind, label, identity, opened_at, last_pts, last_at in database.rows(
            "SELECT run, kind, label, identity, opened_at, last_pts, last_at FROM runs ORDER BY id"
        )
    ]


def read_concepts(database: Database) -> tuple[Concept, ...]:
    rows = database.rows(f"SELECT {CONCEPT_COLUMNS} FROM concepts ORDER BY ordinal")
    return tuple(concept_from(row) for row in rows)


def _sightings(
    database: Database, query: Query, logs: Iterable[RunLog], bounds: Bounds
) -> Iterable[Sighting]:
    """Sightings of what was asked about, in the order in which they were stored; all of a run, so
    that a visit is whole."""
    condition, parameters = "1", list[str]()
    if query.concepts:
        condition = f"concept IN ({_places(query.concepts)})"
        parameters += query.concepts
    elif query.subject == "somebody":
        condition = "kind = 'person'"
    elif query.subject == "something":
        condition = "kind != 'person'"
    elif query.intent in WORD_INTENTS:
        return ()
    outside = [log.run.run for log in logs if not _reaches(log, bounds)]
    rows = database.rows(
        f"SELECT {SIGHTING_COLUMNS} FROM sightings "
        f"WHERE {condition} AND run NOT IN ({_places(outside)}) ORDER BY id",
        [*parameters, *outside],
    )
    return map(sighting_from, rows)


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _reaches(log: RunLog, bounds: Bounds) -> bool:
    """Whether any moment of the run can lie inside."""
    at = Span(start=log.run.opened_at, end=max(log.last_at, log.run.opened_at))
    return bounds.holds(log.recorded, Span(start=0, end=log.last_pts), at)


def _passages(
    database: Database,
    query: Query,
    bounds: Bounds,
    coverage: Coverage,
    index: MeaningIndex | None,
) -> tuple[Passage, ...]:
    """The best for the words of the query; without words the newest inside its bounds."""
    # More than asked for, because some may be told by a newer watching.
    wanted = query.limit * 3
    if query.words.strip():
        rankings: list[list[Row]] = [find_words(database, query.words, bounds, wanted)]
        if index is not None:
            rankings.append(_by_meaning(database, query.words, bounds, wanted, index))
        found = fuse(rankings)
    elif query.intent in ("what_happened", "screen_text", "speech"):
        found = [(row, 1.0) for row in list_passages(database, bounds, wanted)]
    else:
        found = []
    told = {row[0]: passage_from(row, score) for row, score in found}
    for row in by_name(database, query, bounds, wanted):
        told.setdefault(row[0], passage_from(row, 1.0))
    for row, whose in by_traits(database, query, bounds, wanted, index):
        told.setdefault(row[0], replace(passage_from(row, ABSENT_NAME), fits=whose))
    passages = told_once(told.values())
    kept = [
        passage
        for passage in passages
        if passage.kind == "answer" or not coverage.replaces(passage.run, passage.span.start)
    ]
    return tuple(sorted(kept[: query.limit], key=by_time))


def _by_meaning(
    database: Database, text: str, bounds: Bounds, limit: int, index: MeaningIndex
) -> list[Row]:
    try:
        return index.find(database, text, bounds, limit)
    except ModelError:
        # The words alone still find what quotes them.
        return []


def _watched(
    query: Query, logs: Iterable[RunLog], coverage: Coverage, bounds: Bounds
) -> tuple[Watched, ...]:
    # Who only listened has not watched; a question about speech asks when there was an ear.
    heard = query.intent == "speech"
    stretches = (
        stretch
        for log in logs
        if (log.run.kind == "microphone") == heard
        for stretch in watched_stretches(log)
    )
    kept = (
        stretch
        for stretch in stretches
        if bounds.holds(stretch.recorded, stretch.span, stretch.at)
        and not (
            coverage.replaces(stretch.run, stretch.span.start)
            and coverage.replaces(stretch.run, stretch.span.end)
        )
    )
    return tuple(sorted(kept, key=by_time))
