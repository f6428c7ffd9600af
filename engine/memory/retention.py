"""Keeping within the budget: pictures of the oldest clips go first, then the oldest facts.

In small transactions, so that the memory is never held for long.
"""

from engine.config import RetentionConfig
from engine.media import NANOSECONDS
from engine.memory.database import Database
from engine.memory.erase import delete_passages
from engine.memory.scrub import free_pages

PICTURES_AT_ONCE = 16
FACTS_AT_ONCE = 500
DAY_NS = 86_400 * NANOSECONDS

_SPANNED = ("sightings", "passages", "clips")


def enforce(database: Database, budget: RetentionConfig, now: int) -> None:
    """Delete what is older than the days allow, then the oldest until the bytes fit.

    The gallery, alerts and consents are never touched.

    Raises:
        StoreError: it could not be finished; what was deleted so far stays deleted.
    """
    deleted = _delete_older(database, now - round(budget.max_days * DAY_NS))
    while used_bytes(database) > budget.max_bytes:
        if _delete_oldest_pictures(database) or _delete_oldest_facts(database):
            deleted = True
        else:
            break
    if deleted:
        with database.transaction():
            database.run("UPDATE marks SET value = value + 1 WHERE name = 'erasures'")
        free_pages(database)
        database.empty_log()


def used_bytes(database: Database) -> int:
    """Size of the pages in use."""
    pages = database.value("PRAGMA page_count") - database.value("PRAGMA freelist_count")
    # SQLCipher tells the size of a page as text.
    return int(pages) * int(database.value("PRAGMA page_size"))


def _delete_oldest_pictures(database: Database) -> bool:
    with database.transaction():
        return bool(
            database.run(
                "DELETE FROM pictures WHERE id IN (SELECT id FROM pictures ORDER BY at LIMIT ?)",
                (PICTURES_AT_ONCE,),
            )
        )


def _delete_older(database: Database, cutoff: int) -> bool:
    """Everything that was over before `cutoff` (wall nanoseconds)."""
    deleted = False
    while _delete_some_older(database, cutoff):
        deleted = True
    return deleted


def _delete_some_older(database: Database, cutoff: int) -> bool:
    with database.transaction():
        some = f"id IN (SELECT id FROM {{}} WHERE at_end < ? ORDER BY at_end LIMIT {FACTS_AT_ONCE})"
        changed = database.run(
            "DELETE FROM pictures WHERE id IN (SELECT id FROM pictures WHERE at < ? "
            f"ORDER BY at LIMIT {PICTURES_AT_ONCE})",
            (cutoff,),
        )
        for table in ("sightings", "clips"):
            changed += database.run(f"DELETE FROM {table} WHERE {some.format(table)}", (cutoff,))
        changed += delete_passages(database, some.format("passages"), (cutoff,))
        gone = "(SELECT run FROM runs WHERE last_at < ?)"
        changed += database.run(f"DELETE FROM run_states WHERE run IN {gone}", (cutoff,))
        changed += database.run("DELETE FROM runs WHERE last_at < ?", (cutoff,))
    return changed > 0


def _delete_oldest_facts(database: Database) -> bool:
    """Some of the oldest facts, whatever they are."""
    oldest: list[int] = [
        row[0]
        for table in _SPANNED
        for row in database.rows(
            f"SELECT at_end FROM {table} ORDER BY at_end LIMIT ?", (FACTS_AT_ONCE,)
        )
    ]
    if not oldest:
        return False
    oldest.sort()
    return _delete_some_older(database, oldest[:FACTS_AT_ONCE][-1] + 1)
