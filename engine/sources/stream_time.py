"""From the timestamps of a file to times that only go forward."""

import math

from engine.media import NANOSECONDS

_JUMP = NANOSECONDS
"""A step back of more than this is a new time line (files glued together), less is a slip."""
_LONGEST_GAP = 24 * 3600 * NANOSECONDS
_SLOWEST, _FASTEST, _USUAL = 0.01, 1000.0, 25.0


class StreamTime:
    """Presentation times in nanoseconds since the first frame, strictly increasing.

    A timestamp that is missing, stands still or goes back is replaced by one frame interval of the
    file's nominal rate; after a restart of the time line its spacing is kept.
    """

    def __init__(self, fps: float) -> None:
        usable = math.isfinite(fps) and _SLOWEST <= fps <= _FASTEST
        self._interval = round(NANOSECONDS / (fps if usable else _USUAL))
        self._offset: int | None = None
        self._last = 0

    def next(self, milliseconds: float) -> int:
        """The pts of the next frame, whose timestamp in the file is `milliseconds`."""
        usable = math.isfinite(milliseconds) and abs(milliseconds) < 1e13
        stamp = round(milliseconds * 1_000_000) if usable else None
        if self._offset is None:
            self._offset = -(stamp or 0)
            return 0
        step = self._last + self._interval
        pts = step if stamp is None else stamp + self._offset
        if stamp is not None and not -_JUMP < pts - self._last < _LONGEST_GAP:
            self._offset = step - stamp
            pts = step
        self._last = pts if pts > self._last else step
        return self._last
