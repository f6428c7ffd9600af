"""Standing requests, kept alert: when they fire, and what is then said.

One remark an event, never one a frame. An event is a visit that begins or ends, or words that come
to stand on a screen. What was already there when an alert was added is no event: such an alert
fires at the next one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.decision.requests import is_standing_request, normalised, parse_alert
from engine.decision.wording import quoted, remark
from engine.facts import Alert, Concept, Evidence, ScreenText, Sighting
from engine.media import Span, nanoseconds

__all__ = ["Alerts", "Firing", "is_standing_request", "parse_alert"]

SAID_REMEMBERED = 50
"""So many of the last things said are never taken for text on a screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """An alert that fired, with what is to be said."""

    alert: Alert
    text: str
    evidence: tuple[Evidence, ...]
    run: str
    pts: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """A condition that has come true and must hold until `due` (stream time of its run)."""

    alert: str
    due: int
    run: str
    track: int | None
    concept: str | None
    words: str
    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    label: str
    live: bool


class Alerts:
    """All standing requests, and what they must remember. Owned by one thread.

    A run of which nothing was said by `watch` is taken for a recording without a label. The
    cool-down runs in stream time within a run, and in wall time between live runs, so that one
    coming seen by two cameras is told once; between recordings there is none, so that what is told
    of a recording does not depend on when it is watched.
    """

    def __init__(self, alerts: Iterable[Alert] = (), concepts: Iterable[Concept] = ()) -> None:
        self._alerts = {alert.id: alert for alert in alerts}
        self._concepts = {concept.id: concept for concept in concepts}
        self._sources: dict[str, _Source] = {}
        self._here: dict[tuple[str, str | int], Sighting] = {}
        self._gone: set[str] = set()
        self._pending: list[_Pending] = []
        self._fired: dict[str, tuple[str, int, int]] = {}
        self._fired_in: dict[tuple[str, str], int] = {}
        self._told: set[tuple[str, str, int]] = set()
        self._lines: dict[str, Counter[str]] = {}
        self._stood_until: dict[tuple[str, str], int] = {}
        self._said: list[str] = []

    def all(self) -> tuple[Alert, ...]:
        """Every alert, oldest first."""
        return tuple(sorted(self._alerts.values(), key=lambda a: (a.created_at, a.id)))

    def add(self, alert: Alert) -> None:
        self._alerts[alert.id] = alert

    def remove(self, alert: str) -> bool:
        """Whether there was such an alert."""
        self._pending = [p for p in self._pending if p.alert != alert]
        return self._alerts.pop(alert, None) is not None

    def expire(self, at: int) -> tuple[Alert, ...]:
        """Remove and return what has run out at this wall time."""
        over = tuple(a for a in self.all() if a.expires_at is not None and a.expires_at <= at)
        for alert in over:
            self.remove(alert.id)
        return over

    def know(self, concepts: Iterable[Concept]) -> None:
        """The concepts as they are now. Alerts on a concept that is gone, or is now the user,
        stay and are silent."""
        self._concepts = {concept.id: concept for concept in concepts}

    def watch(self, run: str, *, label: str, live: bool) -> None:
        """A run was opened."""
        self._sources[run] = _Source(label=label, live=live)

    # --- what happens ---------------------------------------------------------------------------

    def on_sighted(self, sighting: Sighting) -> list[Firing]:
        """A visit began."""
        run, who = sighting.run, _key(sighting)
        before = self._is_here(sighting.concept)
        self._here.pop((run, sighting.track), None)
        self._here[run, who] = sighting
        self._pending = [p for p in self._pending if not _overtaken(p, sighting)]
        if self._is_me(sighting.concept):
            return []
        returned = self._came_back(sighting)
        for alert in self.all():
            event = alert.condition.event
            if event == "appears" or (event == "returns" and returned and not before):
                self._arm(alert, sighting)
        return self._due(run, sighting.span.end, sighting.at)

    def on_left(self, sighting: Sighting) -> list[Firing]:
        """A visit ended. One that merely was still going on when the source ended (`stayed`) is
        no leaving."""
        run, who = sighting.run, _key(sighting)
        self._here.pop((run, who), None)
        self._pending = [
            p for p in self._pending if p.run != run or _pending_key(p) != who or p.words
        ]
        if sighting.phase == "stayed":
            return []
        self._told = {t for t in self._told if t[1:] != (run, sighting.track)}
        self._gone.add(sighting.concept or sighting.kind)
        if self._is_me(sighting.concept) or self._is_here(sighting.concept):
            return []
        for alert in self.all():
            if alert.condition.event == "leaves":
                self._arm(alert, sighting)
        return self._due(run, sighting.span.end, sighting.at)

    def on_tick(self, run: str, pts: int, at: int) -> list[Firing]:
        """The stream of a run has come to `pts`: whatever has held long enough fires."""
        return self._due(run, pts, at)

    def on_text(self, text: ScreenText, gone: bool = False) -> list[Firing]:
        """Words came to stand on a screen, or (`gone`) no longer stand there."""
        line = normalised(text.text)
        lines = self._lines.setdefault(text.run, Counter())
        if (line not in lines) if gone else self._own_words(line):
            return []
        waiting = [a for a in self.all() if _reads(a, line)]
        if gone:
            lines -= Counter((line,))
            self._lines[text.run] = lines
            for alert in waiting:
                if not any(_reads(alert, other) for other in lines):
                    self._unread(alert, text)
        else:
            for alert in waiting:
                if not any(_reads(alert, other) for other in lines):
                    self._read(alert, text)
            lines[line] += 1
        return self._due(text.run, text.span.end, text.at)

    def on_interrupted(self, run: str) -> None:
        """The source of a run is paused, lost or over: nobody is known to be there, nobody left."""
        self._pending = [p for p in self._pending if p.run != run]
        self._here = {key: s for key, s in self._here.items() if key[0] != run}
        self._told = {t for t in self._told if t[1] != run}
        self._lines.pop(run, None)

    def on_said(self, text: str) -> None:
        """Nacre said this: a line on a screen that repeats it is not text to be told of."""
        said = normalised(text)
        if len(said.split()) >= 3:
            self._said = [*self._said[1 - SAID_REMEMBERED :], said]

    # --- how --------------------------------------------------------------------------------------

    def _arm(self, alert: Alert, sighting: Sighting) -> None:
        told = (alert.id, sighting.run, sighting.track)
        if not self._meant(alert, sighting) or told in self._told:
            return
        # A nameless visit that gets its name goes on: the same body is told of once.
        if alert.condition.event != "leaves":
            self._told.add(told)
        start = sighting.span.end if alert.condition.event == "leaves" else sighting.span.start
        self._pending.append(
            _Pending(
                alert=alert.id,
                due=start + nanoseconds(alert.dwell_s),
                run=sighting.run,
                track=sighting.track,
                concept=sighting.concept,
                words="",
                text=remark(alert.condition.event, sighting.kind, self._name(sighting)),
                evidence=self._evidence(sighting.run, sighting.span, sighting.at, "sighting"),
            )
        )

    def _read(self, alert: Alert, text: ScreenText) -> None:
        until = self._stood_until.get((alert.id, text.run))
        # Text that is redrawn (a growing log, a progress figure) goes and comes, and is one event.
        if until is not None and text.span.start - until < nanoseconds(alert.cooldown_s):
            return
        self._pending.append(
            _Pending(
                alert=alert.id,
                due=text.span.start + nanoseconds(alert.dwell_s),
                run=text.run,
                track=None,
                concept=None,
                words=alert.condition.words,
                text=f"The screen says {quoted(text.text)}.",
                evidence=self._evidence(text.run, text.span, text.at, "text"),
            )
        )

    def _unread(self, alert: Alert, text: ScreenText) -> None:
        self._stood_until[alert.id, text.run] = text.span.end
        self._pending = [
            p for p in self._pending if not (p.alert == alert.id and p.run == text.run and p.words)
        ]

    def _due(self, run: str, pts: int, at: int) -> list[Firing]:
        self.expire(at)
        ready = [p for p in self._pending if p.run == run and p.due <= pts]
        self._pending = [p for p in self._pending if not (p.run == run and p.due <= pts)]
        fired: list[Firing] = []
        for pending in ready:
            alert = self._alerts.get(pending.alert)
            if alert is None or self._is_me(pending.concept) or self._cooling(alert, run, pts, at):
                continue
            self._fired[alert.id] = (run, pts, at)
            self._fired_in[alert.id, run] = pts
            fired.append(
                Firing(
                    alert=alert,
                    text=pending.text,
                    evidence=(pending.evidence,),
                    run=run,
                    pts=pts,
                    at=at,
                )
            )
        return fired

    def _cooling(self, alert: Alert, run: str, pts: int, at: int) -> bool:
        rest = nanoseconds(alert.cooldown_s)
        here = self._fired_in.get((alert.id, run))
        if here is not None and pts - here < rest:
            return True
        last = self._fired.get(alert.id)
        if last is None or last[0] == run:
            return False
        between_live = self._source(run).live and self._source(last[0]).live
        return between_live and 0 <= at - last[2] < rest

    def _meant(self, alert: Alert, sighting: Sighting) -> bool:
        condition = alert.condition
        if condition.subject == "concept":
            return condition.concept is not None and condition.concept == sighting.concept
        return condition.subject == "something" or sighting.kind == "person"

    def _came_back(self, sighting: Sighting) -> bool:
        return (sighting.concept or sighting.kind) in self._gone

    def _is_here(self, concept: str | None) -> bool:
        return concept is not None and any(who == concept for _, who in self._here)

    def _is_me(self, concept: str | None) -> bool:
        known = self._concepts.get(concept) if concept is not None else None
        return known is not None and known.is_me

    def _name(self, sighting: Sighting) -> str:
        known = self._concepts.get(sighting.concept) if sighting.concept is not None else None
        return known.name if known is not None else ""

    def _own_words(self, line: str) -> bool:
        return any(_contains(line, said) for said in self._said)

    def _source(self, run: str) -> _Source:
        return self._sources.get(run, _Source(label="", live=False))

    def _evidence(self, run: str, span: Span, at: int, kind: str) -> Evidence:
        return Evidence(
            run=run,
            span=span,
            at=Span(start=at - (span.end - span.start), end=at),
            kind="text" if kind == "text" else "sighting",
            label=self._source(run).label,
        )


def _reads(alert: Alert, line: str) -> bool:
    condition = alert.condition
    return condition.event == "reads" and _contains(line, normalised(condition.words))


def _key(sighting: Sighting) -> str | int:
    """What a visit is known by within its run: its concept, or its track."""
    return sighting.track if sighting.concept is None else sighting.concept


def _pending_key(pending: _Pending) -> str | int | None:
    return pending.track if pending.concept is None else pending.concept


def _overtaken(pending: _Pending, sighting: Sighting) -> bool:
    """A new sighting ends what waited for the same concept to stay away, and replaces what waited
    under no name on the same track."""
    if pending.words or pending.run != sighting.run:
        return False
    if pending.concept is None:
        return pending.track == sighting.track
    return pending.concept == sighting.concept


def _contains(line: str, words: str) -> bool:
    """Whether whole words stand in a line, both normalised."""
    return bool(words) and f" {words} " in f" {line} "
