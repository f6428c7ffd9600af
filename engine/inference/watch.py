"""When is a model's process lost, and may it be started again? Pure: time comes in as numbers."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from engine.media import nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much patience and memory there is."""

    silent_s: float = 10.0
    """Without a sign of life while it works."""
    stuck_s: float = 120.0
    """With signs of life, but without progress of its native code."""
    begin_s: float = 60.0
    """For the interpreter to start, before it can give signs of life. Loading has no limit."""
    asleep_s: float = 2.0
    """A watcher that did not look for so long has slept itself."""
    restarts: int = 5
    restarts_in_s: float = 60.0
    gpu_crashes: int = 2
    """So many in `restarts_in_s`, and the GPU is held to be the reason."""
    attempts: int = 3
    """For one request whose answer gets no further."""
    memory_bytes: int | None = None
    """Of the process; None: what such a model takes at most."""


class Watch:
    """Notices that a process which works no longer lives, or no longer gets anywhere.

    The machine may have slept meanwhile (a closed lid, all processes stopped): then the watcher was
    not there to look either, and the process gets a fresh deadline.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._working = False
        self._begun = False
        self._looked = 0
        self._heard = 0
        self._moved = 0
        self._count = -1

    def begin(self, now: int) -> None:
        """It works from now on."""
        self._working = True
        self._looked = self._heard = self._moved = now

    def rest(self) -> None:
        """It has nothing to do, and may be silent."""
        self._working = False

    def hear(self, now: int, count: int | None = None) -> None:
        """A sign of life; with a count when it is a beat. What is no beat is progress."""
        self._heard = now
        if not self._begun:
            self._begun, self._moved = True, now
        if count != self._count:
            self._moved = now
            self._count = self._count if count is None else count

    def look(self, now: int) -> Literal["", "silent", "stuck"]:
        """What is wrong, if anything."""
        if now - self._looked > nanoseconds(self._limits.asleep_s):
            self._heard = self._moved = now
        self._looked = now
        if not self._working:
            return ""
        if not self._begun:
            return "silent" if now - self._heard > nanoseconds(self._limits.begin_s) else ""
        if now - self._heard > nanoseconds(self._limits.silent_s):
            return "silent"
        return "stuck" if now - self._moved > nanoseconds(self._limits.stuck_s) else ""


class Restarts:
    """At most so many in so long."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.restarts
        self._within = nanoseconds(limits.restarts_in_s)
        self._times: deque[int] = deque()

    def lost(self, now: int) -> int:
        """Count a loss; how many there were lately, with this one."""
        self._times.append(now)
        while now - self._times[0] > self._within:
            self._times.popleft()
        return len(self._times)

    @property
    def spent(self) -> bool:
        return len(self._times) > self._most

    def forget(self) -> None:
        self._times.clear()
