"""The schema of the memory, as numbered steps. Append only: a step that was released never changes.

Times are int nanoseconds: `started`/`ended` of the stream, `at_start`/`at_end` of the wall.
"""

from engine.errors import StoreError
from engine.memory.database import Database

Migration = tuple[str, ...]

_FIRST: Migration = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        label TEXT NOT NULL,
        identity BLOB NOT NULL,
        opened_at INTEGER NOT NULL,
        last_pts INTEGER NOT NULL,
        last_at INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE run_states (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        pts INTEGER NOT NULL,
        at INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL
    )
    """,
    "CREATE INDEX run_states_run ON run_states (run, id)",
    """
    CREATE TABLE sightings (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        at_start INTEGER NOT NULL,
        at_end INTEGER NOT NULL,
        phase TEXT NOT NULL,
        concept TEXT,
        kind TEXT NOT NULL,
        score REAL NOT NULL,
        x INTEGER NOT NULL, y INTEGER NOT NULL, w INTEGER NOT NULL, h INTEGER NOT NULL,
        track INTEGER NOT NULL
    )
    """,
    "CREATE INDEX sightings_run ON sightings (run, started)",
    "CREATE INDEX sightings_at ON sightings (at_end)",
    "CREATE INDEX sightings_concept ON sightings (concept, at_end)",
    """
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        kind TEXT NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        at_start INTEGER NOT NULL,
        at_end INTEGER NOT NULL,
        text TEXT NOT NULL,
        question TEXT NOT NULL,
        confidence REAL NOT NULL,
        payload TEXT NOT NULL
    )
    """,
    "CREATE INDEX passages_run ON passages (run, started)",
    "CREATE INDEX passages_at ON passages (at_end)",
    """
    CREATE VIRTUAL TABLE passages_fts USING fts5 (
        text, question, content = 'passages', content_rowid = 'id',
        tokenize = 'porter unicode61 remove_diacritics 2'
    )
    """,
    "INSERT INTO passages_fts (passages_fts, rank) VALUES ('secure-delete', 1)",
    """
    CREATE TABLE passage_vectors (
        passage INTEGER PRIMARY KEY,
        embedder TEXT NOT NULL,
        vector BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE clips (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        at_start INTEGER NOT NULL,
        at_end INTEGER NOT NULL,
        key_frames TEXT NOT NULL,
        embedder TEXT,
        vector BLOB
    )
    """,
    "CREATE INDEX clips_run ON clips (run, started)",
    "CREATE INDEX clips_at ON clips (at_end)",
    # SQLite keeps the first part of a row in a page that it shares with other rows, where moved
    # rows may leave copies behind. The filler makes that part empty, so that a picture lies in
    # pages of its own, which are overwritten when the row is deleted.
    """
    CREATE TABLE pictures (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        pts INTEGER NOT NULL,
        at INTEGER NOT NULL,
        sighting INTEGER,
        filler BLOB NOT NULL DEFAULT (zeroblob(4096)),
        jpeg BLOB NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX pictures_moment ON pictures (run, pts)",
    "CREATE INDEX pictures_at ON pictures (at)",
    "CREATE INDEX pictures_sighting ON pictures (sighting) WHERE sighting IS NOT NULL",
    """
    CREATE TABLE concepts (
        ordinal INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        aliases TEXT NOT NULL,
        is_me INTEGER NOT NULL,
        colour TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE exemplars (
        ordinal INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        concept TEXT NOT NULL REFERENCES concepts (id) ON DELETE CASCADE,
        embedder TEXT NOT NULL,
        vector BLOB NOT NULL,
        crop BLOB NOT NULL,
        positive INTEGER NOT NULL,
        at INTEGER NOT NULL
    )
    """,
    "CREATE INDEX exemplars_concept ON exemplars (concept)",
    """
    CREATE TABLE alerts (
        ordinal INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        concept TEXT,
        condition TEXT NOT NULL,
        dwell_s REAL NOT NULL,
        cooldown_s REAL NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER
    )
    """,
    "CREATE TABLE consents (key TEXT PRIMARY KEY)",
    # `erasures` counts deletions, so that what is cached elsewhere is read anew; `unscrubbed` is 1
    # while deleted content may still lie in the gaps of pages.
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "INSERT INTO marks VALUES ('erasures', 0), ('unscrubbed', 0)",
)

_ALERT_SETTINGS: Migration = ("ALTER TABLE alerts ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'",)

_CORRECTIONS: Migration = (
    "ALTER TABLE sightings ADD COLUMN changed INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE changes (
        ordinal INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        concept TEXT NOT NULL,
        words TEXT NOT NULL,
        heir TEXT
    )
    """,
    # `before` is what the row was, as JSON; NULL where there was none.
    """
    CREATE TABLE change_rows (
        change TEXT NOT NULL,
        place TEXT NOT NULL,
        key INTEGER NOT NULL,
        before TEXT,
        PRIMARY KEY (change, place, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX change_rows_place ON change_rows (place, key)",
)

_PARTS: Migration = (
    # How many rows the vector has; those of several rows are kept at half the precision.
    "ALTER TABLE exemplars ADD COLUMN parts INTEGER NOT NULL DEFAULT 0",
)

_LEAN_EXEMPLARS: Migration = (
    # What is read of all exemplars at the start stands here without their pictures.
    "CREATE INDEX exemplars_lean ON exemplars (concept, id, embedder, positive, at, parts)",
    "DROP INDEX exemplars_concept",
)

_ACTIONS: Migration = (
    # Who did what was seen, where it is an action.
    "ALTER TABLE sightings ADD COLUMN actor TEXT",
)

_DESCRIPTIONS: Migration = (
    # What the user tells of a concept's stable traits.
    "ALTER TABLE concepts ADD COLUMN description TEXT NOT NULL DEFAULT ''",
)

_PROBABILITIES: Migration = (
    # A score was a cosine. What was named by it was sure, and is told as sure.
    "UPDATE sightings SET score = max(score, 0.95) WHERE concept IS NOT NULL AND kind != 'action'",
)

MIGRATIONS: tuple[Migration, ...] = (
    _FIRST,
    _ALERT_SETTINGS,
    _CORRECTIONS,
    _PARTS,
    _LEAN_EXEMPLARS,
    _ACTIONS,
    _DESCRIPTIONS,
    _PROBABILITIES,
)


def migrate(database: Database, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Bring the schema up to date, each step in a transaction of its own.

    Raises:
        StoreError: the memory was written by a newer Nacre.
    """
    database.run(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) WITHOUT ROWID"
    )
    version = schema_version(database)
    if version > len(migrations):
        raise StoreError(
            f"This memory was written by a newer Nacre (schema {version}; this one knows "
            f"{len(migrations)}). It was left as it is. Install the newer Nacre again."
        )
    for number, statements in enumerate(migrations[version:], start=version + 1):
        with database.transaction():
            for statement in statements:
                database.run(statement)
            database.run("INSERT INTO schema_version VALUES (?)", (number,))


def schema_version(database: Database) -> int:
    """How many migrations the memory has seen; 0 for a new one."""
    return int(database.value("SELECT coalesce(max(version), 0) FROM schema_version"))
