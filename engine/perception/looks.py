"""When the detectors look at a frame: by stream time alone, so that a file gives the same looks
on every machine."""

from dataclasses import dataclass
from typing import Literal

from engine.config import SeeingConfig
from engine.media import NANOSECONDS, nanoseconds

EAGER_HZ = 5.0
"""How often somebody new is looked at, until enough views of the face are there."""
SETTLE = 2
"""So many looks are taken after the last change; what they missed is not there."""
REFRESH = 10 * NANOSECONDS
"""A picture in which nothing moves is looked at afresh this often."""

Look = Literal["none", "again", "fresh"]
"""`fresh`: run the detectors. `again`: nothing changed, report what is known to be there."""


@dataclass(slots=True)
class LookSchedule:
    """Looks lie on a grid of stream time; the grid is finer while somebody is new."""

    config: SeeingConfig
    _last: int | None = None
    _fresh: int = 0
    _settled: int = 0

    def due(self, pts: int, *, changed: bool, eager: bool) -> Look:
        """What is due at this frame; it is taken as done. `changed`: since the last look."""
        if self._last is None:
            return self._take(pts, "fresh")
        if not changed and not eager:
            if pts - self._last < nanoseconds(self.config.still_interval_s):
                return "none"
            settled = self._settled >= SETTLE and pts - self._fresh < REFRESH
            self._settled += 1
            return self._take(pts, "again" if settled else "fresh")
        step = nanoseconds(1 / max(EAGER_HZ if eager else 0.0, self.config.recognition_hz))
        if pts // step <= self._last // step:
            return "none"
        self._settled = 0 if changed else self._settled + 1
        return self._take(pts, "fresh")

    def _take(self, pts: int, look: Look) -> Look:
        self._last = pts
        if look == "fresh":
            self._fresh = pts
        return look
