"""Things, pets and places by Nacre's own small network (models/glance): what a machine without any
other model knows them by."""

from pathlib import Path

from engine.facts import OWN_EMBEDDER
from engine.media import Image, Vector
from engine.perception.part_embedder import CENTRE, PartEmbedder

TAUGHT = 128
"""So many of the values were taught; mirror images are alike to these. The others count what is
seen (models/glance/local.py)."""
SUMMED = (1.0, CENTRE, 0.40)
"""Chosen on whole photos, on boxes and on small pictures (docs/benchmarks.md)."""


class Glance(PartEmbedder):
    """560 values. The parts are looked at as one, since the best of all pairs of parts is too often
    a stranger's (docs/benchmarks.md)."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        super().__init__(
            path, name=OWN_EMBEDDER, side=96, mirrored=False, digest=digest, summed=SUMMED
        )

    def embed_parts(self, image: Image) -> Vector:
        return self.embed(image)[None]
