"""The Alerts page: "tell me when …"."""

from datetime import datetime, timedelta
from time import time_ns

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from engine.facts import Alert
from engine.media import NANOSECONDS, Span
from engine.messages import (
    AddAlert,
    AlertDrafted,
    AlertsChanged,
    ArmAlert,
    BacktestAlert,
    Backtested,
    Event,
    Failed,
    GalleryChanged,
    HoldAlert,
    RateAlert,
    RemoveAlert,
)
from ui.controls import button, column, empty, frame, label, row
from ui.flow import FlowLayout
from ui.page import Empty, Page
from ui.pictures import Moment
from ui.surroundings import Surroundings
from ui.thumbnail import Thumbnail
from ui.wording import clock, condition, count, day, patience

DAY = 86_400 * NANOSECONDS
MOST_TIMES, MOST_THUMBS = 12, 12
THUMB = QSize(88, 54)
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
        self._error = label("", "danger", wrap=True)
        self._error.hide()
        add = button("Show card", self._add, "primary", "Show how the alert is understood")
        box = frame("card")
        inner = column(spacing=8)
        inner.setContentsMargins(12, 12, 12, 12)
        box.setLayout(inner)
        inner.addLayout(row(self.line, add))
        inner.addLayout(row(self.dwell, self.cooldown, self.expiry, None))
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
        words = {alert.id: (alert, self._what(alert), self._fate(alert)) for alert in alerts}
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

    def _card(self, alert: Alert) -> QFrame:
        card = frame("card")
        what = self._what(alert)
        sign = QLabel()
        self._around.icons.put_drawing(sign, "alerts", "second", 20)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(what, "heading", wrap=True))
        words.addWidget(label(f"“{alert.text}”", "muted", wrap=True))
        if alert.demo:
            words.addWidget(label("Part of the demo", "small"))
        words.addWidget(label(patience(alert), "small", wrap=True))
        words.addWidget(label(self._fate(alert), "small", wrap=True))
        tried = label("", "small", wrap=True)
        tried.hide()
        words.addWidget(tried)
        shown = QWidget()
        words.addWidget(shown)
        thumbs = FlowLayout(shown, gap=4)
        layout = QHBoxLayout(card)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(16)
        layout.addWidget(sign)
        layout.addLayout(words, 1)
        what_for = f"Try on what is remembered: {what}"
        layout.addWidget(button("Try", lambda: self._try(alert, tried, thumbs), "", what_for))
        held = "Go on" if alert.paused else "Pause"
        layout.addWidget(button(held, lambda: self._hold(alert), "", f"{held}: {what}"))
        if alert.thumbs:
            undo = button("Undo thumb", lambda: self._rate(alert), "", f"Undo a thumb: {what}")
            layout.addWidget(undo)
        remove = button("Remove", lambda: self._remove(alert), "", f"Remove: {what}")
        layout.addWidget(remove)
        card.setAccessibleName(f"{what}, {patience(alert)}")
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
        what = self._what(alert)
        words = column(
            label(what, "heading", wrap=True),
            label(patience(alert), "small", wrap=True),
            label("Not armed yet. If it is not what you meant, say it again above.", "small"),
            spacing=2,
        )
        arm = button("Arm it", lambda: self._settle(ArmAlert(alert=alert.id)), "primary",
                     f"Arm: {what}")  # fmt: skip
        drop = button("Drop it", lambda: self._settle(RemoveAlert(alert=alert.id)), "",
                      f"Drop: {what}")  # fmt: skip
        card = frame("card")
        layout = row(None, arm, drop, spacing=8)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.insertLayout(0, words, 1)
        card.setLayout(layout)
        card.setAccessibleName(f"Not armed yet: {what}, {patience(alert)}")
        self._drafted.addWidget(card)
        arm.setFocus()

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

    def _fate(self, alert: Alert) -> str:
        """Why it spoke or did not, when it last might have."""
        if alert.last is None:
            return "Paused." if alert.paused else "It has not come true yet."
        when = f"{day(alert.last.at)}, {clock(alert.last.at, seconds=True)}"
        said = "It spoke" if alert.last.fired else "Silent"
        return f"{'Paused. ' if alert.paused else ''}{said} ({when}): {alert.last.why}"

    def _try(self, alert: Alert, told: QLabel, thumbs: FlowLayout) -> None:
        """Run it over the last day of the memory."""
        now = time_ns()
        command = BacktestAlert(alert=alert.id, at=Span(start=now - DAY, end=now))
        told.setText("Looking through what is remembered …")
        told.show()

        def tried(event: Event) -> None:
            if not isinstance(event, Backtested):
                return
            found = event.remarks
            times = [clock(remark.at, seconds=True) for remark in found[:MOST_TIMES]]
            said = f"In the last 24 h it would have spoken {count(len(found), 'time')}"
            told.setText(
                f"{said}{': ' if times else '.'}{', '.join(times)} {event.why_not}".strip()
            )
            empty(thumbs)
            for remark in found[:MOST_THUMBS]:
                when = Moment(run=remark.run, pts=remark.pts, at=remark.at)
                words = clock(remark.at, seconds=True)
                thumb = Thumbnail(self._around.pictures, when, words, THUMB)
                thumb.chosen.connect(self.moment_wanted)
                thumbs.addWidget(thumb)

        self._bridge.request(command, self, tried, self._failed)

    def _hold(self, alert: Alert) -> None:
        command = HoldAlert(alert=alert.id, paused=not alert.paused)
        self._bridge.request(command, self, failed=self._failed)

    def _rate(self, alert: Alert) -> None:
        self._bridge.request(RateAlert(alert=alert.id, up=None), self, failed=self._failed)

    def _remove(self, alert: Alert) -> None:
        self._bridge.request(RemoveAlert(alert=alert.id), self, failed=self._failed)

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


def _combo(name: str, options: Choices) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    for value, words in options:
        box.addItem(words, value)
    return box
