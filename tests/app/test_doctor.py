"""What `nacre doctor` finds, and that it changes nothing."""

import json
import os
from pathlib import Path

import pytest

from app import doctor
from app.__main__ import main
from app.doctor import Finding, examine
from app.paths import Paths
from app.shelf import open_shelf
from engine.memory.key import obtain_key
from engine.ports import Preparation
from tests.fakes.small_disk import make_read_only, small_disk

KEY = Finding(name="key of the memory", ok=True, text="In a safe place.")


def look(data: Path, **environ: str) -> dict[str, Finding]:
    paths = Paths.locate(data)
    found = examine(paths, open_shelf(paths), key=KEY, environ=environ)
    assert len({finding.name for finding in found}) == len(found)
    assert all(finding.text and "\n" not in finding.text + finding.fix for finding in found)
    return {finding.name: finding for finding in found}


def test_a_fresh_machine(tmp_path: Path):
    found = look(tmp_path / "data")
    assert {name for name, finding in found.items() if not finding.ok} >= {
        "display",
        "faces",
        "people",
        "things",
        "semantic search",
        "open questions",
    }
    assert found["faces"].fix == "nacre models get yunet && nacre models get mobilefacenet"
    assert found["people"].fix == "nacre models import PATH"
    assert found["text on screen"].ok
    assert found["key of the memory"] is KEY
    assert "will be made" in found["data folder"].text
    assert not (tmp_path / "data").exists()


def test_with_models_and_a_display(tmp_path: Path, real_models: Path):
    paths = Paths.locate(tmp_path)
    tmp_path.chmod(0o700)
    open_shelf(paths).add(real_models)
    found = look(tmp_path, WAYLAND_DISPLAY="wayland-0")
    off = {name for name, finding in found.items() if not finding.ok}
    assert off <= {"open questions", "disk"}
    assert "CPU" in found["onnxruntime"].text


def test_a_damaged_model_is_named(tmp_path: Path, real_models: Path):
    paths = Paths.locate(tmp_path)
    open_shelf(paths).add(real_models)
    (paths.models / "yunet" / "yunet_n_640_640.onnx").write_bytes(b"")
    found = look(tmp_path)
    assert not found["faces"].ok
    assert "yunet_n_640_640.onnx is empty" in found["faces"].text
    assert found["faces"].fix == "nacre models get yunet"


def test_two_runtimes_are_one_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "_version", lambda _: "1.0")
    found = look(tmp_path)
    assert not found["onnxruntime"].ok
    assert "exactly one" in found["onnxruntime"].text


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (Preparation(state="building", percent=40), "being compiled: 40 %"),
        (Preparation(state="absent"), "not compiled yet."),
        (Preparation(state="absent", percent=70), "broken off at 70 %"),
        (Preparation(state="failed", reason="The disk is full."), "The disk is full."),
    ],
)
def test_the_model_engine_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: Preparation, text: str
):
    monkeypatch.setattr(doctor, "standing", lambda: now)
    monkeypatch.setattr(doctor, "engine_installed", lambda: False)
    found = look(tmp_path)["model engine"]
    assert not found.ok
    assert text in found.text
    assert "make run" in found.fix


def test_a_model_engine_that_works_though_another_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    reason = "GPU=vulkan needs newer Vulkan headers."
    monkeypatch.setattr(doctor, "standing", lambda: Preparation(state="failed", reason=reason))
    found = look(tmp_path)["model engine"]
    assert not found.ok
    assert "it computes on: CPU." in found.text
    assert reason in found.text


def test_a_model_engine_for_a_card_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(doctor, "built_for", lambda: "vulkan")
    found = look(tmp_path)["model engine"]
    assert not found.ok
    assert "it computes on: CPU. It is built for vulkan, but no graphics card" in found.text


def test_the_model_engine_and_what_it_computes_on(tmp_path: Path):
    found = look(tmp_path)["model engine"]
    assert found.ok, found.text
    assert "llama-cpp-python 0." in found.text
    assert "CPU" in found.text


def test_a_folder_that_others_can_read(tmp_path: Path):
    tmp_path.chmod(0o755)
    found = look(tmp_path)
    assert not found["data folder"].ok
    assert found["data folder"].fix.startswith("chmod 700 ")
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_file_in_place_of_the_folder(tmp_path: Path):
    (tmp_path / "data").write_text("in the way")
    assert "is not a folder" in look(tmp_path / "data")["data folder"].text


def test_a_small_read_only_disk(tmp_path: Path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        make_read_only(disk)
        found = look(disk)
        assert "cannot be written" in found["data folder"].text
        assert not found["disk"].ok


def test_the_key_of_a_memory(tmp_path: Path):
    paths = Paths.locate(tmp_path)
    assert "will be made" in doctor.examine_key(paths).text
    assert os.listdir(tmp_path) == []
    key = obtain_key(tmp_path, database_exists=False)
    assert doctor.examine_key(paths).ok
    if key.path is not None:
        key.path.unlink()
        lost = doctor.examine_key(paths)
        assert not lost.ok
        assert "cannot be had" in lost.text


def test_the_command_succeeds_even_when_everything_is_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["doctor", "--data-dir", str(tmp_path / "data")]) == 0
    out, err = capsys.readouterr()
    assert "fix: nacre models import PATH" in out
    assert err == ""
    assert main(["doctor", "--json", "--data-dir", str(tmp_path / "data")]) == 0
    rows = json.loads(capsys.readouterr().out)["findings"]
    assert {"name", "ok", "text", "fix"} == set(rows[0])
    assert not (tmp_path / "data").exists()
