"""Standing requests: drafted, armed, changed, fired, run out, and what is then said and kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import AlertConfig, Remarks
from engine.decision import orders
from engine.decision.alerts import Alerts, Firing
from engine.decision.manners import Manners, explained, weighed
from engine.decision.narration import UNASKED, Narrator, kept_as
from engine.decision.requests import CLOSED_FORMS, Abilities, read_request
from engine.decision.upheld import Upheld
from engine.errors import AlertError
from engine.facts import (
    USUAL_WAYS,
    Alert,
    Observation,
    Remark,
    Run,
    ScreenText,
    Sighting,
    SourceKind,
    Utterance,
)
from engine.judges import Judges
from engine.media import Frame
from engine.memory.gallery import Gallery
from engine.watching import Watching

Output = msg.Event | do.Effect


class Standing:
    """The alerts, told of all that happens."""

    def __init__(
        self,
        gallery: Gallery,
        config: AlertConfig,
        tz: tzinfo = UTC,
        *,
        can: Callable[[], Abilities] = lambda: CLOSED_FORMS,
    ) -> None:
        """`can` tells what this machine can judge now."""
        self._gallery = gallery
        self._config = config
        self._tz = tz
        self._manners = Manners(
            settle_s=config.settle_s, again_s=config.again_s, per_hour=config.per_hour, tz=tz
        )
        self._alerts = Alerts(manners=self._manners)
        self._judges = Judges(gallery, config.judging, tz)
        self._narrator = Narrator(config.remarks)
        self._upheld = Upheld()
        self._draft: Alert | None = None
        """Its card is shown; it is not armed."""
        self._spoken_of: str | None = None
        """The alert that was last added, changed or heard."""
        self._can = can
        self._lent: tuple[Alert, ...] = ()
        """Those of the demo, while it is shown."""

    # --- the requests ----------------------------------------------------------------------------

    def fill(self, alerts: Iterable[Alert], at: int) -> list[Output]:
        """Hold these and nothing else, but for those that have run out at this wall time."""
        everything = (*alerts, *self._lent)
        self._alerts = Alerts(everything, self._gallery.concepts, self._manners)
        self._draft = self._spoken_of = None
        return [*self.run_out(at), self._changed()]

    def lend(self, alerts: tuple[Alert, ...]) -> list[Output]:
        """The demo is shown and looks out for these; none: it is over."""
        for alert in self._lent:
            self._alerts.remove(alert.id)
        self._lent = alerts
        for alert in alerts:
            self._alerts.add(alert)
        self.know()
        return [self._changed()]

    def add(self, command: msg.AddAlert, now: int) -> list[Output]:
        """Raises:
        AlertError: the request cannot be understood or judged.
        """
        alert = self._read(command, now)
        if command.armed:
            return self._arm(alert, command.ref)
        self._draft = alert
        return [msg.AlertDrafted(alert=alert, ref=command.ref)]

    def arm(self, command: msg.ArmAlert) -> list[Output]:
        """Raises:
        AlertError: no such card is shown.
        """
        draft = self._draft
        if draft is None or draft.id != command.alert:
            raise AlertError("This card is not shown any more. No alert was set. Say it again.")
        return self._arm(draft, command.ref)

    def remove(self, command: msg.RemoveAlert) -> list[Output]:
        if self._draft is not None and self._draft.id == command.alert:
            self._draft = None
            return [self._changed(None, command.ref)]
        return self._remove((command.alert,), command.ref)

    def hold(self, command: msg.HoldAlert) -> list[Output]:
        return self._hold((command.alert,), command.ref, paused=command.paused)

    def rate(self, command: msg.RateAlert, now: int) -> list[Output]:
        """Raises:
        AlertError: there is no such alert.
        """
        alert = self._alerts.get(command.alert)
        if alert is None and command.alert.startswith(UNASKED):
            alert = kept_as(command.alert, self._topic(command.alert), now)
        if alert is None:
            raise AlertError("There is no such alert any more. Nothing was changed.")
        thumbs = alert.thumbs[:-1] if command.up is None else (*alert.thumbs[-19:], command.up)
        come_to, was = weighed(thumbs), weighed(alert.thumbs)
        # Its owner's own pause stays.
        paused = come_to.paused or (alert.paused and not was.paused)
        alert = replace(alert, thumbs=thumbs, threshold=come_to.threshold, paused=paused)
        self._alerts.add(alert)
        self._alerts.settle(alert.id, now, explained(alert))
        return [*self._cards(), self._changed(alert.id, command.ref)]

    def say(self, command: msg.Say, now: int) -> list[Output] | None:
        """Follow what the user says about alerts; None where it is something else.

        Raises:
            AlertError: it is an order that cannot be followed.
        """
        current = self._draft or self._alerts.get(self._spoken_of or "")
        context = orders.Context(
            alerts=self._alerts.all(),
            concepts=self._gallery.concepts,
            current=current,
            drafted=self._draft is not None,
            can=self._can(),
            now=now,
            tz=self._tz,
        )
        order = orders.order_of(command.text, context)
        match order:
            case None:
                return None
            case orders.Add(text):
                return self.add(msg.AddAlert(text=text, armed=False, ref=command.ref), now)
            case orders.Arm():
                return [] if current is None else self._arm(current, command.ref)
            case orders.Change(alert) if self._draft is not None:
                self._draft = alert
                return [msg.AlertDrafted(alert=alert, ref=command.ref)]
            case orders.Change(alert):
                return self._arm(alert, command.ref)
            case orders.Hold(alerts, paused):
                return self._hold(alerts, command.ref, paused=paused)
            case orders.Remove(alerts):
                return self._remove(alerts, command.ref)

    def find(self, alert: str) -> Alert | None:
        """The alert or card of this id."""
        if self._draft is not None and self._draft.id == alert:
            return self._draft
        return self._alerts.get(alert)

    def backtest(self, command: msg.BacktestAlert, now: int) -> list[Output]:
        """Raises:
        AlertError: there is no such alert, or the sentence cannot be judged.
        """
        alert = self.find(command.alert) if command.alert else None
        if alert is None and command.text:
            alert = self._read(msg.AddAlert(text=command.text, ref=command.ref), now)
        if alert is None:
            raise AlertError("There is no such alert. Nothing was tried.")
        return [do.Rehearse(ref=command.ref, alert=alert, at=command.at)]

    def _read(self, command: msg.AddAlert, now: int) -> Alert:
        config = self._config
        wanted = read_request(
            command.text, self._gallery.concepts, self._can(), now=now, tz=self._tz
        )
        alert = Alert(
            id=command.ref,
            text=command.text.strip(),
            condition=wanted.condition,
            dwell_s=config.dwell_s,
            cooldown_s=config.cooldown_s,
            created_at=now,
            expires_at=command.expires_at,
        )
        alert = orders.changed(alert, wanted.terms)
        # What was chosen beside the sentence goes before what the sentence says.
        return replace(
            alert,
            dwell_s=alert.dwell_s if command.dwell_s is None else command.dwell_s,
            cooldown_s=alert.cooldown_s if command.cooldown_s is None else command.cooldown_s,
            expires_at=alert.expires_at if command.expires_at is None else command.expires_at,
            quiet=alert.quiet if command.quiet is None else command.quiet,
            ways=command.ways,
        )

    def _arm(self, alert: Alert, ref: str) -> list[Output]:
        if self._draft is not None and self._draft.id == alert.id:
            self._draft = None
        self._spoken_of = alert.id
        self._judges.drop(alert.id)
        self._alerts.add(alert)
        return [do.PersistAlert(alert=alert), self._changed(alert.id, ref)]

    def _remove(self, alerts: tuple[str, ...], ref: str) -> list[Output]:
        out: list[Output] = []
        for alert in alerts:
            if self._draft is not None and self._draft.id == alert:
                self._draft = None
                continue
            self._alerts.remove(alert)
            self._judges.drop(alert)
            out.append(do.EraseAlert(alert=alert))
        return [*out, self._changed(alerts[0] if len(alerts) == 1 else None, ref)]

    def _hold(self, alerts: tuple[str, ...], ref: str, *, paused: bool) -> list[Output]:
        out: list[Output] = []
        for alert in filter(None, map(self._alerts.get, alerts)):
            # One that the thumbs had paused begins anew.
            thumbs = alert.thumbs if paused or not weighed(alert.thumbs).paused else ()
            held = replace(alert, paused=paused, thumbs=thumbs, threshold=weighed(thumbs).threshold)
            self._alerts.add(held)
            out.append(do.PersistAlert(alert=held))
        return [*out, self._changed(alerts[0] if len(alerts) == 1 else None, ref)]

    # --- the gallery -----------------------------------------------------------------------------

    def know(self) -> None:
        """The gallery has changed."""
        self._alerts.know(self._gallery.concepts)

    def merged(self, source: str, target: str) -> list[Output]:
        """What waited for the one concept waits for the other."""
        moved = [
            replace(
                alert,
                condition=replace(
                    alert.condition,
                    concept=target
                    if alert.condition.concept == source
                    else alert.condition.concept,
                    other=target if alert.condition.other == source else alert.condition.other,
                ),
            )
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
            self._judges.drop(alert.id)
        if self._draft is not None and concept in _concepts(self._draft):
            self._draft = None
        return self._told([do.EraseAlert(alert=alert.id) for alert in gone])

    # --- what happens ----------------------------------------------------------------------------

    def watch(self, run: Run, *, live: bool, kind: SourceKind | None = None) -> None:
        self._alerts.watch(run.run, label=run.label, live=live, kind=kind)

    def interrupted(self, run: str) -> None:
        self._alerts.on_interrupted(run)
        self._judges.interrupt(run)
        self._narrator.interrupt(run)

    def sighted(self, sighting: Sighting, name: str, frame: Frame) -> list[Output]:
        self._judges.note(sighting.run, frame, f"{name} came.")
        out = self._withdrawn(sighting, frame, name, here=True)
        known = self._gallery.get(sighting.concept or "")
        if known is None or not known.is_me:
            self._narrator.came(sighting, self._alerts.told_of_coming(sighting))
        return out + self._remarks(self._alerts.on_sighted(sighting), frame)

    def named(self, sighting: Sighting, begins: Sequence[Sighting]) -> None:
        """A visit of nobody known goes on under a name, mostly as one of those that begin now."""
        same = any(one.track == sighting.track for one in begins)
        self._alerts.on_named(sighting, told_again=same)

    def left(self, sighting: Sighting, name: str, frame: Frame) -> list[Output]:
        self._judges.note(sighting.run, frame, f"{name} left.")
        out = self._withdrawn(sighting, frame, name, here=False)
        self._narrator.left(sighting, self._alerts.told_of_leaving(sighting))
        return out + self._remarks(self._alerts.on_left(sighting), frame)

    def done(self, done: Sighting, frame: Frame | None) -> list[Output]:
        """An action was done."""
        return self._remarks(self._alerts.on_done(done), frame)

    def read(self, text: ScreenText, frame: Frame | None, *, gone: bool) -> list[Output]:
        self._judges.read(text.run)
        return self._remarks(self._alerts.on_text(text, gone=gone), frame)

    def heard(self, said: Utterance) -> list[Output]:
        """Somebody said this, to nobody in particular."""
        firings = self._alerts.on_heard(said.text, run=said.run, span=said.span, at=said.at)
        return self._remarks(firings, None)

    def observed(self, observation: Observation) -> None:
        """A clip was described."""
        self._narrator.observed(observation.text, observation.run, observation.span.end)

    def tick(
        self,
        frame: Frame,
        watching: Watching,
        drawn: msg.Tracked,
        *,
        changed: bool,
        judged: bool,
        busy: bool,
    ) -> list[Output]:
        """The stream has come to this frame: what has held long enough is told, and what the model
        should look at is asked (`judged`: there is one, and it sees this run). `busy`: something
        else speaks."""
        firings = self._alerts.on_tick(frame.run, frame.pts, frame.at, changed=changed)
        out = self._remarks(firings, frame)
        armed = self._alerts.listening(frame.run)
        free = [alert for alert in armed if alert.condition.event == "judged"]
        if free and judged:
            out += self._judges.look(
                free, frame, watching, drawn, changed=changed, armed=len(armed)
            )
        elif free:
            for alert in free:
                self._alerts.settle(alert.id, frame.at, "No model is there to look at this source.")
            out += self._cards()
        return [*out, *self._unasked(frame, busy=busy or bool(firings))]

    def verified(self, report: rep.Verified, frame: Frame | None) -> list[Output]:
        """The model has looked."""
        out: list[Output] = []
        for verdict in self._judges.verified(report):
            alert = self._alerts.get(verdict.alert)
            if alert is None or alert.paused:
                continue
            if verdict.came_true is None:
                self._alerts.settle(alert.id, report.at, verdict.why)
                continue
            text, span = verdict.why, verdict.came_true
            out += self._remarks(
                self._alerts.on_judged(alert, text, span, report.run, report.at), frame
            )
        return [*out, *self._cards()]

    def run_out(self, at: int) -> list[Output]:
        """Requests whose time is over at this wall time are gone for good. To be called before
        anything else is told of that time."""
        return self._told([do.EraseAlert(alert=alert.id) for alert in self._alerts.expire(at)])

    def said(self, text: str) -> None:
        """What Nacre says is never text to be told of when it stands on a screen."""
        self._alerts.on_said(text)

    def answered(self, ref: str, concepts: Iterable[str], run: str, pts: int) -> None:
        """An answer says that these are here; it is withdrawn when they leave."""
        for concept in concepts:
            self._upheld.say(ref, concept, run, pts, here=True)

    def choose_remarks(self, remarks: Remarks) -> list[Output]:
        """How much is said without being asked; what waited to be said is dropped."""
        self._narrator = Narrator(remarks)
        return []

    def mistaken(self, concept: str, run: str, pts: int, at: int) -> list[Output]:
        """The user said that it was somebody else."""
        return [
            msg.Withdrawn(
                said=one.said, reason="You said that it was not so.", run=run, pts=pts, at=at
            )
            for one in self._upheld.mistaken(concept, run, pts)
        ]

    # --- what is said ----------------------------------------------------------------------------

    def _remarks(self, firings: list[Firing], frame: Frame | None) -> list[Output]:
        out: list[Output] = []
        for firing in firings:
            out += self._remark(
                Remark(
                    alert=firing.alert.id,
                    text=firing.text,
                    evidence=firing.evidence,
                    run=firing.run,
                    pts=firing.pts,
                    at=firing.at,
                ),
                frame,
            )
            self._spoken_of = firing.alert.id
            condition = firing.alert.condition
            if condition.event in ("appears", "returns", "leaves") and condition.concept:
                here = condition.event != "leaves"
                self._upheld.say(firing.text, condition.concept, firing.run, firing.pts, here=here)
        return [*out, *self._cards()]

    def _remark(self, remark: Remark, frame: Frame | None) -> list[Output]:
        self.said(remark.text)
        self._narrator.say(remark.text, remark.run, remark.pts)
        alert = self._alerts.get(remark.alert)
        ways = USUAL_WAYS if alert is None else alert.ways
        return [do.Persist(fact=remark, frame=frame), msg.Remarked(remark=remark, ways=ways)]

    def _unasked(self, frame: Frame, *, busy: bool) -> list[Output]:
        muted = frozenset(
            a.id for a in self._alerts.all() if a.condition.event == "unasked" and a.paused
        )
        news = self._narrator.choose(frame.run, frame.pts, busy=busy, muted=muted)
        if news is None:
            return []
        evidence = self._alerts.evidence_of(news.sighting) if news.sighting else ()
        remark = Remark(
            alert=news.topic,
            text=news.text,
            evidence=evidence,
            run=frame.run,
            pts=frame.pts,
            at=frame.at,
        )
        if news.sighting is not None and news.sighting.concept is not None:
            self._upheld.say(
                news.text,
                news.sighting.concept,
                frame.run,
                frame.pts,
                here=news.sighting.phase == "began",
            )
        return self._remark(remark, frame)

    def _withdrawn(
        self, sighting: Sighting, frame: Frame, name: str, *, here: bool
    ) -> list[Output]:
        reason = f"{name} is back." if here else f"{name} has left since."
        return [
            msg.Withdrawn(said=one.said, reason=reason, run=frame.run, pts=frame.pts, at=frame.at)
            for one in self._upheld.changed(sighting.concept, sighting.run, frame.pts, here=here)
        ]

    def _topic(self, topic: str) -> str:
        """`unasked-came-ID` in words."""
        what, _, who = topic.removeprefix(UNASKED).partition("-")
        known = self._gallery.get(who)
        name = known.name if known is not None else "somebody"
        return {"came": f"{name} came.", "left": f"{name} left."}.get(what, "what happens.")

    # --- cards -----------------------------------------------------------------------------------

    def _cards(self) -> list[Output]:
        """Cards that say something new are kept and shown."""
        changed = self._alerts.changed()
        return self._told([do.PersistAlert(alert=alert) for alert in changed])

    def _about(self, concept: str) -> list[Alert]:
        return [alert for alert in self._alerts.all() if concept in _concepts(alert)]

    def _told(self, changes: list[do.PersistAlert] | list[do.EraseAlert]) -> list[Output]:
        return [*changes, self._changed()] if changes else []

    def _changed(self, alert: str | None = None, ref: str = "") -> msg.AlertsChanged:
        return msg.AlertsChanged(alerts=self._alerts.all(), alert=alert, ref=ref)


def _concepts(alert: Alert) -> tuple[str, ...]:
    both = (alert.condition.concept, alert.condition.other)
    return tuple(one for one in both if one is not None)
