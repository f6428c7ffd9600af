"""The coordinator: a pure function of messages.

`Session.handle(message, now)` changes the session's own state and returns the events to publish
and the effects to perform, in order. It does no I/O, reads no clock and starts no thread; the
runtime does, and reports back through the inbox. So any behaviour can be replayed in a test.
"""

from datetime import tzinfo
from typing import assert_never

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.asking import Asking
from engine.config import EngineConfig
from engine.decision.alerts import Alerts, Firing, parse_alert
from engine.errors import ConsentMissing, EngineError, SourceError
from engine.facts import Alert, Remark, Run, RunState, Scope, Sighting
from engine.media import Frame
from engine.memory.gallery import Gallery
from engine.teaching import Teaching
from engine.watching import Watching

Output = msg.Event | do.Effect
Message = msg.Command | rep.Report


class Session:
    """All mutable state of the engine; owned by one thread."""

    def __init__(self, config: EngineConfig, tz: tzinfo) -> None:
        self._config = config
        self._runs: dict[str, Watching] = {}
        self._gallery = Gallery()
        self._teaching = Teaching(self._gallery, self._runs)
        self._asking = Asking(self._gallery, self._runs, tz)
        self._alerts = Alerts(())
        self._consents: frozenset[str] = frozenset()
        self._paused = False

    @property
    def wants_things(self) -> bool:
        """Whether things are worth embedding: some thing has a name."""
        return self._gallery.wants_things

    def handle(self, message: Message, now: int) -> list[Output]:
        """Take in one message at wall time `now` (nanoseconds). An error that a room raises comes
        out as `Failed`; what the message asked for was then not done."""
        try:
            return self._command(message, now)
        except EngineError as error:
            return [
                msg.Failed(
                    reason=str(error),
                    kind=type(error).__name__,
                    run=getattr(message, "run", None),
                    at=now,
                    ref=getattr(message, "ref", ""),
                )
            ]

    def _command(self, message: Message, now: int) -> list[Output]:
        match message:
            case msg.OpenSource():
                return self._open(message, now)
            case msg.CloseSource():
                return [do.StopSource(run=message.run)] if message.run in self._runs else []
            case msg.Pause() | msg.Resume():
                return self._hold(isinstance(message, msg.Pause), now)
            case msg.Ask():
                return self._asking.ask(message, now)
            case msg.Interrupt():
                self._asking.abandon_all()
                return []
            case msg.Propose():
                return [do.FindProposals(ref=message.ref, frame=message.frame)]
            case msg.TeachConcept():
                return self._teaching.teach(message)
            case msg.CorrectConcept():
                return self._taught(self._teaching.correct(message, now))
            case msg.ForgetConcept():
                return self._forget_concept(message)
            case msg.AddAlert():
                return self._add_alert(message, now)
            case msg.RemoveAlert():
                self._alerts.remove(message.alert)
                return [
                    do.EraseAlert(alert=message.alert),
                    self._alerts_changed(message.alert, message.ref),
                ]
            case msg.Forget():
                return [do.EraseScope(ref=message.ref, scope=message.scope)]
            case _:
                return self._report(message, now)

    def _report(self, message: rep.Report, now: int) -> list[Output]:
        match message:
            case rep.Started():
                return self._start(message, now)
            case rep.FeaturesChanged():
                self._asking.features = message.features
                return [msg.ModelChanged(features=message.features)]
            case rep.RunStarted():
                return self._run_started(message)
            case rep.RunChanged():
                return self._run_changed(message, now)
            case rep.Perceived():
                return self._perceived(message, now)
            case rep.ClipClosed():
                return [] if self._paused else [do.Persist(fact=message.clip)]
            case rep.TextRead():
                return self._text_read(message)
            case rep.Recalled():
                return self._said(self._asking.recalled(message, self._called))
            case rep.Examined():
                return self._taught(self._teaching.examined(message.ref, message.views, now))
            case rep.ProposalsFound():
                return [msg.Proposed(ref=message.ref, proposals=message.proposals)]
            case rep.ScopeForgotten():
                return self._scope_forgotten(message)
            case rep.EffectFailed():
                return self._effect_failed(message, now)
            case _:
                assert_never(message)

    # --- sources ---------------------------------------------------------------------------------

    def _start(self, started: rep.Started, now: int) -> list[Output]:
        self._gallery.fill(started.concepts, started.exemplars)
        self._alerts = Alerts(started.alerts, started.concepts)
        self._consents = started.consents
        expired = self._expired(now)
        return [
            *expired,
            msg.ModelChanged(features=started.features),
            self._teaching.changed(None),
            self._alerts_changed(None),
        ]

    def _open(self, command: msg.OpenSource, now: int) -> list[Output]:
        spec, key = command.spec, command.spec.consent_key
        if spec.live and not command.consented and key not in self._consents:
            raise ConsentMissing(
                f"Nacre has not been allowed to watch {spec.label}. Nothing was captured. "
                "Allow it first (in a command: add --yes)."
            )
        if any(w.spec.live and w.spec.consent_key == key for w in self._runs.values()):
            raise SourceError(f"{spec.label} is already being watched. It goes on.")
        out: list[Output] = []
        if command.consented and spec.live and key not in self._consents:
            self._consents |= {key}
            out.append(do.PersistConsent(key=key))
        self._runs[command.run] = Watching(spec, self._config, now)
        return [*out, do.StartSource(run=command.run, spec=spec)]

    def _hold(self, held: bool, now: int) -> list[Output]:
        if held == self._paused:
            return []
        self._paused = held
        out: list[Output] = [do.HoldSources(held=held)]
        for run, watching in self._runs.items():
            change = rep.RunChanged(
                run=run, state="paused" if held else "open", pts=watching.pts, at=now
            )
            out.extend(self._run_changed(change, now))
        return out

    def _run_started(self, started: rep.RunStarted) -> list[Output]:
        watching = self._runs.get(started.run.run)
        if watching is None:
            return []
        watching.run = started.run
        self._announce(started.run, watching)
        return [do.Persist(fact=started.run)]

    def _announce(self, run: Run, watching: Watching) -> None:
        self._alerts.watch(run.run, label=run.label, live=watching.spec.live)

    def _run_changed(self, change: rep.RunChanged, now: int) -> list[Output]:
        watching = self._runs.get(change.run)
        if watching is None or watching.state == change.state:
            return []
        watching.state, watching.pts, watching.at = change.state, change.pts, change.at
        # Questions about the end are asked of what is still in view.
        last = self._asking.ended(change.run, now) if change.state == "ended" else []
        out: list[Output] = []
        if change.state in ("lost", "ended", "paused"):
            out.extend(do.Persist(fact=sighting) for sighting in watching.interrupt())
            self._alerts.on_interrupted(change.run)
        if change.state == "ended":
            del self._runs[change.run]
        if watching.run is not None:
            state = RunState(
                run=change.run,
                pts=change.pts,
                at=change.at,
                state=change.state,
                reason=change.reason,
            )
            out.append(do.Persist(fact=state))
        changed = msg.SourceChanged(
            run=change.run,
            spec=watching.spec,
            state=change.state,
            pts=change.pts,
            at=change.at,
            reason=change.reason,
        )
        return [*out, *last, changed]

    # --- what is seen and read -------------------------------------------------------------------

    def _perceived(self, perceived: rep.Perceived, now: int) -> list[Output]:
        frame = perceived.frame
        watching = self._runs.get(frame.run)
        if watching is None or watching.run is None or self._paused:
            return []
        out = self._asking.due(frame.run, frame.pts, now)
        look = watching.look(perceived, self._gallery)
        out.extend(do.Persist(fact=sighting) for sighting in look.named)
        for sighting in look.ended:
            out += [
                do.Persist(fact=sighting),
                msg.Left(sighting=sighting, name=self._name(sighting)),
            ]
            out += self._remarks(self._alerts.on_left(sighting), frame)
        for sighting in look.began:
            out.append(do.Persist(fact=sighting, frame=frame))
            out.append(msg.Sighted(sighting=sighting, name=self._name(sighting)))
            out += self._remarks(self._alerts.on_sighted(sighting), frame)
        out += self._expired(frame.at)
        out += self._remarks(self._alerts.on_tick(frame.run, frame.pts, frame.at), frame)
        return [*out, look.drawn]

    def _text_read(self, report: rep.TextRead) -> list[Output]:
        text = report.text
        watching = self._runs.get(text.run)
        if watching is None or self._paused:
            return []
        out: list[Output] = [do.Persist(fact=text, frame=watching.frame)]
        if not report.gone:
            out.append(msg.Read(text=text))
        firings = self._alerts.on_text(text, gone=report.gone)
        return out + self._remarks(firings, watching.frame)

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
        return self._said(out)

    def _said(self, outputs: list[Output]) -> list[Output]:
        """What Nacre says is never text to be told of when it stands on a screen."""
        for output in outputs:
            if isinstance(output, msg.AnswerFinished):
                self._alerts.on_said(output.answer.text)
            elif isinstance(output, msg.Remarked):
                self._alerts.on_said(output.remark.text)
        return outputs

    def _taught(self, outputs: list[Output]) -> list[Output]:
        self._alerts.know(self._gallery.concepts)
        return outputs

    def _name(self, sighting: Sighting) -> str:
        if sighting.concept is not None:
            return self._called(sighting.concept)
        return "someone" if sighting.kind == "person" else "something"

    def _called(self, concept: str) -> str:
        known = self._gallery.get(concept)
        return "someone forgotten" if known is None else known.name

    # --- standing requests and forgetting --------------------------------------------------------

    def _add_alert(self, command: msg.AddAlert, now: int) -> list[Output]:
        config = self._config.alerts
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
        return [do.PersistAlert(alert=alert), self._alerts_changed(alert.id, command.ref)]

    def _expired(self, at: int) -> list[Output]:
        """Alerts that have run out are gone for good."""
        over: list[Output] = [do.EraseAlert(alert=a.id) for a in self._alerts.expire(at)]
        return [*over, self._alerts_changed(None)] if over else []

    def _alerts_changed(self, alert: str | None, ref: str = "") -> msg.AlertsChanged:
        return msg.AlertsChanged(alerts=self._alerts.all(), alert=alert, ref=ref)

    def _forget_concept(self, command: msg.ForgetConcept) -> list[Output]:
        out = self._taught(self._teaching.forget(command))
        orphans = [a for a in self._alerts.all() if a.condition.concept == command.concept]
        for alert in orphans:
            self._alerts.remove(alert.id)
            out.append(do.EraseAlert(alert=alert.id))
        return [*out, self._alerts_changed(None)] if orphans else out

    def _scope_forgotten(self, report: rep.ScopeForgotten) -> list[Output]:
        out: list[Output] = []
        everything = report.scope == Scope()
        if everything:
            self._gallery.fill((), ())
            self._alerts = Alerts(())
            self._consents = frozenset()
            out += [self._teaching.changed(None), self._alerts_changed(None)]
        for watching in self._runs.values():
            if report.scope.run in (None, watching.run_id):
                # What is in view now is seen anew; nothing reaches back into what is gone.
                watching.interrupt()
                self._alerts.on_interrupted(watching.run_id)
                if watching.run is not None:
                    self._announce(watching.run, watching)
                    out.append(do.Persist(fact=watching.run))
        return [*out, msg.Forgotten(scope=report.scope, ref=report.ref)]

    def _effect_failed(self, report: rep.EffectFailed, now: int) -> list[Output]:
        self._asking.abandon(report.ref)
        self._teaching.abandoned(report.ref)
        failed = msg.Failed(
            reason=report.reason, kind=report.error, run=report.run, at=now, ref=report.ref
        )
        if report.run is None:
            return [failed]
        self._runs.pop(report.run, None)
        return [*self._asking.ended(report.run, now), failed]
