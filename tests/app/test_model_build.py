"""The build behind the program: what it says, how it ends, how it stands for others."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app import model_build
from app.model_build import ModelBuild, built_behind, standing, wanted_build
from engine.ports.shelf import Preparation
from tests.fakes.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script builds it")

STEP = 'echo "nacre: preparing the language model engine: {} %"'


class Script:
    """A build command that waits for `go` where it says so."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.gate = folder / "gate"
        os.mkfifo(self.gate)
        text = "\n".join(lines).replace("WAIT", f"read -r _ <{self.gate}")
        self.build = ModelBuild(("sh", "-c", text))
        self.told: list[Preparation] = []

    def go(self) -> None:
        self.gate.write_text("\n")


def ended(build: ModelBuild) -> bool:
    return build.now.state in ("ready", "failed")


def test_it_tells_every_percent_and_the_end(tmp_path: Path) -> None:
    script = Script(tmp_path, STEP.format(7), STEP.format(52), "echo ready")
    script.build.follow(script.told.append)
    script.build.start()
    wait_for(lambda: ended(script.build))
    assert [(now.state, now.percent) for now in script.told] == [
        ("absent", 0),
        ("building", 7),
        ("building", 52),
        ("ready", 100),
    ]


def test_nothing_to_do_is_no_building(tmp_path: Path) -> None:
    script = Script(tmp_path, "exit 0")
    script.build.follow(script.told.append)
    script.build.start()
    wait_for(lambda: ended(script.build))
    assert [now.state for now in script.told] == ["absent", "ready"]


def test_the_sentence_of_a_failure_is_told(tmp_path: Path) -> None:
    sentence = "A C++ compiler is missing: sudo apt-get install g++"
    script = Script(
        tmp_path,
        f'echo "nacre: the language model engine could not be prepared. {sentence}" >&2',
        "exit 1",
    )
    script.build.start()
    wait_for(lambda: ended(script.build))
    assert script.build.now == Preparation(state="failed", reason=sentence)


def test_closing_ends_everything_it_started(tmp_path: Path) -> None:
    child = f"sh -c 'echo $$ >{tmp_path}/pid; WAIT; true'"
    script = Script(tmp_path, STEP.format(30), child, "true")
    script.build.start()
    pid = int(wait_for(lambda: _text(tmp_path / "pid")))
    wait_for(lambda: script.build.now.state == "building")
    script.build.close()
    assert script.build.now == Preparation(state="absent", percent=30)
    wait_for(lambda: not psutil.pid_exists(pid))


def _text(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def test_who_stopped_following_hears_no_more(tmp_path: Path) -> None:
    script = Script(tmp_path, STEP.format(1), "WAIT", STEP.format(2))
    end = script.build.follow(script.told.append)
    script.build.start()
    wait_for(lambda: script.build.now.percent == 1)
    end()
    script.go()
    wait_for(lambda: ended(script.build))
    assert script.told[-1].percent == 1


def test_the_tier_rises_once_and_the_console_hears_every_tenth(tmp_path: Path) -> None:
    script = Script(tmp_path, *(STEP.format(n) for n in range(1, 100)), "WAIT")
    lines: list[str] = []
    rises: list[str] = []
    with built_behind(script.build, ready=lambda: rises.append("up"), say=lines.append):
        wait_for(lambda: script.build.now.percent == 99)
        assert not rises
        script.go()
        wait_for(lambda: rises)
    assert len(lines) == 11
    assert lines[-1] == "the language model engine is ready"
    assert rises == ["up"]


def test_what_was_there_already_raises_nothing(tmp_path: Path) -> None:
    script = Script(tmp_path, "exit 0")
    rises: list[str] = []
    with built_behind(script.build, ready=lambda: rises.append("up"), say=rises.append):
        wait_for(lambda: ended(script.build))
    assert rises == []


def test_a_build_that_is_broken_off_says_so(tmp_path: Path) -> None:
    script = Script(tmp_path, STEP.format(40), "WAIT")
    lines: list[str] = []
    with built_behind(script.build, ready=lambda: None, say=lines.append):
        wait_for(lambda: script.build.now.percent == 40)
    assert lines[-1] == "the language model engine is at 40 %; the next `make run` goes on"


def test_only_make_run_builds() -> None:
    assert wanted_build({}) is None
    assert wanted_build({model_build.BUILD_VARIABLE: "1"}) is not None


# --- how it stands, for `nacre doctor` ------------------------------------------------------------


@pytest.fixture
def running() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sh", "-c", "read -r _"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_a_build_under_way_is_seen(tmp_path: Path, running: subprocess.Popen[bytes]) -> None:
    (tmp_path / "nacre-model.state").write_text(f"building 41 {running.pid}\n")
    assert standing(tmp_path) == Preparation(state="building", percent=41)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert standing(tmp_path) == Preparation(state="absent", percent=41)


def test_a_failed_build_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "nacre-model.state").write_text("failed The disk is full.\n")
    assert standing(tmp_path) == Preparation(state="failed", reason="The disk is full.")


def test_what_it_was_built_for_is_noted(tmp_path: Path) -> None:
    assert model_build.built_for(tmp_path) == ""
    (tmp_path / "nacre-model").write_text("vulkan 0123456789abcdef\n")
    assert model_build.built_for(tmp_path) == "vulkan"


@pytest.mark.parametrize("words", ["building", "building many 1x", "building 3 ", "what?", ""])
def test_notes_that_cannot_be_read_are_no_trouble(tmp_path: Path, words: str) -> None:
    (tmp_path / "nacre-model.state").write_text(words)
    assert standing(tmp_path).state in ("absent", "ready")
