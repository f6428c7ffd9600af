"""Questions in a small window of their own. None of them blocks."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from ui.controls import button, label, row

WIDTH = 420


class Question(QDialog):
    """A sentence, and the answers to it; Esc is always the harmless one."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(20, 20, 20, 16)
        self.body.setSpacing(12)
        self.body.addWidget(label(title, "heading", wrap=True))
        if text:
            self.body.addWidget(label(text, "muted", wrap=True))

    def answers(self, yes: str, act: Callable[[], object], no: str, role: str) -> None:
        """Add the two buttons; `act` is called after the window closed."""

        def agree() -> None:
            self.accept()
            act()

        self.no = button(no, self.reject)
        self.yes = button(yes, agree, role)
        self.body.addSpacing(4)
        self.body.addLayout(row(None, self.no, self.yes))


def confirm(
    parent: QWidget,
    *,
    title: str,
    text: str,
    yes: str,
    act: Callable[[], object],
    no: str = "Cancel",
    erases: bool = False,
) -> Question:
    """Ask before doing something; what deletes is red and is not the default."""
    dialog = Question(parent, title, text)
    dialog.answers(yes, act, no, "erase" if erases else "primary")
    (dialog.no if erases else dialog.yes).setDefault(True)
    (dialog.no if erases else dialog.yes).setFocus()
    dialog.open()
    return dialog


def ask_text(
    parent: QWidget,
    *,
    title: str,
    text: str,
    yes: str,
    check: Callable[[str], str],
    placeholder: str = "",
    value: str = "",
    secret: bool = False,
    empty: bool = False,
) -> Question:
    """Ask for a line; `check` uses it, or returns the sentence that says why it cannot. `secret`:
    what is typed is not shown; `empty`: nothing is an answer, too."""
    dialog = Question(parent, title, text)
    line = QLineEdit(value)
    if secret:
        line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setPlaceholderText(placeholder)
    line.setAccessibleName(text or title)
    line.selectAll()
    error = label("", "danger", wrap=True)
    error.hide()

    def take() -> None:
        typed = line.text().strip()
        reason = check(typed) if typed or empty else "Type something first."
        error.setText(reason)
        error.setVisible(bool(reason))
        if reason:
            dialog.adjustSize()
        else:
            dialog.accept()

    line.returnPressed.connect(take)
    dialog.body.addWidget(line)
    dialog.body.addWidget(error)
    dialog.body.addLayout(row(None, button("Cancel", dialog.reject), button(yes, take, "primary")))
    line.setFocus()
    dialog.open()
    return dialog


def choose(
    parent: QWidget,
    *,
    title: str,
    text: str,
    yes: str,
    options: list[tuple[str, str]],
    act: Callable[[str], object],
) -> Question:
    """Ask for one of several (value, words)."""
    dialog = Question(parent, title, text)
    box = QComboBox()
    box.setAccessibleName(title)
    for value, words in options:
        box.addItem(words, value)
    dialog.body.addWidget(box)
    dialog.answers(yes, lambda: act(str(box.currentData())), "Cancel", "primary")
    dialog.yes.setDefault(True)
    box.setFocus()
    dialog.open()
    return dialog
