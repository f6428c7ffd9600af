"""What was found out about model files after the program was made: size and SHA-256 of files that
the catalogue does not pin, as their publisher gave them at the first download, and the models that
the user took in as their own. What stands here is checked ever after, like what is pinned."""

import logging
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.inference.catalogue import Catalogue, CatalogueEntry, CatalogueFile
from engine.inference.intake import writing

log = logging.getLogger(__name__)


class RecordedFile(BaseModel):
    """A file of the catalogue, as it was when it first came."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    name: str
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[RecordedFile, ...] = ()
    own: tuple[CatalogueEntry, ...] = ()


class Recorded:
    """A file beside the store, readable by the user alone, written all at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def completed(self, catalogue: Catalogue) -> Catalogue:
        """The catalogue with what is recorded: files that it does not pin are pinned by what they
        were at first, and the user's own models stand at its end."""
        content = self._read()
        known = {(file.model, file.name): file for file in content.files}

        def file(entry: CatalogueEntry, one: CatalogueFile) -> CatalogueFile:
            found = None if one.pinned else known.get((entry.id, one.name))
            if found is None:
                return one
            return one.model_copy(update={"size": found.size, "sha256": found.sha256})

        entries = [
            entry
            if all(one.pinned for one in entry.files)
            else entry.model_copy(update={"files": tuple(file(entry, one) for one in entry.files)})
            for entry in catalogue.entries
        ]
        taken = {entry.id for entry in entries}
        entries += [entry for entry in content.own if entry.id not in taken]
        return Catalogue(model=tuple(entries))

    def is_own(self, model: str) -> bool:
        """Whether the user took this model in."""
        return any(entry.id == model for entry in self._read().own)

    def record(self, model: str, file: CatalogueFile) -> None:
        """Keep size and SHA-256 of a file for good.

        Raises:
            ModelError: it cannot be written.
        """
        with self._changing() as content:
            said = RecordedFile(model=model, name=file.name, size=file.size, sha256=file.sha256)
            others = [f for f in content.files if (f.model, f.name) != (model, file.name)]
            self._write(content.model_copy(update={"files": (*others, said)}))

    def adopt(self, entry: CatalogueEntry) -> None:
        """Keep a model of the user's own."""
        with self._changing() as content:
            others = [one for one in content.own if one.id != entry.id]
            self._write(content.model_copy(update={"own": (*others, entry)}))

    def disown(self, model: str) -> None:
        """Forget a model of the user's own."""
        with self._changing() as content:
            left = tuple(one for one in content.own if one.id != model)
            if left != content.own:
                self._write(content.model_copy(update={"own": left}))

    @contextmanager
    def _changing(self) -> Generator[_Content]:
        """Reads what is recorded, and keeps other processes from changing it meanwhile."""
        lock = FileLock(self._path.with_name(f".{self._path.name}.lock"))
        with writing(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        try:
            yield self._read()
        finally:
            lock.release()

    def _read(self) -> _Content:
        try:
            return _Content.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _Content()
        except (OSError, ValidationError) as error:
            # Nothing that was recorded is trusted then: unpinned files are asked for again.
            log.warning("what was recorded about models cannot be read: %s", type(error).__name__)
            return _Content()

    def _write(self, content: _Content) -> None:
        with writing(self._path.parent):
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".recorded-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(content.model_dump_json(indent=1, exclude_defaults=True))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self._path)
            except BaseException:
                os.unlink(name)
                raise
