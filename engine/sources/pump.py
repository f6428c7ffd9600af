"""A thread behind a device whose reading cannot be interrupted."""

import logging
from collections.abc import Generator
from contextlib import closing
from threading import Condition, Thread
from typing import Protocol

from engine.errors import DeviceLost, SourceError
from engine.media import Frame, Image
from engine.ports.sources import Clock

log = logging.getLogger(__name__)

READ_S = 0.25
"""`Source.read` returns after this long without a frame."""
_JOIN_S = 1.0


class Pictures(Protocol):
    """What a pump draws from: a blocking stream of pictures."""

    def pictures(self) -> Generator[Image]:
        """Pictures as they come; ends, or raises a `SourceError`, when there are no more.

        Raises:
            EOFError: the stream has an end, and this is it.
        """
        ...

    def abort(self) -> None:
        """Called from another thread: make `pictures` end soon."""
        ...


class PumpedSource:
    """A live source: the newest picture of a stream, stamped with the time of its coming.

    `origin` is the monotonic time at pts 0. The stream is drawn from, and closed, in one thread of
    its own, so that a device that hangs hangs nobody else.
    """

    def __init__(self, stream: Pictures, run: str, clock: Clock, *, origin: int) -> None:
        self._stream, self._run, self._clock, self._origin = stream, run, clock, origin
        self._changed = Condition()
        self._frame: Frame | None = None
        self._over: EOFError | SourceError | None = None
        self._closed = False
        self._thread = Thread(target=self._draw, name=f"pump-{run}", daemon=True)
        self._thread.start()

    @property
    def identity(self) -> str | None:
        return None

    def read(self) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frame or self._over, READ_S)
            frame, self._frame = self._frame, None
            if frame is None and self._over is not None:
                raise self._over
            return frame

    def close(self) -> None:
        with self._changed:
            self._closed = True
        self._stream.abort()
        self._thread.join(_JOIN_S)

    def _draw(self) -> None:
        over: EOFError | SourceError = EOFError()
        try:
            with closing(self._stream.pictures()) as pictures:
                for image in pictures:
                    if self._closed:
                        break
                    self._offer(image)
        except (EOFError, SourceError) as error:
            over = error
        except Exception:
            log.exception("a stream stopped unexpectedly")
            over = DeviceLost("The stream stopped because of an error in Nacre; it is tried again.")
        with self._changed:
            self._over = over
            self._changed.notify_all()

    def _offer(self, image: Image) -> None:
        frame = Frame(
            image=image,
            pts=self._clock.monotonic() - self._origin,
            at=self._clock.wall(),
            run=self._run,
        )
        with self._changed:
            self._frame = frame
            self._changed.notify_all()
