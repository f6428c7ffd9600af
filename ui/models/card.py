"""One model of the catalogue."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from engine.ports import ModelCard, Progress
from ui.controls import button, label, row
from ui.wording import duration, size


class ModelRow(QFrame):
    """Says what it unlocks; gets, cancels and removes."""

    get_wanted = Signal(str)
    cancel_wanted = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, card: ModelCard) -> None:
        super().__init__()
        self.card = card
        self.setProperty("role", "card")
        self._title = label(card.title, "heading")
        self._state = label("", "accent")
        self._facts = label("", "small", wrap=True)
        self._unlocks = label(card.unlocks, wrap=True)
        self.said = label("", "small", wrap=True)
        self.said.hide()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Download of {card.title}")
        self.bar.hide()
        self.get = button("Get", self._get, "primary", f"Get {card.title}")
        self.cancel = button("Cancel", self._cancel, "", f"Cancel {card.title}")
        self.remove = button("Remove…", self._remove, "", f"Remove {card.title}")
        self.cancel.hide()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(row(self._title, self._state, None, spacing=12))
        words.addWidget(self._unlocks)
        words.addWidget(self._facts)
        words.addWidget(self.bar)
        words.addWidget(self.said)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(16)
        layout.addLayout(words, 1)
        for act in (self.get, self.cancel, self.remove):
            layout.addWidget(act, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_card(card)

    def show_card(self, card: ModelCard) -> None:
        """Show it as it is now."""
        self.card = card
        facts = [card.role, size(card.size_bytes), card.licence, card.source]
        self._facts.setText(" · ".join(f for f in facts if f))
        self._state.setText("Installed" if card.installed else "")
        self.get.setVisible(not card.installed and card.obtainable)
        self.remove.setVisible(card.installed)
        self.bar.hide()
        self.cancel.hide()
        if not card.installed and not card.obtainable:
            note = card.note or "No public address serves exactly these bytes."
            self.say(f"{note} Import it from a folder.")
        elif card.installed:
            self.say("")
        self.setAccessibleName(f"{card.title}, {'installed' if card.installed else 'missing'}")

    def loading(self) -> None:
        """A download has begun."""
        self.bar.setValue(0)
        self.bar.show()
        self.get.hide()
        self.cancel.setEnabled(True)
        self.cancel.show()
        self.say("Beginning …")

    def show_progress(self, progress: Progress) -> None:
        share = progress.received / max(progress.total, 1)
        self.bar.setValue(round(1000 * share))
        words = f"{size(progress.received)} of {size(progress.total)}"
        if progress.bytes_per_s > 0:
            left = (progress.total - progress.received) / progress.bytes_per_s
            words += f" · {size(progress.bytes_per_s)}/s · {duration(round(left))} left"
        self.bar.setAccessibleDescription(words)
        self.say(words)

    def say(self, text: str, *, bad: bool = False) -> None:
        self.said.setProperty("role", "danger" if bad else "small")
        self.said.style().polish(self.said)
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def _get(self) -> None:
        self.get_wanted.emit(self.card.id)

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.say("Stopping; what came is kept …")
        self.cancel_wanted.emit(self.card.id)

    def _remove(self) -> None:
        self.remove_wanted.emit(self.card.id)
