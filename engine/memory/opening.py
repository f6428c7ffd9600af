"""Opening the memory of a data folder: the key, the one writer, the readers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from keyring.backend import KeyringBackend

from engine.config import RetentionConfig
from engine.memory.archive import SqlCipherArchive
from engine.memory.database import DATABASE_FILE, lock_for_writing, prepare_folder
from engine.memory.key import DatabaseKey, obtain_key
from engine.memory.store import SqlCipherStore
from engine.ports.seeing import TextEmbedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """An open memory, both sides of it."""

    store: SqlCipherStore
    archive: SqlCipherArchive
    key: DatabaseKey

    @property
    def note(self) -> str:
        """What `nacre doctor` says about the key; empty when it is in the keyring."""
        return self.key.note

    def close(self) -> None:
        """Safe to call twice."""
        self.archive.close()
        self.store.close()


def open_memory(
    folder: Path,
    *,
    keyring: KeyringBackend | None = None,
    retention: Callable[[], RetentionConfig] = RetentionConfig,
    embedder: TextEmbedder | None = None,
) -> Memory:
    """Open the memory for writing and reading; a new one where there is none. `keyring` None: the
    system's. `retention` is asked each time the budget is enforced.

    Raises:
        StoreLocked: another process writes to it.
        KeyUnavailable: it is there, and its key cannot be had.
        StoreError: it cannot be opened; what was there was left as it is.
    """
    prepare_folder(folder)
    lock = lock_for_writing(folder)
    try:
        key = obtain_key(folder, database_exists=_has_database(folder), keyring=keyring)
        store = SqlCipherStore(folder, key, lock, retention=retention, embedder=embedder)
    except BaseException:
        lock.release()
        raise
    return Memory(store=store, archive=SqlCipherArchive(folder, key, embedder=embedder), key=key)


def open_archive(
    folder: Path,
    *,
    keyring: KeyringBackend | None = None,
    embedder: TextEmbedder | None = None,
) -> SqlCipherArchive:
    """Open an existing memory for reading alone, also while another process writes to it.

    Raises:
        KeyUnavailable: its key cannot be had.
        StoreError: there is none, or it cannot be read.
    """
    key = obtain_key(folder, database_exists=True, keyring=keyring)
    return SqlCipherArchive(folder, key, embedder=embedder)


def _has_database(folder: Path) -> bool:
    path = folder / DATABASE_FILE
    return path.exists() and path.stat().st_size > 0
