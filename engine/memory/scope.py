"""Deleting what lies in a scope: a stretch of time, a run, or everything."""

import json
from typing import Any

from engine.facts import Scope
from engine.media import Span
from engine.memory.database import Database
from engine.memory.erase import delete_passages
from engine.memory.scrub import mark_erasure

_SPANNED = ("sightings", "passages", "clips")
_EVERYTHING = (
    "runs",
    "run_states",
    "sightings",
    "passages",
    "passage_vectors",
    "clips",
    "pictures",
    "exemplars",
    "concepts",
    "changes",
    "change_rows",
    "alerts",
    "consents",
)
_EARLIEST, _LATEST = -(2**62), 2**62


def erase_scope(database: Database, scope: Scope) -> None:
    """What lies in the scope; without any bound everything: gallery, alerts and consents too.
    Answers and remarks go with what they rest on."""
    if scope.at is None and scope.run is None:
        for table in _EVERYTHING:
            database.run(f"DELETE FROM {table}")
        database.run("INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')")
    else:
        _erase_within(database, scope, scope.at or Span(start=_EARLIEST, end=_LATEST))
    mark_erasure(database)


def _erase_within(database: Database, scope: Scope, at: Span) -> None:
    _delete_told(database, scope, at)
    condition, bounds = _within(scope, at)
    delete_passages(database, condition, bounds)
    _delete_pictures(database, scope, at)
    # A visit of which the end goes must not look as if it had never ended.
    database.run(
        "DELETE FROM sightings WHERE phase = 'began' AND EXISTS (SELECT 1 FROM sightings AS whole "
        f"WHERE {_within(scope, at, 'whole.')[0]} AND whole.phase != 'began' "
        "AND whole.run = sightings.run AND whole.concept IS sightings.concept "
        "AND (whole.concept IS NOT NULL OR whole.track = sightings.track) "
        "AND sightings.started BETWEEN whole.started AND whole.ended)",
        bounds,
    )
    for table in ("sightings", "clips"):
        database.run(f"DELETE FROM {table} WHERE {condition}", bounds)
    if scope.at is None:
        database.run("DELETE FROM run_states WHERE run = ?", (scope.run,))
    else:
        for row in database.rows(
            "SELECT run, opened_at, last_at FROM runs "
            "WHERE opened_at <= ? AND last_at >= ? AND (? IS NULL OR run = ?)",
            (at.end, at.start, scope.run, scope.run),
        ):
            _cut_out(database, row, at)
    _drop_empty_runs(database)


def _within(scope: Scope, at: Span, prefix: str = "") -> tuple[str, tuple[Any, ...]]:
    return (
        f"{prefix}at_start <= ? AND {prefix}at_end >= ? AND (? IS NULL OR {prefix}run = ?)",
        (at.end, at.start, scope.run, scope.run),
    )


def _delete_told(database: Database, scope: Scope, at: Span) -> None:
    """Answers and remarks that rest on something in the scope."""
    for number, payload in database.rows(
        "SELECT id, payload FROM passages WHERE kind IN ('answer', 'remark')"
    ):
        for item in json.loads(payload)["evidence"]:
            span = Span(start=item["at"]["start"], end=item["at"]["end"])
            if scope.run in (None, item["run"]) and span.overlaps(at):
                delete_passages(database, "id = ?", (number,))
                break


def _delete_pictures(database: Database, scope: Scope, at: Span) -> None:
    """Pictures taken in the scope, and those of clips and sightings that reach into it."""
    condition, bounds = _within(scope, at)
    database.run(
        "DELETE FROM pictures WHERE at BETWEEN ? AND ? AND (? IS NULL OR run = ?)",
        (at.start, at.end, scope.run, scope.run),
    )
    database.run(
        f"DELETE FROM pictures WHERE sighting IN (SELECT id FROM sightings WHERE {condition})",
        bounds,
    )
    database.run(
        "DELETE FROM pictures WHERE id IN (SELECT pictures.id FROM clips JOIN pictures "
        "ON pictures.run = clips.run AND pictures.pts BETWEEN clips.started AND clips.ended "
        f"WHERE {_within(scope, at, 'clips.')[0]})",
        bounds,
    )


def _cut_out(database: Database, row: tuple[Any, ...], at: Span) -> None:
    """Take the stretch out of the states of a run, and leave a gap where it was watched: nobody
    may conclude from an empty stretch that nothing was there."""
    run, opened_at, last_at = row
    first, last = at.start, min(at.end, last_at)
    states = database.rows(
        "SELECT run, pts, at, state, reason FROM run_states WHERE run = ? ORDER BY id", (run,)
    )
    before = [state for state in states if state[2] < first]
    after = [state for state in states if state[2] > last]
    inside = [state for state in states if first <= state[2] <= last]
    gap: list[tuple[Any, ...]] = []
    if before and before[-1][3] == "open":
        gap.append((run, first - opened_at, first, "paused", ""))
    state = (inside or before or [(run, 0, 0, "", "")])[-1][3]
    if state == "open":
        gap.append((run, last - opened_at, last, "open", ""))
    elif state == "ended" and before:
        gap.append((run, first - opened_at, first, "ended", ""))
    database.run("DELETE FROM run_states WHERE run = ?", (run,))
    database.run_many(
        "INSERT INTO run_states (run, pts, at, state, reason) VALUES (?, ?, ?, ?, ?)",
        [*before, *gap, *after],
    )
    _recount(database, run)


def _recount(database: Database, run: str) -> None:
    """The last known moment of the run, after some of it was deleted."""
    columns = [("run_states", "pts", "at")]
    columns += [(table, "ended", "at_end") for table in _SPANNED]
    moments = [
        row
        for table, pts, at in columns
        for row in database.rows(f"SELECT max({pts}), max({at}) FROM {table} WHERE run = ?", (run,))
        if row[0] is not None
    ]
    if moments:
        database.run(
            "UPDATE runs SET last_pts = ?, last_at = ? WHERE run = ?",
            (max(row[0] for row in moments), max(row[1] for row in moments), run),
        )


def _drop_empty_runs(database: Database) -> None:
    tables = (*_SPANNED, "run_states")
    database.run(
        "DELETE FROM runs WHERE "
        + " AND ".join(f"run NOT IN (SELECT run FROM {table})" for table in tables)
    )
