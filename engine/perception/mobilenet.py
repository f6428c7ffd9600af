"""Things, pets and places by MobileNetV2 (Sandler et al., 2018), its classifier left off."""

from pathlib import Path

from engine.perception.part_embedder import CLOSE, PARTS, PartEmbedder

SHARP = 110
"""Pixels a side, about half of what the network takes: a part of fewer is not looked at. Chosen,
like the parts, on one half of the subjects (docs/benchmarks.md)."""


class MobileNet(PartEmbedder):
    """1280 values; each part is summed with its mirror image."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        super().__init__(
            path,
            name="mobilenet_v2_6v",
            side=224,
            mirrored=True,
            digest=digest,
            parts=(CLOSE, PARTS),
            sharp=SHARP,
        )
