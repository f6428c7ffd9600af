"""Whatever is handed in: one line that says why, exit code 1 or 2, and nothing lost."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes.program import Program, Said
from tests.fakes.small_disk import make_read_only, small_disk

LONG_NAME = "x" * 10_000
KEYRING = '''
import json, os, pathlib
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

HOME = pathlib.Path(os.environ["HOME"])
RING = HOME / "ring.json"


class Ring(KeyringBackend):
    """Keeps its passwords in a file of the test; locked while the file `locked` is there."""

    priority = 1

    def _all(self):
        if (HOME / "locked").exists():
            raise KeyringLocked("locked")
        return json.loads(RING.read_text()) if RING.exists() else {}

    def get_password(self, service, username):
        return self._all().get(service + username)

    def set_password(self, service, username, password):
        RING.write_text(json.dumps({**self._all(), service + username: password}))

    def delete_password(self, service, username):
        kept = self._all()
        del kept[service + username]
        RING.write_text(json.dumps(kept))
'''


def refused(program: Program, *arguments: str | Path, code: int = 1) -> Said:
    """Run what must fail: one line on standard error, and the memory as it was."""
    before = kept(program)
    said = program.run(*arguments, code=code)
    assert re.fullmatch(r"nacre: \S[^\n]*[.!?)]\n", said.err), said.err
    assert kept(program) == before
    return said


def kept(program: Program) -> object:
    """All that must not be lost; None before there is a memory."""
    if not (program.data / "memory.key").exists():
        return None
    archive = program.archive()
    try:
        return archive.gallery(), archive.alerts(), archive.watched(), archive.consents()
    finally:
        archive.close()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something with a pattern, 200 by 100 pixels."""
    path = tmp_path_factory.mktemp("pictures") / "mug.png"
    noise = np.random.default_rng(1).integers(0, 255, (10, 20, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, (200, 100)))
    return path


@pytest.fixture(scope="module")
def knowing_once(
    model_store: Path, picture: Path, tmp_path_factory: pytest.TempPathFactory
) -> Program:
    nacre = Program(tmp_path_factory.mktemp("knowing"))
    shutil.copytree(model_store, nacre.data / "models", copy_function=os.link)
    nacre.do("concepts", "add", "Mug", "--kind", "thing", "--image", picture, "--box", "0,0,200,99")
    nacre.do("alerts", "add", "tell me when somebody appears")
    return nacre


@pytest.fixture
def knowing(knowing_once: Program, tmp_path: Path) -> Program:
    """With a memory that has something to lose."""
    shutil.copytree(knowing_once.home, tmp_path / "home")
    return Program(tmp_path / "home")


def test_files_that_are_no_videos(knowing: Program, visits_video: Path, tmp_path: Path) -> None:
    files = {
        "empty.mp4": b"",
        "letter.mp4": b"Dear Mum, this is no video at all.\n" * 100,
        "truncated.mp4": visits_video.read_bytes()[:20_000],
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        for more in ((), ("--json",)):
            said = refused(knowing, "watch", path, *more)
            assert name in said.err
        assert [line["event"] for line in said.lines] == ["failed"]
    assert "empty" in refused(knowing, "watch", tmp_path / "empty.mp4").err
    assert "no file" in refused(knowing, "watch", tmp_path / "missing.mp4").err
    assert "folder" in refused(knowing, "watch", tmp_path).err


def test_one_bad_source_does_not_take_the_others_with_it(
    knowing: Program, real_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.mp4").touch()
    clip = real_data / "people" / "asl_yes.mkv"
    said = knowing.run("watch", tmp_path / "empty.mp4", clip, "--json", code=1)
    assert len(said.err.splitlines()) == 1
    states = [
        line["state"] for line in said.lines if line.get("source") == clip.name and "state" in line
    ]
    assert states == ["open", "ended"]


def test_models_that_are_none(nacre: Program, real_models: Path, tmp_path: Path) -> None:
    model = "yunet_n_640_640.onnx"
    zero, wrong = tmp_path / "zero" / model, tmp_path / "wrong" / model
    for path in (zero, wrong):
        path.parent.mkdir()
    zero.touch()
    content = bytearray((real_models / model).read_bytes())
    content[len(content) // 2] ^= 1
    wrong.write_bytes(content)
    nacre.do("models", "remove", "yunet")
    for path in (zero, wrong):
        refused(nacre, "models", "import", path)
        assert "yunet" not in installed(nacre)
    # What is installed is not replaced by what is wrong.
    nacre.do("models", "import", real_models / model)
    for path in (zero, wrong):
        refused(nacre, "models", "import", path)
        assert "yunet" in installed(nacre)
    assert nacre.do("models", "verify").code == 0


def installed(nacre: Program) -> set[str]:
    cards = nacre.do("models", "list", "--json").json["models"]
    return {card["id"] for card in cards if card["installed"]}


@pytest.mark.parametrize("damage", ["emptied", "changed"])
def test_an_installed_model_that_was_damaged(nacre: Program, real_data: Path, damage: str) -> None:
    (file,) = (nacre.data / "models").rglob("yunet*.onnx")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()  # it is linked to by other tests
    file.write_bytes(content if damage == "changed" else b"")
    refused(nacre, "models", "verify")
    findings = {found["name"]: found for found in nacre.do("doctor", "--json").json["findings"]}
    assert not findings["faces"]["ok"]
    assert findings["faces"]["fix"]
    watched = nacre.do("watch", real_data / "people" / "asl_yes.mkv", "--json").lines
    assert [line["event"] for line in watched].count("sighted") == 1, "bodies are still seen"


def test_pictures_and_boxes(knowing: Program, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "letter.png").write_text("Dear Mum")
    add = ("concepts", "add", "Cup", "--kind", "thing", "--image")
    for outside in ("150,50,100,40", "200,0,10,10", "0,0,201,100", "999999,5,1,1"):
        said = refused(knowing, *add, picture, "--box", outside)
        assert "200x100" in said.err
    for nonsense in ("1,2,3", "a,b,c,d", "0,0,0,5", "-5,0,20,20"):
        refused(knowing, *add, picture, "--box", nonsense, code=2)
    for name in ("empty.png", "letter.png", "missing.png"):
        refused(knowing, *add, tmp_path / name)
    person = ("concepts", "add", "Mum", "--kind", "person", "--image", picture)
    assert "face" in refused(knowing, *person).err


def another(folder: Path, seed: int) -> Path:
    """A picture that shows something else."""
    drawn = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    path = folder / f"another-{seed}.png"
    cv2.imwrite(str(path), cv2.resize(drawn, (240, 240), interpolation=cv2.INTER_NEAREST))
    return path


def test_names(knowing: Program, picture: Path, tmp_path: Path) -> None:
    def add(name: str, kind: str = "thing") -> tuple[str | Path, ...]:
        return ("concepts", "add", name, "--kind", kind, "--image", picture)

    assert len(refused(knowing, *add(LONG_NAME)).err) < 400
    assert len(refused(knowing, "concepts", "rename", "Mug", LONG_NAME).err) < 400
    assert len(refused(knowing, "concepts", "show", LONG_NAME).err) < 400
    refused(knowing, *add(""))
    refused(knowing, *add(" \t\n "))
    # Two of one name: another view of the same thing, never a second one.
    assert knowing.do(*add("Mug"), "--json").json["views"] == 2
    refused(knowing, *add("mug", "pet"))
    refused(knowing, *add("Cup"))  # One photo is not of two things.
    knowing.do("concepts", "add", "Cup", "--kind", "thing", "--image", another(tmp_path, 1))
    refused(knowing, "concepts", "rename", "Cup", "MUG")
    assert names(knowing) == ["Cup", "Mug"]


def test_names_of_all_the_world(knowing: Program, tmp_path: Path) -> None:
    given = ["👩‍🚀 Ada", "אמא", "مُحَمَّد", "Zoë & “Co”", "母さん"]
    for seed, name in enumerate(given):
        shown = another(tmp_path, seed)
        knowing.do("concepts", "add", name, "--kind", "thing", "--image", shown)
    assert names(knowing) == sorted(["Mug", *given], key=str.casefold)
    table = knowing.do("concepts", "list").out
    assert all(name in table for name in given)
    for name in given[:3]:
        answer = knowing.ask(f"when was {name} last here?")
        assert name in answer["question"]
        assert answer["help"], "it was not here, and nobody says so"
    knowing.do("concepts", "rename", "אמא", "אבא")
    knowing.do("concepts", "remove", "👩‍🚀 Ada")
    left = ["Mug", "אבא", *given[2:]]
    assert names(knowing) == sorted(left, key=str.casefold)


def names(nacre: Program) -> list[str]:
    return [concept["name"] for concept in nacre.do("concepts", "list", "--json").json]


@pytest.fixture
def small(bare: Program, tmp_path: Path) -> Iterator[Program]:
    """With its data folder on a disk of its own, of some megabytes."""
    with small_disk(bare.data, "4m"):
        bare.do("alerts", "add", "tell me when somebody appears")
        yield bare


def test_a_read_only_disk(small: Program, visits_video: Path) -> None:
    alerts = small.do("alerts", "list", "--json").json
    make_read_only(small.data)
    for command in (
        ("alerts", "add", "tell me when somebody leaves"),
        ("watch", visits_video),
        ("ask", "who was here?"),
        ("models", "import", visits_video),
        ("memory", "forget", "--everything", "--yes"),
    ):
        said = small.run(*command, code=1)
        assert re.fullmatch(r"nacre: [^\n]*(read-only|cannot be written)[^\n]*\n", said.err)
    assert small.do("doctor", "--json").json["findings"]
    make_writable(small.data)
    assert small.do("alerts", "list", "--json").json == alerts


def make_writable(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def test_a_full_disk(small: Program, visits_video: Path) -> None:
    alerts = small.do("alerts", "list", "--json").json
    filler = small.data / "filler"
    fill(filler)
    for command in (
        ("alerts", "add", "tell me when somebody leaves, " + "please " * 2000),
        ("models", "import", visits_video),
    ):
        said = small.run(*command, code=1)
        assert re.fullmatch(r"nacre: [^\n]+\n", said.err)
    # A watch goes on without memory, says so once, and its exit code tells.
    said = small.run("watch", visits_video, "--until", "30", "--json", code=1)
    assert re.fullmatch(r"nacre: [^\n]*(full|space)[^\n]*\n", said.err)
    filler.unlink()
    assert small.do("alerts", "list", "--json").json == alerts
    small.do("watch", visits_video, "--until", "10")
    assert small.do("memory", "stats", "--json").json["runs"] >= 1


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def test_a_locked_keyring(bare: Program, tmp_path: Path) -> None:
    (tmp_path / "ring_of_the_test.py").write_text(KEYRING)
    bare.extra = {
        "PYTHONPATH": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "ring_of_the_test.Ring",
    }
    locked = bare.home / "locked"
    locked.touch()
    assert "locked" in refused(bare, "alerts", "list").err, "before there is a memory"
    locked.unlink()
    bare.do("alerts", "add", "tell me when somebody appears")
    assert not (bare.data / "memory.key").exists(), "the key is in the keyring alone"
    locked.touch()
    before = (bare.data / "memory.db").read_bytes()
    for command in (("alerts", "list"), ("ask", "who was here?"), ("watch", "demo")):
        assert "locked" in refused(bare, *command).err
    assert (bare.data / "memory.db").read_bytes() == before
    locked.unlink()
    assert len(bare.do("alerts", "list", "--json").json) == 1


def test_a_second_instance(knowing: Program, display: str, visits_video: Path) -> None:
    with knowing.start("watch", visits_video, "--realtime", "--json") as first:
        first.until(lambda w: w.states() == ["open"], "it watches")
        for command in (("watch", "demo"), ()):
            said = Program(knowing.home, display=display).run(*command, code=1)
            assert re.fullmatch(r"nacre: Nacre is already [^\n]*\n", said.err)
        # Everything else reaches the first one.
        knowing.do("alerts", "add", "tell me when something leaves")
        assert len(knowing.do("alerts", "list", "--json").json) == 2
        assert knowing.do("memory", "stats", "--json").json["runs"] == 1
        first.until(lambda w: w.events("sighted"), "the first one goes on")
        first.process.send_signal(signal.SIGTERM)
        assert first.wait() == 0
    assert len(knowing.do("alerts", "list", "--json").json) == 2


@pytest.mark.parametrize(
    "command",
    [
        "nonsense",
        "watch",
        "watch demo --until soon",
        "watch demo --at 5",
        "watch ftp://somewhere/clip",
        "watch screen:1,2,3",
        "ask",
        "concepts add Mum",
        "concepts add Mum --kind robot --image x.png",
        "memory forget",
        "memory forget --last never",
        "memory forget --last 5m --everything",
        "models get",
        "--smoke watch demo",
    ],
)
def test_wrong_usage(bare: Program, command: str) -> None:
    said = bare.run(*command.split(), code=2)
    assert re.fullmatch(r"nacre: [^\n]+\n", said.err), said.err
    assert said.out == ""


def test_requests_that_cannot_be_understood(knowing: Program) -> None:
    refused(knowing, "alerts", "add", "tell me a story")
    refused(knowing, "alerts", "add", "tell me when Nobody I Know appears")
    refused(knowing, "alerts", "remove", "no such alert")
    refused(knowing, "concepts", "remove", "Nobody")
    refused(knowing, "concepts", "merge", "Mug", "Nobody")
    refused(knowing, "models", "get", "no-such-model")
    refused(knowing, "models", "remove", "no-such-model")
