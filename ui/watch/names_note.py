"""The line that says why nobody and nothing is named."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from engine.facts import Feature
from ui.abilities import names_missing
from ui.controls import button, label, row


class NamesNote(QFrame):
    """Hidden while names can be given."""

    models_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = label("", "muted", wrap=True)
        self.open = button("Open Models", self.models_wanted.emit, "link")
        line = row(self.words, self.open)
        line.setStretch(0, 1)
        line.setContentsMargins(16, 0, 12, 8)
        self.setLayout(line)
        self._demo = False
        self.hide()

    def show_features(self, features: tuple[Feature, ...]) -> None:
        self.words.setText(names_missing(features))
        self._show()

    def show_demo(self, demo: bool) -> None:
        """The demo names its own figures without any model."""
        self._demo = demo
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self.words.text()) and not self._demo)
