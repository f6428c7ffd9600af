"""What the command line asks about standing alerts."""

from typing import Any, assert_never

from app import requests as rq
from app.office.desk import BACKTEST_WAIT_S, Desk, Reply, bounds, quoted
from app.replies import alert_json, backtest_json
from engine.errors import AlertError, EngineError
from engine.facts import Alert
from engine.messages import (
    AddAlert,
    AlertDrafted,
    AlertsChanged,
    BacktestAlert,
    Backtested,
    Event,
    HoldAlert,
    RemoveAlert,
)


class AlertClerk:
    """Answers what is asked about alerts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, request: rq.AlertRequest) -> Reply:
        """Do what is asked.

        Raises:
            EngineError: it could not be done.
        """
        match request:
            case rq.ListAlerts():
                return {"alerts": [self.told(alert) for alert in self._desk.archive.alerts()]}
            case rq.AddAlertRequest():
                event = self._desk.request(
                    AddAlert(
                        text=request.text,
                        dwell_s=request.dwell_s,
                        cooldown_s=request.cooldown_s,
                        expires_at=request.expires_at,
                        armed=request.armed,
                    )
                )
                return self._made(event)
            case rq.HoldAlertRequest():
                alert = self._find_alert(request.alert)
                event = self._desk.request(HoldAlert(alert=alert.id, paused=request.paused))
                return self._made(event)
            case rq.BacktestRequest():
                return self._backtest(request)
            case rq.RemoveAlertRequest():
                alert = self._find_alert(request.alert)
                self._desk.request(RemoveAlert(alert=alert.id))
                return {"removed": self.told(alert)}
            case _:
                assert_never(request)

    def _made(self, event: Event) -> Reply:
        if isinstance(event, AlertDrafted):
            return {"alert": self.told(event.alert)}
        if isinstance(event, AlertsChanged):
            for alert in event.alerts:
                if alert.id == event.alert:
                    return {"alert": self.told(alert)}
        raise EngineError("The alert was not confirmed. `nacre alerts list` shows it.")

    def _backtest(self, request: rq.BacktestRequest) -> Reply:
        known = self._known_alerts(request.alert)
        at = bounds(request.since, request.until)
        if len(known) > 1:
            raise AlertError("Several alerts have this text. Give the id of the one to try.")
        command = (
            BacktestAlert(alert=known[0].id, at=at)
            if known
            else BacktestAlert(text=request.alert, at=at)
        )
        event = self._desk.request(command, BACKTEST_WAIT_S)
        if not isinstance(event, Backtested):
            raise EngineError("The alert was not tried. Try it again.")
        return {"backtest": backtest_json(event, self.told(event.alert))}

    def told(self, alert: Alert) -> dict[str, Any]:
        """The alert as JSON, with the names of whom it is about."""
        names = {c.id: c.name for c in self._desk.archive.concepts()}
        return alert_json(alert, names)

    def _known_alerts(self, wanted: str) -> list[Alert]:
        said = wanted.strip().casefold()
        return [
            alert
            for alert in self._desk.archive.alerts()
            if said in (alert.id.casefold(), alert.text.casefold())
        ]

    def _find_alert(self, wanted: str) -> Alert:
        found = self._known_alerts(wanted)
        if len(found) == 1:
            return found[0]
        if found:
            raise AlertError("Several alerts have this text. Give the id of the one you mean.")
        raise AlertError(
            f"There is no alert {quoted(wanted)}. Nothing was changed. "
            "`nacre alerts list` shows them all."
        )
