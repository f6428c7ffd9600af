"""How the making of the language model's engine stands: a line and a thin bar."""

from PySide6.QtWidgets import QFrame, QLabel, QProgressBar

from engine.ports.shelf import Preparation
from ui.controls import column, label, row
from ui.icons import Icons
from ui.wording import breakable


def told(now: Preparation) -> str:
    """What people read about it; nothing when it is there, or nobody makes it."""
    if now.state == "building":
        return (
            f"Preparing the language model engine: {now.percent} %. "
            "Everything else works meanwhile."
        )
    if now.state == "failed":
        return f"The language model engine could not be prepared. {now.reason}"
    return ""


class PreparationLine(QFrame):
    """Hidden while there is nothing to tell."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._sign = QLabel()
        self._words = label("", wrap=True, select=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Preparing the language model engine")
        words = row(self._sign, self._words)
        words.setStretch(1, 1)
        layout = column(spacing=6)
        layout.addLayout(words)
        layout.addWidget(self.bar)
        self.setLayout(layout)
        self.hide()

    @property
    def words(self) -> str:
        return self._words.text()

    def show_preparation(self, now: Preparation) -> None:
        words = told(now)
        self._words.setText(breakable(words))
        self.bar.setValue(now.percent)
        self.bar.setVisible(now.state == "building")
        failed = now.state == "failed"
        self._sign.setVisible(failed)
        if failed:
            self._icons.put_drawing(self._sign, "close", "muted", 16)
        self.setVisible(bool(words))
