"""The small card that asks for a name and a kind."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLineEdit, QVBoxLayout, QWidget

from engine.facts import ConceptKind
from ui.controls import button, chips, label, row
from ui.wording import KINDS, breakable

LONGEST_NAME = 80


class NameCard(QFrame):
    """Enter saves, Esc cancels; an error is said inside the card and nothing is lost."""

    saved = Signal(str, str)
    """Name and kind."""
    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        self.setAccessibleName("Name what is in the box")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name")
        self.name.setMaxLength(LONGEST_NAME)
        self.name.returnPressed.connect(self._save)
        self._kinds = QButtonGroup(self)
        kinds = chips(self._kinds, [title for _, title in KINDS], "Kind")
        self._error = label("", "danger", wrap=True)
        self._error.hide()
        self.save = button("Remember", self._save, "primary")
        self.cancel = button("Cancel", self.cancelled.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(label("Who or what is this?", "heading"))
        layout.addWidget(self.name)
        layout.addLayout(row(*kinds, spacing=4))
        layout.addWidget(self._error)
        layout.addLayout(row(None, self.cancel, self.save))
        self.setFixedWidth(352)

    @property
    def kind(self) -> ConceptKind:
        return KINDS[max(self._kinds.checkedId(), 0)][0]

    @property
    def error(self) -> str:
        """What is said against saving, or nothing."""
        return self._error.text()

    def begin(self, kind: ConceptKind) -> None:
        """Ask anew, with a guess of the kind."""
        self.guess(kind)
        self.name.clear()
        self.say("")
        self.busy(False)
        self.name.setFocus(Qt.FocusReason.PopupFocusReason)

    def guess(self, kind: ConceptKind) -> None:
        number = [k for k, _ in KINDS].index(kind)
        self._kinds.button(number).setChecked(True)

    def say(self, error: str) -> None:
        """Show a sentence, or nothing."""
        self._error.setText(breakable(error))
        self._error.setVisible(bool(error))
        self.adjustSize()

    def busy(self, busy: bool) -> None:
        """While the engine works on it the card cannot be sent twice."""
        self.save.setEnabled(not busy)
        self.save.setText("Saving …" if busy else "Remember")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)

    def _save(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            self.say("A name is needed. Type one, then press Enter.")
            self.name.setFocus()
        elif self.save.isEnabled():
            self.saved.emit(name, self.kind)
