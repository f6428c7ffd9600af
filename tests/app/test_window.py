"""`nacre` without a command, as a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.local_socket import answers
from app.paths import Paths
from app.settings import Settings, load
from app.window import _preferences, has_display  # pyright: ignore[reportPrivateUsage]
from engine.errors import ConfigError
from tests.fakes.waiting import wait_for

REPOSITORY = Path(__file__).parents[2]
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

linux = pytest.mark.skipif(sys.platform != "linux", reason="displays are named so on Linux")


def nacre(data: Path, *arguments: str, platform: str | None = "offscreen") -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    if platform:
        environment["QT_QPA_PLATFORM"] = platform
    return subprocess.Popen(
        [sys.executable, "-m", "app", "--data-dir", str(data), *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_smoke_shows_the_clip_and_ends(tmp_path: Path):
    process = nacre(tmp_path / "data", "--smoke")
    out, said = process.communicate(timeout=120)
    assert (process.returncode, out, said) == (0, "", "")


@linux
def test_without_a_display_the_clip_is_watched_in_words(tmp_path: Path):
    process = nacre(tmp_path / "data", "--smoke", platform=None)
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "no display" in said
    assert said.count("\n") == 1
    assert "watching" in out


@linux
def test_a_second_start_brings_the_first_to_the_front(tmp_path: Path):
    first = nacre(tmp_path / "data")
    try:
        paths = Paths.locate(tmp_path / "data")
        wait_for(lambda: answers(paths) or first.poll() is not None, limit_s=60)
        second = nacre(tmp_path / "data")
        _, said = second.communicate(timeout=60)
        assert second.returncode == 1
        assert said.startswith("nacre: Nacre is already running (process ")
        assert "in front now" in said
    finally:
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=60)
    assert first.returncode == 0
    assert "Traceback" not in said


@linux
def test_a_display_is_one_of_three_variables(monkeypatch: pytest.MonkeyPatch):
    for name in DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    assert not has_display()
    for name in DISPLAYS:
        with monkeypatch.context() as one:
            one.setenv(name, ":1")
            assert has_display()


def test_what_the_window_changes_is_saved(tmp_path: Path):
    paths = Paths.locate(tmp_path / "data")
    paths.prepare()
    shown = _preferences(paths, Settings())
    assert shown.data_folder == paths.data
    shown.theme = "light"
    shown.retention_bytes = 3 * 1024**3
    shown.excluded_titles = ("Bank",)
    shown.save(shown)
    saved = load(paths.settings).settings
    assert (saved.theme, saved.retention_gb) == ("light", 3.0)
    assert saved.excluded_titles == ["Bank"]


def test_what_was_saved_holds_for_the_engine_that_runs(tmp_path: Path):
    paths, chosen = Paths.locate(tmp_path / "data"), Settings()
    paths.prepare()
    shown = _preferences(paths, chosen)
    shown.retention_days = 3.0
    shown.save(shown)
    assert chosen.engine_config().retention.max_days == 3.0


def test_what_could_not_be_saved_does_not_hold(tmp_path: Path):
    paths, chosen = Paths.locate(tmp_path / "data"), Settings()
    paths.prepare()
    paths.settings.mkdir(parents=True)
    shown = _preferences(paths, chosen)
    shown.retention_days = 3.0
    with pytest.raises(ConfigError):
        shown.save(shown)
    assert chosen == Settings()
