"""`nacre models`, through the real command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.__main__ import main
from app.server_key import read_key
from engine.inference.catalogue import load_catalogue
from tests.conftest import TinyVlm
from tests.fakes.keyring import MemoryKeyring
from tests.fakes.model_server import model_server
from tests.fakes.small_disk import make_read_only, small_disk
from tests.fakes.waiting import wait_for

ROOT = Path(__file__).parents[3]
YUNET = load_catalogue(ROOT / "models" / "catalogue.toml").entry("yunet").file()


class Nacre:
    """Runs commands on one data folder and keeps what they printed."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def __call__(self, *args: str) -> int:
        code = main(["models", *args, "--data-dir", str(self.data)])
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def failed(self, *args: str) -> str:
        """Run a command that must fail with one line on standard error; the line."""
        assert self(*args) == 1
        assert self.err.startswith("nacre: ")
        assert self.err.count("\n") == 1
        assert "Traceback" not in self.err
        return self.err


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's hooks belong to a process of Nacre's own, not to that of the tests."""
    monkeypatch.setattr("app.log.set_up", lambda folder, *, debug: None)
    monkeypatch.delenv("NACRE_MODEL_MIRROR", raising=False)


@pytest.fixture
def nacre(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Nacre:
    return Nacre(tmp_path / "data", capsys)


def test_import_list_verify_remove(nacre: Nacre, real_models: Path):
    assert nacre("import", str(real_models)) == 0
    assert nacre.out.count("is installed.") == 5
    assert nacre("list", "--json") == 0
    assert sum(model["installed"] for model in nacre.json["models"]) == 5
    assert nacre.json["folder"] == str(nacre.data / "models")
    assert nacre("verify", "--json") == 0
    assert [model["ok"] for model in nacre.json["models"]] == [True] * 5
    assert nacre("remove", "yunet") == 0
    assert nacre("list", "--json") == 0
    there = [m["id"] for m in nacre.json["models"] if m["installed"]]
    assert (len(there), "yunet" in there) == (4, False)
    assert "there is nothing to remove" in nacre.failed("remove", "yunet")


def test_list_says_what_can_be_got_and_what_a_model_was_trained_on(nacre: Nacre):
    assert nacre("list") == 0
    lines = nacre.out.splitlines()
    assert any(line.startswith("yunet") and " get " in line for line in lines)
    assert any(line.startswith("minilm-l6-v2") and "import only" in line for line in lines)
    assert "MS-Celeb-1M" in nacre.out


def test_a_pair_of_ones_own(nacre: Nacre, tiny_vlm: TinyVlm):
    assert nacre("import", str(tiny_vlm.model.parent), "--unlisted", "--name", "My eye") == 0
    assert "my-eye is installed." in nacre.out
    assert nacre("list") == 0
    line = next(line for line in nacre.out.splitlines() if line.startswith("my-eye"))
    assert "installed" in line
    assert "licence not known" in line
    assert nacre("verify", "--json") == 0
    assert nacre.json["models"] == [{"id": "my-eye", "ok": True, "reason": ""}]
    assert nacre("remove", "my-eye") == 0
    assert nacre("list") == 0
    assert "my-eye" not in nacre.out


def test_two_files_that_are_no_pair(nacre: Nacre, tiny_vlm: TinyVlm):
    model = str(tiny_vlm.model)
    assert "two text models" in nacre.failed("import", "--unlisted", model, model)
    assert "two files, not 1" in nacre.failed("import", "--unlisted", model)
    assert nacre("list", "--json") == 0
    assert not any(one["installed"] for one in nacre.json["models"])
    assert nacre("import", model, model) == 2
    assert nacre("import", model, "--name", "eye") == 2


def test_a_damaged_model_fails_the_verification(nacre: Nacre, real_models: Path):
    nacre("import", str(real_models))
    (nacre.data / "models" / "yolox-nano" / "yolox_nano.onnx").write_bytes(b"")
    line = nacre.failed("verify")
    assert "yolox_nano.onnx is empty" in line
    assert "WRONG" in nacre.out


@pytest.mark.parametrize("content", [b"", b"\0" * YUNET.size])
def test_a_wrong_file_is_not_imported(nacre: Nacre, tmp_path: Path, content: bytes):
    wrong = tmp_path / YUNET.name
    wrong.write_bytes(content)
    line = nacre.failed("import", str(wrong))
    assert YUNET.name in line
    assert "not imported" in line
    assert nacre("verify", "--json") == 0
    assert nacre.json == {"models": []}


def test_one_wrong_file_does_not_stop_the_others(nacre: Nacre, tmp_path: Path, real_models: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.onnx").write_bytes((real_models / YUNET.name).read_bytes())
    (folder / "yolox_nano.onnx").write_bytes(b"")
    assert "yolox_nano.onnx is empty" in nacre.failed("import", str(folder), "--json")
    assert nacre.json["imported"] == ["yunet"]


def test_an_unknown_model_and_wrong_usage(nacre: Nacre):
    assert "No model is called 'nose'" in nacre.failed("get", "nose")
    assert "no public address" in nacre.failed("get", "minilm-l6-v2")
    assert nacre("get") == 2
    assert nacre("import") == 2
    assert nacre("conjure") == 2


def test_get_from_a_mirror_folder_named_in_the_environment(
    nacre: Nacre, real_models: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NACRE_MODEL_MIRROR", str(real_models))
    assert nacre("get", "yunet", "mobilenet-v2", "--json") == 0
    rows = [json.loads(line) for line in nacre.out.splitlines()]
    assert [row["id"] for row in rows] == ["yunet", "mobilenet-v2"]
    assert all(Path(row["path"]).is_file() for row in rows)


def test_get_from_a_mirror_address(nacre: Nacre, real_models: Path):
    with model_server() as server:
        server.files[f"/{YUNET.name}"] = (real_models / YUNET.name).read_bytes()
        server.break_after = [100_000]
        assert nacre("get", "yunet", "--mirror", server.address) == 0
        assert nacre.out == "yunet is installed.\n"
        assert nacre("verify") == 0


def test_a_mirror_that_is_none(nacre: Nacre):
    assert "There is no folder" in nacre.failed("get", "yunet", "--mirror", "/no/such/folder")


def test_an_interrupted_download_keeps_its_part(tmp_path: Path):
    """As Ctrl-C does: SIGINT to the process while the server is slow."""
    data = tmp_path / "data"
    with model_server() as server:
        server.files[f"/{YUNET.name}"] = bytes(YUNET.size)
        server.hold_after = 100_000
        command = [sys.executable, "-m", "app", "models", "get", "yunet"]
        process = subprocess.Popen(
            [*command, "--mirror", server.address, "--data-dir", str(data)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.held.wait(30)
            part = data / "models" / "yunet" / f"{YUNET.name}.part"
            wait_for(lambda: part.exists() and part.stat().st_size, limit_s=30, what="the part")
            os.kill(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
            process.communicate()
    assert process.returncode not in (0, 2)
    assert "Traceback" not in err
    assert "the same command resumes" in err
    files = {path.name: path.stat().st_size for path in (data / "models" / "yunet").iterdir()}
    assert 0 < files[f"{YUNET.name}.part"] <= 100_000
    assert YUNET.name not in files


def test_a_full_and_a_read_only_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], real_models: Path
):
    with small_disk(tmp_path / "disk", "20m") as disk:
        nacre = Nacre(disk, capsys)
        assert "too full" in nacre.failed("import", str(real_models))
        make_read_only(disk)
        assert "cannot be written" in nacre.failed("import", str(real_models))
        assert [path for path in disk.rglob("*") if path.suffix == ".onnx"] == []


def chosen(nacre: Nacre) -> tuple[str, str, str]:
    found = settings.load(nacre.data / "settings.toml")
    assert not found.notice
    held = found.settings
    return held.vision_model, held.model_server, held.model_on_server


def test_a_model_is_chosen_by_name(nacre: Nacre, tiny_vlm: TinyVlm, keys: MemoryKeyring):
    nacre("import", str(tiny_vlm.model.parent), "--unlisted", "--name", "eye")
    assert nacre("use", "eye") == 0
    assert nacre.out == "eye is asked from now on.\n"
    assert chosen(nacre) == ("eye", "", "")
    assert "No model is called" in nacre.failed("use", "nothing")
    assert "is not installed" in nacre.failed("use", "smolvlm2-256m")
    assert "is not a vision-language model" in nacre.failed("use", "yunet")
    assert chosen(nacre) == ("eye", "", "")
    assert nacre("use", "best", "--json") == 0
    assert nacre.json == {"vision_model": "", "model_server": ""}
    assert chosen(nacre) == ("", "", "")
    assert nacre("use", "eye") == 0
    assert nacre("use", "--none") == 0
    assert chosen(nacre) == ("", "", "")
    assert nacre("use") == 2


def test_a_server_is_chosen_and_its_key_asked_for_unseen(
    nacre: Nacre, keys: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
):
    asked: list[bool] = []

    def prompt(_: str, *, hide_input: bool, **__: object) -> str:
        asked.append(hide_input)
        return "s3cret"

    monkeypatch.setattr("click.prompt", prompt)
    assert nacre("server", "https://models.example", "eye", "--key") == 0
    assert asked == [True]
    assert "s3cret" not in nacre.out + nacre.err
    assert read_key() == "s3cret"
    assert "s3cret" not in (nacre.data / "settings.toml").read_text()
    assert chosen(nacre) == ("", "https://models.example", "eye")
    # A key never travels unencrypted, and what is no address is refused; both change nothing.
    assert "without encryption" in nacre.failed("server", "http://models.example", "eye", "--key")
    assert "begins with http" in nacre.failed("server", "nowhere", "eye")
    assert (read_key(), chosen(nacre)[1]) == ("s3cret", "https://models.example")
    # Another server does not get the key of this one.
    assert nacre("server", "http://localhost:9", "eye", "--json") == 0
    assert nacre.json == {"model_server": "http://localhost:9", "model_on_server": "eye"}
    assert read_key() == ""
    assert nacre("server", "--none") == 0
    assert chosen(nacre) == ("", "", "")
    assert nacre("server", "http://localhost:9") == 2
    assert nacre("server", "http://localhost:9", "eye", "--none") == 2


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    """A keyring of the test's own."""
    keys = MemoryKeyring()
    monkeypatch.setattr("keyring.get_password", keys.get_password)
    monkeypatch.setattr("keyring.set_password", keys.set_password)
    monkeypatch.setattr("keyring.delete_password", keys.delete_password)
    return keys
