# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Words by RapidOCR, which carries its models (PP-OCR, Apache-2.0) in its own package."""

import logging
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from engine.media import Box, Image

LEAST_SCORE = 0.6
_SETTINGS: dict[str, Any] = {
    "Global.use_cls": False,
    "Global.log_level": "critical",
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
}


class RapidOcr:
    """`TextReader`. Its networks take a second and some 300 MB, so they are loaded by the first
    `read`."""

    def __init__(self) -> None:
        self._one_at_a_time = Lock()
        self._engine: Any = None

    def read(self, image: Image) -> Sequence[tuple[Box, str]]:
        """Lines from top to bottom, then left to right."""
        with self._one_at_a_time:
            result = self._loaded()(image)
        if getattr(result, "boxes", None) is None or getattr(result, "txts", None) is None:
            return []
        height, width = int(image.shape[0]), int(image.shape[1])
        lines: list[tuple[Box, str]] = []
        for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
            words = str(text).strip()
            box = _around(np.asarray(corners, np.float64)).clipped(width, height)
            if words and box.area and float(score) >= LEAST_SCORE:
                lines.append((box, words))
        return sorted(lines, key=lambda line: (line[0].y, line[0].x))

    def _loaded(self) -> Any:
        if self._engine is None:
            # First of all: it must not be the one that loads ONNX Runtime.
            import engine.perception.silent_runtime  # noqa: F401, I001  # pyright: ignore[reportUnusedImport]

            # Importing it sets up a logger of its own that writes to the console.
            from rapidocr import RapidOCR

            logging.getLogger("RapidOCR").disabled = True
            self._engine = RapidOCR(params=dict(_SETTINGS))
        return self._engine


def _around(corners: np.ndarray[Any, np.dtype[np.float64]]) -> Box:
    x0, y0 = corners.min(axis=0)
    x1, y1 = corners.max(axis=0)
    return Box(
        int(x0), int(y0), max(int(np.ceil(x1)) - int(x0), 1), max(int(np.ceil(y1)) - int(y0), 1)
    )
