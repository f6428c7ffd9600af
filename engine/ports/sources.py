"""Where pictures come from, and time."""

from typing import Protocol

from engine.facts import SourceSpec
from engine.media import Frame


class Clock(Protocol):
    """Time. Tests use one that they move."""

    def monotonic(self) -> int:
        """Nanoseconds that never go back."""
        ...

    def wall(self) -> int:
        """Nanoseconds since the Unix epoch, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a movable clock returns when it was moved that far."""
        ...


class Source(Protocol):
    """One open device, file or stream. Made by a `SourceFactory`; used by one thread.

    `read` blocks for at most about 0.25 s and returns None when no frame came in that time.
    """

    @property
    def identity(self) -> str | None:
        """Equal for the same recording on every watching; None for live sources."""
        ...

    def read(self) -> Frame | None:
        """The next frame, in order of `pts`.

        Raises:
            EOFError: the recording is over.
            SourceError: the device is lost or its content cannot be read.
        """
        ...

    def close(self) -> None:
        """Give the device back; safe to call twice."""
        ...


class SourceFactory(Protocol):
    """Opens sources. The run id is stamped on every frame."""

    def open(self, spec: SourceSpec, run: str, *, first_pts: int = 0) -> Source:
        """Open the device; a live source that is opened again goes on counting at `first_pts`.

        Raises:
            SourceError: with the reason, in words for people.
        """
        ...
