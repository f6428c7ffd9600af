"""A clock that tests move."""

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
