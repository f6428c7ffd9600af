"""The line that says why nobody and nothing is named."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from engine.facts import Feature
from ui.controls import button, label, row

NAMING = frozenset({"faces", "things"})
"""One of these is enough to give names."""


def names_missing(features: tuple[Feature, ...]) -> str:
    """Why there are no names; empty where there are, and while nobody knows yet."""
    on = {feature.name for feature in features if feature.on}
    if not features or on & NAMING:
        return ""
    seen = ["people without a name"] if "people" in on else ["changes"]
    if "text on screen" in on:
        seen.append("words on a screen")
    return f"Names need models, and none is installed. Until then Nacre sees {' and '.join(seen)}."


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
        self.hide()

    def show_features(self, features: tuple[Feature, ...]) -> None:
        self.words.setText(names_missing(features))
        self.setVisible(bool(self.words.text()))
