"""Embeddings of a picture and of its inner parts, by a network that takes square pictures."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from engine.media import Image, Vector
from engine.perception.onnx import OnnxModel, model_name, normalised

CENTRE = 0.70
PARTS = (1.0, 0.7, 0.5)
"""How much of each side the parts show, about the centre."""


class PartEmbedder:
    """`ImageEmbedder` by a network from `image`, n x 3 x side x side in 0..255 (RGB). `embed` sums
    the parts in `summed`; `embed_parts` has the whole, the centre 70 % and 50 %.
    With `mirrored` each is summed with its mirror image, for networks to which these differ."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        side: int,
        mirrored: bool,
        digest: str | None = None,
        summed: Sequence[float] = (1.0, CENTRE),
    ) -> None:
        self._model = OnnxModel(path)
        self._name = model_name(name, path, digest)
        self._side, self._mirrored, self._summed = side, mirrored, tuple(summed)

    @property
    def name(self) -> str:
        return self._name

    def embed(self, image: Image) -> Vector:
        return normalised(self._rows(image, self._summed).sum(axis=0, dtype=np.float32))

    def embed_parts(self, image: Image) -> Vector:
        return normalised(self._rows(image, PARTS))

    def _rows(self, image: Image, parts: Sequence[float]) -> Vector:
        """Each part's embedding: shape (parts, n)."""
        views: list[Image] = []
        for part in parts:
            small = cv2.resize(
                _centre(image, part), (self._side, self._side), interpolation=cv2.INTER_AREA
            )
            views.append(np.asarray(small, np.uint8))
            if self._mirrored:
                views.append(views[-1][:, ::-1])
        pixels = np.stack(views)[..., ::-1].transpose(0, 3, 1, 2)
        rows = normalised(
            self._model.run({"image": np.ascontiguousarray(pixels, dtype=np.float32)})
        )
        return rows.reshape(len(parts), len(views) // len(parts), -1).sum(axis=1, dtype=np.float32)


def _centre(image: Image, part: float) -> Image:
    height, width = int(image.shape[0]), int(image.shape[1])
    top, left = round(height * (1 - part) / 2), round(width * (1 - part) / 2)
    return image[top : max(height - top, top + 1), left : max(width - left, left + 1)]
