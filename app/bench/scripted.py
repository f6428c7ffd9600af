"""Sources that a benchmark scripts: a still camera, simulated hours, the begin of a recording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from app.clock import SystemClock
from engine.facts import SourceSpec
from engine.media import NANOSECONDS, Frame, Image
from engine.ports.sources import Source, SourceFactory

LOOK_S = 0.25
"""A source that has no frame says so this often (`engine.ports.sources.Source`)."""


class Camera:
    """A camera that gives `fps` frames a second, in real time; what it shows is `picture(n)`."""

    def __init__(
        self, run: str, picture: Callable[[int], Image], fps: float, first_pts: int
    ) -> None:
        self._run, self._picture, self._step_s = run, picture, 1 / fps
        self._first_pts = first_pts
        self._begin = monotonic()
        self._number = 0
        self._clock = SystemClock()

    @property
    def identity(self) -> str | None:
        return None

    def read(self) -> Frame | None:
        due = self._begin + self._number * self._step_s
        left = due - monotonic()
        if left > 0:
            self._clock.sleep(min(left, LOOK_S))
        if monotonic() < due:
            return None
        image = self._picture(self._number)
        self._number += 1
        pts = self._first_pts + round((monotonic() - self._begin) * NANOSECONDS)
        return Frame(image=image, pts=pts, at=self._clock.wall(), run=self._run)

    def close(self) -> None:
        """Nothing to give back."""


class Simulated:
    """Pictures as a recording, as fast as they are taken."""

    def __init__(self, run: str, pictures: Iterator[tuple[int, Image]], begin_at: int) -> None:
        """`pictures`: (pts, picture); `begin_at`: the wall time of pts 0."""
        self._run, self._pictures, self._begin_at = run, pictures, begin_at

    @property
    def identity(self) -> str | None:
        return None

    def read(self) -> Frame | None:
        following = next(self._pictures, None)
        if following is None:
            raise EOFError
        pts, image = following
        return Frame(image=image, pts=pts, at=self._begin_at + pts, run=self._run)

    def close(self) -> None:
        """Nothing to give back."""


class Begin:
    """Another source, up to a moment of its stream."""

    def __init__(self, source: Source, until: int) -> None:
        self._source, self._until = source, until

    @property
    def identity(self) -> str | None:
        return self._source.identity

    def read(self) -> Frame | None:
        frame = self._source.read()
        if frame is not None and frame.pts > self._until:
            raise EOFError
        return frame

    def close(self) -> None:
        self._source.close()


@dataclass(frozen=True)
class Scripted:
    """A `SourceFactory` that opens what `source` makes of a run and its first pts."""

    source: Callable[[str, int], Source]

    def open(self, spec: SourceSpec, run: str, *, first_pts: int = 0) -> Source:
        del spec
        return self.source(run, first_pts)


@dataclass(frozen=True)
class Begins:
    """A `SourceFactory` whose sources end at a moment of their stream."""

    sources: SourceFactory
    until: int

    def open(self, spec: SourceSpec, run: str, *, first_pts: int = 0) -> Source:
        return Begin(self.sources.open(spec, run, first_pts=first_pts), self.until)
