"""How a file gets into the model store: checked, and visible under its name only afterwards."""

import errno
import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from engine.errors import ModelCorrupt, ModelError
from engine.inference.catalogue import CatalogueEntry, CatalogueFile

RESERVE_BYTES = 50 * 1024**2
"""So much of a disk stays free; a full disk would endanger the memory."""

_PIECE = 1024**2
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def size_words(size: int) -> str:
    """A size for people: `5.0 GB`, `4.0 MB`, `317 kB`, `12 bytes`."""
    if size >= 1_000_000_000:
        return f"{size / 1e9:.1f} GB"
    if size >= 1_000_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e3:.0f} kB" if size >= 1_000 else f"{size} bytes"


def shown(name: str | Path) -> str:
    """A file name fit for one line of a terminal: no control characters, at most 80 long."""
    text = "".join(c if c.isprintable() else "?" for c in str(name))
    return text if len(text) <= 80 else f"{text[:38]}…{text[-40:]}"


def sha256(path: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(folder: Path) -> Generator[None]:
    """Turn what the system says about `folder` into a sentence.

    Raises:
        ModelError: the folder cannot be written, or its disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            reason = f"The disk that holds {shown(folder)} is full. Free some space and try again."
        elif error.errno in _REFUSED:
            reason = (
                f"{shown(folder)} cannot be written: {error.strerror}. Nothing was changed. "
                "Make it writable, or choose another folder with --data-dir."
            )
        else:
            reason = f"{shown(folder)} cannot be used: {error.strerror or error}."
        raise ModelError(reason) from error


@contextmanager
def exclusive(folder: Path, entry: CatalogueEntry) -> Generator[None]:
    """Keep other processes from changing the same model meanwhile.

    Raises:
        ModelError: another one is at it, or the store cannot be written.
    """
    lock = FileLock(folder / f".{entry.id}.lock", timeout=0)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout as error:
            raise ModelError(
                f"Another Nacre is working on {entry.title} just now. Nothing was changed."
            ) from error
    try:
        yield
    finally:
        lock.release()


def require_space(folder: Path, size: int) -> None:
    """Make sure that `size` bytes fit and the reserve stays free.

    Raises:
        ModelError: they do not.
    """
    free = shutil.disk_usage(folder).free
    if free < size + RESERVE_BYTES:
        raise ModelError(
            f"The disk is too full: {size_words(size)} are needed, {size_words(free)} are free "
            f"(and {size_words(RESERVE_BYTES)} must stay so). It was not installed."
        )


def check(path: Path, pinned: CatalogueFile) -> None:
    """Compare a file with what the catalogue pins.

    Raises:
        ModelCorrupt: it is another file; the sentence says in what.
        FileNotFoundError: it is not there.
    """
    size = path.stat().st_size
    if not pinned.pinned:
        raise ModelCorrupt(f"{pinned.name} was never checked: its SHA-256 is not known yet.")
    if size == 0:
        raise ModelCorrupt(f"{pinned.name} is empty.")
    if size != pinned.size:
        raise ModelCorrupt(f"{pinned.name} has {size:,} bytes instead of {pinned.size:,}.")
    if (found := sha256(path)) != pinned.sha256:
        raise ModelCorrupt(
            f"{pinned.name} has the SHA-256 {found[:12]}… instead of {pinned.sha256[:12]}…."
        )


def publish(part: Path, target: Path) -> None:
    """Give a checked file its name, so that it is there after a power cut, or not at all."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def copy_of(target: Path) -> Path:
    """Where a copy stands until it is checked; one that a killed process left is overwritten."""
    return target.with_name(f"{target.name}.copy")


def copy_checked(origin: Path, target: Path, pinned: CatalogueFile) -> None:
    """Copy a file into the store; what was copied is checked, not what was read before.

    Raises:
        ModelCorrupt: the copy is not the pinned file.
        ModelError: the disk is full or refuses; nothing is left behind.
    """
    part = copy_of(target)
    try:
        source = origin.open("rb")
    except OSError as error:
        raise ModelError(f"{shown(origin)} cannot be read: {error.strerror}.") from error
    with source, writing(target.parent.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            require_space(target.parent, pinned.size)
            with part.open("wb") as sink:
                shutil.copyfileobj(source, sink, _PIECE)
            check(part, pinned)
            publish(part, target)
        finally:
            part.unlink(missing_ok=True)
            drop_if_empty(target.parent)


def drop_if_empty(folder: Path) -> None:
    """Remove a folder in which nothing lies."""
    try:
        folder.rmdir()
    except OSError:
        return
