"""Where a source's thread lays frames down and the seeing thread takes them up."""

from collections import deque
from threading import Condition

from engine.media import Frame, nanoseconds
from engine.ports.sources import Clock

_LOOK_S = 0.05
"""How often a wait looks at the clock, which a test may move."""


class Handover:
    """A bounded queue of frames between two threads.

    `newest_wins`: one place; a frame that was not taken in time is dropped and counted. Otherwise
    the giver waits until there is room. While held, nothing is given out; once stopped, all
    waiting ends.
    """

    def __init__(self, *, newest_wins: bool, places: int = 4) -> None:
        self._newest_wins = newest_wins
        self._places = 1 if newest_wins else places
        self._frames: deque[Frame] = deque()
        self._changed = Condition()
        self._newest: Frame | None = None
        self._dropped = 0
        self._held = False
        self._finished = False
        self._stopped = False

    @property
    def dropped(self) -> int:
        with self._changed:
            return self._dropped

    @property
    def held(self) -> bool:
        with self._changed:
            return self._held

    @property
    def stopped(self) -> bool:
        with self._changed:
            return self._stopped

    def newest(self) -> Frame | None:
        with self._changed:
            return self._newest

    def put(self, frame: Frame) -> bool:
        """Lay a frame down, waiting for room unless the newest wins; False when held meanwhile."""
        with self._changed:
            if self._newest_wins:
                self._dropped += len(self._frames)
                self._frames.clear()
            self._changed.wait_for(
                lambda: self._stopped or self._held or len(self._frames) < self._places
            )
            if self._stopped:
                return True
            if self._held:
                return False
            self._newest = frame
            self._frames.append(frame)
            self._changed.notify_all()
            return True

    def take(self) -> Frame | None:
        """The next frame, waiting for it; None when no more will come."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped or (not self._held and (bool(self._frames) or self._finished))
            )
            if self._stopped or not self._frames:
                return None
            frame = self._frames.popleft()
            self._changed.notify_all()
            return frame

    def hold(self, held: bool) -> None:
        """Give out nothing from now on, and show nothing; or go on."""
        with self._changed:
            self._held = held
            if held:
                self._newest = None
                if self._newest_wins:
                    self._frames.clear()
            self._changed.notify_all()

    def finish(self) -> None:
        """No more frames will be laid down; those that lie there can still be taken."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def stop(self) -> None:
        """End all waiting; what lies there is thrown away."""
        with self._changed:
            self._stopped = True
            self._newest = None
            self._frames.clear()
            self._changed.notify_all()

    def wait_while_held(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._held)

    def wait_until(self, due: int, clock: Clock) -> None:
        """Wait until the clock's monotonic time `due`, a hold or a stop, whichever is first."""
        with self._changed:
            while not (self._stopped or self._held):
                left = due - clock.monotonic()
                if left <= 0:
                    return
                self._changed.wait(min(left / nanoseconds(1), _LOOK_S))
