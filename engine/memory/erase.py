"""Deleting passages, and concepts with their names wherever these are quoted."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from engine.memory.changes import forget_changes
from engine.memory.database import Database
from engine.memory.scrub import mark_erasure

REDACTED = "…"


def erase_concept(database: Database, concept: str, names: Sequence[str]) -> None:
    """The concept, its exemplars, its sightings, all pictures of the times when it was there (and
    what was made of them), and its names wherever they are quoted: answers, remarks, alerts and
    consents go; words read on a screen, descriptions of others and labels of sources lose the name
    alone."""
    row = database.row("SELECT name, aliases FROM concepts WHERE id = ?", (concept,))
    known = [] if row is None else [str(row[0]), *cast("list[str]", json.loads(row[1]))]
    forget_changes(database, concept, [*names, *known])
    _erase_pictures(database, concept)
    database.run("DELETE FROM sightings WHERE concept = ?", (concept,))
    database.run("UPDATE sightings SET actor = NULL WHERE actor = ?", (concept,))
    database.run("DELETE FROM exemplars WHERE concept = ?", (concept,))
    database.run("DELETE FROM concepts WHERE id = ?", (concept,))
    database.run("DELETE FROM alerts WHERE concept = ?", (concept,))
    pattern = quoting([*names, *known])
    if pattern is not None:
        _erase_names(database, pattern)
    mark_erasure(database)


def _erase_pictures(database: Database, concept: str) -> None:
    database.run(
        "DELETE FROM pictures WHERE sighting IN (SELECT id FROM sightings WHERE concept = ?)",
        (concept,),
    )
    # A coming without a going lasts to the end of what is known of its run.
    there = (
        "EXISTS (SELECT 1 FROM sightings AS s WHERE s.concept = ? AND s.run = {0}.run "
        "AND {0}.{1} >= s.started AND ({0}.{2} <= s.ended OR (s.phase = 'began' AND NOT EXISTS "
        "(SELECT 1 FROM sightings AS e WHERE e.run = s.run AND e.concept = s.concept "
        "AND e.phase <> 'began' AND e.started <= s.ended AND e.ended >= s.started))))"
    )
    database.run(f"DELETE FROM pictures WHERE {there.format('pictures', 'pts', 'pts')}", (concept,))
    database.run(
        f"UPDATE clips SET vector = NULL, embedder = NULL "
        f"WHERE {there.format('clips', 'ended', 'started')}",
        (concept,),
    )
    # A description may tell of who was there without a name.
    delete_passages(
        database,
        f"kind = 'observation' AND {there.format('passages', 'ended', 'started')}",
        (concept,),
    )


def quoting(names: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of the names as whole words, in any case. Names in scripts that write without
    spaces are found inside longer words too. None when there is no name."""
    branches: list[str] = []
    for name in sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True):
        before = r"(?<![^\W_])" if _spaced(name[0]) else ""
        after = r"(?![^\W_])" if _spaced(name[-1]) else ""
        branches.append(before + re.escape(name) + after)
    return re.compile("|".join(branches), re.IGNORECASE) if branches else None


def _spaced(letter: str) -> bool:
    """Whether the letter is of a script that puts spaces between words: those with upper and lower
    case, digits, and the right-to-left ones."""
    return letter.isdecimal() or letter.lower() != letter.upper() or "\u0590" <= letter <= "\u08ff"


def _erase_names(database: Database, pattern: re.Pattern[str]) -> None:
    for number, kind, text, question, payload in database.rows(
        "SELECT id, kind, text, question, payload FROM passages"
    ):
        fact = json.loads(payload)
        if not _quotes(pattern, fact) and not _quotes(pattern, [text, question]):
            continue
        if kind not in ("text", "utterance"):
            delete_passages(database, "id = ?", (number,))
            continue
        fact = _without(pattern, fact)
        replace_passage(database, number, pattern.sub(REDACTED, text), json.dumps(fact))
    for number, text, condition in database.rows("SELECT ordinal, text, condition FROM alerts"):
        if _quotes(pattern, [text, json.loads(condition)]):
            database.run("DELETE FROM alerts WHERE ordinal = ?", (number,))
    for number, text in database.rows("SELECT ordinal, description FROM concepts"):
        if pattern.search(text):
            database.run(
                "UPDATE concepts SET description = ? WHERE ordinal = ?",
                (pattern.sub(REDACTED, text), number),
            )
    for (key,) in database.rows("SELECT key FROM consents"):
        if pattern.search(key):
            database.run("DELETE FROM consents WHERE key = ?", (key,))
    for table, column in (("runs", "label"), ("run_states", "reason")):
        for number, text in database.rows(f"SELECT id, {column} FROM {table}"):
            if pattern.search(text):
                database.run(
                    f"UPDATE {table} SET {column} = ? WHERE id = ?",
                    (pattern.sub(REDACTED, text), number),
                )


def _strings(value: Any, change: Callable[[str], str]) -> Any:
    """The JSON value with every string in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_strings(item, change) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _strings(item, change) for key, item in cast("dict[str, Any]", value).items()}
    return value


def _without(pattern: re.Pattern[str], value: Any) -> Any:
    return _strings(value, lambda text: pattern.sub(REDACTED, text))


def _quotes(pattern: re.Pattern[str], value: Any) -> bool:
    return bool(_without(pattern, value) != value)


def replace_passage(database: Database, number: int, text: str, payload: str) -> None:
    """Other words for a passage, in the full-text entries too."""
    _drop_full_text(database, "id = ?", (number,))
    database.run("DELETE FROM passage_vectors WHERE passage = ?", (number,))
    database.run("UPDATE passages SET text = ?, payload = ? WHERE id = ?", (text, payload, number))
    database.run(
        "INSERT INTO passages_fts (rowid, text, question) "
        "SELECT id, text, question FROM passages WHERE id = ?",
        (number,),
    )


def delete_passages(database: Database, where: str, parameters: Sequence[Any]) -> int:
    """Passages with their vectors and full-text entries; how many."""
    _drop_full_text(database, where, parameters)
    database.run(
        f"DELETE FROM passage_vectors WHERE passage IN (SELECT id FROM passages WHERE {where})",
        parameters,
    )
    return database.run(f"DELETE FROM passages WHERE {where}", parameters)


def _drop_full_text(database: Database, where: str, parameters: Sequence[Any]) -> None:
    database.run(
        "INSERT INTO passages_fts (passages_fts, rowid, text, question) "
        f"SELECT 'delete', id, text, question FROM passages WHERE {where}",
        parameters,
    )
