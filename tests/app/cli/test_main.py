"""Exit codes and one-line reasons, whatever happens."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.cli.root import COMMANDS
from engine.errors import StoreError
from tests.app.cli.conftest import Nacre


def fails_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("app.cli.remote.reach", broken)


def test_help_names_every_command(nacre: Nacre):
    said = nacre("--help")
    assert said.code == 0
    assert all(f"  {name} " in said.out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_keeps_its_output_for_scripts(nacre: Nacre, command: str):
    said = nacre(command, "--help")
    assert said.code == 0
    assert "Usage: nacre" in said.out
    assert "--data-dir" in said.out


def test_help_does_not_load_what_it_does_not_need():
    program = (
        "import sys; from app.__main__ import main; main(['--help']);"
        "heavy = {'numpy', 'cv2', 'PySide6', 'onnxruntime', 'pydantic'} & set(sys.modules);"
        "sys.exit(','.join(heavy) or 0)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_the_version(nacre: Nacre):
    assert nacre("--version").out.startswith("nacre 0.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("--fly",),
        ("watch",),
        ("concepts",),
        ("concepts", "add", "A"),
        ("concepts", "add", "A", "--kind", "person", "--image", "x", "--box", "1,2,3"),
        ("concepts", "add", "A", "--kind", "dragon", "--image", "x"),
        ("memory", "forget"),
        ("memory", "forget", "--last", "soon"),
        ("memory", "search", "x", "--since", "yesterdayish"),
        ("memory", "search", "x", "--since", "2026-02-01", "--until", "2026-01-01"),
        ("alerts", "add", "x", "--dwell", "-3"),
        ("--smoke", "ask", "x"),
        ("eval", "no-such-thing"),
    ],
)
def test_wrong_usage_is_said_and_is_exit_code_2(nacre: Nacre, arguments: tuple[str, ...]):
    said = nacre(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (StoreError("The memory is full.\nReally."), 1, "The memory is full. Really."),
        (OSError(28, "No space left on device", "/x"), 1, "/x: No space left on device"),
        (MemoryError(), 1, "not enough memory"),
        (RuntimeError("private words"), 1, "went wrong inside (RuntimeError)"),
    ],
)
def test_every_failure_is_one_line(
    nacre: Nacre,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    reason: str,
):
    fails_with(error, monkeypatch)
    said = nacre("ask", "anything?")
    assert said.code == code
    assert reason in said.reason
    assert "private" not in said.reason


def test_traces_are_printed_only_for_debugging(nacre: Nacre, monkeypatch: pytest.MonkeyPatch):
    fails_with(RuntimeError("inner words"), monkeypatch)
    for arguments in (("--debug", "ask", "x"), ("ask", "x", "--debug")):
        assert "Traceback" in nacre(*arguments).err
    assert "Traceback" not in nacre("ask", "x").err


def test_ctrl_c_is_130_and_silent(nacre: Nacre, monkeypatch: pytest.MonkeyPatch):
    fails_with(KeyboardInterrupt(), monkeypatch)
    said = nacre("ask", "x")
    assert (said.code, said.err.strip()) == (130, "")


def test_the_data_folder_is_understood_before_and_after_the_command(nacre: Nacre, tmp_path: Path):
    for number, arguments in enumerate(
        (
            ["--data-dir", str(tmp_path / "0"), "alerts", "list"],
            ["alerts", "--data-dir", str(tmp_path / "1"), "list"],
            ["alerts", "list", "--data-dir", str(tmp_path / "2")],
        )
    ):
        assert main(arguments) == 0
        assert (tmp_path / str(number) / "log").is_dir()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc on this system")
def test_a_folder_that_cannot_be_written_into_is_said(nacre: Nacre):
    said = nacre("memory", "stats", "--data-dir", "/proc/nacre")
    assert said.code == 1
    assert "cannot be written into" in said.reason
