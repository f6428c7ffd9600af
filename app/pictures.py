"""Pictures that are handed in from outside, checked before anything looks at them."""

import base64
import binascii

import cv2
import numpy as np

from app.requests import PICTURE_BYTES_MAX, TOO_LARGE
from engine.errors import ConceptError, ConfigError
from engine.media import Box, Image

SIDE_MAX = 1920
"""Larger pictures are scaled down: the detectors see nothing more in them."""


def picture(encoded: str, box: tuple[int, int, int, int] | None) -> tuple[Image, Box | None]:
    """A picture file in base64 as pixels, held upright, with the box inside it.

    Raises:
        ConceptError: it is empty, too large, or no picture, or the box is not inside it.
        ConfigError: the base64 is damaged.
    """
    image = decoded(encoded)
    height, width = image.shape[:2]
    if box is None:
        return _scaled(image, None)
    asked = Box(*box)
    if asked.w <= 0 or asked.h <= 0 or asked.clipped(width, height) != asked:
        raise ConceptError(
            f"The box {asked.x},{asked.y},{asked.w},{asked.h} is not inside the picture, "
            f"which is {width}x{height}. Nothing was changed."
        )
    return _scaled(image, asked)


def decoded(encoded: str) -> Image:
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError("The picture came through damaged. Nothing was changed.") from None
    if not data:
        raise ConceptError("The picture file is empty. Nothing was changed.")
    if len(data) > PICTURE_BYTES_MAX:
        raise ConceptError(TOO_LARGE)
    try:
        image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        raise ConceptError(
            "That file is not a picture that can be read. Nothing was changed. "
            "Use a JPEG, PNG, WebP or BMP file."
        )
    return image.astype(np.uint8, copy=False)


def _scaled(image: Image, box: Box | None) -> tuple[Image, Box | None]:
    factor = SIDE_MAX / max(image.shape[:2])
    if factor >= 1:
        return image, box
    height, width = (max(round(side * factor), 1) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    if box is not None:
        x, y, w, h = (round(value * factor) for value in box)
        box = Box(min(x, width - 1), min(y, height - 1), max(w, 1), max(h, 1))
        box = box.clipped(width, height)
    return small.astype(np.uint8, copy=False), box
