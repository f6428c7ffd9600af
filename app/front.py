"""What reaches the window from outside: a second start, and the signals that ask it to close."""

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from ui.controls import bring_to_front


class Front(QObject):
    """Made in the thread of the window; `ask` may be called from any."""

    _asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(self._raise, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Bring the window to the front; returns at once."""
        self._asked.emit()

    @Slot()
    def _raise(self) -> None:
        for window in _windows():
            bring_to_front(window)


class ClosingSignals(QObject):
    """Closes the window on SIGINT and SIGTERM. Python sees a signal only when Qt lets it run, so
    the signal is written into a socket that Qt listens to."""

    def __init__(self) -> None:
        super().__init__()
        self._ours, self._written = socket.socketpair()
        for end in (self._ours, self._written):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._close)
        self._wakeup_before = signal.set_wakeup_fd(self._written.fileno())
        self._before = {
            number: signal.signal(number, _wait_for_qt)
            for number in (signal.SIGINT, signal.SIGTERM)
        }

    def give_back(self) -> None:
        """Signals do again what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._written.close()

    @Slot()
    def _close(self) -> None:
        self._ours.recv(64)
        for window in _windows():
            window.close()


def _wait_for_qt(_: int, __: FrameType | None) -> None:
    """The socket has been written to."""


def _windows() -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.parent() is None]
