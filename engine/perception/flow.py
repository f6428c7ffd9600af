# pyright: reportUnknownArgumentType=false, reportArgumentType=false
# pyright: reportUnnecessaryComparison=false, reportCallIssue=false
# pyright: reportUnknownVariableType=false
"""What moves from one moment to the next: dense optical flow between small grey pictures.

The camera's own shaking and slow changes of the light are taken out. The source of the flow is DIS
(Kroeger and others, 2016), at a size at which it costs some two milliseconds.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.facts import MOTION_CHANNELS
from engine.media import Grey, Image

SIDE = 240
"""Longer side of the pictures in which motion is looked for."""
COARSE = 3
"""Pixels a side of the cells in which motion is kept."""
MOVING = 0.25
"""Of the pixels of a cell: then it moves."""
LEAST_CHANGE = 7.0
"""Grey levels; less is noise of the camera or of the codec."""
STEEP = 0.12
"""So much of a pixel's contrast to its neighbours is added: a rest of shaking shows at edges."""
LEAST_FLOW = 0.35
"""Pixels between two pictures; less is breathing and a rest of shaking."""
PARTS_ACROSS = 8
LEAST_CORNER = 1e-5
MOST_SHARE = 0.5
"""Where more of the picture changes at once, the camera moved or the light was switched."""

Field = npt.NDArray[np.float32]
"""(height, width, MOTION_CHANNELS), pixels between two pictures; 0 where nothing moves."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """What moved between two pictures."""

    sums: npt.NDArray[np.float32]
    """(rows + 1, columns + 1, MOTION_CHANNELS): the integral of the motion over all that is above
    and left, in cells of 3 x 3 pixels."""
    moving: Mask
    """(rows, columns)."""


def small_grey(image: Image) -> Grey:
    """The picture with its longer side at 240, grey."""
    height, width = int(image.shape[0]), int(image.shape[1])
    scale = SIDE / max(height, width)
    size = (max(round(width * scale), 8), max(round(height * scale), 8))
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


class FlowReader:
    """Reads picture after picture of one size; begins anew where the size changes."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._last: Grey | None = None

    def read(self, grey: Grey) -> Moved:
        """What moved since the picture before; nothing in the first, and nothing where the whole
        picture changed."""
        last, self._last = self._last, grey
        if last is None or last.shape != grey.shape:
            return still(grey.shape)
        evened = _evened(last, grey)
        shift = _shaken(evened, grey)
        if shift != (0.0, 0.0):
            move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
            size = (grey.shape[1], grey.shape[0])
            evened = cv2.warpAffine(
                evened, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ).astype(np.uint8, copy=False)
        steep = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        changed = cv2.absdiff(evened, grey) > LEAST_CHANGE + STEEP * steep.astype(np.float32)
        if changed.mean() > MOST_SHARE:
            return still(grey.shape)
        if not changed.any():
            return still(grey.shape)
        near = cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
        flow = np.asarray(self._dis.calc(evened, grey, None), np.float32)
        moving = near & (np.hypot(flow[..., 0], flow[..., 1]) > LEAST_FLOW)
        flow = np.where(moving[..., None], flow, 0.0)
        field = np.concatenate([flow, np.abs(flow)], axis=2).astype(np.float32)
        size = (field.shape[1] // COARSE, field.shape[0] // COARSE)
        pooled = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
        share = cv2.resize(moving.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        sums = cv2.integral(pooled, sdepth=cv2.CV_32F)
        return Moved(sums=np.asarray(sums, np.float32), moving=np.asarray(share >= MOVING))


def still(shape: tuple[int, ...]) -> Moved:
    """Nothing moved."""
    height, width = shape[0] // COARSE, shape[1] // COARSE
    return Moved(
        sums=np.zeros((height + 1, width + 1, MOTION_CHANNELS), np.float32),
        moving=np.zeros((height, width), np.bool_),
    )


def _evened(last: Grey, grey: Grey) -> Grey:
    """The last picture in the light of this one."""
    was, now = float(last.mean()), float(grey.mean())
    if was < 1 or abs(now - was) < 0.3:
        return last
    return cv2.convertScaleAbs(last, alpha=min(max(now / was, 0.5), 2.0)).astype(
        np.uint8, copy=False
    )


def _shaken(last: Grey, grey: Grey) -> tuple[float, float]:
    """How far most of the picture moved, in pixels; (0, 0) where its parts do not agree."""
    corners = _corners(last)
    if len(corners) < 8:
        return 0.0, 0.0
    moved, tracked, _ = cv2.calcOpticalFlowPyrLK(
        last, grey, corners, None, winSize=(11, 11), maxLevel=2
    )
    ways = (np.asarray(moved) - corners).reshape(-1, 2)[np.asarray(tracked).ravel() > 0]
    if len(ways) < 8:
        return 0.0, 0.0
    middle = np.median(ways, axis=0)
    agree = np.abs(ways - middle).max(axis=1) < 0.5
    if agree.mean() < 0.4 or np.abs(middle).max() < 0.04:
        return 0.0, 0.0
    dx, dy = ways[agree].mean(axis=0)
    return float(dx), float(dy)


def _corners(grey: Grey) -> npt.NDArray[np.float32]:
    """(n, 1, 2): the clearest corner of each part of the picture, so that no single thing that
    moves has most of them."""
    side = max(min(grey.shape) // PARTS_ACROSS, 4)
    rows, columns = grey.shape[0] // side, grey.shape[1] // side
    clear = np.asarray(cv2.cornerMinEigenVal(grey, 3), np.float32)[: rows * side, : columns * side]
    parts = clear.reshape(rows, side, columns, side).transpose(0, 2, 1, 3).reshape(-1, side * side)
    best = parts.argmax(axis=1)
    part = np.arange(len(parts))
    ys, xs = part // columns * side + best // side, part % columns * side + best % side
    found = np.stack([xs, ys], axis=1)[parts.max(axis=1) > LEAST_CORNER]
    return found[:, None, :].astype(np.float32)
