"""The line about the vision-language model: while it is not ready, and as long as pictures leave
this machine."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel

from engine.prompts import ModelStatus
from ui.controls import button, label, row
from ui.icons import Icons
from ui.wording import breakable

DEMO = (
    "This is a demo: a small drawn world. Who is named in it belongs to the demo, and questions "
    "are answered by a tiny model of its own, which knows nothing else and is sometimes wrong."
)


def told(status: ModelStatus | None) -> str:
    """What people read about it; nothing where it is ready and runs as asked."""
    if status is None:
        return ""
    match status.state:
        case "loading":
            return f"The language model is loading: {round(100 * status.progress)} %."
        case "restarting":
            return "The language model is starting again. Your question was kept."
        case "failed":
            return status.reason or "The language model could not be started."
        case "ready" if status.remote:
            return f"Pictures leave this computer: they go to {status.backend}."
        case "ready" if status.demo:
            return DEMO
        case "ready":
            return status.reason


class ModelNote(QFrame):
    """Hidden while there is nothing to tell."""

    retry_wanted = Signal()

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._sign = QLabel()
        self._words = label("", "muted", wrap=True, select=True)
        self.retry = button("Try again", self.retry_wanted.emit, "link")
        line = row(self._sign, self._words, self.retry)
        line.setStretch(1, 1)
        line.setContentsMargins(16, 0, 12, 8)
        self.setLayout(line)
        self.hide()

    @property
    def words(self) -> str:
        return self._words.text()

    def show_status(self, status: ModelStatus | None) -> None:
        words = told(status)
        self._words.setText(breakable(words))
        self.setVisible(bool(words))
        if status is None:
            return
        marked = status.state == "failed" or status.remote
        self._sign.setVisible(marked)
        if marked:
            self._icons.put_drawing(self._sign, "warning", "warning", 16)
        # Running otherwise than asked (on the processor, say) can be tried again as well.
        self.retry.setVisible(status.state == "failed" or bool(status.reason))
