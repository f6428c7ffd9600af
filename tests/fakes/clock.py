"""A clock that tests move."""

import time
from threading import Condition

from engine.media import nanoseconds

EPOCH_2026 = 1_767_225_600 * 1_000_000_000


class ManualClock:
    """`Clock` whose time stands still until `advance`."""

    def __init__(self, wall: int = EPOCH_2026) -> None:
        self._now = 0
        self._wall = wall
        self._moved = Condition()

    def monotonic(self) -> int:
        with self._moved:
            return self._now

    def wall(self) -> int:
        with self._moved:
            return self._wall + self._now

    def sleep(self, seconds: float) -> None:
        """Wait until the clock was moved that far (at most 10 s of real time)."""
        with self._moved:
            until = self._now + nanoseconds(seconds)
            self._moved.wait_for(lambda: self._now >= until, timeout=10)

    def advance(self, seconds: float) -> None:
        with self._moved:
            self._now += nanoseconds(seconds)
            self._moved.notify_all()


class JumpingClock:
    """`Clock` that goes on by itself, as the machine's does, and can be made to jump ahead."""

    def __init__(self) -> None:
        self._ahead = 0

    def monotonic(self) -> int:
        return time.monotonic_ns() + self._ahead

    def wall(self) -> int:
        return time.time_ns() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Not at all."""

    def jump(self, seconds: float) -> None:
        self._ahead += nanoseconds(seconds)
