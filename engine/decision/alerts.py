"""Standing requests, kept alert: when they fire, and what is then said.

One remark an event, never one a frame. An event is a visit that begins or ends, or words that come
to stand on a screen. What was already there when an alert was added is no event: such an alert
fires at the next one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.decision.manners import DEFAULT_THRESHOLD, Budget, Manners, in_quiet_hours
from engine.decision.requests import is_standing_request, normalised, parse_alert
from engine.decision.silences import Silences
from engine.decision.wording import done_text, duration, quoted, remark, without_links
from engine.facts import Alert, Concept, Evidence, Fate, ScreenText, Sighting, SourceKind
from engine.media import Span, nanoseconds

__all__ = ["Alerts", "Firing", "is_standing_request", "parse_alert"]

DEFAULT_MANNERS = Manners()
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
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    label: str
    live: bool
    kind: SourceKind | None = None


class Alerts:
    """All standing requests, and what they must remember. Owned by one thread.

    A run of which nothing was said by `watch` is taken for a recording without a label. The
    cool-down runs in stream time within a run, and in wall time between live runs, so that one
    coming seen by two cameras is told once; between recordings there is none, so that what is told
    of a recording does not depend on when it is watched.
    """

    def __init__(
        self,
        alerts: Iterable[Alert] = (),
        concepts: Iterable[Concept] = (),
        manners: Manners = DEFAULT_MANNERS,
    ) -> None:
        self._manners = manners
        self._budget = Budget(manners)
        self._silences = Silences()
        self._visits: Counter[str] = Counter()
        self._last_seen: dict[tuple[str, str], int] = {}
        self._changed: set[str] = set()
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

    def get(self, alert: str) -> Alert | None:
        return self._alerts.get(alert)

    def add(self, alert: Alert) -> None:
        """Arm it, or (of an id that is known) change it: what was waited for begins anew."""
        self._pending = [p for p in self._pending if p.alert != alert.id]
        self._visits.pop(alert.id, None)
        self._silences.arm(alert.id)
        self._alerts[alert.id] = alert

    def settle(self, alert: str, at: int, why: str, *, fired: bool = False) -> None:
        """Note on its card why it spoke or did not."""
        known = self._alerts.get(alert)
        if known is None:
            return
        before = known.last
        self._alerts[alert] = replace(known, last=Fate(at=at, fired=fired, why=why))
        # That the same goes on is neither news nor worth a write.
        if fired or before is None or before.why != why:
            self._changed.add(alert)

    def changed(self) -> tuple[Alert, ...]:
        """Those whose card says something new since this was last asked."""
        changed, self._changed = self._changed, set()
        return tuple(alert for alert in self.all() if alert.id in changed)

    def remove(self, alert: str) -> bool:
        """Whether there was such an alert."""
        self._visits.pop(alert, None)
        self._silences.drop(alert)
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

    def watch(self, run: str, *, label: str, live: bool, kind: SourceKind | None = None) -> None:
        """A run was opened."""
        self._sources[run] = _Source(label=label, live=live, kind=kind)

    # --- what happens ---------------------------------------------------------------------------

    def on_sighted(self, sighting: Sighting) -> list[Firing]:
        """A visit began."""
        run, who = sighting.run, _key(sighting)
        before = self._is_here(sighting.concept)
        self._here.pop((run, sighting.track), None)
        self._here[run, who] = sighting
        self._silences.stir(run, sighting.span.end, sighting)
        self._pending = [p for p in self._pending if not _overtaken(p, sighting)]
        if self._is_me(sighting.concept):
            return []
        returned, anew = self._came_back(sighting), self._anew(sighting)
        for alert in self.listening(run):
            event = alert.condition.event
            if (
                (event == "appears" and anew)
                or (event == "returns" and returned and not before and anew)
                or (event == "together" and self._are_together(alert, run))
                or (event == "counts" and anew and self._reaches(alert, sighting))
            ):
                self._arm(alert, sighting)
        return self._due(run, sighting.span.end, sighting.at)

    def on_named(self, sighting: Sighting, *, told_again: bool) -> None:
        """A visit of nobody known is over, for it goes on under a name; `told_again`: as a visit
        that begins now, with the same track."""
        self._here.pop((sighting.run, _key(sighting)), None)
        if not told_again:
            self._forget_told(sighting)

    def on_left(self, sighting: Sighting) -> list[Firing]:
        """A visit ended. One that merely was still going on when the source ended (`stayed`) is
        no leaving."""
        run, who = sighting.run, _key(sighting)
        self._here.pop((run, who), None)
        self._silences.stir(run, sighting.span.end, sighting)
        self._pending = [
            p
            for p in self._pending
            if p.run != run or p.words or (_pending_key(p) != who and self._goes_on(p))
        ]
        if sighting.concept is not None:
            self._last_seen[run, sighting.concept] = sighting.span.end
        if sighting.phase == "stayed":
            return []
        self._forget_told(sighting)
        self._gone.add(sighting.concept or sighting.kind)
        if self._is_me(sighting.concept) or self._is_here(sighting.concept):
            return []
        for alert in self.listening(run):
            if alert.condition.event == "leaves":
                self._arm(alert, sighting)
        return self._due(run, sighting.span.end, sighting.at)

    def on_done(self, done: Sighting) -> list[Firing]:
        """An action was done."""
        self._silences.stir(done.run, done.span.end, done)
        for alert in self.listening(done.run):
            condition = alert.condition
            if condition.event != "does" or condition.concept != done.concept:
                continue
            if condition.other not in (None, done.actor):
                continue
            if condition.count > 1:
                self._visits[alert.id] += 1
                if self._visits[alert.id] < condition.count:
                    so_far = f"{self._visits[alert.id]} of {condition.count} times so far."
                    self.settle(alert.id, done.at, so_far)
                    continue
                del self._visits[alert.id]
            who = "Somebody" if done.actor is None else self._called(done.actor)
            text = done_text(who, self._name(done), condition.count)
            evidence = self._evidence(done.run, done.span, done.at, "sighting")
            self._pending.append(self._pended(alert, done.run, done.span.end, text, evidence))
        return self._due(done.run, done.span.end, done.at)

    def on_tick(self, run: str, pts: int, at: int, *, changed: bool = False) -> list[Firing]:
        """The stream of a run has come to `pts`: whatever has held long enough fires. `changed`:
        something in the picture has."""
        self._silences.tick(run, pts, self._in_view(run), changed=changed)
        for alert in self.listening(run):
            silent = self._silences.broken(alert, run, pts)
            if silent is not None:
                text = self._silence(alert)
                evidence = self._evidence(run, silent, at, "sighting")
                self._pending.append(self._pended(alert, run, pts, text, evidence))
        return self._due(run, pts, at)

    def on_judged(self, alert: Alert, text: str, span: Span, run: str, at: int) -> list[Firing]:
        """The model has seen it come true, in this stretch of the stream."""
        evidence = replace(self._evidence(run, span, at, "sighting"), kind="clip")
        self._pending.append(self._pended(alert, run, span.end, text, evidence))
        return self._due(run, span.end, at)

    def on_heard(self, text: str, *, run: str, span: Span, at: int) -> list[Firing]:
        """Somebody said this. Of whom and through what it was heard does not matter here."""
        said = normalised(text)
        if self._own_words(said):
            return []
        for alert in self.listening(run):
            condition = alert.condition
            if condition.event != "hears" or not said:
                continue
            if condition.words and not _contains(said, condition.words):
                continue
            words = without_links(quoted(text))
            told = f"Somebody said {words}." if condition.words else f"Somebody speaks: {words}."
            evidence = self._evidence(run, span, at, "text")
            self._pending.append(self._pended(alert, run, span.end, told, evidence))
        return self._due(run, span.end, at)

    def on_text(self, text: ScreenText, gone: bool = False) -> list[Firing]:
        """Words came to stand on a screen, or (`gone`) no longer stand there."""
        line = normalised(text.text)
        lines = self._lines.setdefault(text.run, Counter())
        if (line not in lines) if gone else self._own_words(line):
            return []
        self._silences.stir(text.run, text.span.end)
        waiting = [a for a in self.listening(text.run) if _reads(a, line)]
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
        self._silences.interrupt(run)

    def on_said(self, text: str) -> None:
        """Nacre said this: a line on a screen that repeats it is not text to be told of."""
        said = normalised(text)
        if len(said.split()) >= 3:
            self._said = [*self._said[1 - SAID_REMEMBERED :], said]

    def told_of_coming(self, sighting: Sighting) -> str:
        return remark("appears", sighting.kind, self._name(sighting))

    def told_of_leaving(self, sighting: Sighting) -> str:
        return remark("leaves", sighting.kind, self._name(sighting))

    def evidence_of(self, sighting: Sighting) -> tuple[Evidence, ...]:
        return (self._evidence(sighting.run, sighting.span, sighting.at, "sighting"),)

    # --- how --------------------------------------------------------------------------------------

    def _forget_told(self, sighting: Sighting) -> None:
        self._told = {t for t in self._told if t[1:] != (sighting.run, sighting.track)}

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
                text=self._told_of(alert, sighting),
                evidence=self._evidence(sighting.run, sighting.span, sighting.at, "sighting"),
                score=sighting.score,
            )
        )

    def _pended(
        self, alert: Alert, run: str, since: int, text: str, evidence: Evidence
    ) -> _Pending:
        return _Pending(
            alert=alert.id,
            due=since + nanoseconds(alert.dwell_s),
            run=run,
            track=None,
            concept=None,
            words=alert.condition.words or alert.condition.event,
            text=text,
            evidence=evidence,
        )

    def _read(self, alert: Alert, text: ScreenText) -> None:
        until = self._stood_until.get((alert.id, text.run))
        # Text that is redrawn (a growing log, a progress figure) goes and comes, and is one event.
        if until is not None and text.span.start - until < nanoseconds(alert.cooldown_s):
            return
        settled = nanoseconds(max(alert.dwell_s, self._manners.settle_s))
        self._pending.append(
            _Pending(
                alert=alert.id,
                # A line that still grows is another line with every word, and none that is settled.
                due=max(text.span.start + nanoseconds(alert.dwell_s), text.span.end + settled)
                if self._manners.settle_s
                else text.span.start + settled,
                run=text.run,
                track=None,
                concept=None,
                words=alert.condition.words,
                text=f"The screen says {without_links(quoted(text.text))}.",
                evidence=self._evidence(text.run, text.span, text.at, "text"),
            )
        )

    def _unread(self, alert: Alert, text: ScreenText) -> None:
        growing = any(p.alert == alert.id and p.run == text.run and p.words for p in self._pending)
        if not growing:  # It was told of, or not to be told.
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
            if alert is None or self._is_me(pending.concept):
                continue
            why = self._why_not(alert, pending, pts, at)
            if why:
                self.settle(alert.id, at, why)
                continue
            self._fired[alert.id] = (run, pts, at)
            self._fired_in[alert.id, run] = pts
            self._budget.say(pending.text, run, pts, at)
            self.settle(alert.id, at, pending.text, fired=True)
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

    def _why_not(self, alert: Alert, pending: _Pending, pts: int, at: int) -> str:
        """Why an alert that has come true is not heard; empty where it is."""
        run = pending.run
        if self._cooling(alert, run, pts, at):
            return (
                f"It had just spoken, and is quiet for {duration(nanoseconds(alert.cooldown_s))}."
            )
        if in_quiet_hours(alert.quiet, at, self._manners.tz):
            return "It came true in the quiet hours."
        if alert.condition.alone and self._others(alert, run):
            return "It came true, but not alone."
        if alert.threshold > DEFAULT_THRESHOLD and pending.score < alert.threshold:
            asked = f"since your thumbs {alert.threshold:.0%} is asked for"
            return f"It was {pending.score:.0%} sure; {asked}."
        return self._budget.why_not(pending.text, run, pts, at)

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
        if condition.event == "together":
            return sighting.concept in (condition.concept, condition.other)
        if condition.subject == "concept":
            return condition.concept is not None and condition.concept == sighting.concept
        return condition.subject == "something" or sighting.kind == "person"

    def listening(self, run: str) -> list[Alert]:
        """The alerts that are not paused and listen to this run's kind of source."""
        kind = self._source(run).kind
        return [
            alert
            for alert in self.all()
            if not alert.paused and (not alert.sources or kind is None or kind in alert.sources)
        ]

    def _in_view(self, run: str) -> list[Sighting]:
        return [sighting for (place, _), sighting in self._here.items() if place == run]

    def _people(self, run: str) -> int:
        return sum(sighting.kind == "person" for sighting in self._in_view(run))

    def _others(self, alert: Alert, run: str) -> bool:
        """Whether anybody or anything alive is in view besides whom the alert is about."""
        meant = alert.condition.concept
        alive = [s for s in self._in_view(run) if s.kind in ("person", "pet")]
        if meant is None:
            return len(alive) > 1
        return any(sighting.concept != meant for sighting in alive)

    def _are_together(self, alert: Alert, run: str) -> bool:
        here = {sighting.concept for sighting in self._in_view(run)}
        return {alert.condition.concept, alert.condition.other} <= here

    def _reaches(self, alert: Alert, sighting: Sighting) -> bool:
        """Whether this sighting makes the number full."""
        condition = alert.condition
        if condition.concept is None:
            return sighting.kind == "person" and self._people(sighting.run) == condition.count
        if sighting.concept != condition.concept:
            return False
        self._visits[alert.id] += 1
        if self._visits[alert.id] < condition.count:
            times = f"{self._visits[alert.id]} of {condition.count} times so far."
            self.settle(alert.id, sighting.at, times)
            return False
        del self._visits[alert.id]
        return True

    def _goes_on(self, pending: _Pending) -> bool:
        """Whether what several must be there for is still so."""
        alert = self._alerts.get(pending.alert)
        if alert is None or alert.condition.event not in ("together", "counts"):
            return True
        if alert.condition.event == "together":
            return self._are_together(alert, pending.run)
        several = alert.condition.concept is None
        return not several or self._people(pending.run) >= alert.condition.count

    def _anew(self, sighting: Sighting) -> bool:
        """Whether this is a coming, and no visit that was lost from sight for a moment."""
        last = self._last_seen.get((sighting.run, sighting.concept or ""))
        away = nanoseconds(self._manners.again_s)
        return last is None or sighting.span.start - last >= away

    def _told_of(self, alert: Alert, sighting: Sighting) -> str:
        condition = alert.condition
        if condition.event == "together":
            names = [self._called(one) for one in (condition.concept, condition.other)]
            return f"{names[0]} is with {names[1]}."
        if condition.event == "counts" and condition.concept is None:
            return f"{condition.count} people are there."
        if condition.event == "counts":
            return f"{self._name(sighting)} came for the {condition.count}. time."
        return remark(condition.event, sighting.kind, self._name(sighting))

    def _silence(self, alert: Alert) -> str:
        condition = alert.condition
        lasted = duration(nanoseconds(condition.after_s))
        if condition.concept is not None:
            return f"{self._called(condition.concept)} was not seen for {lasted}."
        what = "Nobody was there" if condition.subject == "somebody" else "Nothing happened"
        return f"{what} for {lasted}."

    def _called(self, concept: str | None) -> str:
        known = self._concepts.get(concept or "")
        return "somebody" if known is None else known.name

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
