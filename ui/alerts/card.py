"""The card of one alert: how it was understood, why it spoke or did not, and what can be done."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from engine.facts import Alert
from engine.messages import ArmAlert, Failed, HoldAlert, RateAlert, RemoveAlert
from ui.alerts.trial import Trial
from ui.bridge import Request
from ui.controls import button, column, label, row
from ui.surroundings import Surroundings
from ui.wording import clock, day, patience, told

TRY = "Try on the last 24 h"


class AlertCard(QFrame):
    """One that is armed, or paused."""

    def __init__(
        self,
        around: Surroundings,
        alert: Alert,
        what: str,
        *,
        send: Callable[[Request], None],
        failed: Callable[[Failed], None],
    ) -> None:
        """`what` it waits for, in words."""
        super().__init__()
        self.setProperty("role", "card")
        self.trial = Trial(around, alert.id, failed)
        sign = QLabel()
        around.icons.put_drawing(sign, "alerts", "second", 20)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(what, "heading", wrap=True))
        words.addWidget(label(f"“{alert.text}”", "muted", wrap=True))
        if alert.demo:
            words.addWidget(label("Part of the demo", "small"))
        words.addWidget(label(patience(alert), "small", wrap=True))
        words.addWidget(label(told(alert), "small", wrap=True))
        words.addWidget(label(fate(alert), "small", wrap=True))
        words.addLayout(self._thumbs(alert, what, send))
        words.addWidget(self.trial)
        held = "Go on" if alert.paused else "Pause"
        hold, remove = (
            HoldAlert(alert=alert.id, paused=not alert.paused),
            RemoveAlert(alert=alert.id),
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(16)
        layout.addWidget(sign)
        layout.addLayout(words, 1)
        layout.addWidget(button("Try", self.trial.run, "", f"Try on what is remembered: {what}"))
        layout.addWidget(button(held, lambda: send(hold), "", f"{held}: {what}"))
        layout.addWidget(button("Remove", lambda: send(remove), "", f"Remove: {what}"))
        self.setAccessibleName(f"{what}, {patience(alert)}")

    @staticmethod
    def _thumbs(alert: Alert, what: str, send: Callable[[Request], None]) -> QHBoxLayout:
        """Under one that has spoken, and the last one to be taken back."""
        rated = ((True, "Good to know"), (False, "Not this")) if _spoke(alert) else ()
        buttons = [
            button(
                words,
                lambda up=up: send(RateAlert(alert=alert.id, up=up)),
                "link",
                f"{words}: {what}",
            )
            for up, words in rated
        ]
        if alert.thumbs:
            taken_back = RateAlert(alert=alert.id, up=None)
            undo = button("Undo thumb", lambda: send(taken_back), "link", f"Undo a thumb: {what}")
            buttons.append(undo)
        return row(*buttons, None, spacing=8)


class DraftCard(QFrame):
    """One that is not armed yet."""

    def __init__(
        self,
        around: Surroundings,
        alert: Alert,
        what: str,
        *,
        settle: Callable[[ArmAlert | RemoveAlert], None],
        failed: Callable[[Failed], None],
    ) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.trial = Trial(around, alert.id, failed)
        words = column(
            label(what, "heading", wrap=True),
            label(patience(alert), "small", wrap=True),
            label(told(alert), "small", wrap=True),
            label("Not armed yet. If it is not what you meant, say it again above.", "small"),
            self.trial,
            spacing=2,
        )
        arm, drop = ArmAlert(alert=alert.id), RemoveAlert(alert=alert.id)
        self.arm = button("Arm it", lambda: settle(arm), "primary", f"Arm: {what}")
        layout = row(
            button(TRY, self.trial.run, "", f"{TRY}: {what}"),
            self.arm,
            button("Drop it", lambda: settle(drop), "", f"Drop: {what}"),
            spacing=8,
        )
        layout.setContentsMargins(16, 12, 12, 12)
        layout.insertLayout(0, words, 1)
        self.setLayout(layout)
        self.setAccessibleName(f"Not armed yet: {what}, {patience(alert)}")


def fate(alert: Alert) -> str:
    """Why it spoke or did not, when it last might have."""
    if alert.last is None:
        return "Paused." if alert.paused else "It has not come true yet."
    when = f"{day(alert.last.at)}, {clock(alert.last.at, seconds=True)}"
    said = "It spoke" if alert.last.fired else "Silent"
    return f"{'Paused. ' if alert.paused else ''}{said} ({when}): {alert.last.why}"


def _spoke(alert: Alert) -> bool:
    return alert.last is not None and alert.last.fired
