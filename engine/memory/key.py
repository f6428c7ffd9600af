# pyright: reportUnknownMemberType=false
"""The key of the memory: 32 random bytes in the system's keyring, or in a file where there is none.

Beside the database lies a small note of where its key is, so that a keyring that is locked or
gone is never mistaken for a first start: an existing database never gets a new key.
"""

import contextlib
import importlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

import keyring as system_keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked

from engine.errors import KeyUnavailable, StoreError

SERVICE = "nacre"
NOTE_FILE = "memory.key.json"
KEY_FILE = "memory.key"
KEY_BYTES = 32

Place = Literal["keyring", "file"]


def _platform_errors() -> tuple[tuple[type[Exception], ...], tuple[type[Exception], ...]]:
    """(locked, failed): back ends raise what their platform's library raises, not only
    KeyringError."""
    locked: list[type[Exception]] = [KeyringLocked]
    failed: list[type[Exception]] = [KeyringError, RuntimeError, OSError]
    with contextlib.suppress(ImportError):
        exceptions = importlib.import_module("secretstorage.exceptions")
        locked += [exceptions.LockedException, exceptions.PromptDismissedException]
        failed.append(exceptions.SecretStorageException)
    with contextlib.suppress(ImportError):
        failed.append(importlib.import_module("jeepney.wrappers").DBusErrorResponse)
    return tuple(locked), tuple(failed)


_LOCKED, _FAILED = _platform_errors()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseKey:
    """The key, and where it is kept."""

    hex: str
    """64 hexadecimal digits."""
    place: Place
    path: Path | None = None
    """The key file, where there is one."""

    @property
    def note(self) -> str:
        """For people: empty when all is as it should be."""
        if self.place == "keyring":
            return ""
        return (
            f"This system has no usable keyring: the key of the memory lies in {self.path}, "
            "readable by you alone. Whoever can read that file can read the memory."
        )

    def __repr__(self) -> str:
        return f"DatabaseKey(place={self.place!r})"


def obtain_key(
    folder: Path, *, database_exists: bool, keyring: KeyringBackend | None = None
) -> DatabaseKey:
    """The key of the database in `folder`; a new one where there is no database yet.

    Raises:
        KeyUnavailable: the keyring is locked, or the key of an existing database is gone.
        StoreError: the folder cannot be written.
    """
    backend = keyring or system_keyring.get_keyring()
    note = _read_note(folder)
    if note is None:
        if database_exists:
            raise KeyUnavailable(
                f"There is a memory in {folder}, but {NOTE_FILE}, which says where its key is, "
                "is missing or damaged. Nothing was changed. Put that file back from a copy."
            )
        return _new_key(folder, uuid4().hex, backend)
    folder_id, place = note
    found = (
        _from_keyring(backend, folder_id) if place == "keyring" else _from_file(folder / KEY_FILE)
    )
    if found is not None:
        path = folder / KEY_FILE if place == "file" else None
        return DatabaseKey(hex=found, place=place, path=path)
    if database_exists:
        where = "the keyring no longer holds it" if place == "keyring" else f"{KEY_FILE} is gone"
        raise KeyUnavailable(
            f"The key of the memory cannot be had: {where}. The memory in {folder} was left as it "
            "is. Put the key back from a copy; without it the memory cannot be read."
        )
    return _new_key(folder, folder_id, backend)


def _new_key(folder: Path, folder_id: str, backend: KeyringBackend) -> DatabaseKey:
    key = secrets.token_bytes(KEY_BYTES).hex()
    _write_private(folder / NOTE_FILE, _note(folder_id, "keyring"))
    try:
        backend.set_password(SERVICE, folder_id, key)
        kept = backend.get_password(SERVICE, folder_id) == key
    except _LOCKED as error:
        raise _locked() from error
    except _FAILED:
        kept = False
    if kept:
        return DatabaseKey(hex=key, place="keyring")
    _write_private(folder / KEY_FILE, key + "\n")
    _write_private(folder / NOTE_FILE, _note(folder_id, "file"))
    return DatabaseKey(hex=key, place="file", path=folder / KEY_FILE)


def _from_keyring(backend: KeyringBackend, folder_id: str) -> str | None:
    try:
        return _checked(backend.get_password(SERVICE, folder_id))
    except _LOCKED as error:
        raise _locked() from error
    except _FAILED as error:
        raise KeyUnavailable(
            "The system's keyring, which holds the key of the memory, cannot be reached. The "
            "memory was left as it is. Start Nacre in a session where the keyring is running."
        ) from error


def _locked() -> KeyUnavailable:
    return KeyUnavailable(
        "The system's keyring is locked, so the key of the memory cannot be had. The memory was "
        "left as it is. Unlock the keyring and start Nacre again."
    )


def _from_file(path: Path) -> str | None:
    try:
        return _checked(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnavailable(
            f"The key file {path} cannot be read. The memory was left as it is. Make the file "
            "readable for you, or put it back from a copy."
        ) from error


def _checked(text: str | None) -> str | None:
    """The key when it is one; anything else counts as no key."""
    try:
        return text if text and len(bytes.fromhex(text)) == KEY_BYTES else None
    except ValueError:
        return None


def _note(folder_id: str, place: Place) -> str:
    return json.dumps({"id": folder_id, "place": place}) + "\n"


def _read_note(folder: Path) -> tuple[str, Place] | None:
    try:
        note = json.loads((folder / NOTE_FILE).read_text(encoding="utf-8"))
        folder_id, place = str(note["id"]), note["place"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if place == "keyring":
        return folder_id, "keyring"
    return (folder_id, "file") if place == "file" else None


def _write_private(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"The folder {path.parent} cannot be written ({error.strerror}). Nothing was changed. "
            "Choose a data folder that you may write to, or make room on its disk."
        ) from error
