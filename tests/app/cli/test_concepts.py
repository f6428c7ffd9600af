"""`nacre concepts` with the real engine and, where they are, real models and faces."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.__main__ import main
from tests.app.cli.conftest import Nacre


@pytest.fixture(scope="module")
def with_models(tmp_path_factory: pytest.TempPathFactory, real_models: Path) -> Path:
    """A data folder with every model installed."""
    data = tmp_path_factory.mktemp("with-models") / "data"
    assert main(["models", "import", str(real_models), "--data-dir", str(data)]) == 0
    return data


@pytest.fixture
def seeing(nacre: Nacre, with_models: Path, tmp_path: Path) -> Nacre:
    """`nacre` on a data folder that has the models."""
    shutil.copytree(with_models / "models", tmp_path / "data" / "models")
    return nacre


@pytest.fixture
def faces(real_data: Path, tmp_path: Path) -> dict[str, Path]:
    """A frame with one face of each of two people."""
    found: dict[str, Path] = {}
    for name, clip in (("A", "asl_again.mkv"), ("B", "asl_thanks.mkv")):
        capture = cv2.VideoCapture(str(real_data / "people" / clip))
        capture.set(cv2.CAP_PROP_POS_FRAMES, 10)
        _, image = capture.read()
        capture.release()
        found[name] = tmp_path / f"{name}.png"
        cv2.imwrite(str(found[name]), image)
    return found


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((48, 64, 3), 120, np.uint8))
    return path


def add(nacre: Nacre, name: str, image: Path, *more: object, kind: str = "person"):
    return nacre("concepts", "add", name, "--kind", kind, "--image", image, *more)


def names(nacre: Nacre) -> list[str]:
    return [concept["name"] for concept in nacre("concepts", "list", "--json").json]


def test_a_person_is_added_renamed_merged_and_removed(seeing: Nacre, faces: dict[str, Path]):
    assert add(seeing, "🐈 أمي", faces["A"]).code == 0
    assert add(seeing, "Mum", faces["B"]).code == 0
    assert add(seeing, "mum", faces["B"], "--json").json["views"] == 2
    assert names(seeing) == ["Mum", "🐈 أمي"]
    assert seeing("concepts", "rename", "🐈 أمي", "Anna").code == 0
    assert seeing("concepts", "show", "ANNA", "--json").json["kind"] == "person"
    assert seeing("concepts", "not", "Anna", "--image", faces["B"], "--json").json["not_views"] == 1
    merged = seeing("concepts", "merge", "Anna", "Mum", "--json").json
    assert merged["aliases"] == ["Anna"]
    assert merged["views"] == 3
    assert seeing("concepts", "remove", "Mum").code == 0
    assert names(seeing) == []


def test_who_was_added_is_named_and_a_stranger_is_not(
    seeing: Nacre, faces: dict[str, Path], real_data: Path
):
    add(seeing, "Mum", faces["B"])
    for clip, expected in (("asl_sorry.mkv", True), ("asl_help.mkv", False)):
        said = seeing("watch", real_data / "people" / clip, "--json")
        seen = {line["concept"] for line in said.lines if line["event"] == "sighted"}
        assert seen
        assert ("Mum" in seen) is expected
    assert "Mum" in seeing("ask", "when did Mum last appear?").out


def test_two_concepts_cannot_have_one_name(seeing: Nacre, faces: dict[str, Path]):
    add(seeing, "Mum", faces["A"])
    add(seeing, "Anna", faces["B"])
    for said in (
        add(seeing, "MUM", faces["A"], kind="thing"),
        seeing("concepts", "rename", "Anna", "mum"),
        seeing("concepts", "merge", "Anna", "anna"),
    ):
        assert said.code == 1
        assert "Nothing was changed" in said.reason
    assert names(seeing) == ["Anna", "Mum"]


def test_a_picture_without_a_face_is_said(seeing: Nacre, grey: Path):
    said = add(seeing, "Mum", grey)
    assert said.code == 1
    assert "face" in said.reason


def test_when_one_of_several_pictures_fails_it_is_said_which(
    seeing: Nacre, faces: dict[str, Path], grey: Path
):
    said = add(seeing, "Mum", faces["A"], "--image", grey, "--image", faces["A"])
    assert said.code == 1
    assert said.reason.startswith("grey.png: ")
    assert "1 of 3" in said.reason
    assert seeing("concepts", "show", "Mum", "--json").json["views"] == 1


def test_without_a_face_model_somebody_is_learned_by_looks(
    nacre: Nacre, faces: dict[str, Path], grey: Path
):
    nothing = add(nacre, "Mum", grey)
    assert nothing.code == 1
    assert "of one colour" in nothing.reason
    assert names(nacre) == []
    assert add(nacre, "Mum", faces["A"]).code == 0
    assert names(nacre) == ["Mum"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("x" * 10_000, "10,000 characters"), ("", "name is needed"), (" \t", "name is needed")],
)
def test_names_that_cannot_be_used(nacre: Nacre, grey: Path, name: str, words: str):
    said = add(nacre, name, grey)
    assert said.code == 1
    assert words in said.reason
    assert names(nacre) == []


def bad_picture(name: str, folder: Path, grey: Path) -> Path:
    path = folder / f"{name}.png"
    if name == "zero":
        path.touch()
    elif name == "words":
        path.write_text("not a picture")
    elif name == "cut":
        path.write_bytes(grey.read_bytes()[:40])
    elif name == "folder":
        path.mkdir()
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("zero", "empty"),
        ("words", "not a picture"),
        ("cut", "not a picture"),
        ("folder", "no picture file"),
        ("missing", "no file"),
    ],
)
def test_bad_pictures(nacre: Nacre, tmp_path: Path, grey: Path, name: str, words: str):
    said = add(nacre, "A", bad_picture(name, tmp_path, grey), kind="thing")
    assert said.code == 1
    assert words in said.reason


def test_a_box_outside_the_picture(nacre: Nacre, grey: Path):
    said = add(nacre, "A", grey, "--box", "60,40,20,20", kind="thing")
    assert said.code == 1
    assert "64x48" in said.reason


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "-1,0,5,5", "0,0,0,5", "1e9,0,1,1"])
def test_what_is_no_box(nacre: Nacre, grey: Path, box: str):
    said = add(nacre, "A", grey, f"--box={box}", kind="thing")
    assert said.code == 2


def test_one_box_does_not_fit_two_pictures(nacre: Nacre, grey: Path):
    said = add(nacre, "A", grey, "--image", grey, "--box", "0,0,9,9")
    assert said.code == 2


@pytest.mark.parametrize(
    "arguments",
    [("show", "X"), ("rename", "X", "Y"), ("merge", "X", "Y"), ("remove", "X")],
)
def test_who_is_not_known_cannot_be_changed(nacre: Nacre, arguments: tuple[str, ...]):
    said = nacre("concepts", *arguments)
    assert said.code == 1
    assert "no concept called" in said.reason


def test_an_empty_gallery_says_how_to_begin(nacre: Nacre):
    assert "nacre concepts add" in nacre("concepts", "list").out
    assert nacre("concepts", "list", "--json").json == []


def test_every_correction_is_made_and_undone_without_a_window(
    seeing: Nacre, faces: dict[str, Path]
):
    add(seeing, "Mum", faces["B"])
    before = seeing("concepts", "list", "--json").json
    steps = [
        ("rename", "Mum", "Mother"),
        ("alias", "Mum", "Mama"),
        ("not", "Mum", "--image", faces["A"]),
        ("retell", "Mum", "--since", "2026-01-01T00:00"),
        ("add", "Mum", "--kind", "person", "--image", faces["A"]),
    ]
    for step in steps:
        assert seeing("concepts", *step).code == 0, step
        assert len(seeing("concepts", "history", "--json").json) == 2
        said = seeing("concepts", "undo")
        assert said.code == 0
        assert said.out.startswith("Undone: ")
        assert seeing("concepts", "list", "--json").json == before
    add(seeing, "Mum", faces["A"])
    two = seeing("concepts", "list", "--json").json
    assert seeing("concepts", "split", "Mum", "Anna", "--view", 2).code == 0
    assert names(seeing) == ["Anna", "Mum"]
    assert seeing("concepts", "merge", "Anna", "Mum").code == 0
    assert names(seeing) == ["Mum"]
    assert seeing("concepts", "undo").code == 0
    assert seeing("concepts", "undo").code == 0
    assert seeing("concepts", "list", "--json").json == two
    assert "views, numbered from 1" in seeing("concepts", "split", "Mum", "X", "--view", 7).reason


def test_the_same_photo_under_two_names_is_refused(seeing: Nacre, faces: dict[str, Path]):
    add(seeing, "Mum", faces["B"])
    refused = add(seeing, "Anna", faces["B"])
    assert refused.code == 1
    assert "view of Mum already" in refused.reason
    assert names(seeing) == ["Mum"]
    assert "nothing" in seeing("concepts", "undo", "unknown").reason


def test_the_gallery_travels_as_one_encrypted_file(
    seeing: Nacre, faces: dict[str, Path], tmp_path: Path
):
    secret, file = tmp_path / "secret", tmp_path / "gallery.nacre"
    secret.write_text("correct horse battery\n")
    add(seeing, "Mum", faces["B"])
    key = ("--passphrase-file", secret)
    assert seeing("concepts", "export", file, *key).code == 0
    assert "already" in seeing("concepts", "export", file, *key).reason
    assert seeing("concepts", "remove", "Mum").code == 0
    secret.write_text("another passphrase\n")
    assert "passphrase" in seeing("concepts", "import", file, *key).reason
    assert names(seeing) == []
    secret.write_text("correct horse battery\n")
    assert seeing("concepts", "import", file, *key).out == "Taken in: Mum.\n"
    assert seeing("concepts", "show", "Mum", "--json").json["views"] == 1
    assert seeing("concepts", "undo").code == 0
    assert names(seeing) == []
