"""Frames as the demo model sees them."""

import random

import cv2
import numpy as np

from .camera import Camera
from .canvas import Picture
from .scene import Scene


class Eye:
    """Draws small pictures, now and then by way of a large one as the product will see them."""

    def __init__(self, image: int) -> None:
        self._image = image
        self._small = Camera((image, image))
        self._large = Camera((640, 480), oversample=1)

    def see(self, scene: Scene, t: float, chance: random.Random) -> Picture:
        """RGB, image x image."""
        if chance.random() < 0.06:
            large = self._large.frame(scene, t)
            seen = cv2.resize(large, (self._image, self._image), interpolation=cv2.INTER_AREA)
        else:
            seen = self._small.frame(scene, t)
        if chance.random() < 0.3:
            _, coded = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, 75])
            seen = cv2.imdecode(coded, cv2.IMREAD_COLOR)
            assert seen is not None
        return np.ascontiguousarray(seen[..., ::-1]).astype(np.uint8, copy=False)
