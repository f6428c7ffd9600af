"""A session driven by messages, with ready-made reports."""

from collections.abc import Callable
from datetime import UTC
from typing import TypeVar

import numpy as np
import pytest

from engine import messages as msg
from engine import reports as rep
from engine.config import EngineConfig
from engine.effects import Effect
from engine.facts import Alert, Concept, Exemplar, Run, SourceSpec, Track, View
from engine.media import Box, Frame, nanoseconds
from engine.session import Message, Session

Wanted = TypeVar("Wanted")

FILE = SourceSpec(kind="recording", address="clip.mp4", label="clip.mp4", realtime=False)
CAMERA = SourceSpec(kind="camera", address="0", label="camera 0")
PICTURE = np.zeros((90, 160, 3), np.uint8)
BODY = Box(10, 10, 40, 70)
FACE = Box(20, 12, 16, 16)
START = 1_767_225_600 * 1_000_000_000


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


MUM_FACE = unit(1, 0, 0)
STRANGE_FACE = unit(0, 1, 0)


def a_view(vector: np.ndarray = MUM_FACE) -> View:
    return View(embedder="face", vector=vector, box=FACE, crop=PICTURE[:16, :16], quality=1.0)


def a_frame(t: float, run: str = "run") -> Frame:
    return Frame(image=PICTURE, pts=nanoseconds(t), at=START + nanoseconds(t), run=run)


def a_person(track: int = 1, face: np.ndarray | None = None, box: Box = BODY) -> Track:
    view = None if face is None else a_view(face)
    return Track(id=track, kind="person", box=box, score=0.9, view=view)


class Driver:
    """Feeds a session and sorts what comes out."""

    def __init__(self) -> None:
        self.session = Session(EngineConfig(), UTC)
        self.out: list[msg.Event | Effect] = []
        self.now = START

    def give(self, message: Message) -> list[msg.Event | Effect]:
        out = self.session.handle(message, self.now)
        self.out += out
        return out

    def start(
        self,
        concepts: tuple[Concept, ...] = (),
        exemplars: tuple[Exemplar, ...] = (),
        alerts: tuple[Alert, ...] = (),
        consents: frozenset[str] = frozenset(),
    ) -> None:
        self.give(
            rep.Started(
                concepts=concepts,
                exemplars=exemplars,
                alerts=alerts,
                consents=consents,
                features=(),
            )
        )

    def open(self, spec: SourceSpec = FILE, run: str = "run", *, consented: bool = True) -> None:
        self.give(msg.OpenSource(spec=spec, run=run, consented=consented))
        opened = Run(run=run, kind=spec.kind, label=spec.label, identity=run, opened_at=START)
        self.give(rep.RunStarted(run=opened))
        self.give(rep.RunChanged(run=run, state="open", pts=0, at=START))

    def look(self, t: float, *tracks: Track, run: str = "run") -> list[msg.Event | Effect]:
        return self.give(rep.Perceived(frame=a_frame(t, run), tracks=tracks))

    def end(self, t: float, run: str = "run") -> list[msg.Event | Effect]:
        at = START + nanoseconds(t)
        return self.give(rep.RunChanged(run=run, state="ended", pts=nanoseconds(t), at=at))

    def teach(
        self,
        name: str = "Mum",
        ref: str = "c-mum",
        t: float = 0.0,
        face: np.ndarray = MUM_FACE,
    ) -> None:
        self.give(msg.TeachConcept(name=name, kind="person", frame=a_frame(t), box=FACE, ref=ref))
        self.give(rep.Examined(ref=ref, views=(a_view(face),)))

    def all(self, kind: type[Wanted]) -> list[Wanted]:
        """Everything of this class that came out so far, in order."""
        return [one for one in self.out if isinstance(one, kind)]


@pytest.fixture
def driver() -> Driver:
    driver = Driver()
    driver.start()
    return driver


Give = Callable[[Message], list[msg.Event | Effect]]
