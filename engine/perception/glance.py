"""Things, pets and places by Nacre's own small network (models/glance): what a machine without any
other model knows them by."""

from pathlib import Path

from engine.facts import OWN_EMBEDDER
from engine.media import Image, Vector
from engine.perception.part_embedder import CENTRE, PartEmbedder

SUMMED = (CENTRE, 0.40)
"""Two parts tell as much as three (docs/benchmarks.md)."""


class Glance(PartEmbedder):
    """560 values. The parts are looked at as one, since the best of all pairs of parts is too often
    a stranger's (docs/benchmarks.md); it was taught that mirror images are alike."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        super().__init__(
            path, name=OWN_EMBEDDER, side=96, mirrored=False, digest=digest, summed=SUMMED
        )

    def embed_parts(self, image: Image) -> Vector:
        return self.embed(image)[None]
