"""The icon in the tray, where the desktop has one. Nothing depends on it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ui.controls import ignoring_state

SHOWN_MS = 10_000


class Tray(QObject):
    """Its menu does what the window's buttons do."""

    wanted = Signal()
    """The window is to come to the front."""
    message_pressed = Signal()

    def __init__(
        self,
        icon: QIcon,
        *,
        pause: Callable[[], object],
        mute: Callable[[], object],
        end: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self._add("Show Nacre", self.wanted.emit)
        self.menu.addSeparator()
        self.pause = self._add("Pause", pause)
        self.mute = self._add("Mute", mute)
        self.menu.addSeparator()
        self._add("Close Nacre", end)
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setToolTip("Nacre")
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._pressed)
        self.icon.messageClicked.connect(self.message_pressed)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.icon.show()

    def _add(self, words: str, act: Callable[[], object]) -> QAction:
        made = self.menu.addAction(words)
        made.triggered.connect(ignoring_state(act))
        return made

    def show_state(self, *, paused: bool, muted: bool) -> None:
        self.pause.setText("Go on watching" if paused else "Pause")
        self.mute.setText("Speak again" if muted else "Mute")

    def say(self, title: str, text: str, picture: QIcon) -> bool:
        """Show a message beside the icon; whether there is one to show it."""
        if not self.icon.isVisible() or not self.icon.supportsMessages():
            return False
        self.icon.showMessage(title, text, picture, SHOWN_MS)
        return True

    def hide(self) -> None:
        self.icon.hide()

    def _pressed(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.wanted.emit()
