# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false
"""The encrypted database file: opening SQLCipher, one writer, many readers, errors in plain words.

SQLCipher with a raw key (https://www.zetetic.net/sqlcipher/sqlcipher-api/), write-ahead log,
`synchronous=NORMAL`: a killed process loses nothing that was committed.
"""

import os
import shutil
import stat
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

from filelock import FileLock, Timeout
from sqlcipher3 import dbapi2

from engine.errors import StoreError, StoreFull, StoreLocked
from engine.memory.key import DatabaseKey

DATABASE_FILE = "memory.db"
LOCK_FILE = "memory.lock"
BUSY_TIMEOUT_S = 10.0
LITTLE_SPACE_BYTES = 1 << 20
READERS_KEPT = 4

Row = tuple[Any, ...]


def prepare_folder(folder: Path) -> None:
    """Make the data folder, open to its owner alone.

    Raises:
        StoreError: it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be made private to you ({error.strerror}). Nothing "
            "was changed. Choose a folder that you own and may write to."
        ) from error


def lock_for_writing(folder: Path) -> FileLock:
    """Become the one writer; the lock ends with the process, however it ends.

    Raises:
        StoreLocked: another process is the writer.
        StoreError: the folder cannot be written.
    """
    lock = FileLock(folder / LOCK_FILE, timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreLocked(
            "Another Nacre is running and writes to this memory. Nothing was changed. Use that "
            "one, or close it first."
        ) from error
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be written ({error.strerror}). Nothing was changed. "
            "Choose a folder that you may write to."
        ) from error
    return lock


class Database:
    """One connection. Not for two threads at once.

    Every error of SQLite comes out as a `StoreError` with a sentence for people.
    """

    def __init__(self, path: Path, key: DatabaseKey, *, writes: bool) -> None:
        self.path = path
        try:
            if writes:
                _create_private(path)
            self._connection = dbapi2.connect(
                str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, dbapi2.Error) as error:
            raise _explained(error, path) from error
        try:
            self._configure(key, writes=writes)
        except BaseException:
            self.close()
            raise

    def _configure(self, key: DatabaseKey, *, writes: bool) -> None:
        self.run("PRAGMA cipher_log_level = NONE")
        self.run(f"PRAGMA key = \"x'{key.hex}'\"")
        self.rows("SELECT count(*) FROM sqlite_master")
        self.run("PRAGMA foreign_keys = ON")
        self.run("PRAGMA secure_delete = ON")
        if not writes:
            self.run("PRAGMA query_only = ON")
            return
        self.run("PRAGMA auto_vacuum = INCREMENTAL")
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = NORMAL")

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; the number of rows it changed."""
        try:
            cursor = self._connection.execute(sql, parameters)
            cursor.fetchall()
            return max(int(cursor.rowcount), 0)
        except dbapi2.Error as error:
            raise _explained(error, self.path) from error

    def insert(self, sql: str, parameters: Sequence[Any]) -> int:
        """Execute an INSERT; the id of its row."""
        try:
            return int(self._connection.execute(sql, parameters).lastrowid or 0)
        except dbapi2.Error as error:
            raise _explained(error, self.path) from error

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._connection.executemany(sql, rows)
        except dbapi2.Error as error:
            raise _explained(error, self.path) from error

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except dbapi2.Error as error:
            raise _explained(error, self.path) from error

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        try:
            return self._connection.execute(sql, parameters).fetchone()
        except dbapi2.Error as error:
            raise _explained(error, self.path) from error

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None when there is no row."""
        row = self.row(sql, parameters)
        return None if row is None else row[0]

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All or nothing, for writing."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def snapshot(self) -> Generator[None, None, None]:
        """All reads inside see the memory as it was at one moment."""
        self.run("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    def _roll_back(self) -> None:
        # A full disk makes SQLite roll back by itself, and then there is nothing left to do.
        if self._connection.in_transaction:
            with suppress(StoreError):
                self.run("ROLLBACK")

    def empty_log(self) -> bool:
        """Bring the write-ahead log into the file and cut it to nothing; False when a reader
        kept it from being done."""
        row = self.row("PRAGMA wal_checkpoint(TRUNCATE)")
        return row is not None and row[0] == 0

    def check_integrity(self) -> tuple[str, ...]:
        """What is wrong with the file; empty when nothing is. Reads every page."""
        found: list[str] = []
        for pragma in ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check"):
            try:
                found += [str(row[0]) for row in self.rows(pragma)]
            except StoreError as error:
                found.append(str(error))
        return tuple(line for line in found if line != "ok")

    def close(self) -> None:
        with suppress(dbapi2.Error):
            self._connection.close()


class ReaderPool:
    """Connections for reading, from any thread; a few are kept open between uses."""

    def __init__(self, path: Path, key: DatabaseKey) -> None:
        self._path, self._key = path, key
        self._idle: LifoQueue[Database] = LifoQueue()
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def reader(self) -> Generator[Database, None, None]:
        """A connection inside a snapshot.

        Raises:
            StoreError: the memory is closed or cannot be read.
        """
        database = self._take()
        try:
            with database.snapshot():
                yield database
        except BaseException:
            database.close()
            raise
        self._give(database)

    def _take(self) -> Database:
        if self._closed:
            raise StoreError("The memory is closed. Start Nacre again to read from it.")
        try:
            return self._idle.get_nowait()
        except Empty:
            if not self._path.exists():
                raise StoreError(
                    f"There is no memory in {self._path.parent} yet. Watch something first."
                ) from None
            return Database(self._path, self._key, writes=False)

    def _give(self, database: Database) -> None:
        with self._lock:
            if not self._closed and self._idle.qsize() < READERS_KEPT:
                self._idle.put(database)
                return
        database.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


def _create_private(path: Path) -> None:
    # SQLite gives its log and shared-memory files the mode of the database.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)


def _explained(error: Exception, path: Path) -> StoreError:
    """The error in words for people."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith("SQLITE_FULL") or (
        name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and _disk_is_full(path)
    ):
        return StoreFull(
            "The disk is full. Everything stored before is whole, and nothing of this step was "
            "stored. Make room, and Nacre goes on."
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")) or isinstance(
        error, OSError
    ):
        return StoreError(
            f"The memory in {path.parent} cannot be written or opened. What it holds was not "
            "changed. Choose a folder that you may write to."
        )
    if name.startswith("SQLITE_NOTADB"):
        return StoreError(
            f"{path} cannot be read: it is damaged, is no memory of Nacre's, or belongs to "
            "another key. It was left as it is. Put the right file back from a copy, or move it "
            "away to begin anew."
        )
    if name.startswith("SQLITE_CORRUPT"):
        return StoreError(
            f"{path} is damaged. It was left as it is. Put it back from a copy, or move it away to "
            "begin anew."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(
            "The memory was busy for too long. Nothing of this step was stored. Try again."
        )
    if name.startswith("SQLITE_IOERR"):
        return StoreError(
            "The disk reports an error. Nothing of this step was stored. Check the disk, then try "
            "again."
        )
    return StoreError(
        f"The memory could not do this ({name or type(error).__name__}). Nothing of this step was "
        "stored. Start Nacre again; if it happens again, report it."
    )


def _disk_is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < LITTLE_SPACE_BYTES
    except OSError:
        return False
