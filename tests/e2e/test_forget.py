"""Forgetting by the command line: what was planted in every kind of record is nowhere afterwards,
neither in the decrypted pages and the log of the memory, nor in any other file."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import cv2
import keyring.backends.fail
import numpy as np
import pytest

from engine.memory.database import DATABASE_FILE, Database
from engine.memory.key import obtain_key
from tests.fakes.mjpeg import MjpegServer
from tests.fakes.pages import decrypted, pieces
from tests.fakes.program import Program

NAME = "Zyxwvut"
LABEL = "Ponderosa"
CONSENTED = "quagmire"
READ = "marmalade"
ASKED = "wherewithal"
FPS = 10
PHOTO = "photo.png"
HEADER = 3
"""Pictures of one kind begin alike."""


def faces(real_data: Path, folder: Path) -> Path:
    """A recording of a person with a text below; beside it, its first frame as a photo."""
    source = cv2.VideoCapture(str(real_data / "people" / "asl_student.mkv"))
    path = folder / f"{LABEL}.mp4"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, (640, 560))
    while (read := source.read())[0]:
        whole = np.full((560, 640, 3), 255, np.uint8)
        whole[:480] = read[1]
        cv2.putText(whole, f"beware of {READ}", (20, 535), 0, 1.4, (0, 0, 0), 3)
        video.write(whole)
        if not (folder / PHOTO).exists():
            cv2.imwrite(str(folder / PHOTO), read[1])
    source.release()
    video.release()
    return path


@pytest.fixture(scope="module")
def planted_once(
    real_data: Path, model_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Program:
    """A marker in every kind of record."""
    folder = tmp_path_factory.mktemp("pictures")
    nacre = Program(tmp_path_factory.mktemp("planted"))
    shutil.copytree(model_store, nacre.data / "models", copy_function=os.link)
    recording = faces(real_data, folder)
    nacre.do("concepts", "add", NAME, "--kind", "person", "--image", folder / PHOTO)
    nacre.do("alerts", "add", f"tell me when {NAME} appears")
    nacre.do("alerts", "add", f'tell me when the screen shows "{READ}"')
    question = f"is {NAME} here?"
    watched = nacre.do("watch", recording, "--as-screen", "--ask", question, "--json").lines
    kinds = {line["event"] for line in watched}
    assert kinds == {"source", "sighted", "read", "remarked", "answered"}
    assert NAME in {line.get("concept") for line in watched}
    jpeg = cv2.imencode(".jpg", cv2.imread(str(folder / PHOTO)))[1].tobytes()
    with MjpegServer([jpeg]) as camera:
        nacre.do("watch", camera.at(f"/{CONSENTED}"), "--yes", "--until", "1")
    nacre.do("ask", f"what did the screen say about the {ASKED} of {READ}?")
    nacre.do("ask", f"when was {NAME} last here?")
    return nacre


@pytest.fixture
def planted(planted_once: Program, tmp_path: Path) -> Program:
    shutil.copytree(planted_once.home, tmp_path / "home")
    return Program(tmp_path / "home")


def markers(nacre: Program) -> dict[str, list[bytes]]:
    """By kind of record, what must not be found anywhere once that is forgotten."""
    key = obtain_key(nacre.data, database_exists=True, keyring=keyring.backends.fail.Keyring())
    database = Database(nacre.data / DATABASE_FILE, key, writes=False)
    try:
        vectors = [row[0] for row in database.rows("SELECT vector FROM exemplars")]
        crops = [row[0] for row in database.rows("SELECT crop FROM exemplars")]
        kept = [row[0] for row in database.rows("SELECT jpeg FROM pictures")]
    finally:
        database.close()
    assert vectors
    assert crops
    assert kept
    return {
        **{word: [word.encode(), word.lower().encode()] for word in WORDS},
        "vector": parts(vectors),
        "crop": parts(crops),
        "picture": parts(kept),
    }


WORDS = (NAME, LABEL, CONSENTED, READ, ASKED)


def parts(blobs: Iterable[bytes]) -> list[bytes]:
    return [piece for blob in blobs for piece in pieces(blob)[HEADER:]]


def found(nacre: Program, planted: dict[str, list[bytes]]) -> set[str]:
    content = decrypted(nacre.data / DATABASE_FILE, nacre.key)
    return {kind for kind, some in planted.items() if any(part in content for part in some)}


def lying_open(nacre: Program) -> set[str]:
    """Which words stand readable in any file of the home, or in the name of one."""
    files = [
        path for path in nacre.home.rglob("*") if path.is_file() and "models" not in path.parts
    ]
    content = b"".join(str(path).encode() + path.read_bytes() for path in files)
    return {word for word in WORDS if word.lower().encode() in content.lower()}


def test_forgetting_everything_leaves_no_trace(planted: Program) -> None:
    marked = markers(planted)
    assert found(planted, marked) == set(marked)
    assert lying_open(planted) == set(), "nothing of it is ever readable without the key"
    planted.do("memory", "forget", "--everything", "--yes")
    assert found(planted, marked) == set()
    assert planted.do("concepts", "list", "--json").json == []
    assert planted.do("alerts", "list", "--json").json == []
    assert planted.do("memory", "search", READ, "--json").json == []
    assert lying_open(planted) == set()


def test_forgetting_the_last_hour_keeps_who_is_known(planted: Program) -> None:
    marked = markers(planted)
    planted.do("memory", "forget", "--last", "1h", "--yes")
    left = found(planted, marked)
    # These are still wanted: who is known, what is waited for, what was allowed.
    assert left == {NAME, READ, CONSENTED, "vector", "crop"}
    assert planted.do("memory", "search", READ, "--json").json == []
    assert planted.do("memory", "search", NAME, "--json").json == []
    assert [c["name"] for c in planted.do("concepts", "list", "--json").json] == [NAME]


def test_removing_somebody_removes_the_name_wherever_it_stood(planted: Program) -> None:
    marked = markers(planted)
    planted.do("concepts", "remove", NAME)
    left = found(planted, marked)
    assert left.isdisjoint({NAME, "vector", "crop"})
    assert {LABEL, READ, CONSENTED, ASKED} <= left
    texts = [alert["text"] for alert in planted.do("alerts", "list", "--json").json]
    assert texts == [f'tell me when the screen shows "{READ}"']
    assert planted.do("memory", "search", NAME, "--json").json == []


def test_forgetting_reaches_a_running_watch(planted: Program, display: str) -> None:
    planted.display = display
    marked = markers(planted)
    with planted.start("watch", "screen", "--yes", "--json") as watching:
        watching.until(lambda w: w.states() == ["open"], "the screen is watched")
        planted.do("memory", "forget", "--everything", "--yes")
        assert found(planted, marked) == set()
        assert watching.stop() == 130
    assert found(planted, marked) == set()
