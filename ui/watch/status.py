"""The status light: one dot and words that follow the age of the newest frame."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from ui.controls import label
from ui.theme import Colours
from ui.watching import STALLED_AFTER_S, OpenRun


@dataclass(frozen=True, slots=True)
class Status:
    """A colour of the theme, by name, and the words beside it."""

    colour: str
    words: str
    reason: str = ""


def status(shown: OpenRun | None, age: float | None, *, paused: bool, thinking: bool) -> Status:
    """What is true of the picture just now. `age` in seconds, None without a picture."""
    if shown is None:
        return Status("muted", "nothing is watched")
    if shown.state == "ended":
        return Status("muted", "the recording is over")
    if paused:
        return Status("warning", "paused")
    if age is None:
        words = "no signal yet" if shown.state in ("lost", "stalled") else "opening"
        return Status("danger" if shown.state == "lost" else "warning", words, shown.reason)
    if shown.state == "lost" or age >= STALLED_AFTER_S:
        return Status("danger", f"no signal for {age:.0f} s", shown.reason)
    if thinking:
        return Status("second", f"thinking · {age:.1f} s")
    return Status("accent", f"watching · {age:.1f} s")


class _Dot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.colours: Colours | None = None
        self.colour = "muted"
        self.setFixedSize(QSize(12, 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.colours is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colours.colour(self.colour))
        painter.drawEllipse(QRectF(2, 2, 8, 8))


class StatusLight(QWidget):
    """Shows a `Status`; its words are also its accessible name."""

    def __init__(self) -> None:
        super().__init__()
        self._dot = _Dot()
        self._words: QLabel = label("", "muted")
        self._words.setMinimumWidth(112)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._dot)
        layout.addWidget(self._words, 1)

    @property
    def words(self) -> str:
        return self._words.text()

    def dress(self, colours: Colours) -> None:
        self._dot.colours = colours
        self._dot.update()

    def show_status(self, now: Status) -> None:
        words = f"{now.words} — {now.reason}" if now.reason else now.words
        if words != self._words.text():
            self._words.setText(words)
            self._words.setToolTip(words)
            self.setAccessibleName(f"Status: {words}")
        if now.colour != self._dot.colour:
            self._dot.colour = now.colour
            self._dot.update()
