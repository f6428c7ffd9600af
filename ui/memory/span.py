"""Choosing a stretch of time."""

from collections.abc import Callable

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QDateTimeEdit, QGridLayout, QWidget

from engine.media import NANOSECONDS, Span
from ui.controls import button, indent, label, row
from ui.dialogs import Question
from ui.wording import clock, day, duration

MINUTE_S = 60


def words(span: Span) -> str:
    """`today, 14:05 – 14:20 (16 min)`: the last minute belongs to it."""
    end = span.end - NANOSECONDS
    first, last = f"{day(span.start)}, {clock(span.start)}", clock(end)
    if day(span.start) != day(end):
        last = f"{day(end)}, {last}"
    return f"{first} – {last} ({duration(span.seconds)})"


class SpanQuestion(Question):
    """From and to, in whole minutes of the wall clock."""

    def __init__(self, parent: QWidget, title: str, text: str, span: Span) -> None:
        super().__init__(parent, title, text)
        self.start, self.end = self._edit("From", span.start), self._edit("To", span.end)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for number, edit in enumerate((self.start, self.end)):
            grid.addWidget(label(edit.accessibleName()), number, 0)
            grid.addWidget(edit, number, 1)
            edit.dateTimeChanged.connect(self._tell)
        grid.setColumnStretch(1, 1)
        self.said = label("", "small", wrap=True)
        self.body.addLayout(grid)
        self.body.addWidget(self.said)

    def _edit(self, name: str, at: int) -> QDateTimeEdit:
        seconds = at // NANOSECONDS
        made = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(seconds - seconds % MINUTE_S))
        made.setLocale(QLocale.c())
        indent(made)
        made.setDisplayFormat("d MMM yyyy, HH:mm")
        made.setCurrentSection(QDateTimeEdit.Section.MinuteSection)
        made.setAccessibleName(name)
        return made

    @property
    def span(self) -> Span | None:
        """None when it ends before it begins; otherwise both minutes belong to it."""
        start, end = self.start.dateTime(), self.end.dateTime()
        if end < start:
            return None
        return Span(
            start=start.toSecsSinceEpoch() * NANOSECONDS,
            end=(end.toSecsSinceEpoch() + MINUTE_S) * NANOSECONDS,
        )

    def _tell(self) -> None:
        span = self.span
        self.yes.setEnabled(span is not None)
        self.said.setText(words(span) if span else "It ends before it begins.")

    def ask(self, yes: str, act: Callable[[Span], object]) -> None:
        """Open it; `act` is called with what was chosen."""

        def take() -> None:
            span = self.span
            if span is not None:
                self.accept()
                act(span)

        self.no = button("Cancel", self.reject)
        self.yes = button(yes, take, "primary")
        self.body.addLayout(row(None, self.no, self.yes))
        self.yes.setDefault(True)
        self._tell()
        self.start.setFocus()
        self.open()
