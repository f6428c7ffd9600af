"""Faces by YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023)."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from engine.errors import ModelIncompatible, ModelNotInstalled
from engine.media import Box, Image
from engine.perception.detections import FoundFace
from engine.perception.letterbox import letterbox

SIDE = 640
LEAST_SCORE = 0.6


class YuNet:
    """`FaceDetector` on OpenCV's own decoder of this model."""

    def __init__(self, path: Path) -> None:
        """Load the file.

        Raises:
            ModelNotInstalled: there is no such file.
            ModelIncompatible: OpenCV cannot load it.
        """
        if not path.is_file():
            raise ModelNotInstalled(f"The model file {path.name} is missing; import it again.")
        # The network keeps the picture it works on, so two threads must not use it at once.
        self._one_at_a_time = Lock()
        # Its loader warns on the console of a target that nobody asked for.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        try:
            self._net = cv2.FaceDetectorYN.create(
                str(path), "", (SIDE, SIDE), LEAST_SCORE, 0.3, 5000
            )
        except cv2.error as error:
            raise ModelIncompatible(
                f"{path.name} is not a face detector that this program can run; "
                "remove it and get it again."
            ) from error

    def detect(self, image: Image) -> Sequence[FoundFace]:
        """Faces with a score of at least 0.6, most confident first."""
        square, scale = letterbox(image, SIDE, fill=0)
        with self._one_at_a_time:
            _, rows = self._net.detect(square)
        # The binding's stub does not say that no face gives None.
        found = np.zeros((0, 15)) if rows is None else np.asarray(rows, np.float64)  # pyright: ignore[reportUnnecessaryComparison]
        height, width = int(image.shape[0]), int(image.shape[1])
        faces: list[FoundFace] = []
        for row in found:
            x, y, w, h = (round(float(value) / scale) for value in row[:4])
            box = Box(x, y, w, h).clipped(width, height)
            if box.area:
                marks = (row[4:14].reshape(5, 2) / scale).astype(np.float32)
                faces.append(FoundFace(box=box, score=float(row[14]), landmarks=marks))
        return sorted(faces, key=lambda face: -face.score)
