"""The caption pill at the lower edge of the preview: one line, two for what is said unasked; gone
after reading time."""

import math
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QWidget

LINES_ASKED, LINES_UNASKED = 1, 2
MOST_OF_PREVIEW = 0.2
"""Share of the height of the preview. What an answer says in full stands in the conversation."""
WIDEST = 560
PAD = 12
STAY_MIN_MS, STAY_PER_CHAR_MS = 4000, 70
FADE_MS, FADE_STEPS = 140, 5


class Caption(QWidget):
    """Says one sentence over the picture; `◆` before it marks what was said unasked."""

    def __init__(self, parent: QWidget, still: Callable[[], bool]) -> None:
        """`still`: whether nothing may fade."""
        super().__init__(parent)
        self._still = still
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = parent
        self.text = ""
        self._lines = LINES_ASKED
        self._strength = 1.0
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self.rest_is_over)
        self._fade = QTimer(self, interval=FADE_MS // FADE_STEPS)
        self._fade.timeout.connect(self._fade_step)
        self.hide()

    def say(self, text: str, unasked: bool = False) -> None:
        """Show a sentence for as long as it takes to read."""
        self.text = " ".join(("◆ " * unasked + text).split())
        self._lines = LINES_UNASKED if unasked else LINES_ASKED
        self.setAccessibleName(self.text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.text))
        self._fade.stop()
        self._strength = 1.0
        self._rest.start(max(STAY_MIN_MS, STAY_PER_CHAR_MS * len(self.text)))
        self.show()
        self.raise_()
        self.place()

    def run(self, text: str) -> None:
        """Show an answer as it grows; it is read out when it is whole. Empty: it was stopped."""
        if not text:
            self.clear()
            return
        self.text = " ".join(text.split())
        self._lines = LINES_ASKED
        self._fade.stop()
        self._rest.stop()
        self._strength = 1.0
        self.show()
        self.raise_()
        self.place()

    def clear(self) -> None:
        self._rest.stop()
        self._fade.stop()
        self.hide()

    def place(self) -> None:
        """Lie at the lower edge of the parent, as narrow as the text allows; in a very small one
        nowhere."""
        parent = self._over
        metrics = QFontMetricsF(self.font())
        room = min(WIDEST, parent.width() - 32) - 2 * PAD
        wanted = metrics.horizontalAdvance(self.text)
        most = int((MOST_OF_PREVIEW * parent.height() - 16) // metrics.lineSpacing())
        lines = min(self._lines, math.ceil(wanted / max(room, 1)), most)
        width = min(room, wanted + 2)
        height = lines * metrics.lineSpacing() + 16 if lines > 0 else 0
        self.resize(math.ceil(width + 2 * PAD), math.ceil(height))
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 16)
        self.update()

    def rest_is_over(self) -> None:
        """There was time to read it: it goes."""
        if self._still():
            self.clear()
        else:
            self._fade.start()

    def _fade_step(self) -> None:
        self._strength -= 1 / FADE_STEPS
        if self._strength <= 0:
            self.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(max(self._strength, 0.0))
        painter.setPen(QColor(255, 255, 255, 28))
        painter.setBrush(QColor(16, 20, 23, 235))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, 12, 12)
        painter.setPen(QColor("#E8EDEF"))
        metrics = QFontMetricsF(self.font())
        width = self.width() - 2 * PAD
        lines = round((self.height() - 16) / metrics.lineSpacing())
        for number, line in enumerate(broken(self.text, width, lines, self)):
            line_width = metrics.horizontalAdvance(line)
            x = PAD + max(width - line_width, 0) / 2
            y = 8 + number * metrics.lineSpacing() + metrics.ascent()
            painter.drawText(QPointF(x, y), line)


def broken(text: str, width: float, lines: int, widget: QWidget) -> list[str]:
    """The text broken into at most so many lines; what does not fit ends in an ellipsis."""
    layout = QTextLayout(text, widget.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) <= lines:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    if len(starts) <= lines:
        ends = [*starts[1:], len(text)]
        return [text[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    whole = [text[a:b].strip() for a, b in pairwise(starts[:lines])]
    metrics = QFontMetricsF(widget.font())
    last = text[starts[lines - 1] :]
    return [*whole, metrics.elidedText(last, Qt.TextElideMode.ElideRight, width)]
