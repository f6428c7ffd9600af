"""One model of the catalogue."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from engine.ports.shelf import Fit, ModelCard, ModelChoice, Progress
from engine.prompts import ModelStatus
from ui.controls import button, dress, label, row
from ui.models.asked import Mark, mark
from ui.models.expected import BADGES, expected
from ui.wording import breakable, duration, size

DEMO = "Knows only the drawn world of the bundled clip. It is of no use for anything else."


class ModelRow(QFrame):
    """Says what it unlocks, and of a language model how it would run here; gets, cancels, uses and
    removes."""

    get_wanted = Signal(str)
    cancel_wanted = Signal(str)
    remove_wanted = Signal(str)
    use_wanted = Signal(str)
    retry_wanted = Signal()

    def __init__(self, card: ModelCard) -> None:
        super().__init__()
        self.card = card
        self._fit: Fit | None = None
        self._mark = Mark("")
        self.setProperty("role", "card")
        self._title = label(card.title, "heading")
        self.badge = label("", "badge")
        self.state = label("", "accent")
        self.expected = label("", wrap=True)
        self._facts = label("", "small", wrap=True)
        self._unlocks = label(card.unlocks, wrap=True)
        self._demo = label(DEMO, "warning", wrap=True)
        self.said = label("", "small", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.get = button("Get", self._get, "primary", f"Get {card.title}")
        self.cancel = button("Cancel", self._cancel, "", f"Cancel {card.title}")
        self.use = button("Use", self._use, "primary", f"Use {card.title}")
        self.again = button("Try again", self.retry_wanted.emit, "", f"Try {card.title} again")
        self.remove = button("Remove…", self._remove, "", f"Remove {card.title}")
        self._lay_out()
        for part in (self.badge, self.expected, self.said, self.bar, *self._acts):
            part.hide()
        self._demo.setVisible(card.demo)
        self.show_card(card)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(row(self._title, self.badge, self.state, None, spacing=12))
        parts = (self._unlocks, self._demo, self.expected, self._facts, self.bar, self.said)
        for part in parts:
            words.addWidget(part)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        layout.addSpacing(8)
        for act in self._acts:
            layout.addWidget(act, 0, Qt.AlignmentFlag.AlignVCenter)

    @property
    def _acts(self) -> tuple[QPushButton, ...]:
        return self.get, self.cancel, self.again, self.use, self.remove

    @property
    def first(self) -> QPushButton:
        """Where the Tab key comes in."""
        return self._acts[0]

    @property
    def last(self) -> QPushButton:
        """Where it leaves."""
        return self._acts[-1]

    def show_card(self, card: ModelCard) -> None:
        """Show it as it is now."""
        self.card = card
        facts = [card.role, size(card.size_bytes), card.licence, card.source]
        self._facts.setText(breakable(" · ".join(f for f in facts if f)))
        self.get.setVisible(not card.installed and card.obtainable)
        self.remove.setVisible(card.installed)
        self.bar.hide()
        self.cancel.hide()
        if not card.installed and not card.obtainable:
            note = card.note or "No public address serves exactly these bytes."
            self.say(f"{note} Import it from a folder.")
        elif card.installed:
            self.say("")
        self._show_mark(Mark("Installed") if card.installed else Mark(""))

    # --- a language model ------------------------------------------------------------------------

    def show_fit(self, fit: Fit | None, *, measured: bool) -> None:
        """What to expect of it here; None: nothing is known."""
        self._fit = fit
        self.badge.setVisible(fit is not None)
        self.expected.setVisible(fit is not None)
        if fit is not None:
            words, role = BADGES[fit.fitness]
            dress(self.badge, words, role)
            text = expected(fit, measured=measured)
            dress(self.expected, text, "muted" if fit.reason else "")
            dress(self.get, "Get", "primary" if fit.fitness == "runs well" else "")
        self._name()

    def show_asked(self, choice: ModelChoice, status: ModelStatus | None) -> None:
        """Whether it is the one that is asked, and how it is doing."""
        self._show_mark(mark(self.card, choice, status))
        mine = status is not None and status.id == self.card.id and not status.remote
        self.use.setVisible(self.card.installed and not mine and choice.model != self.card.id)

    def _show_mark(self, now: Mark) -> None:
        loading, was = now.progress, self._mark
        self._mark = now
        dress(self.state, now.text, now.role)
        self.state.setVisible(bool(now.text))
        self.again.setVisible(now.again)
        if not self.card.installed:
            self._name()
            return
        self.bar.setVisible(loading is not None)
        if loading is not None:
            self.bar.setAccessibleName(f"Loading {self.card.title}")
            self.bar.setValue(round(1000 * loading))
        if now.reason or was.reason:
            self.say(now.reason, bad=now.text == "Failed")
        self._name()

    def _name(self) -> None:
        states = [self.card.title, self._mark.text.lower() or "missing"]
        if self._fit is not None:
            states.append(BADGES[self._fit.fitness][0].lower())
        self.setAccessibleName(", ".join(states))
        self.setAccessibleDescription(self.expected.text())

    # --- a download ------------------------------------------------------------------------------

    def loading(self) -> None:
        """A download has begun."""
        self.bar.setAccessibleName(f"Download of {self.card.title}")
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
        dress(self.said, breakable(text), "danger" if bad else "small")
        self.said.setVisible(bool(text))

    def _get(self) -> None:
        self.get_wanted.emit(self.card.id)

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.say("Stopping; what came is kept …")
        self.cancel_wanted.emit(self.card.id)

    def _use(self) -> None:
        self.use_wanted.emit(self.card.id)

    def _remove(self) -> None:
        self.remove_wanted.emit(self.card.id)
