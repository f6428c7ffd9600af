"""The writing side of the memory, over SQLCipher. One process, one thread."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from filelock import FileLock

from engine.config import RetentionConfig
from engine.effects import (
    EraseAlert,
    EraseConcept,
    EraseScope,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistConsent,
    PersistMerge,
    PersistVectors,
    UndoChange,
)
from engine.errors import ModelError, StoreError
from engine.facts import (
    Alert,
    Answer,
    ClipRecord,
    Concept,
    Observation,
    Remark,
    Run,
    RunState,
    ScreenText,
    Sighting,
    Utterance,
)
from engine.media import Image
from engine.memory.changes import ChangeLog, retell, undo
from engine.memory.database import DATABASE_FILE, Database
from engine.memory.erase import erase_concept
from engine.memory.key import DatabaseKey
from engine.memory.migrations import migrate
from engine.memory.pictures import to_jpeg
from engine.memory.retention import enforce
from engine.memory.rows import (
    ALERT_COLUMNS,
    CLIP_COLUMNS,
    CONCEPT_COLUMNS,
    EXEMPLAR_COLUMNS,
    PASSAGE_COLUMNS,
    SIGHTING_COLUMNS,
    alert_from,
    alert_row,
    clip_row,
    concept_row,
    exemplar_bytes,
    exemplar_row,
    passage_row,
    places,
    run_row,
    sighting_row,
    state_row,
    storable,
    vector_bytes,
)
from engine.memory.scope import erase_scope
from engine.memory.scrub import is_unscrubbed, mark_erasure, scrub
from engine.ports.memory import StoreEffect
from engine.ports.seeing import TextEmbedder

EMBEDDED_AT_ONCE = 32


class SqlCipherStore:
    """`Store` in one encrypted file. Use `open_memory` to open it with its key and its lock."""

    def __init__(
        self,
        folder: Path,
        key: DatabaseKey,
        lock: FileLock,
        *,
        retention: Callable[[], RetentionConfig],
        embedder: TextEmbedder | None = None,
    ) -> None:
        """Open the database for writing, bring its schema up to date and finish what an earlier
        process left undone. Takes over `lock`.

        Raises:
            StoreError: the file cannot be opened; it was left as it is.
        """
        self._lock = lock
        self._retention = retention
        self._embedder = embedder
        self._embedded_to = 0
        self._database = Database(folder / DATABASE_FILE, key, writes=True)
        try:
            migrate(self._database)
            _end_abandoned_runs(self._database)
            self._finish_erasure()
        except BaseException:
            self._database.close()
            raise

    def apply(self, effects: Sequence[StoreEffect]) -> None:
        """Perform the effects in order, in one transaction.

        Raises:
            StoreError: nothing of the batch was kept (an erasure that could not be scrubbed from
                the file is kept, and finished with the next batch).
        """
        with self._database.transaction():
            for effect in effects:
                self._perform(effect)
        self._finish_erasure()
        self._embed_new_passages()

    def enforce_retention(self, now: int) -> None:
        """Delete the oldest until the memory is within its budget. `now` in wall nanoseconds."""
        enforce(self._database, self._retention(), now)
        self._embedded_to = 0

    def check_integrity(self) -> tuple[str, ...]:
        """What is wrong with the file; empty when nothing is. Reads every page."""
        return self._database.check_integrity()

    def close(self) -> None:
        """Finish, close the file and let another process write; safe to call twice."""
        try:
            if self._lock.is_locked:
                self._finish_erasure()
        finally:
            self._database.close()
            self._lock.release()

    def _perform(self, effect: StoreEffect) -> None:
        database = self._database
        match effect:
            case Persist():
                self._append(effect)
            case PersistConsent():
                database.run("INSERT OR IGNORE INTO consents VALUES (?)", (storable(effect.key),))
            case PersistConcept():
                self._change_concept(effect)
            case PersistMerge():
                self._merge(effect)
            case PersistVectors():
                self._embed_anew(effect)
            case UndoChange():
                undo(database, effect.change)
                mark_erasure(database)
            case PersistAlert():
                self._write_alert(effect.alert)
            case EraseAlert():
                database.run("DELETE FROM alerts WHERE id = ?", (effect.alert,))
            case EraseConcept():
                erase_concept(database, effect.concept, effect.names)
            case EraseScope():
                erase_scope(database, effect.scope)
            case _:
                assert_never(effect)

    def _append(self, effect: Persist) -> None:
        database, fact = self._database, effect.fact
        sighting: int | None = None
        match fact:
            case Run():
                database.run(
                    "INSERT OR IGNORE INTO runs "
                    "(run, kind, label, identity, opened_at, last_pts, last_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    run_row(fact),
                )
            case RunState():
                database.run(
                    "INSERT INTO run_states (run, pts, at, state, reason) VALUES (?, ?, ?, ?, ?)",
                    state_row(fact),
                )
                self._moved_on(fact.run, fact.pts, fact.at)
            case Sighting():
                sighting = database.insert(
                    f"INSERT INTO sightings ({SIGHTING_COLUMNS}) "
                    f"VALUES ({places(SIGHTING_COLUMNS)})",
                    sighting_row(fact),
                )
                self._moved_on(fact.run, fact.span.end, fact.at)
            case ClipRecord():
                self._append_clip(fact)
            case ScreenText() | Observation() | Utterance() | Answer() | Remark():
                self._append_passage(fact)
            case _:
                assert_never(fact)
        if effect.frame is not None:
            frame = effect.frame
            self._keep_picture((frame.run, frame.pts, frame.at), frame.image, sighting)

    def _append_clip(self, clip: ClipRecord) -> None:
        self._database.run(
            f"INSERT INTO clips ({CLIP_COLUMNS}) VALUES ({places(CLIP_COLUMNS)})", clip_row(clip)
        )
        for pts, image in clip.key_frames:
            self._keep_picture((clip.run, pts, clip.at - (clip.span.end - pts)), image, None)
        self._moved_on(clip.run, clip.span.end, clip.at)

    def _append_passage(self, fact: ScreenText | Observation | Utterance | Answer | Remark) -> None:
        row = passage_row(fact)
        number = self._database.insert(
            f"INSERT INTO passages ({PASSAGE_COLUMNS}) VALUES ({places(PASSAGE_COLUMNS)})", row
        )
        self._database.run(
            "INSERT INTO passages_fts (rowid, text, question) "
            "SELECT id, text, question FROM passages WHERE id = ?",
            (number,),
        )
        if isinstance(fact, ScreenText | Utterance):
            self._moved_on(fact.run, fact.span.end, fact.at)

    def _keep_picture(
        self, moment: tuple[str, int, int], image: Image, sighting: int | None
    ) -> None:
        """The picture of one (run, pts, at), once. One that belongs to a sighting alone goes when
        that sighting is forgotten; one that is a key frame too stays."""
        run, pts, at = moment
        kept = self._database.row("SELECT id FROM pictures WHERE run = ? AND pts = ?", (run, pts))
        if kept is not None:
            if sighting is None:
                self._database.run("UPDATE pictures SET sighting = NULL WHERE id = ?", (kept[0],))
            return
        self._database.run(
            "INSERT INTO pictures (run, pts, at, sighting, jpeg) VALUES (?, ?, ?, ?, ?)",
            (run, pts, at, sighting, to_jpeg(image)),
        )

    def _moved_on(self, run: str, pts: int, at: int) -> None:
        """Keep the last known moment of a run."""
        self._database.run(
            "UPDATE runs SET last_pts = max(last_pts, ?), last_at = max(last_at, ?) WHERE run = ?",
            (pts, at, run),
        )

    def _change_concept(self, effect: PersistConcept) -> None:
        database, concept = self._database, effect.concept
        log = ChangeLog(database, effect.change)
        self._write_concept(concept, log)
        for exemplar in effect.added:
            database.run(
                f"INSERT OR REPLACE INTO exemplars ({EXEMPLAR_COLUMNS}) "
                f"VALUES ({places(EXEMPLAR_COLUMNS)})",
                exemplar_row(exemplar),
            )
            log.added("exemplars", "id = ?", (exemplar.id,))
        for exemplar in effect.moved:
            log.before("exemplars", "id = ?", (exemplar,))
            database.run(
                "UPDATE exemplars SET concept = ? WHERE id = ?", (concept.id, storable(exemplar))
            )
        if effect.retelling is not None:
            retell(database, log, effect.retelling)

    def _embed_anew(self, effect: PersistVectors) -> None:
        """An exemplar that was removed meanwhile stays removed."""
        for exemplar, embedder, vector in effect.vectors:
            parts = len(vector) if vector.ndim == 2 else 0
            self._database.run(
                "UPDATE exemplars SET embedder = ?, vector = ?, parts = ? WHERE id = ?",
                (embedder, exemplar_bytes(vector), parts, storable(exemplar)),
            )

    def _write_concept(self, concept: Concept, log: ChangeLog | None = None) -> None:
        new = False if log is None else self._note_concept(concept, log)
        self._database.run(
            f"INSERT INTO concepts ({CONCEPT_COLUMNS}) VALUES ({places(CONCEPT_COLUMNS)}) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
            "aliases = excluded.aliases, is_me = excluded.is_me, colour = excluded.colour, "
            "description = excluded.description",
            concept_row(concept),
        )
        if log is not None and new:
            log.added("concepts", "id = ?", (concept.id,))

    def _note_concept(self, concept: Concept, log: ChangeLog) -> bool:
        """Whether it is new. A row that stays as it is, is not changed: what else happens to the
        concept may be undone by itself."""
        kept = self._database.row(
            f"SELECT {CONCEPT_COLUMNS} FROM concepts WHERE id = ?", (concept.id,)
        )
        if kept is not None and tuple(kept) != tuple(concept_row(concept)):
            log.before("concepts", "id = ?", (concept.id,))
        return kept is None

    def _merge(self, effect: PersistMerge) -> None:
        database, target = self._database, effect.target.id
        log = ChangeLog(database, effect.change)
        for table in ("exemplars", "sightings", "alerts"):
            log.before(table, "concept = ?", (effect.source,))
        log.before("sightings", "actor = ?", (effect.source,))
        log.before("concepts", "id = ?", (effect.source,))
        self._write_concept(effect.target, log)
        moved = (target, effect.source)
        database.run("UPDATE exemplars SET concept = ? WHERE concept = ?", moved)
        database.run("UPDATE sightings SET concept = ? WHERE concept = ?", moved)
        database.run("UPDATE sightings SET actor = ? WHERE actor = ?", moved)
        database.run("DELETE FROM concepts WHERE id = ?", (effect.source,))
        for row in database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts WHERE concept = ?", (effect.source,)
        ):
            alert = alert_from(row)
            self._write_alert(replace(alert, condition=replace(alert.condition, concept=target)))

    def _write_alert(self, alert: Alert) -> None:
        self._database.run(
            f"INSERT INTO alerts ({ALERT_COLUMNS}) VALUES ({places(ALERT_COLUMNS)}) "
            "ON CONFLICT (id) DO UPDATE SET text = excluded.text, concept = excluded.concept, "
            "condition = excluded.condition, dwell_s = excluded.dwell_s, "
            "cooldown_s = excluded.cooldown_s, expires_at = excluded.expires_at, "
            "settings = excluded.settings",
            alert_row(alert),
        )

    def _finish_erasure(self) -> None:
        if is_unscrubbed(self._database):
            self._embedded_to = 0
            scrub(self._database)

    def _embed_new_passages(self) -> None:
        """Vectors for passages that have none yet, some at a time: also for those that were stored
        before the embedder was installed. They only help the search, so failing is no loss."""
        if self._embedder is None:
            return
        rows = self._database.rows(
            "SELECT id, text FROM passages WHERE id > ? AND confidence > 0 AND NOT EXISTS "
            "(SELECT 1 FROM passage_vectors WHERE passage = id AND embedder = ?) "
            "ORDER BY id LIMIT ?",
            (self._embedded_to, self._embedder.name, EMBEDDED_AT_ONCE),
        )
        if not rows:
            self._embedded_to = self._database.value("SELECT coalesce(max(id), 0) FROM passages")
            return
        with suppress(StoreError, ModelError):
            vectors = self._embedder.embed([str(text) for _, text in rows])
            with self._database.transaction():
                self._database.run_many(
                    "INSERT OR REPLACE INTO passage_vectors VALUES (?, ?, ?)",
                    [
                        (number, self._embedder.name, vector_bytes(vector))
                        for (number, _), vector in zip(rows, vectors, strict=True)
                    ],
                )
        self._embedded_to = rows[-1][0]


def _end_abandoned_runs(database: Database) -> None:
    """Runs of a process that was killed end where they were last heard of."""
    with database.transaction():
        database.run(
            "INSERT INTO run_states (run, pts, at, state, reason) "
            "SELECT run, last_pts, last_at, 'ended', 'Nacre was stopped' FROM runs "
            "WHERE run NOT IN (SELECT run FROM run_states WHERE state = 'ended')"
        )
