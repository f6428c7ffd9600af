"""Things, pets and places by Nacre's own small network (models/glance): what a machine without any
other model knows them by."""

from pathlib import Path

from engine.facts import OWN_EMBEDDER
from engine.perception.part_embedder import PARTS, PartEmbedder


class Glance(PartEmbedder):
    """128 values; it was taught that mirror images are alike."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        super().__init__(
            path, name=OWN_EMBEDDER, side=96, mirrored=False, digest=digest, summed=PARTS
        )
