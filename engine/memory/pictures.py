# pyright: reportUnknownMemberType=false
"""Pictures as the memory keeps them: JPEG for frames, PNG for the crops of exemplars."""

import cv2
import numpy as np

from engine.errors import StoreError
from engine.media import Image

LONGER_SIDE = 1280
JPEG_QUALITY = 85


def to_jpeg(image: Image) -> bytes:
    """A frame, its longer side at most 1280 pixels."""
    height, width = image.shape[:2]
    scale = LONGER_SIDE / max(height, width, 1)
    if scale < 1:
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return _encoded(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def to_png(image: Image) -> bytes:
    """A crop, without loss, so that it can be embedded again."""
    return _encoded(".png", image, [])


def to_image(data: bytes) -> Image | None:
    """Shape (height, width, 3), BGR; None when the bytes are no picture."""
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, dtype=np.uint8)  # pyright: ignore[reportUnnecessaryComparison]


def _encoded(extension: str, image: Image, options: list[int]) -> bytes:
    if not image.size:
        raise StoreError("An empty picture cannot be kept. Nothing of this step was stored.")
    try:
        data = cv2.imencode(extension, image, options)[1]
    except cv2.error as error:
        raise StoreError(
            "A picture could not be encoded. Nothing of this step was stored."
        ) from error
    return data.tobytes()
