"""What has come of a download so far, kept beside the place where the file will stand."""

from pathlib import Path

from engine.inference.catalogue import CatalogueFile
from engine.inference.intake import check, drop_if_empty, publish, writing


class PartFile:
    """The bytes of one file up to where its download stopped, and the tag they came under."""

    def __init__(self, target: Path, pinned: CatalogueFile) -> None:
        self.pinned = pinned
        self._target = target
        self._part = target.with_name(f"{target.name}.part")
        self._tag = target.with_name(f"{target.name}.part.tag")
        if self.kept > pinned.size:
            self.clear()

    @property
    def kept(self) -> int:
        """Bytes that are there."""
        try:
            return self._part.stat().st_size
        except OSError:
            return 0

    @property
    def whole(self) -> bool:
        return self.kept == self.pinned.size

    @property
    def tag(self) -> str:
        """ETag or date under which the server gave these bytes; empty when it gave none."""
        try:
            return self._tag.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return ""

    def start(self, tag: str) -> None:
        """Begin at the first byte, with what the server calls this version of the file."""
        self.clear()
        with writing(self._target.parent.parent):
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._part.touch()
            if tag.isascii() and tag.isprintable():
                self._tag.write_text(tag, encoding="ascii")

    def append(self, piece: bytes) -> None:
        """Add the next bytes.

        Raises:
            ModelError: the disk is full or refuses; what came before is kept.
        """
        with writing(self._target.parent.parent), self._part.open("ab", buffering=0) as file:
            left = memoryview(piece)
            while left:
                left = left[file.write(left) :]

    def clear(self) -> None:
        """Throw away what came."""
        with writing(self._target.parent.parent):
            self._part.unlink(missing_ok=True)
            self._tag.unlink(missing_ok=True)
            drop_if_empty(self._target.parent)

    def publish(self) -> None:
        """Check what came, and give it its name.

        Raises:
            ModelCorrupt: these are not the pinned bytes.
        """
        with writing(self._target.parent.parent):
            check(self._part, self.pinned)
            publish(self._part, self._target)
            self._tag.unlink(missing_ok=True)
