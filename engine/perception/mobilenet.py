"""Things, pets and places by MobileNetV2 (Sandler et al., 2018), its classifier left off."""

from pathlib import Path

from engine.perception.part_embedder import PartEmbedder


class MobileNet(PartEmbedder):
    """1280 values; each part is summed with its mirror image."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        super().__init__(path, name="mobilenet_v2_4v", side=224, mirrored=True, digest=digest)
