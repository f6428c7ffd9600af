"""What cannot be remembered or taken in: by command and in the window, with a reason, and nothing
is changed."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.bootstrap import open_engine, open_model_store
from app.gallery_files import GalleryFile
from app.paths import Paths
from app.settings import Settings
from engine.media import Box, Image
from engine.perception.yunet import YuNet
from tests.fakes.dialog import question
from tests.fakes.program import Program
from ui.preferences import Preferences
from ui.window import MainWindow

SECRET = "correct horse battery"
LIMIT_MS = 60_000


def frame_of(path: Path, number: int = 10) -> Image:
    capture = cv2.VideoCapture(str(path))
    capture.set(cv2.CAP_PROP_POS_FRAMES, number)
    image = np.asarray(capture.read()[1], np.uint8)
    capture.release()
    return image


@pytest.fixture
def pictures(real_data: Path, real_models: Path, tmp_path: Path) -> dict[str, Path]:
    """Bad ones by name, and one good one of somebody."""
    made: dict[str, Image] = {
        "blank": np.full((480, 640, 3), 128, np.uint8),
        "dark": np.random.default_rng(0).integers(0, 4, (480, 640, 3)).astype(np.uint8),
        "mum": frame_of(real_data / "people" / "asl_student.mkv"),
    }
    (weights,) = real_models.rglob("yunet*.onnx")
    face = YuNet(weights).detect(made["mum"])[0].box
    grown = Box(face.x - face.w // 2, face.y - face.h // 2, 2 * face.w, 2 * face.h)
    head = cv2.resize(grown.crop(made["mum"]), (128, 128))
    made["crowd"] = np.asarray(np.tile(head, (5, 10, 1)), np.uint8)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, image in made.items():
        cv2.imwrite(str(folder / f"{name}.png"), image)
    return {name: folder / f"{name}.png" for name in made}


@pytest.fixture
def knowing(nacre: Program, pictures: dict[str, Path]) -> Program:
    nacre.do("concepts", "add", "Mum", "--kind", "person", "--image", pictures["mum"])
    return nacre


def refused(program: Program, *arguments: str | Path, code: int = 1) -> str:
    """One line that says why; the gallery is as it was."""
    before = program.do("concepts", "list", "--json").json, history(program)
    said = program.run(*arguments, code=code)
    assert (program.do("concepts", "list", "--json").json, history(program)) == before
    if code == 1:
        (line,) = said.err.strip().splitlines()
        assert "othing was" in line, "it says that nothing was changed"
    return said.err


def history(program: Program) -> list[object]:
    found: list[object] = program.do("concepts", "history", "--json").json
    return found


@pytest.mark.parametrize("kind", ["thing", "pet", "place"])
@pytest.mark.parametrize("name", ["blank", "dark"])
def test_a_picture_of_nothing(
    nacre: Program, pictures: dict[str, Path], name: str, kind: str
) -> None:
    arguments = ("concepts", "add", "Blue", "--kind", kind, "--image", pictures[name])
    assert "of one colour" in refused(nacre, *arguments)


def test_a_box_without_size(knowing: Program, pictures: dict[str, Path]) -> None:
    add = ("concepts", "add", "Blue", "--kind", "thing", "--image", pictures["mum"])
    assert "no box" in refused(knowing, *add, "--box", "10,10,0,20", code=2)


def test_fifty_faces_need_a_box(knowing: Program, pictures: dict[str, Path]) -> None:
    add = ("concepts", "add", "Ann", "--kind", "person", "--image", pictures["crowd"])
    reason = refused(knowing, *add)
    assert "faces in the picture" in reason
    assert int(reason.split("There are ")[1].split()[0]) >= 40
    wrong = ("concepts", "not", "Mum", "--image", pictures["crowd"])
    assert "faces in the picture" in refused(knowing, *wrong)


def test_the_same_photo_under_two_names(knowing: Program, pictures: dict[str, Path]) -> None:
    add = ("concepts", "add", "Ann", "--kind", "person", "--image", pictures["mum"])
    assert "is a view of Mum already" in refused(knowing, *add)


Poison = Callable[[Path, Path], Path]


def oversized(good: Path, folder: Path) -> Path:
    """Sparse: it takes no room."""
    path = folder / "large.nacre"
    with path.open("wb") as file:
        file.truncate(513 * 1024**2)
    return path


def damaged(good: Path, folder: Path) -> Path:
    data = bytearray(good.read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "damaged.nacre").write_bytes(data)
    return folder / "damaged.nacre"


def pipe(good: Path, folder: Path) -> Path:
    os.mkfifo(folder / "pipe.nacre")
    return folder / "pipe.nacre"


def linked(good: Path, folder: Path) -> Path:
    (folder / "link.nacre").symlink_to("/etc/passwd")
    return folder / "link.nacre"


def unciphered(good: Path, folder: Path) -> Path:
    (folder / "plain.nacre").write_bytes(b"SQLite format 3\0" + b"\0" * 8176)
    return folder / "plain.nacre"


POISONED: dict[str, tuple[Poison, str]] = {
    "oversized": (oversized, "larger than 512 MB"),
    "damaged": (damaged, "cannot be opened"),
    "a pipe": (pipe, "no file"),
    "a link elsewhere": (linked, "cannot be opened"),
    "unciphered": (unciphered, "cannot be opened"),
    "upwards": (lambda good, folder: folder / ".." / "nowhere" / "x.nacre", "no file"),
    "a folder": (lambda good, folder: folder, "no file"),
}


@pytest.fixture
def good(knowing: Program, tmp_path: Path) -> Path:
    """An exported gallery; its passphrase lies beside it."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    path = tmp_path / "good.nacre"
    knowing.do("concepts", "export", path, "--passphrase-file", secret)
    return path


def test_files_that_are_not_to_be_trusted_by_command(
    knowing: Program, good: Path, tmp_path: Path
) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "bad"
    folder.mkdir()
    for poison, words in POISONED.values():
        path = poison(good, folder)
        assert words in refused(knowing, "concepts", "import", path, "--passphrase-file", secret)
    other = tmp_path / "other"
    other.write_text("another passphrase\n")
    assert "the passphrase is another" in refused(
        knowing, "concepts", "import", good, "--passphrase-file", other
    )
    before = good.read_bytes()
    assert "there already" in refused_export(knowing, good, secret)
    assert good.read_bytes() == before
    assert "o such" in refused_export(knowing, tmp_path / "no" / "folder.nacre", secret)


def refused_export(program: Program, path: Path, secret: Path) -> str:
    return program.run("concepts", "export", path, "--passphrase-file", secret, code=1).err


# --- in the window


@pytest.fixture
def window(qtbot: QtBot, knowing: Program) -> Iterator[MainWindow]:
    paths = Paths.locate(knowing.data)
    with open_engine(paths, Settings()) as engine:
        made = MainWindow(
            engine,
            open_model_store(paths),
            Preferences(theme="dark"),
            files=GalleryFile(engine.archive),
        )
        qtbot.addWidget(made)
        made.show()
        made.open_page(1)
        qtbot.waitUntil(lambda: len(made.gallery.cards) == 1, timeout=LIMIT_MS)
        yield made
        made.close()


def answer(qtbot: QtBot, text: str) -> None:
    """Type into the question that is asked, and press its button."""
    asked = question(qtbot)
    line = asked.findChild(QLineEdit)
    qtbot.keyClicks(line, text)
    asked.findChildren(QPushButton)[-1].click()
    qtbot.waitUntil(lambda: not asked.isVisible())


def picked(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """This is what is chosen in the dialogs for files."""
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_args, **_more: (str(path), ""))


def names(window: MainWindow) -> list[str]:
    entries = [card.entry for card in window.gallery.cards.values()]
    return sorted(entry.concept.name for entry in entries if entry is not None)


def test_files_that_are_not_to_be_trusted_in_the_window(
    qtbot: QtBot,
    knowing: Program,
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, file = window.gallery, tmp_path / "from-window"
    picked(monkeypatch, file)
    page.export.click()
    answer(qtbot, SECRET)
    answer(qtbot, SECRET)
    good = file.with_suffix(".nacre")
    qtbot.waitUntil(lambda: "1 name is in" in page.said.text(), timeout=LIMIT_MS)
    assert good.stat().st_mode & 0o077 == 0, "only its owner may read it"
    assert b"Mum" not in good.read_bytes()

    folder = tmp_path / "bad"
    folder.mkdir()
    cards = {name: card.entry for name, card in page.cards.items()}
    for poison, words in POISONED.values():
        picked(monkeypatch, poison(good, folder))
        page.take_in.click()
        answer(qtbot, SECRET)
        qtbot.waitUntil(lambda w=words: w in page.said.text(), timeout=LIMIT_MS)
        assert "othing was changed" in page.said.text()
        assert page.said.property("role") == "danger"
    picked(monkeypatch, good)
    page.take_in.click()
    answer(qtbot, "another passphrase")
    qtbot.waitUntil(lambda: "the passphrase is another" in page.said.text(), timeout=LIMIT_MS)
    assert {name: card.entry for name, card in page.cards.items()} == cards

    page.take_in.click()
    answer(qtbot, SECRET)
    qtbot.waitUntil(lambda: "1 name was taken in" in page.said.text(), timeout=LIMIT_MS)
    assert names(window) == ["Mum"]


def test_pictures_in_the_window(
    qtbot: QtBot,
    window: MainWindow,
    pictures: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (card,) = window.gallery.cards.values()
    before = card.entry
    for name, words in (("blank", "No face"), ("crowd", "faces in the picture")):
        picked(monkeypatch, pictures[name])
        card.add_view.click()
        qtbot.waitUntil(lambda w=words: w in card.said, timeout=LIMIT_MS)
    assert card.entry == before


def test_a_good_file_travels_to_a_bare_machine(
    bare: Program, nacre: Program, good: Path, tmp_path: Path
) -> None:
    shutil.rmtree(nacre.data)
    secret = tmp_path / "secret"
    bare.do("concepts", "import", good, "--passphrase-file", secret)
    assert [one["name"] for one in bare.do("concepts", "list", "--json").json] == ["Mum"]
