"""What is never looked at on a screen."""

import sys
from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ui.controls import button, column, label, row
from ui.preferences import Preferences

MOST, LONGEST = 200, 100
SHOWN_LINES = 6
ELSEWHERE = (
    "On this system Nacre cannot tell windows apart yet, so it does not look at the screen at all. "
    "Cameras and recordings can be watched."
)
"""Only the windows of an X11 desktop can be listed."""


def entries(text: str) -> tuple[str, ...]:
    """One a line, without blank ones and repetitions."""
    lines = (" ".join(line.split())[:LONGEST] for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST]


class ExcludedWindows(QWidget):
    """Two lists, one entry a line. Nothing changes before Save is pressed, so that a list that is
    half typed never uncovers anything."""

    def __init__(self, preferences: Preferences, save: Callable[[], str]) -> None:
        """`save` returns why it could not, or nothing."""
        super().__init__()
        self._preferences, self._save = preferences, save
        self.programs = self._list("Programs never looked at")
        self.titles = self._list("Words in the titles of windows never looked at")
        self.keep = button("Save", self._keep, name="Save what is never looked at")
        self.usual = button("Back to the usual lists", self._put_usual)
        self.said = label("", "small", wrap=True)
        about = (
            "Windows of these programs, and windows with these words in their title, are painted "
            "over before anything is read or kept. Nacre itself always is."
        )
        both = row(spacing=16)
        both.addLayout(self._named("Names of programs begin with", self.programs))
        both.addLayout(self._named("Titles contain", self.titles))
        layout = column(label(about, "muted", wrap=True), spacing=8)
        if not sys.platform.startswith("linux"):
            layout.addWidget(label(ELSEWHERE, "warning", wrap=True))
        layout.addLayout(both)
        under = row(self.keep, self.usual, self.said)
        under.setStretch(2, 1)
        layout.addLayout(under)
        self.setLayout(layout)
        self._show(preferences.excluded_applications, preferences.excluded_titles)
        for editor in (self.programs, self.titles):
            editor.textChanged.connect(self._compare)
        self._compare()

    def _list(self, name: str) -> QPlainTextEdit:
        made = QPlainTextEdit()
        made.setAccessibleName(name)
        made.setTabChangesFocus(True)
        made.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        made.setPlaceholderText("One a line")
        made.setFixedHeight(SHOWN_LINES * made.fontMetrics().lineSpacing() + 18)
        return made

    def _named(self, words: str, editor: QPlainTextEdit) -> QVBoxLayout:
        return column(label(words, "small"), editor, spacing=4)

    def _show(self, programs: tuple[str, ...], titles: tuple[str, ...]) -> None:
        self.programs.setPlainText("\n".join(programs))
        self.titles.setPlainText("\n".join(titles))

    @property
    def _wanted(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return entries(self.programs.toPlainText()), entries(self.titles.toPlainText())

    @property
    def _held(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self._preferences.excluded_applications, self._preferences.excluded_titles

    def _compare(self) -> None:
        p = self._preferences
        self.keep.setEnabled(self._wanted != self._held)
        self.usual.setEnabled(self._wanted != (p.usual_applications, p.usual_titles))
        if self.keep.isEnabled():
            self._say("Not saved yet.")
        else:
            self._say("")

    def _put_usual(self) -> None:
        self._show(self._preferences.usual_applications, self._preferences.usual_titles)

    def _keep(self) -> None:
        p, before = self._preferences, self._held
        p.excluded_applications, p.excluded_titles = self._wanted
        reason = self._save()
        if reason:
            p.excluded_applications, p.excluded_titles = before
            self._say(reason, "danger")
            return
        self._compare()
        self._say("Saved. It holds from the next look at a screen on.")

    def _say(self, text: str, role: str = "small") -> None:
        self.said.setProperty("role", role)
        self.said.style().polish(self.said)
        self.said.setText(text)
