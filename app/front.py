"""Brings the window to the front when a second start asks for it."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication


class Front(QObject):
    """Made in the thread of the window; `ask` may be called from any."""

    _asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(self._raise, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Ask for the window; returns at once."""
        self._asked.emit()

    @Slot()
    def _raise(self) -> None:
        for window in QApplication.topLevelWidgets():
            if window.isWindow() and window.isVisible() and window.parent() is None:
                window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
                window.raise_()
                window.activateWindow()
