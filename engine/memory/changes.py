"""What a change of the gallery changed, row by row, so that it can be undone.

Before a row is touched, what it was is noted under the change; undoing writes that back. After the
undoing the tables hold byte for byte what they held before, so nothing has to be worked out again.
"""

import json
from typing import Any

from engine.errors import UndoRefused
from engine.facts import GalleryChange, Retelling
from engine.memory.database import Database
from engine.memory.rows import ALERT_COLUMNS, CONCEPT_COLUMNS, places, storable

KEPT = 200
"""So many changes, the newest, can be undone."""

_IMAGES = {
    "concepts": ("ordinal", f"json_array(ordinal, {CONCEPT_COLUMNS})"),
    "exemplars": ("ordinal", "json_array(concept)"),
    "alerts": ("ordinal", f"json_array(ordinal, {ALERT_COLUMNS})"),
    "sightings": ("id", "json_array(run, started, concept, kind, changed, actor)"),
}
"""Table: (its key, what is kept of a row). Of an exemplar a change moves only its owner; what
another embedder makes of it is no change."""


class ChangeLog:
    """Notes what one change is about to touch; notes nothing where there is no change."""

    def __init__(self, database: Database, change: GalleryChange | None) -> None:
        self._database = database
        self._change = change
        if change is not None:
            database.run(
                "INSERT OR IGNORE INTO changes (id, at, kind, concept, words, heir) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    change.id,
                    change.at,
                    change.kind,
                    change.concept,
                    storable(change.words),
                    change.heir,
                ),
            )
            _let_go_of_oldest(database)

    def before(self, table: str, where: str, parameters: tuple[Any, ...]) -> None:
        """These rows are about to change; what is noted of a row first stands."""
        if self._change is None:
            return
        key, image = _IMAGES[table]
        self._database.run(
            f"INSERT OR IGNORE INTO change_rows (change, place, key, before) "
            f"SELECT ?, ?, {key}, {image} FROM {table} WHERE {where}",
            (self._change.id, table, *parameters),
        )

    def added(self, table: str, where: str, parameters: tuple[Any, ...]) -> None:
        """These rows were not there before."""
        if self._change is None:
            return
        self._database.run(
            f"INSERT OR IGNORE INTO change_rows (change, place, key, before) "
            f"SELECT ?, ?, {_IMAGES[table][0]}, NULL FROM {table} WHERE {where}",
            (self._change.id, table, *parameters),
        )


def retell(database: Database, log: ChangeLog, retelling: Retelling) -> None:
    """Earlier sightings are of another concept, or of nobody known; they are marked as changed."""
    where = "concept IS ?"
    parameters: list[Any] = [retelling.was]
    for column, wanted in (("run", retelling.run), ("track", retelling.track)):
        if wanted is not None:
            where += f" AND {column} = ?"
            parameters.append(wanted)
    if retelling.at is not None:
        where += " AND at_start <= ? AND at_end >= ?"
        parameters += [retelling.at.end, retelling.at.start]
    log.before("sightings", where, tuple(parameters))
    database.run(
        f"UPDATE sightings SET concept = ?, kind = ?, changed = 1 WHERE {where}",
        (retelling.concept, retelling.kind, *parameters),
    )


def read_changes(database: Database) -> tuple[GalleryChange, ...]:
    """What can be undone, oldest first."""
    rows = database.rows(
        "SELECT id, at, kind, concept, words, heir, (SELECT count(*) FROM change_rows "
        "WHERE change = changes.id AND place = 'sightings') FROM changes ORDER BY ordinal"
    )
    return tuple(
        GalleryChange(
            id=change, at=at, kind=kind, concept=concept, words=words, heir=heir, retold=retold
        )
        for change, at, kind, concept, words, heir, retold in rows
    )


def undo(database: Database, change: str) -> None:
    """Write back what was before a change.

    Raises:
        UndoRefused: it is unknown, or something that it touched was changed again afterwards.
    """
    row = database.row("SELECT ordinal, heir FROM changes WHERE id = ?", (change,))
    if row is None:
        raise UndoRefused("That change can no longer be undone. Nothing was changed.")
    ordinal, heir = row
    _refuse_overtaken(database, change, ordinal)
    noted = [
        (place, key, None if before is None else json.loads(before))
        for place, key, before in database.rows(
            "SELECT place, key, before FROM change_rows WHERE change = ?", (change,)
        )
    ]
    for place, _, before in noted:
        if before is not None:
            _write_back(database, place, before)
    for place, key, before in noted:
        if place == "exemplars" and before is not None:
            database.run("UPDATE exemplars SET concept = ? WHERE ordinal = ?", (before[0], key))
        elif place == "exemplars":
            database.run("DELETE FROM exemplars WHERE ordinal = ?", (key,))
        elif place == "sightings" and before is not None:
            run, started, *was = before
            columns = ("concept", "kind", "changed", "actor")[: len(was)]
            database.run(
                f"UPDATE sightings SET {', '.join(f'{column} = ?' for column in columns)} "
                "WHERE id = ? AND run = ? AND started = ?",
                (*was, key, run, started),
            )
    for place, key, before in noted:
        if place == "concepts" and before is None:
            _unmake(database, key, heir)
    _refuse_doubles(database)
    _drop(database, "id = ?", (change,))


def forget_changes(database: Database, concept: str, names: list[str]) -> None:
    """A concept is forgotten: nothing that was noted tells of it or brings it back."""
    quoted = {name.casefold() for name in names if name}
    told = [
        change
        for change, words, rows in database.rows(
            "SELECT id, words, (SELECT group_concat(before, ' ') FROM change_rows "
            "WHERE change = changes.id AND place IN ('concepts', 'alerts')) FROM changes"
        )
        if any(name in f"{words} {rows or ''}".casefold() for name in quoted)
    ]
    for change in told:
        _drop(database, "id = ?", (change,))
    _drop(
        database,
        "concept = ?1 OR heir = ?1 OR id IN (SELECT change FROM change_rows WHERE "
        "(place = 'exemplars' AND (before = json_array(?1) OR key IN "
        "(SELECT ordinal FROM exemplars WHERE concept = ?1))) OR "
        "(place = 'sightings' AND (json_extract(before, '$[2]') = ?1 OR key IN "
        "(SELECT id FROM sightings WHERE concept = ?1))))",
        (concept,),
    )


def _write_back(database: Database, place: str, before: list[Any]) -> None:
    """A row of a concept or an alert as it was, in its place. Never REPLACE: that would take the
    exemplars of the concept with it."""
    if place == "concepts":
        columns = f"ordinal, {CONCEPT_COLUMNS}"
    elif place == "alerts":
        columns = f"ordinal, {ALERT_COLUMNS}"
    else:
        return
    # What an older build noted lacks the columns that were added since.
    columns = ", ".join(columns.split(", ")[: len(before)])
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", "))
    database.run(
        f"INSERT INTO {place} ({columns}) VALUES ({places(columns)}) "
        f"ON CONFLICT (id) DO UPDATE SET {changed}",
        before,
    )


def _unmake(database: Database, ordinal: int, heir: str | None) -> None:
    """A concept that the change made goes again; what was seen under its name since goes to whom
    it was taken from, or to nobody."""
    row = database.row("SELECT id FROM concepts WHERE ordinal = ?", (ordinal,))
    if row is None:
        return
    (concept,) = row
    if database.row("SELECT 1 FROM exemplars WHERE concept = ?", (concept,)) is not None:
        raise UndoRefused(
            "This name was given more views afterwards. Nothing was changed. Undo those first, "
            "or remove the name."
        )
    database.run("UPDATE sightings SET concept = ?, changed = 1 WHERE concept = ?", (heir, concept))
    database.run("DELETE FROM alerts WHERE concept = ?", (concept,))
    database.run("DELETE FROM concepts WHERE ordinal = ?", (ordinal,))


def _refuse_overtaken(database: Database, change: str, ordinal: int) -> None:
    later = database.row(
        "SELECT words FROM changes WHERE ordinal > ? AND id IN (SELECT other.change "
        "FROM change_rows AS mine JOIN change_rows AS other USING (place, key) "
        "WHERE mine.change = ? AND other.change != mine.change) ORDER BY ordinal DESC LIMIT 1",
        (ordinal, change),
    )
    if later is not None:
        raise UndoRefused(
            f"Something that this touched was changed again afterwards: {later[0]} "
            "Nothing was changed. Undo that first."
        )


def _refuse_doubles(database: Database) -> None:
    """Two concepts of one name could not be told apart by it."""
    taken: dict[str, str] = {}
    for concept, name, aliases in database.rows("SELECT id, name, aliases FROM concepts"):
        for one in (name, *json.loads(aliases)):
            if taken.setdefault(one.casefold(), concept) != concept:
                raise UndoRefused(
                    f"“{one}” is the name of another now. Nothing was changed. Rename that first."
                )


def _let_go_of_oldest(database: Database) -> None:
    _drop(
        database,
        "ordinal <= (SELECT max(ordinal) FROM changes) - ?",
        (KEPT,),
    )


def _drop(database: Database, where: str, parameters: tuple[Any, ...]) -> None:
    database.run(
        f"DELETE FROM change_rows WHERE change IN (SELECT id FROM changes WHERE {where})",
        parameters,
    )
    database.run(f"DELETE FROM changes WHERE {where}", parameters)
