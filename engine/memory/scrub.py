"""Making the file hold nothing of what was deleted.

`secure_delete` overwrites rows and pages as they are freed. Rows that SQLite had moved between
pages earlier may have left copies in the gaps of those pages; `scrub` therefore writes every table
anew (all but the pictures, which lie in pages of their own) and empties the write-ahead log.
"""

import re

from engine.errors import StoreError
from engine.memory.database import Database


def mark_erasure(database: Database) -> None:
    """Note, in the transaction that deletes, that the pages are still to be scrubbed."""
    database.run("UPDATE marks SET value = value + 1 WHERE name = 'erasures'")
    database.run("UPDATE marks SET value = 1 WHERE name = 'unscrubbed'")


def is_unscrubbed(database: Database) -> bool:
    return bool(database.value("SELECT value FROM marks WHERE name = 'unscrubbed'"))


def scrub(database: Database) -> None:
    """Leave no copy of a deleted row anywhere in the file or its log.

    Raises:
        StoreError: it could not be finished; it is tried again before the next change.
    """
    database.run("PRAGMA foreign_keys = OFF")
    try:
        with database.transaction():
            _write_tables_anew(database)
            database.run("INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')")
            database.run("UPDATE marks SET value = 0 WHERE name = 'unscrubbed'")
    finally:
        database.run("PRAGMA foreign_keys = ON")
    free_pages(database)
    if not database.empty_log():
        database.run("UPDATE marks SET value = 1 WHERE name = 'unscrubbed'")
        raise StoreError(
            "What was to be forgotten is deleted, but a trace may be left in the log file while "
            "another program reads the memory. It goes with the next change, or when Nacre closes."
        )


def _write_tables_anew(database: Database) -> None:
    tables = database.rows(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'passages_fts%' AND name != 'pictures'"
    )
    for name, sql in tables:
        indexes = database.rows(
            "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? "
            "AND sql IS NOT NULL",
            (name,),
        )
        fresh = re.sub(r'^CREATE TABLE\s+"?\w+"?', f'CREATE TABLE "{name}_new"', sql)
        database.run(fresh)
        database.run(f'INSERT INTO "{name}_new" SELECT * FROM "{name}"')
        database.run(f'DROP TABLE "{name}"')
        database.run(f'ALTER TABLE "{name}_new" RENAME TO "{name}"')
        for (index,) in indexes:
            database.run(index)


def free_pages(database: Database) -> None:
    """Give unused pages back to the file system."""
    database.rows("PRAGMA incremental_vacuum")
