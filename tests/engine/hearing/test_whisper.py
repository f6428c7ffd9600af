"""faster-whisper with a model that says one sentence: that a folder of the store becomes words, and
what is done where it cannot. How well a trained model hears is not shown here."""

import json
import logging
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.eval.sound_server import samples_of, spoken
from app.recogniser import recogniser
from engine.errors import ModelCorrupt
from engine.hearing.apart import TranscriberApart
from engine.hearing.sphinx import PocketSphinx
from engine.hearing.whisper import Whisper, alike
from engine.media import Samples
from engine.ports.sound import Transcript
from tests.fakes.whisper import write_whisper

SAYS = "what do you see on the screen"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_whisper(tmp_path_factory.mktemp("whisper"), SAYS)


@pytest.fixture(scope="module")
def whisper(folder: Path) -> Whisper:
    return Whisper(folder)


def said(text: str, folder: Path) -> Samples:
    pause = np.zeros(8000, np.int16)
    return np.concatenate([pause, samples_of(spoken(text, folder / "said.wav")), pause])


def test_free_speech_is_written_down(whisper: Whisper, tmp_path: Path) -> None:
    sound = said("the weather is fine in the mountains", tmp_path)
    heard = whisper.transcribe(sound, addressed=False, wake=False)
    assert heard.text == SAYS
    assert heard.confidence > 0.9
    assert not heard.called
    assert whisper.transcribe(sound, addressed=True, wake=True).text == SAYS


def test_a_command_stands_where_both_heard_much_the_same(whisper: Whisper, tmp_path: Path) -> None:
    command = whisper.transcribe(said("what do you see", tmp_path), addressed=True, wake=False)
    assert command.text == "what do you see"
    other = whisper.transcribe(said("remember this", tmp_path), addressed=True, wake=False)
    assert other.text == SAYS


def test_the_wake_phrase_is_that_of_the_grammar(whisper: Whisper, tmp_path: Path) -> None:
    sound = said("hey nacre who is here", tmp_path)
    called = whisper.transcribe(sound, addressed=False, wake=True)
    assert (called.text, called.called) == ("who is here", True)
    assert not whisper.transcribe(sound, addressed=False, wake=False).called


def test_names_are_hinted_at(whisper: Whisper, tmp_path: Path) -> None:
    sound = said("the weather is fine in the mountains", tmp_path)
    assert whisper.know(("Momo", "李雷")) == ("李雷",)
    # The model goes by positions, so that what stands before its sentence shifts it out of sight.
    assert whisper.transcribe(sound, addressed=False, wake=False).text != SAYS
    whisper.know(())
    assert whisper.transcribe(sound, addressed=False, wake=False).text == SAYS


def test_it_runs_in_a_process_that_reaches_nobody(folder: Path, tmp_path: Path) -> None:
    apart = TranscriberApart(partial(recogniser, folder))
    try:
        sound = said("the weather is fine in the mountains", tmp_path)
        assert apart.transcribe(sound, addressed=False, wake=False).text == SAYS
    finally:
        apart.close()
    confined = TranscriberApart(partial(ReachesOut, folder))
    try:
        reached = confined.transcribe(sound, addressed=False, wake=False)
        assert reached.text == "PermissionError"
    finally:
        confined.close()


class ReachesOut:
    """In the process of the recogniser: what comes of opening a connection there."""

    def __init__(self, folder: Path) -> None:
        self._inner = recogniser(folder)
        assert isinstance(self._inner, Whisper)

    def know(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return self._inner.know(names)

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        try:
            socket.socket().close()
        except OSError as error:
            return Transcript(text=type(error).__name__, confidence=1.0)
        return Transcript(text="reached", confidence=1.0)

    def close(self) -> None:
        self._inner.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def emptied(path: Path) -> None:
    path.write_text(json.dumps({}))


DAMAGE: tuple[tuple[str, Callable[[Path], None]], ...] = (
    ("model.bin", Path.unlink),
    ("model.bin", cut),
    ("model.bin", emptied),
    ("config.json", Path.unlink),
    ("config.json", cut),
    ("tokenizer.json", Path.unlink),
    ("tokenizer.json", emptied),
    ("vocabulary.json", Path.unlink),
)


@pytest.mark.parametrize(("name", "damage"), DAMAGE)
def test_what_is_no_model_is_refused_and_the_default_takes_over(  # noqa: PLR0917
    folder: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    damage: Callable[[Path], None],
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in folder.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    damage(broken / name)
    with pytest.raises(ModelCorrupt, match="It is not used"):
        Whisper(broken)
    monkeypatch.setattr("app.recogniser.confine", bool)  # It would hold for this process, too.
    with caplog.at_level(logging.WARNING):
        assert isinstance(recogniser(broken), PocketSphinx)
    assert "without a model" in caplog.text


def test_without_a_model_it_is_the_default() -> None:
    assert isinstance(recogniser(None), PocketSphinx)


def test_alike_is_by_letters() -> None:
    assert alike("where is momo", "Where is Mo Mo?")
    assert alike("what happened today", "What happened today?")
    assert not alike("pause", "Paul is on the phone")
    assert not alike("remember this", "when did the postman come")
