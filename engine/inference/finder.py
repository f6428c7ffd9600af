"""Which files below a path are models, by size and SHA-256, whatever they are called."""

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelCorrupt, ModelError
from engine.inference.catalogue import Catalogue, CatalogueEntry, CatalogueFile
from engine.inference.intake import check, sha256, shown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A file with exactly the bytes that the catalogue pins."""

    path: Path
    entry: CatalogueEntry
    file: CatalogueFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A file with the name of a model's file and other bytes; `reason` says how it differs."""

    entry: CatalogueEntry
    file: CatalogueFile
    reason: str


def find_models(path: Path, catalogue: Catalogue) -> tuple[list[Match], list[Lookalike]]:
    """Look at a file, or at every file below a folder; links inside it are not followed.

    Raises:
        ModelError: there is nothing at `path`, it cannot be read, or it is one file that the
            catalogue does not know.
    """
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return _one(path, catalogue)
    except FileNotFoundError as error:
        raise ModelError(f"There is no file or folder {shown(path)}.") from error
    except OSError as error:
        raise ModelError(f"{shown(path)} cannot be read: {error.strerror}.") from error
    matches: list[Match] = []
    lookalikes: list[Lookalike] = []
    for file in _files(path):
        try:
            found = _matches(file, catalogue)
            matches += found
            lookalikes += [] if found else _lookalikes(file, catalogue)
        except OSError as error:
            log.info("a file could not be read while looking for models: %s", error.errno)
    return matches, lookalikes


def _one(path: Path, catalogue: Catalogue) -> tuple[list[Match], list[Lookalike]]:
    if not path.is_file():
        raise ModelError(f"{shown(path)} is neither a file nor a folder.")
    matches = _matches(path, catalogue)
    lookalikes = [] if matches else _lookalikes(path, catalogue)
    if not matches and not lookalikes:
        size = path.stat().st_size
        raise ModelError(
            f"{shown(path.name)} is empty. Nothing was changed."
            if size == 0
            else f"{shown(path.name)} ({size:,} bytes, SHA-256 {sha256(path)}) is not in the "
            "catalogue. Nothing was changed. `nacre models list` shows what is."
        )
    return matches, lookalikes


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(where, name)
            if not path.is_symlink() and path.is_file():
                yield path


def _matches(path: Path, catalogue: Catalogue) -> list[Match]:
    size = path.stat().st_size
    fitting = [
        (entry, file) for entry in catalogue.entries for file in entry.files if file.size == size
    ]
    digest = sha256(path) if fitting else ""
    return [
        Match(path=path, entry=entry, file=file) for entry, file in fitting if file.sha256 == digest
    ]


def _lookalikes(path: Path, catalogue: Catalogue) -> list[Lookalike]:
    found: list[Lookalike] = []
    for entry in catalogue.entries:
        for file in entry.files:
            if file.name.lower() == path.name.lower():
                try:
                    check(path, file)
                except ModelCorrupt as error:
                    found.append(Lookalike(entry=entry, file=file, reason=str(error)))
    return found
