"""The frame of a page: a title, a line under it, and a scrolling column."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.controls import button, column, label, row, scrolling

WIDEST = 1120


class Page(QWidget):
    """Subclasses fill `head` (right of the title) and `body`."""

    def __init__(self, title: str, under: str = "") -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        words = column(label(title, "title"), spacing=4)
        self.under = label(under, "muted", wrap=True)
        words.addWidget(self.under)
        self.head.addLayout(words, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        inside = QWidget()
        inner = QVBoxLayout()
        inner.setSpacing(20)
        inner.addLayout(self.head)
        inner.addLayout(self.body)
        inner.addStretch(1)
        outer = QHBoxLayout(inside)
        outer.setContentsMargins(32, 24, 32, 24)
        held = QWidget()
        held.setLayout(inner)
        inner.setContentsMargins(0, 0, 0, 0)
        held.setMaximumWidth(WIDEST)
        outer.addWidget(held, 1)
        layout = column(scrolling(inside, title), spacing=0)
        self.setLayout(layout)


class Empty(QWidget):
    """What stands where there is nothing yet: a heading and how to begin."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        heading = label(title, "heading")
        self.words = label(text, "muted", wrap=True)
        self.words.setFixedWidth(420)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 48, 0, 24)
        self.column.setSpacing(8)
        for item in (heading, self.words):
            item.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.column.addLayout(row(None, item, None))

    def offer(self, text: str, act: Callable[[], object]) -> QPushButton:
        """A button below the words."""
        made = button(text, act)
        self.column.addLayout(row(None, made, None))
        return made
