"""The question that the window is asking just now."""

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.dialogs import Question


def question(qtbot: QtBot) -> Question:
    """Waits for it."""
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), Question))
    found = QApplication.activeModalWidget()
    assert isinstance(found, Question)
    return found
