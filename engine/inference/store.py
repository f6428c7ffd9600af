"""The model store: a folder `ID/NAME` in which nothing stands whose bytes are not known: pinned by
the catalogue, recorded at the first download, or recorded when the user brought it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import ModelCorrupt, ModelError, ModelNotInstalled
from engine.inference.catalogue import Catalogue, CatalogueEntry, CatalogueFile
from engine.inference.finder import find_models
from engine.inference.intake import (
    check,
    copy_checked,
    copy_of,
    drop_if_empty,
    exclusive,
    require_space,
    shown,
    writing,
)
from engine.inference.meter import Meter
from engine.inference.mirror import Mirror
from engine.inference.part import PartFile
from engine.inference.recorded import Recorded
from engine.ports.shelf import ModelCard, Progress

if TYPE_CHECKING:
    from engine.inference.download import Patience


class Verified(NamedTuple):
    """What a check of one installed model found."""

    id: str
    ok: bool
    reason: str


class Imported(NamedTuple):
    """What came of an import: the models that are now whole, and a sentence for each file that
    should have been one and is not."""

    models: tuple[str, ...]
    problems: tuple[str, ...]


class ModelStore:
    """Implements `ModelShelf`. Calls block; every error is a `ModelError` with a sentence.

    `mirror` is a folder or a web address that holds the files as `ID/NAME`, `NAME` or `SHA256`;
    with one, nothing is fetched from anywhere else.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        *,
        mirror: str | None = None,
        patience: "Patience | None" = None,
    ) -> None:
        self._folder = folder
        self._listed = catalogue
        self._recorded = Recorded(folder.parent / "recorded.json")
        self._mirror = Mirror(mirror) if mirror else None
        self._patience = patience
        self._checked: dict[Path, tuple[int, int, int]] = {}

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def catalogue(self) -> Catalogue:
        """The one that was given, with what was recorded since."""
        return self._recorded.completed(self._listed)

    def with_mirror(self, mirror: str) -> "ModelStore":
        """The same store, filled from a mirror."""
        return ModelStore(self._folder, self._listed, mirror=mirror, patience=self._patience)

    # --- what is there --------------------------------------------------------------------------

    def cards(self) -> tuple[ModelCard, ...]:
        """Every model of the catalogue. `installed` goes by the size of its files; whether they
        are the pinned ones is found by `path` and `verify`."""
        return tuple(
            ModelCard(
                id=entry.id,
                title=entry.title,
                role=entry.role,
                unlocks=entry.unlocks,
                size_bytes=entry.size,
                licence=entry.licence,
                source=entry.source,
                installed=all(self._right_size(entry, file) for file in entry.files),
                obtainable=entry.obtainable or self._mirror is not None,
                note=entry.note,
                demo=entry.vision is not None and entry.vision.domain == "demo",
            )
            for entry in self.catalogue.entries
        )

    def path(self, model: str, name: str | None = None) -> Path:
        """Where a file of the model lies, after its size and SHA-256 were checked (once as long
        as it stays untouched). Without `name` the model itself.

        Raises:
            ModelNotInstalled: it is not there.
            ModelCorrupt: it is not the pinned file, and must not be loaded.
        """
        entry = self.catalogue.entry(model)
        file = entry.file(name)
        try:
            self._check(entry, file)
        except FileNotFoundError as error:
            raise ModelNotInstalled(f"{entry.title} is not installed. {entry.remedy}") from error
        except ModelCorrupt as error:
            raise ModelCorrupt(f"{error} It is not used. {entry.remedy}") from error
        except OSError as error:
            raise ModelError(f"{entry.title} cannot be read: {error.strerror}.") from error
        return self._place(entry, file)

    def digest(self, model: str, name: str | None = None) -> str:
        """The pinned SHA-256, which is that of every file `path` returns."""
        return self.catalogue.entry(model).file(name).sha256

    def verify(self) -> list[Verified]:
        """Read every installed file again and compare it with the catalogue."""
        self._checked.clear()
        return [
            self._verified(entry)
            for entry in self.catalogue.entries
            if any(self._place(entry, file).exists() for file in entry.files)
        ]

    def _verified(self, entry: CatalogueEntry) -> Verified:
        for file in entry.files:
            try:
                self.path(entry.id, file.name)
            except ModelNotInstalled:
                reason = f"{entry.title} lacks {file.name}. {entry.remedy}"
                return Verified(entry.id, False, reason)
            except ModelError as error:
                return Verified(entry.id, False, str(error))
        return Verified(entry.id, True, "")

    def _place(self, entry: CatalogueEntry, file: CatalogueFile) -> Path:
        return self._folder / entry.id / file.name

    def _right_size(self, entry: CatalogueEntry, file: CatalogueFile) -> bool:
        try:
            return file.pinned and self._place(entry, file).stat().st_size == file.size
        except OSError:
            return False

    def _check(self, entry: CatalogueEntry, file: CatalogueFile) -> None:
        place = self._place(entry, file)
        found = place.stat()
        seen = (found.st_size, found.st_mtime_ns, found.st_ino)
        if self._checked.get(place) != seen:
            self._checked.pop(place, None)
            check(place, file)
            self._checked[place] = seen

    def _intact(self, entry: CatalogueEntry, file: CatalogueFile) -> bool:
        try:
            self._check(entry, file)
        except (OSError, ModelCorrupt):
            return False
        return True

    # --- how it changes -------------------------------------------------------------------------

    def get(
        self,
        model: str,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Download what is missing of a model; each file is visible only when it was checked.

        Raises:
            DownloadFailed: broken off or cancelled; what came is kept, calling again resumes.
            ModelError: unknown, not obtainable, no room, or the bytes are wrong.
            ConfigError: the mirror is neither a folder nor a web address.
        """
        entry = self.catalogue.entry(model)
        missing = self._lacking(entry)
        if missing and self._mirror is not None:
            self._mirror.require()
        if missing and self._mirror is None and not entry.obtainable:
            raise ModelError(
                f"{entry.title} cannot be downloaded: no public address serves exactly this file. "
                f"{entry.remedy}"
            )
        if not missing:
            Meter(entry.size, progress).at(entry.size)
            return
        with exclusive(self._folder, entry):
            entry, missing = self._vouched(entry, missing)
            done = entry.size - sum(file.size for file in missing)
            meter = Meter(entry.size, progress)
            parts = [PartFile(self._place(entry, file), file) for file in missing]
            require_space(self._folder, sum(part.pinned.size - part.kept for part in parts))
            for part in parts:
                meter.at(done + part.kept)
                self._fetch(entry, part, partial(_plus, meter, done), cancelled)
                self._keep(entry, part.pinned)
                done += part.pinned.size
            meter.at(done)

    def _vouched(
        self, entry: CatalogueEntry, missing: Sequence[CatalogueFile]
    ) -> tuple[CatalogueEntry, list[CatalogueFile]]:
        """The entry with every file known, and those that are still missing: what the catalogue
        does not pin is asked of its publisher, and must be what it was before."""
        said: dict[str, CatalogueFile] = {}
        for file in missing:
            if self._loose(entry, file):
                said[file.name] = self._published(entry, file)
                if file.pinned and said[file.name] != file:
                    raise ModelCorrupt(
                        f"{file.name} has changed since it was first here: its SHA-256 was "
                        f"{file.sha256[:12]}…, and is {said[file.name].sha256[:12]}… now. Nothing "
                        "was downloaded. `nacre models import` takes the file of that time."
                    )
        known = tuple(said.get(file.name, file) for file in entry.files)
        entry = entry.model_copy(update={"files": known})
        lacking = self._lacking(entry)
        for file in known:
            if file not in lacking:
                self._keep(entry, file)
        return entry, lacking

    def _loose(self, entry: CatalogueEntry, file: CatalogueFile) -> bool:
        """Whether the catalogue does not pin this file."""
        if self._recorded.is_own(entry.id):
            return False
        return not self._listed.entry(entry.id).file(file.name).pinned

    def _published(self, entry: CatalogueEntry, file: CatalogueFile) -> CatalogueFile:
        if self._mirror is None:
            addresses = [file.url or ""]
        elif self._mirror.folder is not None:
            if file.pinned:
                return file
            raise ModelError(
                f"{file.name} is not pinned, and a folder cannot vouch for it. Nothing was "
                "changed. Get it once from its public address."
            )
        else:
            addresses = self._mirror.addresses(entry, file)
        from engine.inference.download import Patience
        from engine.inference.publisher import as_published

        return as_published(addresses, file, patience=self._patience or Patience())

    def _keep(self, entry: CatalogueEntry, file: CatalogueFile) -> None:
        """Record a checked file that the catalogue does not pin."""
        if self._loose(entry, file) and not self.catalogue.entry(entry.id).file(file.name).pinned:
            self._recorded.record(entry.id, file)

    def _fetch(
        self,
        entry: CatalogueEntry,
        part: PartFile,
        received: Callable[[int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        file = part.pinned
        if self._mirror is None:
            addresses = [file.url or ""]
        elif self._mirror.folder is not None:
            copy_checked(self._mirror.find(entry, file), self._place(entry, file), file)
            part.clear()
            return
        else:
            addresses = self._mirror.addresses(entry, file)
        # Its HTTP library takes long to load, and opening the window must not wait for it.
        from engine.inference.download import Patience, fetch

        patience = self._patience or Patience()
        fetch(addresses, part, received=received, cancelled=cancelled, patience=patience)

    def add(self, path: Path) -> tuple[str, ...]:
        """Import every file below `path` that the catalogue knows, by size and SHA-256.

        Raises:
            ModelError: no model became whole; the sentence says why.
        """
        imported = self.take(path)
        if not imported.models:
            raise ModelError(" ".join(imported.problems))
        return imported.models

    def take(self, path: Path) -> Imported:
        """As `add`, but tells also which files were refused, and why.

        Raises:
            ModelError: nothing below `path` is a model, or the store cannot be written.
        """
        matches, lookalikes = find_models(path, self.catalogue)
        if not matches and not lookalikes:
            raise ModelError(
                f"Nothing below {shown(path)} is a model of the catalogue, by size and SHA-256. "
                "Nothing was changed. `nacre models list` shows what it knows."
            )
        for match in matches:
            if not self._intact(match.entry, match.file):
                with exclusive(self._folder, match.entry):
                    place = self._place(match.entry, match.file)
                    copy_checked(match.path, place, match.file)
                    PartFile(place, match.file).clear()
        touched = {match.entry.id for match in matches}
        lacking = {entry.id: self._lacking(entry) for entry in self.catalogue.entries}
        problems = [
            f"{look.reason} It was not imported."
            for look in lookalikes
            # Beside files that are right, one that is installed already is not worth a word.
            if not matches
            or (
                look.file in lacking[look.entry.id]
                and (look.entry.id in touched or look.file == look.entry.file())
            )
        ]
        problems += [
            f"{entry.title} is not whole yet: {file.name} is missing."
            for entry in self.catalogue.entries
            if entry.id in touched
            for file in lacking[entry.id]
        ]
        whole = tuple(
            entry_id for entry_id in lacking if entry_id in touched and not lacking[entry_id]
        )
        return Imported(whole, tuple(problems))

    def take_own(self, paths: Sequence[Path], name: str = "") -> str:
        """Take in a vision-language model that the catalogue does not list: a text model and its
        projector, or a folder that holds both. Its size and SHA-256 are recorded, and it is checked
        like any other from then on; returns its id, made from `name` or the text model's file.

        Raises:
            ModelError: it is no pair that can be run, the id is taken, or the store cannot be
                written; nothing was changed.
        """
        # Reading GGUF needs its library, which the window does not wait for.
        from engine.inference.own_pair import entry_of, find_pair

        origins = find_pair(paths)
        entry = entry_of(*origins, name)
        with exclusive(self._folder, entry):
            if any(known.id == entry.id for known in self.catalogue.entries):
                raise ModelError(
                    f"A model is called {entry.id} already. Nothing was changed. Choose another "
                    "name with --name NAME."
                )
            places = [self._place(entry, file) for file in entry.files]
            try:
                for origin, place, file in zip(origins, places, entry.files, strict=True):
                    copy_checked(origin, place, file)
                self._recorded.adopt(entry)
            except BaseException:
                for place in places:
                    place.unlink(missing_ok=True)
                drop_if_empty(self._folder / entry.id)
                raise
        return entry.id

    def _lacking(self, entry: CatalogueEntry) -> list[CatalogueFile]:
        return [file for file in entry.files if not self._intact(entry, file)]

    def remove(self, model: str) -> None:
        """Delete a model's files, and what is left of a download of it.

        Raises:
            ModelNotInstalled: there is nothing of it.
            ModelError: unknown, or the folder cannot be written.
        """
        entry = self.catalogue.entry(model)
        places = [self._place(entry, file) for file in entry.files]
        parts = [PartFile(self._place(entry, file), file) for file in entry.files]
        here = any(place.exists() for place in places) or any(part.kept for part in parts)
        if not here and not self._recorded.is_own(model):
            raise ModelNotInstalled(f"{entry.title} is not installed: there is nothing to remove.")
        with exclusive(self._folder, entry), writing(self._folder):
            for place, part in zip(places, parts, strict=True):
                for left in (place, copy_of(place)):
                    left.unlink(missing_ok=True)
                self._checked.pop(place, None)
                part.clear()
            drop_if_empty(self._folder / entry.id)
        self._recorded.disown(model)


def _plus(meter: Meter, done: int, kept: int) -> None:
    meter.at(done + kept)
