"""The key that silences Nacre until it is pressed again; captions and the conversation stay."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QToolButton

from engine.errors import EngineError
from engine.messages import Mute
from ui.bridge import Bridge
from ui.icons import Icons
from ui.preferences import Preferences

KEY = "F9"
MUTED = "Muted: nothing is said aloud. F9 ends it."


class MuteKey(QToolButton):
    """Holds also when Nacre is started again. The window has its key do the same on every page."""

    changed = Signal(str)
    """Why it could not be kept for the next start, or nothing."""

    def __init__(self, bridge: Bridge, icons: Icons, preferences: Preferences) -> None:
        super().__init__()
        self._bridge, self._icons, self._preferences = bridge, icons, preferences
        self._on = preferences.muted
        self.setCheckable(True)
        self.setIconSize(QSize(20, 20))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self.press)
        self._show()

    @property
    def on(self) -> bool:
        """Whether nothing is said aloud."""
        return self._on

    def press(self) -> None:
        self.turn(not self._on)

    def turn(self, muted: bool) -> None:
        """Silence it at once, or let it speak again."""
        self._on = self._preferences.muted = muted
        self._bridge.send(Mute(muted=muted))
        self._show()
        reason = ""
        try:
            self._preferences.save(self._preferences)
        except EngineError as error:
            reason = str(error)
        self.changed.emit(reason)

    def _show(self) -> None:
        self.setChecked(self._on)
        drawing, colour = ("muted", "warning") if self._on else ("sound", "text")
        self._icons.put(self, drawing, colour, colour)
        words = "Speak again" if self._on else "Mute"
        self.setAccessibleName(words)
        self.setToolTip(f"{words} ({KEY})")
