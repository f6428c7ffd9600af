"""What `nacre doctor` finds, and that it changes nothing."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app import doctor, doctor_language
from app.__main__ import main
from app.cli.remote import Running
from app.doctor import examine
from app.features import BY_LOOKS
from app.finding import Finding
from app.local_socket import Server
from app.model_choice import choose
from app.office import Office
from app.paths import Paths
from app.shelf import open_shelf
from engine.memory.key import obtain_key
from engine.ports.shelf import Preparation
from engine.prompts import ModelStatus
from tests.conftest import TinyVlm
from tests.fakes.clock import ManualClock
from tests.fakes.desk import FakeDesk
from tests.fakes.small_disk import make_read_only, small_disk

KEY = Finding(name="key of the memory", ok=True, text="In a safe place.")


def look(data: Path, running: Running | None = None, **environ: str) -> dict[str, Finding]:
    paths = Paths.locate(data)
    found = examine(paths, open_shelf(paths), key=KEY, running=running, environ=environ)
    assert len({finding.name for finding in found}) == len(found)
    assert all(finding.text and "\n" not in finding.text + finding.fix for finding in found)
    return {finding.name: finding for finding in found}


def test_a_fresh_machine(tmp_path: Path):
    found = look(tmp_path / "data")
    assert {name for name, finding in found.items() if not finding.ok} >= {
        "display",
        "faces",
        "people",
        "semantic search",
        "open questions",
    }
    assert "only what moves" in found["things"].text
    assert found["things"].ok
    assert found["faces"].text.endswith(BY_LOOKS)
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
    assert off <= {"open questions", "free speech", "disk"}
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
    assert "it computes on: CPU (" in found.text
    assert reason in found.text


def test_a_model_engine_for_a_card_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(doctor, "built_for", lambda: "vulkan")
    found = look(tmp_path)["model engine"]
    assert not found.ok
    assert "it computes on: CPU (" in found.text
    assert "It is built for vulkan, but no graphics card" in found.text


def test_the_model_engine_and_what_it_computes_on(tmp_path: Path):
    found = look(tmp_path)["model engine"]
    assert found.ok, found.text
    assert "llama-cpp-python 0." in found.text
    assert "CPU" in found.text


READY = ModelStatus(model="Eye", state="ready", backend="Vulkan: A card, 29 of 29 layers")


@pytest.mark.parametrize(
    ("model", "ok", "text"),
    [
        (READY, True, "Eye is in use, on Vulkan: A card, 29 of 29 layers."),
        (
            replace(READY, backend="CPU", reason="The graphics card gave up: it runs there."),
            False,
            "Eye is in use, on CPU. The graphics card gave up: it runs there.",
        ),
        (replace(READY, demo=True), True, "only the drawn world of the bundled clip."),
        (replace(READY, state="loading", progress=0.4), False, "Eye is loading: 40 %."),
        (replace(READY, state="restarting", reason="It hung."), False, "starting again. It hung."),
        (replace(READY, state="failed", reason="It is damaged."), False, "failed. It is damaged."),
        (
            replace(READY, remote=True, backend="models.example"),
            True,
            "Eye on models.example is in use: pictures leave this machine.",
        ),
    ],
)
def test_what_a_running_nacre_says_of_its_model(
    tmp_path: Path, model: ModelStatus, ok: bool, text: str
):
    found = look(tmp_path, Running(model))["open questions"]
    assert (found.ok, text in found.text) == (ok, True), found.text
    assert ok or found.fix


def test_a_running_nacre_that_does_not_say(tmp_path: Path):
    found = look(tmp_path, Running(reason="It did not answer."))["open questions"]
    assert not found.ok
    assert found.text.endswith("It did not answer.")


def test_which_model_would_be_asked(
    tmp_path: Path, tiny_vlm: TinyVlm, monkeypatch: pytest.MonkeyPatch
):
    paths = Paths.locate(tmp_path)
    assert look(tmp_path)["open questions"].fix == "nacre models fit"
    open_shelf(paths).take_own((tiny_vlm.model.parent,), "Eye")
    found = look(tmp_path)["open questions"]
    assert (found.ok, "Eye is asked when Nacre runs" in found.text) == (True, True)
    found = look(tmp_path, Running())["open questions"]
    assert (found.ok, "has not loaded it" in found.text) == (False, True)
    choose(paths, vision_model="smolvlm2-256m")
    found = look(tmp_path)["open questions"]
    assert (found.ok, "is not installed" in found.text) == (False, True)
    choose(paths, model_server="https://models.example", model_on_server="eye")
    found = look(tmp_path)["open questions"]
    assert found.ok
    assert found.text == "eye on https://models.example is asked: pictures leave this machine."
    choose(paths, model_server="http://localhost:9")
    assert look(tmp_path)["open questions"].text == "eye on http://localhost:9 is asked."
    choose(paths, vision_model="", model_server="", model_on_server="")
    monkeypatch.setattr(doctor_language, "engine_installed", lambda: False)
    found = look(tmp_path)["open questions"]
    assert (found.ok, found.fix) == (False, "make run")


def test_the_command_asks_the_nacre_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], clock: ManualClock
):
    desk = FakeDesk()
    desk.model = READY
    tmp_path.chmod(0o700)
    with Server(Paths.locate(tmp_path), Office(desk, clock).handle):
        assert main(["doctor", "--data-dir", str(tmp_path)]) == 0
        assert "Eye is in use, on Vulkan: A card, 29 of 29 layers." in capsys.readouterr().out
        assert main(["doctor", "--json", "--data-dir", str(tmp_path)]) == 0
        assert json.loads(capsys.readouterr().out)["model"]["backend"] == READY.backend


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
    told = json.loads(capsys.readouterr().out)
    rows = told["findings"]
    assert told["model"] is None
    assert {"name", "ok", "text", "fix"} == set(rows[0])
    assert not (tmp_path / "data").exists()
