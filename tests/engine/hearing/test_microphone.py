# pyright: reportMissingTypeStubs=false, reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
"""PortAudio on a sound server of the test's own."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import sounddevice

from app.eval.sound_server import SoundServer, written
from engine.errors import DeviceNotFound
from engine.hearing.ear import decibels
from engine.hearing.endpoint import BLOCK
from engine.hearing.microphone import SoundDeviceMicrophone, SoundDeviceMicrophones
from engine.hearing.vad import rms
from engine.media import RATE, Samples
from tests.fakes.waiting import wait_for


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    made = SoundServer(tmp_path / "sound")
    made.start()
    for name, value in made.environment.items():
        if name != "HOME":
            monkeypatch.setenv(name, value)
    yield made
    made.close()


def test_it_opens_again_though_the_library_could_not_begin_once(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    microphones = SoundDeviceMicrophones()
    begin = sounddevice._initialize

    def refuse() -> None:
        monkeypatch.setattr(sounddevice, "_initialize", begin)
        raise sounddevice.PortAudioError("the system is busy")

    monkeypatch.setattr(sounddevice, "_initialize", refuse)
    with pytest.raises(DeviceNotFound):
        microphones.open("")
    microphone = microphones.open("")
    try:
        wait_for(lambda: microphone.read(0.2) is not None)
    finally:
        microphone.close()


def test_blocks_are_whole_however_the_sound_comes(server: SoundServer) -> None:
    microphone = SoundDeviceMicrophones().open("")
    microphone.close()
    while microphone.read(0.01) is not None:
        pass
    sound = np.arange(BLOCK * 3, dtype=np.int16)
    came: list[Samples] = []
    for start, end in ((0, 100), (100, 700), (700, 1536)):
        SoundDeviceMicrophone._came(microphone, sound[start:end].tobytes(), 0, None, None)
        while (block := microphone.read(0.01)) is not None:
            came.append(block)
    assert [len(block) for block in came] == [BLOCK] * 3
    assert np.array_equal(np.concatenate(came)[-BLOCK * 2 :], sound[-BLOCK * 2 :])


def test_nothing_is_written_on_the_terminal(
    server: SoundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert SoundDeviceMicrophones().names()
    server.kill()
    SoundDeviceMicrophones().names()
    assert capfd.readouterr().err == ""


def loudest(microphone: SoundDeviceMicrophone, blocks: int = 30) -> float:
    """Of the next second or so, in dB."""
    found = [microphone.read(1.0) for _ in range(blocks)]
    return max(decibels(rms(block)) for block in found if block is not None)


def test_microphones_come_and_go_also_while_one_is_listened_to(server: SoundServer) -> None:
    microphones = SoundDeviceMicrophones()
    (usual,) = microphones.names()
    parts = server.plug_in("Headset")
    assert microphones.names() == (usual, "Headset")
    microphone = microphones.open("Headset")
    try:
        more = server.plug_in("Webcam")
        assert set(microphones.names()) == {usual, "Headset", "Webcam"}
        server.pull_out(more)
        assert set(microphones.names()) == {usual, "Headset"}
    finally:
        microphone.close()
    server.pull_out(parts)
    assert microphones.names() == (usual,)
    with pytest.raises(DeviceNotFound, match="Headset"):
        microphones.open("Headset")


def test_the_one_that_was_chosen_is_heard_and_no_other(server: SoundServer, tmp_path: Path) -> None:
    server.plug_in("Headset")
    tone = (8000 * np.sin(np.arange(3 * RATE) / 5)).astype(np.int16)
    sound = written(tone, tmp_path / "tone.wav")
    microphones = SoundDeviceMicrophones()
    (usual,) = [name for name in microphones.names() if name != "Headset"]
    for name, loud in (("Headset", True), (usual, False), ("", False)):
        microphone = microphones.open(name)
        playing = Thread(target=server.play, args=(sound, "Headset"))
        playing.start()
        try:
            assert (loudest(microphone) > -20) == loud, name
        finally:
            microphone.close()
            playing.join(10)
