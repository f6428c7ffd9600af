"""A window over a household that has been watched for a while."""

from collections.abc import Iterator
from time import time_ns

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.gallery_files import GalleryFile
from tests.fakes.household import CAMERA, Household, shelf
from tests.fakes.scene import room
from ui.preferences import Preferences
from ui.window import MainWindow


@pytest.fixture
def home() -> Household:
    return Household(time_ns())


@pytest.fixture
def window(qtbot: QtBot, home: Household) -> Iterator[MainWindow]:
    made = MainWindow(
        home.assistant,
        shelf(),
        Preferences(theme="dark"),
        files=GalleryFile(home.assistant.archive),
    )
    with qtbot.waitExposed(made):
        made.show()
    yield made
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        dialog.close()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def watching(qtbot: QtBot, window: MainWindow, home: Household) -> MainWindow:
    """The window with a camera open and one picture on the screen."""
    run = window.open_source(CAMERA)
    home.assistant.show(run, room(3.0))
    qtbot.waitUntil(lambda: window.watch.preview.has_picture)
    qtbot.waitUntil(lambda: len(window.gallery.cards) == 5)
    return window
