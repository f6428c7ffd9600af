"""The icon in the tray, where the desktop has one. Nothing depends on it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ui.controls import ignoring_state

SHOWN_MS = 10_000
LATER_MS = 1_500
"""The first picture does not wait for it."""


class Tray(QObject):
    """Its menu does what the window's buttons do."""

    wanted = Signal()
    """The window is to come to the front."""
    message_pressed = Signal()

    def __init__(
        self,
        drawing: QIcon,
        *,
        pause: Callable[[], object],
        mute: Callable[[], object],
        end: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._drawing, self._acts = drawing, (pause, mute, end)
        self._paused = self._muted = False
        self.menu: QMenu | None = None
        self.icon: QSystemTrayIcon | None = None
        self.pause = self.mute = QAction(self)
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self.appear)
        self._later.start()

    def appear(self) -> None:
        """Show the icon, where there is a tray."""
        if self.icon is not None or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        pause, mute, end = self._acts
        self.menu = menu = QMenu()
        self._add(menu, "Show Nacre", self.wanted.emit)
        menu.addSeparator()
        self.pause = self._add(menu, "", pause)
        self.mute = self._add(menu, "", mute)
        menu.addSeparator()
        self._add(menu, "Close Nacre", end)
        self.icon = QSystemTrayIcon(self._drawing, self)
        self.icon.setToolTip("Nacre")
        self.icon.setContextMenu(menu)
        self.icon.activated.connect(self._pressed)
        self.icon.messageClicked.connect(self.message_pressed)
        self.show_state(paused=self._paused, muted=self._muted)
        self.icon.show()

    def _add(self, menu: QMenu, words: str, act: Callable[[], object]) -> QAction:
        made = menu.addAction(words)
        made.triggered.connect(ignoring_state(act))
        return made

    def show_state(self, *, paused: bool, muted: bool) -> None:
        self._paused, self._muted = paused, muted
        self.pause.setText("Go on watching" if paused else "Pause")
        self.mute.setText("Speak again" if muted else "Mute")

    def say(self, title: str, text: str, picture: QIcon) -> bool:
        """Show a message beside the icon; whether there is one to show it."""
        if self.icon is None or not self.icon.supportsMessages():
            return False
        self.icon.showMessage(title, text, picture, SHOWN_MS)
        return True

    def hide(self) -> None:
        self._later.stop()
        if self.icon is not None:
            self.icon.hide()

    def _pressed(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.wanted.emit()
