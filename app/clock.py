"""The real clock."""

import time


class SystemClock:
    """`engine.ports.sources.Clock` of this machine."""

    def monotonic(self) -> int:
        return time.monotonic_ns()

    def wall(self) -> int:
        return time.time_ns()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
