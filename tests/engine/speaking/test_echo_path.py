"""Headphones and echo cancellation, as a sound server tells of them."""

import os
import subprocess
from pathlib import Path

import pytest

from app.eval.sound_server import SoundServer
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
    finally:
        server.close()
