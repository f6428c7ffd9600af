"""How long nothing has happened, nobody was there, or somebody was not seen."""

from collections.abc import Iterable

from engine.facts import Alert, Sighting
from engine.media import Span, nanoseconds

ANYTHING, ANYBODY = "", "person"


class Silences:
    """When each run was last stirred, and by whom (stream time). One thread."""

    def __init__(self) -> None:
        self._stirred: dict[str, dict[str, int]] = {}
        """By run: a concept, ANYBODY or ANYTHING, and when it was last seen."""
        self._begun: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._armed: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str], int] = {}

    def arm(self, alert: str) -> None:
        """It waits from now on."""
        self.drop(alert)
        for run, pts in self._now.items():
            self._armed[alert, run] = pts

    def drop(self, alert: str) -> None:
        """It waits no longer."""
        for kept in (self._armed, self._told):
            for key in [key for key in kept if key[0] == alert]:
                del kept[key]

    def stir(self, run: str, pts: int, sighting: Sighting | None = None) -> None:
        """Something happened: a coming, a going, words that came or went."""
        stirred = self._stirred.setdefault(run, {})
        stirred[ANYTHING] = pts
        if sighting is not None:
            for key in _keys(sighting):
                stirred[key] = pts

    def tick(self, run: str, pts: int, in_view: Iterable[Sighting], *, changed: bool) -> None:
        """The stream has come so far, with these still in view."""
        self._begun.setdefault(run, pts)
        self._now[run] = pts
        stirred = self._stirred.setdefault(run, {})
        if changed:
            stirred[ANYTHING] = pts
        for sighting in in_view:
            for key in _keys(sighting):
                stirred[key] = pts

    def broken(self, alert: Alert, run: str, pts: int) -> Span | None:
        """The stretch of silence that has just become long enough; told once each."""
        condition = alert.condition
        if condition.event != "nothing":
            return None
        if condition.concept is not None:
            key = condition.concept
        else:
            key = ANYBODY if condition.subject == "somebody" else ANYTHING
        since = max(
            self._begun.get(run, pts),
            self._stirred.get(run, {}).get(key, 0),
            self._armed.get((alert.id, run), 0),
        )
        if pts - since < nanoseconds(condition.after_s) or self._told.get((alert.id, run)) == since:
            return None
        self._told[alert.id, run] = since
        return Span(start=since, end=pts)

    def interrupt(self, run: str) -> None:
        """The picture is gone: that is no silence."""
        for kept in (self._stirred, self._begun, self._now):
            kept.pop(run, None)
        for told in (self._armed, self._told):
            for key in [key for key in told if key[1] == run]:
                del told[key]


def _keys(sighting: Sighting) -> list[str]:
    keys = [] if sighting.concept is None else [sighting.concept]
    return [*keys, ANYBODY] if sighting.kind == "person" else keys
