import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.facts import Feature
from engine.messages import ModelChanged
from tests.fakes.assistant import FakeAssistant
from tests.fakes.household import Household, shelf
from ui.abilities import names_missing
from ui.preferences import Preferences
from ui.window import GALLERY, MODELS, MainWindow


def features(*on: str) -> tuple[Feature, ...]:
    names = ("faces", "people", "things", "text on screen", "semantic search")
    return tuple(
        Feature(name=name, on=name in on, reason="" if name in on else "Not installed.")
        for name in names
    )


NONE = features("text on screen")


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (("faces",), ""),
        (("things",), ""),
        (("people", "text on screen"), "people without a name and words on a screen"),
        (("text on screen",), "changes and words on a screen"),
        (("semantic search",), "sees changes."),
    ],
)
def test_the_line_says_what_is_true(on: tuple[str, ...], said: str) -> None:
    words = names_missing(features(*on))
    assert said in words if said else words == ""


def test_nothing_is_said_before_it_is_known() -> None:
    assert names_missing(()) == ""


def test_the_line_leads_to_the_models(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    note = watching.watch.names_note
    assert not note.isVisible()
    home.assistant.emit(ModelChanged(features=NONE))
    qtbot.waitUntil(note.isVisible)
    qtbot.mouseClick(note.open, Qt.MouseButton.LeftButton)
    assert watching.stack.currentIndex() == MODELS
    watching.open_page(0)
    home.assistant.emit(ModelChanged(features=features("faces")))
    qtbot.waitUntil(lambda: not note.isVisible())


def test_a_window_that_opens_late_knows_it_too(qtbot: QtBot, home: Household) -> None:
    home.assistant.features = NONE
    window = MainWindow(home.assistant, shelf(), Preferences(theme="dark"))
    qtbot.addWidget(window)
    window.show()
    assert window.watch.names_note.isVisible()


def test_an_empty_gallery_leads_to_the_models(qtbot: QtBot) -> None:
    assistant = FakeAssistant(opens=False)
    assistant.features = NONE
    window = MainWindow(assistant, shelf(), Preferences(theme="dark"))
    qtbot.addWidget(window)
    window.show()
    window.open_page(GALLERY)
    (words,) = [w for w in window.gallery.findChildren(QLabel) if "need models" in w.text()]
    assert words.isVisible()
    qtbot.mouseClick(window.gallery.open_models, Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == MODELS
    window.open_page(GALLERY)
    assistant.emit(ModelChanged(features=features("faces")))
    qtbot.waitUntil(lambda: "Press R" in words.text())
    assert not window.gallery.open_models.isVisible()
