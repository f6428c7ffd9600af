"""Things, pets and places by MobileNetV2 (Sandler et al., 2018), its classifier left off."""

from pathlib import Path

import cv2
import numpy as np

from engine.media import Image, Vector
from engine.perception.onnx import OnnxModel, model_name, normalised

SIDE = 224
CENTRE = 0.70


class MobileNet:
    """`ImageEmbedder`: 1280 values; four views (whole, centre 70 %, each mirrored), summed."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        self._model = OnnxModel(path)
        self._name = model_name("mobilenet_v2_4v", path, digest)

    @property
    def name(self) -> str:
        return self._name

    def embed(self, image: Image) -> Vector:
        height, width = int(image.shape[0]), int(image.shape[1])
        top, left = round(height * (1 - CENTRE) / 2), round(width * (1 - CENTRE) / 2)
        centre = image[top : max(height - top, top + 1), left : max(width - left, left + 1)]
        views: list[Image] = []
        for view in (image, centre):
            small = np.asarray(
                cv2.resize(view, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8
            )
            views += [small, small[:, ::-1]]
        pixels = np.stack(views)[..., ::-1].transpose(0, 3, 1, 2)
        rows = self._model.run({"image": np.ascontiguousarray(pixels, dtype=np.float32)})
        return normalised(normalised(rows).sum(axis=0, dtype=np.float32))
