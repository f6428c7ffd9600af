"""Photos as a camera gives them another time: nearer, turned, lighter, blurred; and look-alikes."""

import random

import cv2
import numpy as np

from engine.media import Image

HUE = 70
"""So far a look-alike's colours are turned, of 180."""


def copy_of(image: Image, rng: random.Random) -> Image:
    """The same scene at another moment: 72 to 100 % of each side, turned by up to 8 degrees, with
    another light and sometimes out of focus."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-8, 8), 1.0)
    turned = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    share = rng.uniform(0.72, 1.0)
    w, h = int(width * share), int(height * share)
    x, y = rng.randint(0, width - w), rng.randint(0, height - h)
    gain, lift = rng.uniform(0.7, 1.3), rng.uniform(-20, 20)
    tint = np.array([rng.uniform(0.93, 1.07) for _ in range(3)], np.float32)
    lit = turned[y : y + h, x : x + w].astype(np.float32) * (gain * tint) + lift
    shown = np.asarray(np.clip(lit, 0, 255), np.uint8)
    if rng.random() < 0.5:
        shown = np.asarray(cv2.GaussianBlur(shown, (0, 0), rng.uniform(0.5, 1.6)), np.uint8)
    return np.ascontiguousarray(shown)


def recoloured(image: Image) -> Image:
    """Something that looks like it but for its colours."""
    hsv = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2HSV), np.uint8)
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + HUE) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.uint8)
