"""Sources whose frames a test decides."""

from collections.abc import Iterable, Sequence
from queue import Empty, Queue

import cv2
import numpy as np

from engine.errors import DeviceNotFound
from engine.facts import SourceSpec
from engine.media import NANOSECONDS, Frame, Image
from tests.fakes.clock import EPOCH_2026


def picture(number: int = 0, width: int = 64, height: int = 48) -> Image:
    """A picture that differs from that of every other number below 256."""
    image = np.full((height, width, 3), 40, np.uint8)
    cv2.putText(image, str(number), (2, height // 2), cv2.FONT_HERSHEY_PLAIN, 1, (0, 255, 0))
    image[:, :, 2] = number % 256
    return image


def frames(
    count: int, *, run: str = "run", fps: float = 10, first: int = 0, start: int = EPOCH_2026
) -> list[Frame]:
    """`count` frames, numbered from `first`, at an even pace."""
    return [
        Frame(image=picture(n), pts=(pts := round(n * NANOSECONDS / fps)), at=start + pts, run=run)
        for n in range(first, first + count)
    ]


class FakeSource:
    """A recording of even pace that exists nowhere; over after `count` frames."""

    def __init__(self, run: str, *, count: int = 10, fps: float = 10) -> None:
        self._frames = iter(frames(count, run=run, fps=fps))
        self.closed = False

    @property
    def identity(self) -> str | None:
        return "file:fake"

    def read(self) -> Frame | None:
        frame = next(self._frames, None)
        if frame is None:
            raise EOFError
        return frame

    def close(self) -> None:
        self.closed = True


class ScriptedSource:
    """Gives out what the test pushes: frames, None for a moment without one, errors to be raised.
    With nothing left it is silent, like a live source, until more is pushed."""

    def __init__(
        self, script: Iterable[Frame | Exception | None] = (), *, identity: str | None = None
    ) -> None:
        self.identity = identity
        self.closed = False
        self._script: Queue[Frame | Exception | None] = Queue()
        for item in script:
            self.push(item)

    def push(self, item: Frame | Exception | None) -> None:
        self._script.put(item)

    @property
    def left(self) -> int:
        """How much of the script has not been read."""
        return self._script.qsize()

    def read(self) -> Frame | None:
        try:
            item = self._script.get(timeout=0.02)
        except Empty:
            return None
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        self.closed = True


class FakeSources:
    """`SourceFactory` that opens what it was given, in order; an error is raised instead."""

    def __init__(
        self,
        *outcomes: "FakeSource | ScriptedSource | Exception",
        available: Sequence[SourceSpec] = (),
    ) -> None:
        self._outcomes = list(outcomes)
        self._available = tuple(available)
        self.opened: list[tuple[SourceSpec, str, int]] = []
        """(spec, run, first_pts) of every attempt."""

    def add(self, outcome: "FakeSource | ScriptedSource | Exception") -> None:
        self._outcomes.append(outcome)

    def open(
        self, spec: SourceSpec, run: str, *, first_pts: int = 0
    ) -> "FakeSource | ScriptedSource":
        self.opened.append((spec, run, first_pts))
        outcome = self._outcomes.pop(0) if self._outcomes else DeviceNotFound("It is gone.")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def available(self) -> tuple[SourceSpec, ...]:
        return self._available
