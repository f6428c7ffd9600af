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
CLOSE = (1.0, 0.5, 0.35)
"""The same for a picture that is large enough to be looked at so closely."""


class PartEmbedder:
    """`ImageEmbedder` by a network from `image`, n x 3 x side x side in 0..255 (RGB). `embed` sums
    the parts in `summed`; `embed_parts` has the first of `parts` of which every part is at least
    `sharp` pixels high and wide. With `mirrored` each is summed with its mirror image, for networks
    to which these differ."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        side: int,
        mirrored: bool,
        digest: str | None = None,
        summed: Sequence[float] = (1.0, CENTRE),
        parts: Sequence[Sequence[float]] = (PARTS,),
        sharp: int = 1,
    ) -> None:
        self._model = OnnxModel(path)
        self._name = model_name(name, path, digest)
        self._side, self._mirrored, self._summed = side, mirrored, tuple(summed)
        self._parts, self._sharp = tuple(parts), sharp

    @property
    def name(self) -> str:
        return self._name

    def embed(self, image: Image) -> Vector:
        return normalised(self._rows(image, self._summed).sum(axis=0, dtype=np.float32))

    def embed_parts(self, image: Image) -> Vector:
        shown = self._shown(image)
        rows = normalised(self._rows(image, shown))
        # There are as many rows from every picture: the whole stands for what would be blurred.
        lacking = len(self._parts[-1]) - len(shown)
        return np.concatenate([rows, np.repeat(rows[:1], lacking, axis=0)])

    def _shown(self, image: Image) -> Sequence[float]:
        """Blurred things look alike, whatever they are: no part is enlarged too much."""
        side = min(int(image.shape[0]), int(image.shape[1]))
        for parts in self._parts:
            if side * min(parts) >= self._sharp:
                return parts
        return [part for part in self._parts[-1] if part == 1.0 or side * part >= self._sharp]

    def _rows(self, image: Image, parts: Sequence[float]) -> Vector:
        """Each part's embedding: shape (parts, n)."""
        views: list[Image] = []
        for part in parts:
            small = cv2.resize(
                centre(image, part), (self._side, self._side), interpolation=cv2.INTER_AREA
            )
            views.append(np.asarray(small, np.uint8))
            if self._mirrored:
                views.append(views[-1][:, ::-1])
        pixels = np.stack(views)[..., ::-1].transpose(0, 3, 1, 2)
        rows = normalised(
            self._model.run({"image": np.ascontiguousarray(pixels, dtype=np.float32)})
        )
        return rows.reshape(len(parts), len(views) // len(parts), -1).sum(axis=1, dtype=np.float32)


def centre(image: Image, part: float) -> Image:
    """That share of each side, about the middle."""
    height, width = int(image.shape[0]), int(image.shape[1])
    top, left = round(height * (1 - part) / 2), round(width * (1 - part) / 2)
    return image[top : max(height - top, top + 1), left : max(width - left, left + 1)]
