"""Things, pets and places by MobileNetV2 (Sandler et al., 2018), its classifier left off."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from engine.media import Image, Vector
from engine.perception.onnx import OnnxModel, model_name, normalised

SIDE = 224
CENTRE = 0.70
PARTS = (1.0, 0.7, 0.5)
"""How much of each side the parts show, about the centre."""


class MobileNet:
    """`ImageEmbedder`: 1280 values; four views (whole, centre 70 %, each mirrored), summed. The
    parts are the whole, the centre 70 % and 50 %, each summed with its mirror image."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        self._model = OnnxModel(path)
        self._name = model_name("mobilenet_v2_4v", path, digest)

    @property
    def name(self) -> str:
        return self._name

    def embed(self, image: Image) -> Vector:
        return normalised(self._mirrored(image, (1.0, CENTRE)).sum(axis=0, dtype=np.float32))

    def embed_parts(self, image: Image) -> Vector:
        return normalised(self._mirrored(image, PARTS))

    def _mirrored(self, image: Image, parts: Sequence[float]) -> Vector:
        """Each part and its mirror image, summed: shape (parts, 1280)."""
        views: list[Image] = []
        for part in parts:
            small = np.asarray(
                cv2.resize(_centre(image, part), (SIDE, SIDE), interpolation=cv2.INTER_AREA),
                np.uint8,
            )
            views += [small, small[:, ::-1]]
        pixels = np.stack(views)[..., ::-1].transpose(0, 3, 1, 2)
        rows = normalised(
            self._model.run({"image": np.ascontiguousarray(pixels, dtype=np.float32)})
        )
        return rows.reshape(len(parts), 2, -1).sum(axis=1, dtype=np.float32)


def _centre(image: Image, part: float) -> Image:
    height, width = int(image.shape[0]), int(image.shape[1])
    top, left = round(height * (1 - part) / 2), round(width * (1 - part) / 2)
    return image[top : max(height - top, top + 1), left : max(width - left, left + 1)]
