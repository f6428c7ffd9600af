"""What every voice promises: programs of the system, and Qt's, with the engine that makes no sound
and with that of a real desktop. All speak on a sound server of the test's own."""

from collections.abc import Callable, Generator
from pathlib import Path
from threading import Thread

import pytest
from pytestqt.qtbot import QtBot

from app.eval.sound_server import SinkRecorder, SoundServer
from app.voices import FirstVoice
from engine.errors import DeviceLost
from engine.ports.sound import Voice
from engine.speaking.program_voice import ProgramVoice
from tests.fakes.waiting import wait_for
from ui.desktop.speech import QtVoice

WORDS = "Momo is asleep on the chair."
LONG = "She came in at nine, at ten, at half past eleven and at two. " * 20

MAKERS: dict[str, Callable[[], Voice]] = {
    "espeak-ng": lambda: ProgramVoice("espeak-ng"),
    "flite": lambda: ProgramVoice("flite"),
    "Qt, mock": lambda: QtVoice("mock"),
    "Qt, speechd": lambda: QtVoice("speechd"),
    "the first of several": lambda: FirstVoice((no_voice, lambda: QtVoice("mock"))),
}
LOUD = [name for name in MAKERS if "mock" not in name and "first" not in name]


def no_voice() -> Voice:
    raise DeviceLost("It is not there.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[SoundServer]:
    made = SoundServer(tmp_path_factory.mktemp("sound") / "sound")
    made.start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made
    made.close()


@pytest.fixture
def make(qapp: object, server: SoundServer) -> Generator[Callable[[str], Voice]]:
    made: list[Voice] = []

    def one(name: str) -> Voice:
        made.append(MAKERS[name]())
        return made[-1]

    yield one
    for voice in made:
        voice.stop()
        if isinstance(voice, QtVoice):
            voice.close()


@pytest.mark.parametrize("name", MAKERS)
def test_it_returns_when_it_was_said(make: Callable[[str], Voice], name: str) -> None:
    voice = make(name)
    voice.stop()  # Nothing is said: that is no error.
    for text in (WORDS, "", "<b>& 'quoted' {markup}", WORDS):
        voice.say(text)


@pytest.mark.parametrize("name", MAKERS)
def test_stop_ends_it_from_another_thread(
    make: Callable[[str], Voice], name: str, qtbot: QtBot
) -> None:
    voice = make(name)
    speaking = Thread(target=voice.say, args=(LONG,), daemon=True)
    speaking.start()

    def over() -> bool:
        voice.stop()  # It may not have begun yet.
        return not speaking.is_alive()

    wait_for(over, limit_s=20)
    voice.say(WORDS)


@pytest.mark.parametrize("name", LOUD)
def test_it_is_heard(make: Callable[[str], Voice], server: SoundServer, name: str) -> None:
    recorder = SinkRecorder(server)
    try:
        make(name).say(WORDS)
        wait_for(lambda: len(recorder.samples()) > 0 and abs(recorder.samples()).max() > 1000)
    finally:
        recorder.close()


def test_without_an_engine_there_is_no_voice(qapp: object) -> None:
    with pytest.raises(DeviceLost):
        QtVoice("such an engine is not there")


def test_where_none_works_it_is_said_so(qapp: object) -> None:
    voice = FirstVoice((no_voice, no_voice))
    for _ in range(2):
        with pytest.raises(DeviceLost):
            voice.say(WORDS)
    voice.stop()


def test_a_voice_that_breaks_off_is_followed_by_the_next(qapp: object, tmp_path: Path) -> None:
    said: list[str] = []

    class Breaks:
        def say(self, text: str) -> None:
            raise DeviceLost("It broke.")

        def stop(self) -> None:
            return

    class Works(Breaks):
        def say(self, text: str) -> None:
            said.append(text)

    voice = FirstVoice((Breaks, Works))
    voice.say(WORDS)
    voice.say(WORDS)
    assert said == [WORDS, WORDS]
