"""The reading side of the memory, over SQLCipher: safe from any thread."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Any, TypeVar

from engine.facts import (
    Alert,
    Concept,
    Exemplar,
    GalleryChange,
    GalleryEntry,
    MemoryStats,
    Passage,
    Query,
    Recall,
    ScreenText,
    Sighting,
    Utterance,
    Watched,
)
from engine.media import Image, Span
from engine.memory.changes import read_changes
from engine.memory.database import DATABASE_FILE, Database, ReaderPool
from engine.memory.key import DatabaseKey
from engine.memory.pictures import to_image
from engine.memory.retrieval import read_concepts, read_runs, recall
from engine.memory.rows import (
    ALERT_COLUMNS,
    CLIP_COLUMNS,
    EXEMPLAR_COLUMNS,
    SIGHTING_COLUMNS,
    StoredClip,
    alert_from,
    clip_from,
    exemplar_from,
    sighting_from,
    storable,
    text_from,
    utterance_from,
)
from engine.memory.search import Bounds, MeaningIndex, find_words, fuse, passage_from
from engine.memory.timeline import by_time, told_once, watched_stretches
from engine.ports.seeing import TextEmbedder

Entry = TypeVar("Entry")

_FACT_TABLES = ("runs", "run_states", "sightings", "passages", "clips")


class SqlCipherArchive:
    """`Archive` over connections of its own. Use `open_memory` or `open_archive`."""

    def __init__(
        self, folder: Path, key: DatabaseKey, *, embedder: TextEmbedder | None = None
    ) -> None:
        self._path = folder / DATABASE_FILE
        self._pool = ReaderPool(self._path, key)
        self._index = None if embedder is None else MeaningIndex(embedder)
        self.lent: Callable[[str], Image | None] = lambda _: None
        """Where the pixels of an exemplar are that is known and never kept: the demo's."""

    def _reader(self) -> AbstractContextManager[Database]:
        return self._pool.reader()

    def recall(self, query: Query) -> Recall:
        """What the memory holds about the question."""
        with self._reader() as database:
            return recall(database, query, self._index)

    def search(self, text: str, *, limit: int = 50, at: Span | None = None) -> tuple[Passage, ...]:
        """Words read, remarks and answers that fit the text, best first."""
        with self._reader() as database:
            # Words on a screen are stored when they come and again when they are gone.
            rows = find_words(database, text, Bounds(at=at), 2 * limit)
        found = told_once(passage_from(row, score) for row, score in fuse([rows]))
        return tuple(found[:limit])

    def sightings(self, *, run: str | None = None, at: Span | None = None) -> tuple[Sighting, ...]:
        """All sightings, oldest first."""
        return self._spanned(f"SELECT {SIGHTING_COLUMNS} FROM sightings", sighting_from, run, at)

    def clips(self, *, run: str | None = None, at: Span | None = None) -> tuple[StoredClip, ...]:
        """Kept clips without their pictures, oldest first. Retention may have let their pictures
        go."""
        clips = self._spanned(f"SELECT {CLIP_COLUMNS} FROM clips", clip_from, run, at)
        with self._reader() as database:
            kept = set(database.rows("SELECT run, pts FROM pictures"))
        return tuple(
            replace(
                clip, key_frames=tuple(pts for pts in clip.key_frames if (clip.run, pts) in kept)
            )
            for clip in clips
        )

    def texts(self, *, run: str | None = None, at: Span | None = None) -> tuple[ScreenText, ...]:
        """Words read on a screen, oldest first, as they were stored."""
        select = "SELECT payload FROM (SELECT * FROM passages WHERE kind = 'text')"
        return self._spanned(select, text_from, run, at)

    def utterances(
        self, *, run: str | None = None, at: Span | None = None
    ) -> tuple[Utterance, ...]:
        """What was heard, oldest first."""
        select = "SELECT payload FROM (SELECT * FROM passages WHERE kind = 'utterance')"
        return self._spanned(select, utterance_from, run, at)

    def _spanned(
        self,
        select: str,
        make: Callable[[tuple[Any, ...]], Entry],
        run: str | None,
        at: Span | None,
    ) -> tuple[Entry, ...]:
        conditions: list[str] = []
        parameters: list[Any] = []
        if run is not None:
            conditions.append("run = ?")
            parameters.append(storable(run))
        if at is not None:
            conditions.append("at_start <= ? AND at_end >= ?")
            parameters += [at.end, at.start]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        with self._reader() as database:
            rows = database.rows(f"{select}{where} ORDER BY at_end, id", parameters)
        return tuple(make(row) for row in rows)

    def watched(self) -> tuple[Watched, ...]:
        """Every stretch of every run, in order of wall time."""
        with self._reader() as database:
            logs = read_runs(database)
        stretches = (
            stretch
            for log in logs
            if log.run.kind != "microphone"
            for stretch in watched_stretches(log)
        )
        return tuple(sorted(stretches, key=by_time))

    def picture(self, run: str, pts: int) -> Image | None:
        """The kept picture nearest in time; None when nothing of the run is kept."""
        with self._reader() as database:
            row = database.row(
                "SELECT jpeg FROM pictures WHERE id = (SELECT id FROM ("
                "SELECT * FROM (SELECT id, ?2 - pts AS away FROM pictures "
                "WHERE run = ?1 AND pts <= ?2 ORDER BY pts DESC LIMIT 1) UNION ALL "
                "SELECT * FROM (SELECT id, pts - ?2 AS away FROM pictures "
                "WHERE run = ?1 AND pts > ?2 ORDER BY pts LIMIT 1)) ORDER BY away LIMIT 1)",
                (storable(run), pts),
            )
        return None if row is None else to_image(row[0])

    def crop(self, exemplar: str) -> Image | None:
        """The pixels of one exemplar; None when there is no such exemplar, or none are kept."""
        with self._reader() as database:
            row = database.row("SELECT crop FROM exemplars WHERE id = ?", (storable(exemplar),))
        if row is None:
            return self.lent(exemplar)
        return to_image(row[0]) if row[0] else None

    def concepts(self) -> tuple[Concept, ...]:
        """In the order in which they were first taught."""
        with self._reader() as database:
            return read_concepts(database)

    def gallery(self) -> tuple[GalleryEntry, ...]:
        """The concepts with their exemplars counted, in the order of `concepts`."""
        with self._reader() as database:
            concepts = read_concepts(database)
            rows = database.rows(
                "SELECT concept, id, positive FROM exemplars ORDER BY positive DESC, ordinal"
            )
            named = database.rows(
                "SELECT concept, score, max(at_end) FROM sightings "
                "WHERE concept IS NOT NULL AND kind != 'action' GROUP BY concept"
            )
        seen = {concept: float(score) for concept, score, _ in named}
        views: dict[str, list[tuple[str, bool]]] = {}
        for concept, exemplar, positive in rows:
            views.setdefault(concept, []).append((exemplar, bool(positive)))
        return tuple(
            replace(_entry(concept, views.get(concept.id, [])), seen=seen.get(concept.id))
            for concept in concepts
        )

    def changes(self) -> tuple[GalleryChange, ...]:
        """What can be undone in the gallery, oldest first."""
        with self._reader() as database:
            return read_changes(database)

    def exemplars(self) -> tuple[Exemplar, ...]:
        """Every exemplar with its vector and crop, in the order in which they were added."""
        with self._reader() as database:
            rows = database.rows(f"SELECT {EXEMPLAR_COLUMNS} FROM exemplars ORDER BY ordinal")
        return tuple(exemplar_from(row) for row in rows)

    def vectors(self) -> tuple[Exemplar, ...]:
        """Every exemplar without its pixels, which `crop` has: what recognising needs."""
        with self._reader() as database:
            return read_vectors(database)

    def alerts(self) -> tuple[Alert, ...]:
        """In the order in which they were added."""
        with self._reader() as database:
            rows = database.rows(f"SELECT {ALERT_COLUMNS} FROM alerts ORDER BY ordinal")
        return tuple(alert_from(row) for row in rows)

    def consents(self) -> frozenset[str]:
        with self._reader() as database:
            return frozenset(row[0] for row in database.rows("SELECT key FROM consents"))

    def stats(self) -> MemoryStats:
        """What the memory holds; bytes are those of the files on the disk."""
        with self._reader() as database:
            counts = {
                table: int(database.value(f"SELECT count(*) FROM {table}"))
                for table in (*_FACT_TABLES, "concepts")
            }
            oldest = [
                database.value(f"SELECT min(at_end) FROM {table}")
                for table in ("sightings", "passages", "clips")
            ]
            newest = [
                database.value(f"SELECT max(at_end) FROM {table}")
                for table in ("sightings", "passages", "clips")
            ]
            oldest.append(database.value("SELECT min(opened_at) FROM runs"))
            newest.append(database.value("SELECT max(last_at) FROM runs"))
        return MemoryStats(
            bytes=_size(self._path) + _size(self._path.with_name(DATABASE_FILE + "-wal")),
            facts=sum(counts[table] for table in _FACT_TABLES),
            clips=counts["clips"],
            concepts=counts["concepts"],
            runs=counts["runs"],
            oldest_at=min((at for at in oldest if at is not None), default=None),
            newest_at=max((at for at in newest if at is not None), default=None),
        )

    def close(self) -> None:
        """Close every connection; safe to call twice."""
        self._pool.close()


def read_vectors(database: Database) -> tuple[Exemplar, ...]:
    """Every exemplar without its pixels. What comes behind the pixels in a row is read from an
    index, so that pages of pictures are not walked through."""
    lean = database.rows(
        "SELECT ordinal, id, concept, embedder, positive, at, parts "
        "FROM exemplars INDEXED BY exemplars_lean"
    )
    vectors = dict(database.rows("SELECT ordinal, vector FROM exemplars"))
    lean.sort(key=lambda row: row[0])
    return tuple(
        exemplar_from(
            (
                one,
                intern(concept),
                intern(embedder),
                vectors.pop(ordinal),
                None,
                positive,
                at,
                parts,
            )
        )
        for ordinal, one, concept, embedder, positive, at, parts in lean
    )


def _entry(concept: Concept, views: list[tuple[str, bool]]) -> GalleryEntry:
    positives = sum(positive for _, positive in views)
    return GalleryEntry(
        concept=concept,
        positives=positives,
        negatives=len(views) - positives,
        exemplars=tuple(exemplar for exemplar, _ in views),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
