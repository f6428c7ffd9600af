from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from engine.messages import ModelChanged
from engine.ports.shelf import Preparation
from engine.prompts import ModelStatus
from tests.fakes.assistant import FakeShelf
from tests.fakes.household import FEATURES, Household
from ui.dialogs import Question
from ui.models.card import ModelRow
from ui.preferences import Preferences
from ui.window import MODELS, MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def models(qtbot: QtBot, watching: MainWindow) -> MainWindow:
    watching.open_page(MODELS)
    qtbot.waitUntil(lambda: len(watching.models.rows) == 4)
    return watching


@pytest.fixture
def wanted(models: MainWindow) -> ModelRow:
    return models.models.rows["mobilenet"]


def shelf(window: MainWindow) -> FakeShelf:
    return window.models.shelf


def test_a_card_says_what_it_costs_and_unlocks(models: MainWindow) -> None:
    rows = models.models.rows
    assert rows["yunet"].remove.isVisible()
    assert not rows["yunet"].get.isVisible()
    texts = " ".join(x.text() for x in rows["mobilenet"].findChildren(QLabel))
    assert "13.5 MB" in texts
    assert "Apache-2.0" in texts
    assert "Knows pets and things again." in texts


def test_what_cannot_be_got_says_so(models: MainWindow) -> None:
    row = models.models.rows["minilm"]
    assert not row.get.isVisible()
    assert row.said.text().endswith("Import it from a folder.")


def test_get_shows_progress_and_installs(
    qtbot: QtBot, models: MainWindow, wanted: ModelRow
) -> None:
    go_on = Event()
    shelf(models).step = lambda piece: go_on.wait(10) if piece == 6 else None
    qtbot.mouseClick(wanted.get, LEFT)
    qtbot.waitUntil(lambda: wanted.bar.value() == 500)
    assert wanted.said.text() == "6.8 MB of 13.5 MB · 1.9 MB/s · 4 s left"
    go_on.set()
    qtbot.waitUntil(wanted.remove.isVisible)
    assert not wanted.bar.isVisible()


def test_cancel_stops_and_says_what_is_kept(
    qtbot: QtBot, models: MainWindow, wanted: ModelRow
) -> None:
    go_on = Event()
    shelf(models).step = lambda piece: go_on.wait(10) if piece == 6 else None
    qtbot.mouseClick(wanted.get, LEFT)
    qtbot.waitUntil(lambda: wanted.bar.value() == 500)
    qtbot.mouseClick(wanted.cancel, LEFT)
    go_on.set()
    qtbot.waitUntil(wanted.get.isVisible)
    assert wanted.said.text() == "Stopped. What came is kept; Get goes on from there."
    assert not shelf(models).all["mobilenet"].installed


def test_a_broken_download_says_why(qtbot: QtBot, models: MainWindow, wanted: ModelRow) -> None:
    shelf(models).breaks = True
    qtbot.mouseClick(wanted.get, LEFT)
    qtbot.waitUntil(lambda: wanted.said.text().startswith("The connection broke off."))
    assert wanted.get.isVisible()


def test_closing_the_window_stops_a_download(
    qtbot: QtBot, models: MainWindow, wanted: ModelRow
) -> None:
    begun = Event()

    def step(piece: int) -> None:
        begun.set()
        stop.wait(0.01)

    stop = Event()
    shelf(models).step = step
    qtbot.mouseClick(wanted.get, LEFT)
    assert begun.wait(10)
    models.close()
    assert not shelf(models).all["mobilenet"].installed


def test_import_from_a_folder(
    qtbot: QtBot, models: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    qtbot.mouseClick(models.models.importer, LEFT)
    qtbot.waitUntil(lambda: models.models.said == "2 models imported.")
    assert shelf(models).added == [tmp_path]
    qtbot.waitUntil(models.models.rows["minilm"].remove.isVisible)


def test_removing_asks_first(qtbot: QtBot, models: MainWindow) -> None:
    row = models.models.rows["yunet"]
    qtbot.mouseClick(row.remove, LEFT)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), Question))
    assert shelf(models).all["yunet"].installed
    qtbot.mouseClick(QApplication.activeModalWidget().yes, LEFT)
    qtbot.waitUntil(row.get.isVisible)


def test_what_is_off_says_why(qtbot: QtBot, models: MainWindow, home: Household) -> None:
    home.assistant.emit(ModelChanged(features=FEATURES))
    expected = "Things: off. The model for things is not installed."
    qtbot.waitUntil(lambda: expected in [x.text() for x in models.models.findChildren(QLabel)])


def test_what_works_is_drawn_anew_only_when_it_changes(
    qtbot: QtBot, models: MainWindow, home: Household
) -> None:
    page = models.models

    def lines() -> list[QLabel]:
        return [x for x in page.findChildren(QLabel) if x.text().startswith("Things: off.")]

    home.assistant.emit(ModelChanged(features=FEATURES))
    qtbot.waitUntil(lambda: len(lines()) == 1)
    drawn = lines()
    restarting = ModelStatus(model="Qwen3-VL 8B", state="restarting", id="qwen3-vl-8b-q4")
    home.assistant.emit(ModelChanged(features=FEATURES, model=restarting))
    qtbot.waitUntil(lambda: models.watch.model_note.isVisibleTo(models.watch))
    assert lines() == drawn
    home.assistant.emit(ModelChanged(features=FEATURES[:-1], model=restarting))
    qtbot.waitUntil(lambda: lines() != drawn)


class Build:
    """What `preparation` of the window follows."""

    def __init__(self) -> None:
        self.followers: list[Callable[[Preparation], None]] = []

    def follow(self, told: Callable[[Preparation], None]) -> Callable[[], None]:
        self.followers.append(told)
        told(Preparation(state="absent"))
        return lambda: self.followers.remove(told)

    def tell(self, now: Preparation) -> None:
        for told in self.followers:
            told(now)


@pytest.fixture
def build() -> Build:
    return Build()


@pytest.fixture
def preparing(qtbot: QtBot, build: Build) -> MainWindow:
    made = MainWindow(Household(0).assistant, FakeShelf(), Preferences(), build.follow)
    qtbot.addWidget(made)
    made.open_page(MODELS)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_making_of_the_engine_is_a_quiet_line(
    qtbot: QtBot, preparing: MainWindow, build: Build
) -> None:
    line, rail = preparing.models.preparation, preparing.rail.preparing
    assert not line.isVisible()
    assert not rail.isVisible()
    build.tell(Preparation(state="building", percent=40))
    qtbot.waitUntil(line.isVisible)
    assert "40 %" in line.words
    assert line.bar.value() == 40
    assert "40 %" in rail.text()
    build.tell(Preparation(state="ready", percent=100))
    qtbot.waitUntil(lambda: not line.isVisible())
    assert not rail.isVisible()


def test_a_failed_making_names_what_is_missing(
    qtbot: QtBot, preparing: MainWindow, build: Build
) -> None:
    line = preparing.models.preparation
    reason = "A C++ compiler is missing: sudo apt-get install g++"
    build.tell(Preparation(state="failed", reason=reason))
    qtbot.waitUntil(line.isVisible)
    assert reason in line.words.replace("\u200b", "")
    assert not line.bar.isVisible()
    assert not preparing.rail.preparing.isVisible()


def test_a_closed_window_hears_nothing_of_it(preparing: MainWindow, build: Build) -> None:
    preparing.close()
    assert build.followers == []
