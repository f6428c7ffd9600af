"""Making people unrecognisable in a picture that is kept."""

from collections.abc import Sequence

import cv2
import numpy as np

from engine.facts import Figure
from engine.media import Box, Image

CELLS = 8
"""Along its longer side somebody is left with so many flat cells."""
HEAD_CELLS = 4
"""And the head with so many."""
MARGIN = 0.12
"""So much of each side is taken in around a box, for what has moved meanwhile."""


def spared(
    image: Image, bystanders: Sequence[Figure] | None, known: Sequence[Figure] = ()
) -> Image:
    """A copy in which the bystanders are flat cells, averaged, so that nothing brings them back;
    None: they cannot be told, so it is the whole picture. Who is `known` stays as they are, but
    for the heads of bystanders before or behind them."""
    if bystanders is None:
        return _cells(image, CELLS)
    if not bystanders:
        return image
    size = int(image.shape[1]), int(image.shape[0])
    hidden = np.zeros(image.shape[:2], bool)
    out = image.copy()
    for one in bystanders:
        box = _grown(one.box).clipped(*size)
        _fill(hidden, box, True)
        _into(out, box, CELLS)
    for one in known:
        _fill(hidden, one.box.clipped(*size), False)
    for one in bystanders:
        head = _grown(one.head or _upper(one.box)).clipped(*size)
        _fill(hidden, head, True)
        _into(out, head, HEAD_CELLS)
    out[~hidden] = image[~hidden]
    return out


def _into(out: Image, box: Box, cells: int) -> None:
    if box.area:
        out[box.y : box.y + box.h, box.x : box.x + box.w] = _cells(box.crop(out), cells)


def _cells(image: Image, cells: int) -> Image:
    height, width = int(image.shape[0]), int(image.shape[1])
    scale = cells / max(height, width)
    small = (max(round(width * scale), 1), max(round(height * scale), 1))
    averaged = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    large = cv2.resize(averaged, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.uint8)


def _fill(mask: np.ndarray, box: Box, value: bool) -> None:
    mask[box.y : box.y + box.h, box.x : box.x + box.w] = value


def _grown(box: Box) -> Box:
    dx, dy = round(MARGIN * box.w) + 2, round(MARGIN * box.h) + 2
    return Box(box.x - dx, box.y - dy, box.w + 2 * dx, box.h + 2 * dy)


def _upper(box: Box) -> Box:
    """Where a head is, of which no face was found."""
    return Box(box.x, box.y, box.w, max(round(0.4 * box.h), 1))
