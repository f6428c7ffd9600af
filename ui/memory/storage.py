"""What the memory holds against its budget, and the ways to forget."""

from collections.abc import Callable
from time import time_ns

from PySide6.QtWidgets import QFrame, QProgressBar

from engine.facts import MemoryStats, Scope, Watched
from engine.media import Span, nanoseconds
from engine.messages import Event, Failed, Forget
from ui.controls import button, column, frame, label
from ui.dialogs import choose, confirm
from ui.memory.span import SpanQuestion, words
from ui.surroundings import Surroundings
from ui.wording import clock, count, day, size

TEN_MINUTES_S, HOUR_S = 600, 3600
MOST_RUNS = 50


class Storage(QFrame):
    """A visible budget; forgetting always asks first, because nothing brings it back."""

    def __init__(self, around: Surroundings, filtered: Callable[[], Span | None]) -> None:
        """`filtered`: the time that is searched just now, offered for forgetting."""
        super().__init__()
        self._filtered = filtered
        self._around, self._bridge = around, around.bridge
        self.setProperty("role", "card")
        self.setFixedWidth(272)
        self.used = label("", "heading")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Storage used")
        self._holds = label("", "muted", wrap=True)
        self._rule = label("", "small", wrap=True)
        self.said = label("", "small", wrap=True)
        self.said.hide()
        line = frame("rule")
        line.setFixedHeight(1)
        layout = column(
            label("Storage", "heading"),
            self.used,
            self.bar,
            self._holds,
            self._rule,
            4,
            line,
            4,
            label("Forget", "heading"),
            label("Deleted for good: pictures, names, words and answers.", "small", wrap=True),
            button("The last 10 minutes…", self._forget_recent),
            button("A span of time…", self._forget_span),
            button("One source…", self._forget_source),
            button("Everything…", self._forget_all, "danger"),
            self.said,
        )
        layout.setContentsMargins(16, 16, 16, 16)
        self.setLayout(layout)
        self.used.setProperty("role", "accent")

    def refresh(self) -> None:
        """Count again."""
        self._bridge.read(self._bridge.archive.stats, self, self.show_stats)

    def show_stats(self, stats: MemoryStats) -> None:
        budget = self._around.preferences.retention_bytes
        days = self._around.preferences.retention_days
        self.used.setText(f"{size(stats.bytes)} of {size(budget)}")
        self.bar.setValue(min(round(1000 * stats.bytes / max(budget, 1)), 1000))
        self.bar.setAccessibleDescription(self.used.text())
        since = f", the oldest from {day(stats.oldest_at)}" if stats.oldest_at is not None else ""
        self._holds.setText(
            f"{count(stats.facts, 'entry', 'entries')}, {count(stats.clips, 'clip')} and "
            f"{count(stats.concepts, 'name')}{since}."
        )
        self._rule.setText(f"Older than {days:g} days, or over the budget: the oldest goes first.")

    def _forget(self, title: str, text: str, scope: Scope) -> None:
        command = Forget(scope=scope)

        def send() -> None:
            self._say("Forgetting …", "small")
            self._bridge.request(command, self, self._gone, self._failed)

        confirm(self, title=title, text=text, yes="Forget", act=send, erases=True)

    def _forget_recent(self) -> None:
        now = time_ns()
        self._forget(
            "Forget the last 10 minutes?",
            "All that was seen, read and said in them is deleted for good.",
            Scope(at=Span(start=now - nanoseconds(TEN_MINUTES_S), end=now)),
        )

    def _forget_span(self) -> None:
        now = time_ns()
        span = self._filtered() or Span(start=now - nanoseconds(HOUR_S), end=now)
        text = "Recordings are forgotten by the time at which they were watched."
        question = SpanQuestion(self, "Forget a span of time", text, span)
        question.ask("Go on", self._confirm_span)

    def _confirm_span(self, span: Span) -> None:
        self._forget(
            "Forget this span?",
            f"All that was seen, read and said is deleted for good: {words(span)}.",
            Scope(at=span),
        )

    def _forget_all(self) -> None:
        self._forget(
            "Forget everything?",
            "All that was ever seen, read and said is deleted for good.",
            Scope(),
        )

    def _forget_source(self) -> None:
        self._bridge.read(self._bridge.archive.watched, self, self._choose_source)

    def _choose_source(self, watched: tuple[Watched, ...]) -> None:
        runs: dict[str, tuple[str, str]] = {}
        for w in sorted(watched, key=lambda w: -w.at.start):
            words = f"{w.label} · {day(w.at.start)}, {clock(w.at.start)}"
            runs.setdefault(w.run, (w.run, words))
        if not runs:
            self._say("Nothing was watched yet.", "small")
            return
        choose(
            self,
            title="Forget one source",
            text="All that was kept from this watching is deleted for good.",
            yes="Go on",
            options=list(runs.values())[:MOST_RUNS],
            act=lambda run: self._forget(
                f"Forget {runs[run][1]}?", "This cannot be undone.", Scope(run=run)
            ),
        )

    def _gone(self, _: Event) -> None:
        self._say("It is gone.", "small")
        self.refresh()

    def _failed(self, failed: Failed) -> None:
        self._say(failed.reason, "danger")

    def _say(self, text: str, role: str) -> None:
        self.said.setProperty("role", role)
        self.said.style().polish(self.said)
        self.said.setText(text)
        self.said.show()
