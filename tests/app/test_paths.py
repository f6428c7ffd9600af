"""Where things lie."""

import os
import stat
from pathlib import Path

import pytest

from app.paths import Paths, resources
from engine.errors import ConfigError


def test_everything_lies_in_the_data_folder_that_was_given(tmp_path: Path):
    paths = Paths.locate(tmp_path / "mine")
    kept = (paths.data, paths.cache, paths.log, paths.models, paths.settings, paths.socket)
    assert all(path.is_relative_to(tmp_path / "mine") for path in kept)
    assert not paths.data.exists()


def test_the_environment_names_the_folder_when_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NACRE_DATA_DIR", str(tmp_path / "env"))
    assert Paths.locate().data == tmp_path / "env"
    assert Paths.locate(tmp_path / "given").data == tmp_path / "given"


def test_without_a_choice_the_systems_folders_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("NACRE_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert Paths.locate().data.name == "nacre"


def test_what_comes_with_the_program_is_there():
    paths = Paths.locate("/nowhere")
    assert paths.demo_clip.is_file()
    assert paths.catalogue.is_file()


def test_a_frozen_program_looks_where_it_was_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resources() == tmp_path
    assert Paths.locate("/nowhere").assets == tmp_path / "assets"


@pytest.mark.skipif(os.name != "posix", reason="modes of folders are a thing of Unix")
def test_the_data_folder_is_for_its_user_alone(tmp_path: Path):
    (tmp_path / "open").mkdir(mode=0o755)
    for name in ("open", "new/deep"):
        paths = Paths.locate(tmp_path / name)
        paths.prepare()
        assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    for name in ("file", "file/below"):
        with pytest.raises(ConfigError, match=r"cannot be written into.*is a file"):
            Paths.locate(tmp_path / name).prepare()
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc on this system")
def test_a_folder_that_nobody_can_write_into_is_said():
    with pytest.raises(ConfigError, match=r"cannot be written into.*--data-dir"):
        Paths.locate("/proc/nacre").prepare()
