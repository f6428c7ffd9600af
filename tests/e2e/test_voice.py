"""Spoken to and heard back: flite speaks into a room, PortAudio hears it, the window does it, and
the answer comes out of a loudspeaker that the microphone does not hear."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pocketsphinx import Decoder
from pytestqt.qtbot import QtBot

from app.bootstrap import open_engine, open_model_store
from app.paths import Paths
from app.settings import Settings
from engine.facts import Utterance
from engine.messages import AnswerFinished, Event, Heard, SourceChanged, SpeakingChanged
from engine.runtime import Engine
from tests.fakes.sound_server import LoudspeakerRecorder, SoundServer
from ui.preferences import Preferences
from ui.window import MainWindow

LIMIT_MS = 60_000


class Home:
    """A running Nacre with a window, and the room that it stands in."""

    def __init__(self, server: SoundServer, engine: Engine, window: MainWindow) -> None:
        self.server, self.engine, self.window = server, engine, window
        self.events: list[Event] = []
        engine.subscribe(self.events.append)

    def heard(self) -> list[Utterance]:
        return [event.utterance for event in self.events if isinstance(event, Heard)]

    def deeds(self) -> list[tuple[str, str]]:
        return [(e.utterance.text, e.deed) for e in self.events if isinstance(e, Heard)]


@pytest.fixture
def home(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    server = SoundServer(tmp_path / "sound")
    server.start()
    for name, value in server.environment.items():
        if name != "HOME":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("NACRE_SPEECH_SINK", "loudspeaker")
    paths = Paths.locate(tmp_path / "data")
    try:
        with open_engine(paths, Settings()) as engine:
            window = MainWindow(engine, open_model_store(paths), Preferences(theme="dark"))
            qtbot.addWidget(window)
            window.show()
            one = Home(server, engine, window)
            window.watch.voice.open(consented=True)
            qtbot.waitUntil(lambda: window.watch.voice.state is not None, timeout=LIMIT_MS)
            yield one
            window.close()
    finally:
        server.close()


ANSWERS = (
    "Nothing is being watched now.",
    "Nothing was watched yet.",
    "I have not seen anybody.",
    "Nobody has been listened to yet.",
    "I have not heard anything.",
    "I do not know which person is you.",
)


def among_answers(samples: npt.NDArray[np.int16]) -> str:
    """Which of the answers that Nacre may give was said, by a closed grammar of them."""
    plain = {answer.lower().strip("."): answer for answer in ANSWERS}
    decoder = Decoder(lm=None, loglevel="FATAL")
    rules = " | ".join(plain)
    decoder.add_jsgf_string("answers", f"#JSGF V1.0;grammar a;public <a> = {rules};")
    decoder.activate_search("answers")
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return plain.get(found.hypstr if found else "", "")


def say_with_the_key(qtbot: QtBot, home: Home, text: str, voice: str = "slt") -> tuple[str, str]:
    """What it was taken for: the words and the deed."""
    before = len(home.deeds())
    home.window.watch.voice.hold(True)
    home.server.speak(text, voice)
    home.window.watch.voice.hold(False)
    try:
        qtbot.waitUntil(lambda: len(home.deeds()) > before, timeout=LIMIT_MS)
    except qtbot.TimeoutError:
        states = [(e.state, e.reason) for e in home.events if isinstance(e, SourceChanged)]
        raise AssertionError(f"{text} was not heard; the microphone: {states}") from None
    return home.deeds()[-1]


def test_the_answer_is_heard_back_and_nacre_does_not_answer_itself(
    qtbot: QtBot, home: Home
) -> None:
    recorder = LoudspeakerRecorder(home.server)
    try:
        assert say_with_the_key(qtbot, home, "who is here") == ("who is here", "ask")
        qtbot.waitUntil(
            lambda: any(isinstance(e, AnswerFinished) for e in home.events), timeout=LIMIT_MS
        )
        qtbot.waitUntil(
            lambda: [e.text for e in home.events if isinstance(e, SpeakingChanged)][-1:] == [""],
            timeout=LIMIT_MS,
        )
        spoken = recorder.samples()
    finally:
        recorder.close()
    (answer,) = [e.answer.text for e in home.events if isinstance(e, AnswerFinished)]
    loud = np.flatnonzero(np.abs(spoken) > 500)
    assert len(loud) > 8000, answer
    assert among_answers(spoken[max(loud[0] - 4000, 0) : loud[-1] + 4000]) == answer
    assert len(home.heard()) == 1


def test_the_server_killed_and_started_again_is_told_and_heard(qtbot: QtBot, home: Home) -> None:
    voice = home.window.watch.voice
    home.server.kill()
    qtbot.waitUntil(lambda: voice.state == "lost", timeout=5000)
    assert "microphone" in voice.words.text().lower()
    home.server.start()
    qtbot.waitUntil(lambda: voice.state in ("open", "stalled"), timeout=5000)
    assert say_with_the_key(qtbot, home, "who is here") == ("who is here", "ask")


def test_what_is_said_to_nobody_is_remembered_and_not_obeyed(qtbot: QtBot, home: Home) -> None:
    home.server.speak("stop watching")
    qtbot.waitUntil(lambda: len(home.heard()) == 1, timeout=LIMIT_MS)
    assert not home.window.watching.paused
    assert home.deeds()[0][1] == ""
    assert say_with_the_key(qtbot, home, "what was said") == ("what was said", "ask")
    qtbot.waitUntil(
        lambda: any(isinstance(e, AnswerFinished) for e in home.events), timeout=LIMIT_MS
    )
    (answer,) = [e.answer for e in home.events if isinstance(e, AnswerFinished)]
    assert answer.evidence
