"""A room with a microphone, a loudspeaker, and Nacre's own ear and voice in it, over a sound server
that nothing else uses."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Condition
from time import monotonic

from app.clock import SystemClock
from app.eval.commands import NAMES
from app.eval.sound_server import SoundServer
from app.hearing import sound
from app.paths import Paths
from app.settings import Settings
from app.shelf import open_shelf
from engine.errors import EngineError
from engine.facts import Utterance, microphone
from engine.inference.store import ModelStore
from engine.reports import Report, RunChanged, Spoken, UtteranceHeard

LIMIT_S = 60.0


class SpokenRoom:
    """The ear hears what is played into the room; the voice comes out of the loudspeaker."""

    def __init__(self, server: SoundServer, settings: Settings, store: ModelStore) -> None:
        self.server = server
        self.heard: list[Utterance] = []
        self.states: list[tuple[float, str, str]] = []
        """(when, state, reason) of the microphone."""
        self.speaking = False
        self._news = Condition()
        made = sound(settings, store, SystemClock(), UTC)
        self.speaker = made.speaker(self._take)
        self.ear = made.ear(microphone(), "m", self._take)

    def start(self) -> None:
        self.speaker.start()
        self.ear.start()
        self.ear.know(NAMES)
        self.wait(lambda: self.state in ("open", "stalled"), "the microphone")

    def close(self) -> None:
        self.ear.stop()
        self.speaker.close()
        self.ear.join(5.0)

    @property
    def state(self) -> str:
        return self.states[-1][1] if self.states else ""

    def command(self, play: Callable[[], None]) -> Utterance:
        """What was heard while the key was held."""
        before = len(self.heard)
        self.ear.attend(True)
        play()
        self.ear.attend(False)
        self.wait(lambda: len(self.heard) > before, "what was said")
        return self.heard[-1]

    def wait(self, what: Callable[[], bool], name: str, limit_s: float = LIMIT_S) -> float:
        """Until it is true; how many seconds it took.

        Raises:
            EngineError: it did not become true.
        """
        begun = monotonic()
        with self._news:
            while not what():
                if monotonic() - begun > limit_s:
                    raise EngineError(f"{name} did not come in {limit_s:.0f} s.")
                self._news.wait(0.02)
        return monotonic() - begun

    def rest(self, seconds: float) -> None:
        """Let the room be silent."""
        until = monotonic() + seconds
        with self._news:
            while (left := until - monotonic()) > 0:
                self._news.wait(left)

    def _take(self, report: Report) -> None:
        with self._news:
            match report:
                case UtteranceHeard(utterance=said):
                    self.heard.append(said)
                case RunChanged(state=state, reason=reason):
                    self.states.append((monotonic(), state, reason))
                case Spoken(text=text):
                    self.speaking = bool(text)
                case _:
                    pass
            self._news.notify_all()


@contextmanager
def spoken_room(
    settings: Settings, *, sink: str = "loudspeaker", data: Path | None = None
) -> Generator[SpokenRoom]:
    """`sink`: where Nacre's voice goes; `room`: the microphone hears it, too. `data`: the folder
    whose speech model is used; None: the default, which needs none."""
    before = dict(os.environ)
    with TemporaryDirectory() as folder:
        server = SoundServer(Path(folder) / "sound")
        server.start()
        os.environ.update({k: v for k, v in server.environment.items() if k != "HOME"})
        os.environ["NACRE_SPEECH_SINK"] = sink
        try:
            store = open_shelf(Paths.locate(data or Path(folder) / "data"))
            room = SpokenRoom(server, settings, store)
            room.start()
            try:
                yield room
            finally:
                room.close()
        finally:
            os.environ.clear()
            os.environ.update(before)
            server.close()
