"""Standing requests: armed, fired, run out, and what is then said and kept."""

from collections.abc import Iterable
from dataclasses import replace

from engine import effects as do
from engine import messages as msg
from engine.config import AlertConfig
from engine.decision.alerts import Alerts, Firing, parse_alert
from engine.facts import Alert, Remark, Run, ScreenText, Sighting
from engine.media import Frame
from engine.memory.gallery import Gallery

Output = msg.Event | do.Effect


class Standing:
    """The alerts, told of all that happens."""

    def __init__(self, gallery: Gallery, config: AlertConfig) -> None:
        self._gallery = gallery
        self._config = config
        self._alerts = Alerts()

    # --- the requests ----------------------------------------------------------------------------

    def fill(self, alerts: Iterable[Alert], at: int) -> list[Output]:
        """Hold these and nothing else, but for those that have run out at this wall time."""
        self._alerts = Alerts(alerts, self._gallery.concepts)
        return [*self.run_out(at), self._changed()]

    def add(self, command: msg.AddAlert, now: int) -> list[Output]:
        """Raises:
        AlertError: the request cannot be understood or judged.
        """
        config = self._config
        alert = Alert(
            id=command.ref,
            text=command.text.strip(),
            condition=parse_alert(command.text, self._gallery.concepts),
            dwell_s=config.dwell_s if command.dwell_s is None else command.dwell_s,
            cooldown_s=config.cooldown_s if command.cooldown_s is None else command.cooldown_s,
            created_at=now,
            expires_at=command.expires_at,
        )
        self._alerts.add(alert)
        return [do.PersistAlert(alert=alert), self._changed(alert.id, command.ref)]

    def remove(self, command: msg.RemoveAlert) -> list[Output]:
        self._alerts.remove(command.alert)
        return [do.EraseAlert(alert=command.alert), self._changed(command.alert, command.ref)]

    # --- the gallery -----------------------------------------------------------------------------

    def know(self) -> None:
        """The gallery has changed."""
        self._alerts.know(self._gallery.concepts)

    def merged(self, source: str, target: str) -> list[Output]:
        """What waited for the one concept waits for the other."""
        moved = [
            replace(alert, condition=replace(alert.condition, concept=target))
            for alert in self._about(source)
        ]
        for alert in moved:
            self._alerts.add(alert)
        return self._told([do.PersistAlert(alert=alert) for alert in moved])

    def forget(self, concept: str) -> list[Output]:
        """A request about what is forgotten is forgotten too."""
        gone = self._about(concept)
        for alert in gone:
            self._alerts.remove(alert.id)
        return self._told([do.EraseAlert(alert=alert.id) for alert in gone])

    # --- what happens ----------------------------------------------------------------------------

    def watch(self, run: Run, *, live: bool) -> None:
        self._alerts.watch(run.run, label=run.label, live=live)

    def interrupted(self, run: str) -> None:
        self._alerts.on_interrupted(run)

    def sighted(self, sighting: Sighting, frame: Frame) -> list[Output]:
        return self._remarks(self._alerts.on_sighted(sighting), frame)

    def left(self, sighting: Sighting, frame: Frame) -> list[Output]:
        return self._remarks(self._alerts.on_left(sighting), frame)

    def read(self, text: ScreenText, frame: Frame | None, *, gone: bool) -> list[Output]:
        return self._remarks(self._alerts.on_text(text, gone=gone), frame)

    def tick(self, frame: Frame) -> list[Output]:
        """The stream has come to this frame: what has held long enough is told."""
        return self._remarks(self._alerts.on_tick(frame.run, frame.pts, frame.at), frame)

    def run_out(self, at: int) -> list[Output]:
        """Requests whose time is over at this wall time are gone for good. To be called before
        anything else is told of that time."""
        return self._told([do.EraseAlert(alert=alert.id) for alert in self._alerts.expire(at)])

    def said(self, text: str) -> None:
        """What Nacre says is never text to be told of when it stands on a screen."""
        self._alerts.on_said(text)

    def _remarks(self, firings: list[Firing], frame: Frame | None) -> list[Output]:
        out: list[Output] = []
        for firing in firings:
            remark = Remark(
                alert=firing.alert.id,
                text=firing.text,
                evidence=firing.evidence,
                run=firing.run,
                pts=firing.pts,
                at=firing.at,
            )
            out += [do.Persist(fact=remark, frame=frame), msg.Remarked(remark=remark)]
            self.said(firing.text)
        return out

    def _about(self, concept: str) -> list[Alert]:
        return [alert for alert in self._alerts.all() if alert.condition.concept == concept]

    def _told(self, changes: list[do.PersistAlert] | list[do.EraseAlert]) -> list[Output]:
        return [*changes, self._changed()] if changes else []

    def _changed(self, alert: str | None = None, ref: str = "") -> msg.AlertsChanged:
        return msg.AlertsChanged(alerts=self._alerts.all(), alert=alert, ref=ref)
