"""The gallery as one encrypted file, for the window and the command line."""

from pathlib import Path

from engine.memory.exchange import read_gallery, write_gallery
from engine.messages import ImportConcepts
from engine.ports.memory import Archive


class GalleryFile:
    """`GalleryFiles` over the memory."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def write(self, path: Path, passphrase: str) -> int:
        concepts = self._archive.concepts()
        write_gallery(path, passphrase, concepts, self._archive.exemplars())
        return len(concepts)

    def read(self, path: Path, passphrase: str) -> ImportConcepts:
        concepts, exemplars = read_gallery(path, passphrase)
        return ImportConcepts(concepts=concepts, exemplars=exemplars)
