from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.messages import ModelChanged, RetryModel
from engine.prompts import ModelStatus
from tests.fakes.household import Household
from ui.watch.model_note import told
from ui.window import MainWindow

READY = ModelStatus(model="Small", state="ready", backend="CPU")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, ""),
        (READY, ""),
        (replace(READY, state="loading", progress=0.4), "is loading: 40 %"),
        (replace(READY, state="restarting"), "starting again"),
        (replace(READY, state="failed", reason="It crashed too often."), "It crashed too often."),
        (replace(READY, remote=True, backend="models.example"), "they go to models.example"),
        (replace(READY, reason="The GPU is full: it runs on the CPU."), "runs on the CPU"),
    ],
)
def test_what_is_told(status: ModelStatus | None, words: str) -> None:
    assert words in told(status)
    assert bool(told(status)) == bool(words)


def test_the_line_comes_and_goes(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    note = watching.watch.model_note
    failed = replace(READY, state="failed", reason="It crashed too often.")
    home.assistant.emit(ModelChanged(features=(), model=failed))
    qtbot.waitUntil(note.isVisible)
    qtbot.mouseClick(note.retry, Qt.MouseButton.LeftButton)
    assert home.assistant.commands[-1] == RetryModel()
    home.assistant.emit(ModelChanged(features=(), model=READY))
    qtbot.waitUntil(lambda: not note.isVisible())


def test_the_demos_model_says_what_it_is(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    note = watching.watch.model_note
    home.assistant.emit(ModelChanged(features=(), model=replace(READY, demo=True)))
    qtbot.waitUntil(note.isVisible)
    assert "This is a demo" in note.words
    assert not note.retry.isVisible()


def test_pictures_that_leave_are_marked_as_long_as_they_do(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    note = watching.watch.model_note
    remote = replace(READY, remote=True, backend="models.example")
    home.assistant.emit(ModelChanged(features=(), model=remote))
    qtbot.waitUntil(note.isVisible)
    assert "models.example" in note.words
    assert not note.retry.isVisible()
