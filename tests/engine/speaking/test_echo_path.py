"""Headphones and echo cancellation, as a sound server tells of them."""

import os
import subprocess
from pathlib import Path

import pytest

from app.eval.sound_server import SoundServer
from engine.hearing.microphone import SoundDeviceMicrophones
from engine.speaking.echo_path import ASKED_EVERY_S, EchoPath, is_apart

INFO = {"default_sink_name": "out", "default_source_name": "in"}


def test_headphones_and_cancelled_echo_are_told_from_a_loudspeaker() -> None:
    speaker = [{"name": "out", "active_port": "analog-output-speaker"}]
    headphones = [{"name": "out", "active_port": "analog-output-headphones"}]
    plain = [{"name": "in", "driver": "module-alsa-card.c"}]
    cancelled = [{"name": "in", "driver": "module-echo-cancel.c"}]
    assert not is_apart(INFO, speaker, plain)
    assert is_apart(INFO, headphones, plain)
    assert is_apart(INFO, speaker, cancelled)
    assert not is_apart(INFO, [*speaker, {**headphones[0], "name": "other"}], plain)
    assert not is_apart(None, None, None)


def test_it_is_the_microphone_that_is_listened_to_that_counts() -> None:
    sources = [
        {"index": 4, "name": "in", "driver": "module-echo-cancel.c"},
        {"index": 5, "name": "desk", "driver": "module-alsa-card.c"},
    ]

    def listens(source: int, process: int) -> dict[str, object]:
        return {"source": source, "properties": {"application.process.id": str(process)}}

    ours, other = os.getpid(), os.getpid() + 1
    assert is_apart(INFO, [], sources, [listens(4, ours), listens(5, other)])
    assert not is_apart(INFO, [], sources, [listens(5, ours), listens(4, other)])
    assert not is_apart(INFO, [], sources, [listens(5, ours), listens(4, ours)])
    assert is_apart(INFO, [], sources, [listens(5, other)])


def test_echo_cancellation_is_noticed_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = SoundServer(tmp_path / "sound")
    server.start()
    try:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        now = 0.0
        path = EchoPath(lambda: now)
        assert not path.apart()
        load = ["pactl", "load-module", "module-echo-cancel"]
        load += ["source_name=quiet", "source_master=microphone", "sink_master=loudspeaker"]
        subprocess.run(load, env=os.environ, check=True, timeout=10, capture_output=True)
        subprocess.run(["pactl", "set-default-source", "quiet"], check=True, timeout=10)
        now = ASKED_EVERY_S - 1
        assert not path.apart()
        now = ASKED_EVERY_S
        assert path.apart()
        # The usual one would not hear Nacre; the one that is listened to does.
        microphones = SoundDeviceMicrophones()
        (plain,) = [name for name in microphones.names() if "cancel" not in name.lower()]
        microphone = microphones.open(plain)
        try:
            now = 2 * ASKED_EVERY_S
            assert not path.apart()
        finally:
            microphone.close()
        now = 3 * ASKED_EVERY_S
        assert path.apart()
    finally:
        server.close()
