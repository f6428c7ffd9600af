"""A mirror: a folder or a web address that holds the catalogue's files."""

from pathlib import Path
from urllib.parse import quote, urlsplit

from engine.errors import ConfigError, ModelError
from engine.inference.catalogue import CatalogueEntry, CatalogueFile
from engine.inference.intake import shown


class Mirror:
    """Where the files lie as `ID/NAME`, `NAME` or `SHA256`, tried in this order."""

    def __init__(self, where: str) -> None:
        self._base = where.rstrip("/")
        self.folder = None if "://" in where else Path(where).expanduser()

    def require(self) -> None:
        """Raises ConfigError when it is neither a folder nor a web address. Asked only when
        something is to be fetched: a disk that is not plugged in stops nothing else."""
        if self.folder is not None and not self.folder.is_dir():
            raise ConfigError(f"There is no folder {shown(self.folder)} to use as a mirror.")
        parts = urlsplit(self._base)
        if self.folder is None and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ConfigError(
                f"{shown(self._base)} is no mirror: give a folder or an address with http(s)."
            )

    def addresses(self, entry: CatalogueEntry, file: CatalogueFile) -> list[str]:
        """Where to ask for a file, in order."""
        return [f"{self._base}/{quote(place)}" for place in _places(entry, file)]

    def find(self, entry: CatalogueEntry, file: CatalogueFile) -> Path:
        """The file in the mirror folder, by name and size; its hash is checked when it is copied.

        Raises:
            ModelError: it is not there.
        """
        assert self.folder is not None
        for place in _places(entry, file):
            found = self.folder / place
            if found.is_file() and found.stat().st_size == file.size:
                return found
        raise ModelError(
            f"The mirror {shown(self.folder)} has no {file.name} of {file.size:,} bytes. "
            "Nothing was changed."
        )


def _places(entry: CatalogueEntry, file: CatalogueFile) -> tuple[str, ...]:
    return f"{entry.id}/{file.name}", file.name, file.sha256
