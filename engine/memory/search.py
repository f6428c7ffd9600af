"""Finding passages: full text (FTS5, BM25), meaning (cosine), both merged by reciprocal rank.

Reciprocal rank fusion: Cormack, Clarke, Buettcher, SIGIR 2009.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.facts import Passage
from engine.media import Span
from engine.memory.database import Database, Row
from engine.memory.rows import RECORDED_KINDS, storable
from engine.ports.seeing import TextEmbedder

FUSION_K = 60
SEMANTIC_FLOOR = 0.35
"""Passages whose cosine to the question is lower are not about it."""
SEMANTIC_NEWEST = 100_000
"""At most so many passages, the newest, are compared by meaning."""
RANKED_NEWEST = 10_000
"""Of more passages that have all the words, the newest are ranked: among so many the order by words
says little, and working it out takes longest."""
ROWS_AT_ONCE = 1024

_COLUMNS = (
    "passages.id, passages.run, coalesce(runs.label, ''), coalesce(runs.kind, ''), passages.kind, "
    "passages.text, started, ended, at_start, at_end"
)
_SOURCE = "passages LEFT JOIN runs ON runs.run = passages.run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Which passages are looked through. A recording is bounded by stream time, a live source by
    wall time; where only one of the two is given, it bounds both."""

    at: Span | None = None
    pts: Span | None = None
    kinds: tuple[str, ...] = ("text", "observation", "utterance", "remark", "answer")

    def holds(self, recorded: bool, span: Span, at: Span) -> bool:
        """Whether something at this time lies inside."""
        if self.pts is not None and (recorded or self.at is None):
            return span.overlaps(self.pts)
        return self.at is None or at.overlaps(self.at)

    def condition(self) -> tuple[str, tuple[Any, ...]]:
        """The same for SQL, over passages and runs."""
        kinds = ", ".join(f"'{kind}'" for kind in self.kinds)
        sql, parameters = f"passages.kind IN ({kinds}) AND confidence > 0", ()
        by_pts = "started <= ? AND ended >= ?"
        by_at = "at_start <= ? AND at_end >= ?"
        pts = () if self.pts is None else (self.pts.end, self.pts.start)
        at = () if self.at is None else (self.at.end, self.at.start)
        if pts and at:
            recorded = "coalesce(runs.kind, '') IN ('recording', 'demo')"
            sql += f" AND CASE WHEN {recorded} THEN {by_pts} ELSE {by_at} END"
            parameters = (*pts, *at)
        elif pts or at:
            sql += f" AND {by_pts if pts else by_at}"
            parameters = pts or at
        return sql, parameters


def match_expression(text: str, joiner: str) -> str:
    """The user's words as an FTS5 query: each one quoted, so that nothing in it is syntax."""
    return f" {joiner} ".join(_quoted_words(text))


def _quoted_words(text: str) -> list[str]:
    plain = re.sub(r"['’]s\b", "", storable(text).replace("\0", " "))
    words = [word for word in plain.split() if _has_letter(word)]
    return ['"' + word.replace('"', '""') + '"' for word in words]


def _has_letter(word: str) -> bool:
    return any(letter.isalnum() for letter in word)


def find_words(database: Database, text: str, bounds: Bounds, limit: int) -> list[Row]:
    """Rows of passages, best first: those with all the words, then those with some of them. Text
    that is not made of words (emoji) or not parted by spaces is looked for letter by letter."""
    words = _quoted_words(text)
    if limit < 1:
        return []
    found: dict[int, Row] = {}
    if words:
        found = {row[0]: row for row in _with_all(database, words, bounds, limit)}
    if len(words) > 1 and len(found) < limit:
        rows = _with_some(database, words, bounds, limit)
        found |= {row[0]: row for row in rows if row[0] not in found}
    if not found and not text.isascii():
        found = {row[0]: row for row in _containing(database, text, bounds, limit)}
    return list(found.values())[:limit]


def _with_all(database: Database, words: list[str], bounds: Bounds, limit: int) -> list[Row]:
    expression = " AND ".join(words)
    oldest = 0
    if bounds == Bounds(kinds=bounds.kinds):  # others leave few enough
        oldest = _oldest_ranked(database, expression)
    rows = _matching(database, expression, bounds, limit, oldest)
    return (
        rows if len(rows) == limit or not oldest else _matching(database, expression, bounds, limit)
    )


def _with_some(database: Database, words: list[str], bounds: Bounds, limit: int) -> list[Row]:
    """Words that nearly everything has say nothing beside those that are rarer."""
    rare = [word for word in words if not _oldest_ranked(database, word)]
    found = _matching(database, " OR ".join(rare), bounds, limit) if rare else []
    return found or _matching(database, " OR ".join(words), bounds, limit)


def _matching(
    database: Database, expression: str, bounds: Bounds, limit: int, oldest: int = 0
) -> list[Row]:
    condition, parameters = bounds.condition()
    return database.rows(
        f"SELECT {_COLUMNS} FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid "
        "LEFT JOIN runs ON runs.run = passages.run "
        f"WHERE passages_fts MATCH ? AND passages_fts.rowid >= ? AND {condition} "
        "ORDER BY passages_fts.rank LIMIT ?",
        (expression, oldest, *parameters, limit),
    )


def _oldest_ranked(database: Database, expression: str) -> int:
    """The id from which on passages are ranked; 0 where there are not too many of them."""
    row = database.row(
        "SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? "
        "ORDER BY rowid DESC LIMIT 1 OFFSET ?",
        (expression, RANKED_NEWEST),
    )
    return 0 if row is None else int(row[0])


def _containing(database: Database, text: str, bounds: Bounds, limit: int) -> list[Row]:
    condition, parameters = bounds.condition()
    return database.rows(
        f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE instr(text, ?) AND {condition} "
        "ORDER BY passages.id DESC LIMIT ?",
        (storable(text).strip(), *parameters, limit),
    )


def list_passages(database: Database, bounds: Bounds, limit: int) -> list[Row]:
    """Rows of the newest passages inside the bounds, newest first."""
    condition, parameters = bounds.condition()
    return database.rows(
        f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE {condition} ORDER BY at_end DESC LIMIT ?",
        (*parameters, limit),
    )


def passage_from(row: Row, score: float) -> Passage:
    _, run, label, source, kind, text, started, ended, at_start, at_end = row
    return Passage(
        run=run,
        label=label,
        recorded=source in RECORDED_KINDS,
        kind=kind,
        text=text,
        span=Span(start=started, end=ended),
        at=Span(start=at_start, end=at_end),
        score=score,
    )


def fuse(rankings: Sequence[Sequence[Row]]) -> list[tuple[Row, float]]:
    """Rows of all rankings, best first, with scores in (0, 1]: 1 is first in every ranking."""
    scores: dict[int, float] = {}
    rows: dict[int, Row] = {}
    for ranking in rankings:
        for place, row in enumerate(ranking):
            rows[row[0]] = row
            scores[row[0]] = scores.get(row[0], 0.0) + 1 / (FUSION_K + place)
    best = len(rankings) / FUSION_K if rankings else 1.0
    order = sorted(scores, key=lambda number: (-scores[number], -number))
    return [(rows[number], round(scores[number] / best, 4)) for number in order]


class MeaningIndex:
    """The vectors of the stored passages, held in memory and read on as passages are added.

    A value is held in one byte, scaled by the largest of its vector: a cosine is then off by less
    than 0.005, and there is a quarter of the bytes to go through for every question.
    """

    def __init__(self, embedder: TextEmbedder) -> None:
        self._embedder = embedder
        self._lock = Lock()
        self._ids: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._vectors: npt.NDArray[np.int8] = np.zeros((0, 0), np.int8)
        self._scales: npt.NDArray[np.float32] = np.zeros(0, np.float32)
        self._erasures = -1

    def find(
        self,
        database: Database,
        text: str,
        bounds: Bounds,
        limit: int,
        *,
        floor: float = SEMANTIC_FLOOR,
    ) -> list[Row]:
        """Rows of the passages nearest in meaning, nearest first, from a cosine of `floor` on."""
        wanted = np.asarray(self._embedder.embed([text])[0], dtype=np.float32)
        with self._lock:
            self._read_on(database)
            ids, vectors, scales = self._ids, self._vectors, self._scales
        if not len(ids):
            return []
        scores = _products(vectors, wanted) * scales
        nearest = _greatest(scores, limit * 4)
        numbers = [int(ids[place]) for place in nearest if scores[place] >= floor]
        return _rows_of(database, numbers, bounds)[:limit]

    def _read_on(self, database: Database) -> None:
        erasures = database.value("SELECT value FROM marks WHERE name = 'erasures'")
        if erasures != self._erasures:
            self._ids, self._erasures = np.zeros(0, np.int64), erasures
        last = int(self._ids[-1]) if len(self._ids) else -1
        rows = database.rows(
            "SELECT passage, vector FROM passage_vectors WHERE embedder = ? AND passage > ? "
            "ORDER BY passage DESC LIMIT ?",
            (self._embedder.name, last, SEMANTIC_NEWEST),
        )[::-1]
        if not rows:
            return
        exact = np.stack([np.frombuffer(data, np.float32) for _, data in rows])
        scales: npt.NDArray[np.float32] = np.maximum(np.abs(exact).max(axis=1), 1e-12) / 127
        fresh: npt.NDArray[np.int8] = np.round(exact / scales[:, None]).astype(np.int8)
        numbers = np.array([number for number, _ in rows], np.int64)
        if len(self._ids):
            fresh = np.concatenate([self._vectors, fresh])
            scales = np.concatenate([self._scales, scales])
            numbers = np.concatenate([self._ids, numbers])
        self._ids, self._vectors = numbers[-SEMANTIC_NEWEST:], fresh[-SEMANTIC_NEWEST:]
        self._scales = scales[-SEMANTIC_NEWEST:]


def _products(
    vectors: npt.NDArray[np.int8], wanted: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Dot products of every row, some rows at a time, so that what is widened stays in the
    processor's cache."""
    products = np.empty(len(vectors), np.float32)
    for begin in range(0, len(vectors), ROWS_AT_ONCE):
        some = vectors[begin : begin + ROWS_AT_ONCE]
        products[begin : begin + len(some)] = some.astype(np.float32) @ wanted
    return products


def _greatest(scores: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """The places of the greatest scores, greatest first; among equals the first."""
    if count < len(scores):
        least = -np.partition(-scores, count)[count]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    return places[np.argsort(-scores[places], kind="stable")][:count]


def _rows_of(database: Database, numbers: Iterable[int], bounds: Bounds) -> list[Row]:
    """Rows in the order of the numbers; without those outside the bounds."""
    condition, parameters = bounds.condition()
    rows = (
        database.row(
            f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE passages.id = ? AND {condition}",
            (number, *parameters),
        )
        for number in numbers
    )
    return [row for row in rows if row is not None]
