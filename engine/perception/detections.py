"""What the detectors return."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.media import Box


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundFace:
    """A `FaceDetection`: a face, its confidence in [0, 1] and its five landmarks, shape (5, 2)."""

    box: Box
    score: float
    landmarks: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObject:
    """An `ObjectDetection`: a proposed object and its confidence in [0, 1]."""

    box: Box
    score: float
    is_person: bool
