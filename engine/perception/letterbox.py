"""Fit a picture into the square a detector wants, keeping its proportions."""

import cv2
import numpy as np

from engine.media import Image


def letterbox(image: Image, side: int, fill: int) -> tuple[Image, float]:
    """The picture in the upper left corner of a (side, side, 3) square, and the scale it was
    brought to: a place in the square divided by the scale is a place in `image`."""
    height, width = int(image.shape[0]), int(image.shape[1])
    scale = side / max(width, height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    square = np.full((side, side, 3), fill, np.uint8)
    if size == (width, height):
        square[:height, :width] = image
    else:
        shrink = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        square[: size[1], : size[0]] = cv2.resize(image, size, interpolation=shrink)
    return square, scale
