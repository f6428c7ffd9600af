"""What this computer can run: measured once, and when asked again."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from engine.ports.shelf import Outlook
from ui.controls import button, column, label, row
from ui.models.expected import summary
from ui.wording import by_hand

MEASURING = "Measuring with a small model of random weights: about ten seconds …"


class ComputerCard(QFrame):
    """Its cores, memory and card, and a button that measures."""

    measure_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName("This computer")
        self.measure = button(
            "Measure this computer", self.measure_wanted.emit, "", "Measure this computer"
        )
        self._summary = label("Not measured yet.", wrap=True)
        self._computer = label("", "small", wrap=True, select=True)
        self._said = label("", "small", wrap=True)
        words = column(label("This computer", "heading"), self._summary, spacing=4)
        words.addWidget(self._computer)
        words.addWidget(self._said)
        layout = row(spacing=16)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.addLayout(words, 1)
        layout.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(layout)
        self._computer.hide()
        self._said.hide()

    @property
    def words(self) -> str:
        """All that it says."""
        parts = (self._summary, self._computer, self._said)
        return " ".join(part.text() for part in parts if part.text())

    def measuring(self) -> None:
        self.measure.setEnabled(False)
        self._say(MEASURING)

    def show_outlook(self, outlook: Outlook, demos: frozenset[str]) -> None:
        self._rest()
        self.measure.setText("Measure again" if outlook.measured else "Measure this computer")
        self._summary.setText(summary(outlook, demos))
        self._computer.setText(outlook.computer)
        self._computer.show()
        self._say(by_hand(outlook.note, on_models=True))

    def fail(self, reason: str) -> None:
        """It could not be measured; what was known before stays."""
        self._rest()
        self._say(reason)

    def _rest(self) -> None:
        self.measure.setEnabled(True)

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
