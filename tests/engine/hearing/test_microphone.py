# pyright: reportMissingTypeStubs=false, reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
"""PortAudio on a sound server of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sounddevice

from app.eval.sound_server import SoundServer
from engine.errors import DeviceNotFound
from engine.hearing.endpoint import BLOCK
from engine.hearing.microphone import SoundDeviceMicrophone, SoundDeviceMicrophones
from engine.media import Samples
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
