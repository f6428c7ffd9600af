"""People by MobileFaceNet (Chen et al., "MobileFaceNets", 2018)."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Image, Vector
from engine.perception.onnx import OnnxModel, model_name, normalised
from engine.ports.seeing import FaceDetection

SIDE = 112
# Where the five landmarks stand in an aligned face (the ArcFace template).
TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def is_aligned(crop: Image) -> bool:
    """Whether this is a face as `FaceEmbedder.align` leaves it: it is kept at that size."""
    return crop.shape[:2] == (SIDE, SIDE)


class MobileFaceNet:
    """`FaceEmbedder`: 128 values, sum of the face and its mirror, L2-normalised."""

    def __init__(self, path: Path, *, digest: str | None = None) -> None:
        self._model = OnnxModel(path)
        self._name = model_name("mobilefacenet", path, digest)

    @property
    def name(self) -> str:
        return self._name

    def align(self, image: Image, face: FaceDetection) -> Image:
        """The face turned and scaled so that its landmarks stand at the template's."""
        turn, _ = cv2.estimateAffinePartial2D(face.landmarks, TEMPLATE, method=cv2.LMEDS)
        # Landmarks that fall together have no such turn; the stub leaves out that it is None then.
        if turn is None:  # pyright: ignore[reportUnnecessaryComparison]
            return np.asarray(cv2.resize(face.box.crop(image), (SIDE, SIDE)), np.uint8)
        return np.asarray(cv2.warpAffine(image, turn, (SIDE, SIDE)), np.uint8)

    def embed(self, aligned: Image) -> Vector:
        rgb = aligned[:, :, ::-1].astype(np.float32) / 255
        pixels: npt.NDArray[np.float32] = ((rgb - _MEAN) / _DEVIATION).astype(np.float32)
        return normalised(self._run(pixels) + self._run(pixels[:, ::-1]))

    def _run(self, pixels: npt.NDArray[np.float32]) -> Vector:
        return self._model.run({"input0": np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])})[0]
