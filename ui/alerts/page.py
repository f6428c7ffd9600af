"""The Alerts page: "tell me when …"."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QWidget

from engine.facts import Alert, Way
from engine.media import NANOSECONDS
from engine.messages import (
    AddAlert,
    AlertDrafted,
    AlertsChanged,
    ArmAlert,
    Event,
    Failed,
    GalleryChanged,
    RemoveAlert,
)
from ui.alerts.card import AlertCard, DraftCard, fate
from ui.bridge import Request
from ui.controls import button, column, empty, frame, label, row
from ui.flow import FlowLayout
from ui.page import Empty, Page
from ui.pictures import Moment
from ui.surroundings import Surroundings
from ui.wording import condition, count

Choices = tuple[tuple[object, str], ...]

DWELLS: Choices = (
    (None, "At once"),
    (2.0, "If it lasts 2 s"),
    (5.0, "If it lasts 5 s"),
    (30.0, "If it lasts 30 s"),
    (120.0, "If it lasts 2 min"),
)
COOLDOWNS: Choices = (
    (None, "Then quiet for 3 s"),
    (30.0, "Then quiet for 30 s"),
    (300.0, "Then quiet for 5 min"),
    (3600.0, "Then quiet for 1 h"),
)
EXPIRIES: Choices = (
    ("", "No end"),
    ("hour", "For an hour"),
    ("today", "Until midnight"),
    ("week", "For a week"),
)
QUIET: tuple[tuple[tuple[int, int] | None, str], ...] = (
    (None, "At any hour"),
    ((22 * 60, 7 * 60), "Not from 22:00 to 07:00"),
    ((18 * 60, 8 * 60), "Not from 18:00 to 08:00"),
    ((8 * 60, 18 * 60), "Not from 08:00 to 18:00"),
)
WAYS: tuple[tuple[tuple[Way, ...], str], ...] = (
    (("speech", "notification"), "Said and shown"),
    (("speech", "notification", "sound"), "Said and shown, with a sound"),
    (("notification", "sound"), "Shown, with a sound"),
    (("notification",), "Shown"),
    (("speech",), "Said"),
    ((), "In this window only"),
)
EXAMPLES = (
    "tell me when somebody appears",
    "tell me when the screen shows build finished",
)


def expiry(choice: str, now: datetime) -> int | None:
    """Wall nanoseconds at which a request of this choice ends."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    ends = {
        "hour": now + timedelta(hours=1),
        "today": midnight,
        "week": now + timedelta(days=7),
    }
    end = ends.get(choice)
    return None if end is None else int(end.timestamp()) * NANOSECONDS


class AlertsPage(Page):
    """A sentence makes a card, which says how it was understood and is then armed."""

    moment_wanted = Signal(Moment)

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Alerts", "Say what to look out for. You are told once each time.")
        self._around, self._bridge = around, around.bridge
        self._names: dict[str, str] = {}
        self._alerts: tuple[Alert, ...] = ()
        self._cards: dict[str, tuple[tuple[Alert, str, str], QFrame]] = {}
        """By the alert: what its card says, and the card."""
        self.line = QLineEdit()
        self.line.setPlaceholderText("tell me when Mum comes in")
        self.line.setAccessibleName("What to look out for")
        self.line.returnPressed.connect(self._add)
        self.dwell = _combo("How long it must last", DWELLS)
        self.cooldown = _combo("How long to be quiet afterwards", COOLDOWNS)
        self.expiry = _combo("When it ends", EXPIRIES)
        self.quiet = _combo("When it is silent", QUIET)
        self.ways = _combo("How it is told", WAYS)
        self._error = label("", "danger", wrap=True)
        self._error.hide()
        add = button("Show card", self._add, "primary", "Show how the alert is understood")
        box = frame("card")
        inner = column(spacing=8)
        inner.setContentsMargins(12, 12, 12, 12)
        box.setLayout(inner)
        chosen = QWidget()
        flow = FlowLayout(chosen, gap=8)
        for choice in (self.dwell, self.cooldown, self.quiet, self.expiry, self.ways):
            flow.addWidget(choice)
        inner.addLayout(row(self.line, add))
        inner.addWidget(chosen)
        inner.addWidget(self._error)
        self.body.addWidget(box)
        self._empty = Empty("Nothing to look out for yet", "Type a sentence above, or try one:")
        self._examples = row(None, spacing=8)
        for example in EXAMPLES:
            chip = button(example, lambda e=example: self.line.setText(e), "chip")
            self._examples.addWidget(chip)
        self._examples.addStretch(1)
        self._empty.column.addLayout(self._examples)
        self._list = column(spacing=8)
        self._drafted = column(spacing=8)
        self._draft: Alert | None = None
        self.body.addLayout(self._drafted)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)
        self._bridge.alerts_changed.connect(self._changed)
        self._bridge.gallery_changed.connect(self._gallery)
        self._told = False
        self._bridge.read(self._bridge.archive.alerts, self, self._read)

    def show_alerts(self, alerts: tuple[Alert, ...]) -> None:
        """Show all standing requests as they are now. The card of one that did not change stays,
        with the focus and with what it was tried on."""
        self._alerts = alerts
        words = {alert.id: (alert, self._what(alert), fate(alert)) for alert in alerts}
        for gone in [i for i, (said, _) in self._cards.items() if words.get(i) != said]:
            _, card = self._cards.pop(gone)
            card.hide()
            card.deleteLater()
            self._list.removeWidget(card)
        for place, alert in enumerate(alerts):
            if alert.id not in self._cards:
                self._cards[alert.id] = words[alert.id], self._card(alert)
            _, card = self._cards[alert.id]
            if self._list.indexOf(card) != place:
                self._list.removeWidget(card)
                self._list.insertWidget(place, card)
        self._empty.setVisible(not alerts)

    def _read(self, alerts: tuple[Alert, ...]) -> None:
        if not self._told:
            self.show_alerts(alerts)

    @property
    def shown(self) -> tuple[Alert, ...]:
        return self._alerts

    @property
    def error(self) -> str:
        """What is said against the sentence, or nothing."""
        return self._error.text()

    def _card(self, alert: Alert) -> AlertCard:
        what = self._what(alert)
        card = AlertCard(self._around, alert, what, send=self._send, failed=self._failed)
        card.trial.moment_wanted.connect(self.moment_wanted)
        return card

    def _what(self, alert: Alert) -> str:
        wanted = alert.condition
        name, other = (self._names.get(one or "", "it") for one in (wanted.concept, wanted.other))
        return condition(wanted, name, other)

    def _add(self) -> None:
        text = " ".join(self.line.text().split())
        if not text:
            self.line.setFocus()
            return
        command = AddAlert(
            text=text,
            dwell_s=self.dwell.currentData(),
            cooldown_s=self.cooldown.currentData(),
            expires_at=expiry(str(self.expiry.currentData()), datetime.now().astimezone()),
            quiet=QUIET[self.quiet.currentIndex()][0],
            ways=WAYS[self.ways.currentIndex()][0],
            armed=False,
        )
        self._say("")
        self._bridge.request(command, self, self._added, self._failed)

    def _added(self, event: Event) -> None:
        """How it was understood, before it is armed."""
        if isinstance(event, AlertDrafted):
            self._show_draft(event.alert)

    @property
    def draft(self) -> Alert | None:
        """The alert whose card waits to be armed."""
        return self._draft

    def _show_draft(self, alert: Alert) -> None:
        self._hide_draft()
        self._draft = alert
        card = DraftCard(
            self._around, alert, self._what(alert), settle=self._settle, failed=self._failed
        )
        card.trial.moment_wanted.connect(self.moment_wanted)
        self._drafted.addWidget(card)
        card.arm.setFocus()

    def _hide_draft(self) -> None:
        self._draft = None
        empty(self._drafted)

    def _settle(self, command: ArmAlert | RemoveAlert) -> None:
        self._say("")
        self._bridge.request(command, self, self._settled, self._failed)

    def _settled(self, _: Event) -> None:
        self._hide_draft()
        self.line.clear()
        self.line.setFocus()

    def _failed(self, failed: Failed) -> None:
        self._say(failed.reason)

    def _say(self, error: str) -> None:
        self._error.setText(error)
        self._error.setVisible(bool(error))

    def _send(self, command: Request) -> None:
        self._bridge.request(command, self, failed=self._failed)

    def _changed(self, event: AlertsChanged) -> None:
        self._told = True
        self.show_alerts(event.alerts)

    def _gallery(self, event: GalleryChanged) -> None:
        self._names = {e.concept.id: e.concept.name for e in event.entries}
        names = count(len(self._names), "name") if self._names else "Every name of the gallery"
        self.under.setText(
            f"{names} can be looked out for, besides somebody, something and words on a screen."
        )
        self.show_alerts(self._alerts)


def _combo(name: str, options: Sequence[tuple[object, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    for value, words in options:
        box.addItem(words, value)
    return box
