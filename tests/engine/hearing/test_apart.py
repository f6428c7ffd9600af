"""The real recogniser in a real process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.eval.sound_server import samples_of, spoken
from engine.hearing.apart import TranscriberApart
from engine.hearing.sphinx import PocketSphinx
from engine.media import Samples


@pytest.fixture
def apart() -> Iterator[TranscriberApart]:
    made = TranscriberApart(PocketSphinx)
    yield made
    made.close()


def spoken_samples(text: str, tmp_path: Path) -> Samples:
    pause = np.zeros(8000, np.int16)
    return np.concatenate([pause, samples_of(spoken(text, tmp_path / "said.wav")), pause])


def test_a_command_is_written_down_and_names_are_kept_over_a_crash(
    apart: TranscriberApart, tmp_path: Path
) -> None:
    assert apart.know(("Momo", "李雷")) == ("李雷",)
    samples = spoken_samples("where is momo", tmp_path)
    assert apart.transcribe(samples, addressed=True, wake=False).text == "where is momo"
    running = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    (child,) = [one for one in running if "spawn_main" in " ".join(one.cmdline())]
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)
    assert apart.transcribe(samples, addressed=True, wake=False).text == "where is momo"


def test_its_process_ends_when_it_is_closed(apart: TranscriberApart) -> None:
    before = set(psutil.Process().children())
    other = TranscriberApart(PocketSphinx)
    (child,) = set(psutil.Process().children()) - before
    other.close()
    assert not child.is_running()
