"""A clock that tests move."""

import time
from threading import Condition

from engine.media import NANOSECONDS, nanoseconds

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


class PacedClock:
    """`Clock` that goes on by itself, as the machine's does or so many times as fast."""

    def __init__(self) -> None:
        self._pace, self._real, self._told = 1.0, time.monotonic_ns(), 0
        self._began = time.time_ns()
        self._changing = Condition()

    def monotonic(self) -> int:
        with self._changing:
            return self._told + round(self._pace * (time.monotonic_ns() - self._real))

    def wall(self) -> int:
        return self._began + self.monotonic()

    def sleep(self, seconds: float) -> None:
        """In steps, so that a change of pace is felt."""
        until = self.monotonic() + nanoseconds(seconds)
        while (left := until - self.monotonic()) > 0:
            time.sleep(min(left / NANOSECONDS / self._pace, 0.05))

    def go(self, pace: float) -> None:
        """From now on so many times as fast."""
        with self._changing:
            now = time.monotonic_ns()
            self._told += round(self._pace * (now - self._real))
            self._pace, self._real = pace, now
