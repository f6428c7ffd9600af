"""How fast something comes in."""

import time
from collections import deque
from collections.abc import Callable

from engine.media import NANOSECONDS
from engine.ports.shelf import Progress

_WINDOW_NS = 3 * NANOSECONDS
_EVERY_NS = NANOSECONDS // 10


class Meter:
    """Tells `progress` at most ten times a second, with the rate of the last three seconds."""

    def __init__(
        self,
        total: int,
        progress: Callable[[Progress], None],
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._total = total
        self._progress = progress
        self._clock = clock
        self._recent: deque[tuple[int, int]] = deque()
        self._told: tuple[int, int] | None = None

    def at(self, received: int) -> None:
        """So many bytes are there now; fewer than before when a download starts anew."""
        now = self._clock()
        if self._recent and received < self._recent[-1][1]:
            self._recent.clear()
        self._recent.append((now, received))
        while self._recent[0][0] < now - _WINDOW_NS and len(self._recent) > 2:
            self._recent.popleft()
        if self._told is not None:
            told_at, told = self._told
            if received == told or (received != self._total and now - told_at < _EVERY_NS):
                return
        self._told = (now, received)
        since, first = self._recent[0]
        rate = (received - first) * NANOSECONDS / (now - since) if now > since else 0.0
        self._progress(Progress(received=received, total=self._total, bytes_per_s=rate))
