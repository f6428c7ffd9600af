"""Things, pets and places by Nacre's own small network (models/glance): what a machine without any
other model knows them by."""

from pathlib import Path

from engine.perception.part_embedder import PartEmbedder


class Glance(PartEmbedder):
    """256 values; it was taught that mirror images are alike."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        super().__init__(path, name="glance", side=96, mirrored=False, digest=digest)
