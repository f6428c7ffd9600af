"""The coordinator: a pure function of messages.

`Session.handle(message, now)` changes the session's own state and returns the events to publish
and the effects to perform, in order. It does no I/O, reads no clock and starts no thread; the
runtime does, and reports back through the inbox. So any behaviour can be replayed in a test.
"""

from collections.abc import Callable
from datetime import tzinfo
from itertools import chain
from typing import assert_never

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.acting import Acting
from engine.asking import Asking
from engine.config import EngineConfig
from engine.decision.introducing import Introduction, introduction_of
from engine.decision.names import find_names
from engine.decision.naming import action_named
from engine.decision.requests import Abilities
from engine.describing import Describing
from engine.errors import ConceptError, ConsentMissing, EngineError, SourceError
from engine.facts import LENT, ActionsSought, Answer, RunState, Scope, Sighting, SourceSpec
from engine.introducing import Introducing
from engine.listening import Listening
from engine.media import Image, nanoseconds
from engine.memory.gallery import Gallery
from engine.renewing import Renewing
from engine.sparing import Sparing
from engine.standing import Standing
from engine.teaching import Teaching
from engine.thinking import Thinking
from engine.watching import Watching

Output = msg.Event | do.Effect
Message = msg.Command | rep.Report

HERE_NS = nanoseconds(2.0)
"""Evidence that reaches so near to now is about now."""


class Session:
    """All mutable state of the engine; owned by one thread."""

    def __init__(self, config: EngineConfig, tz: tzinfo) -> None:
        self._config = config
        self._runs: dict[str, Watching] = {}
        self._gallery = Gallery()
        self._sparing = Sparing(self._runs, on=config.spare_bystanders)
        self._teaching = Teaching(self._gallery, self._runs, self._sparing)
        self._renewing = Renewing(self._gallery)
        self._introducing = Introducing(self._gallery, self._runs)
        self._describing = Describing(self._gallery)
        self._thinking = Thinking(self._gallery, self._runs, config.thinking, tz)
        self._asking = Asking(self._gallery, self._runs, self._thinking, tz)
        self._standing = Standing(self._gallery, config.alerts, tz, can=self._can)
        self._listening = Listening()
        self._demo: str | None = None
        """The run that the demo is shown in, as long as nothing else is watched after it."""
        self._acting = Acting(self._gallery)
        self._consents: frozenset[str] = frozenset()
        self._paused = False

    @property
    def portraits(self) -> Callable[[str], Image | None]:
        """Where the pixels of an exemplar are looked up that was read without them."""
        return self._gallery.pixels

    @portraits.setter
    def portraits(self, pixels: Callable[[str], Image | None]) -> None:
        self._gallery.pixels = pixels

    @property
    def wants_things(self) -> bool:
        """Whether things are worth embedding: some thing has a name."""
        return self._gallery.wants_things

    @property
    def spares(self) -> bool:
        """Whether people who are not registered are to be found in all that is kept."""
        return self._sparing.on

    @property
    def actions_sought(self) -> ActionsSought:
        """What is looked for of the actions that were shown."""
        return self._acting.sought

    def handle(self, message: Message, now: int) -> list[Output]:
        """Take in one message at wall time `now` (nanoseconds). An error that a room raises comes
        out as `Failed`; what the message asked for was then not done."""
        try:
            return [
                self._sparing.spare(output)
                for output in self._aloud(self._command(message, now))
                if not _of_the_demo(output)
            ]
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

    def _aloud(self, out: list[Output]) -> list[Output]:
        """Whatever led to a remark, it is also said."""
        said = (self._listening.remarked(one) for one in out if isinstance(one, msg.Remarked))
        return [*out, *chain.from_iterable(said)]

    def _command(self, message: Message, now: int) -> list[Output]:
        match message:
            case msg.OpenSource():
                return self._open(message, now)
            case msg.CloseSource():
                return [*self._close(message.run), *self._end_demo(message.run)]
            case msg.Pause() | msg.Resume():
                return self._hold(isinstance(message, msg.Pause), now)
            case msg.Ask():
                self._listening.asked(message)
                return self._asking.ask(message, now)
            case msg.Talk():
                return self._listening.talk(message.down)
            case msg.Interrupt():
                self._asking.abandon_all()
                hushed = self._listening.interrupt()
                return [*hushed, *self._said(self._thinking.interrupt())]
            case msg.Mute():  # Done by the runtime, which does not wait for its turn here.
                return []
            case msg.ChooseRemarks():
                return self._standing.choose_remarks(message.remarks)
            case msg.SpareBystanders(on=on):
                self._sparing.on = on
                return [msg.BystandersChanged(spared=on)]
            case msg.RetryModel():
                return [do.RetryModel()]
            case msg.Propose():
                return [self._introducing.look_at(message.frame, message.ref)]
            case msg.TeachConcept():
                return self._teaching.teach(message)
            case msg.TeachAction():
                clip = message.clip or self._acting.clip(message)
                return self._teaching.teach_action(message, clip)
            case msg.CorrectConcept():
                return self._correct(message, now)
            case msg.DescribeByLook():
                return self._describing.ask(message)
            case msg.ImportConcepts():
                return self._taught(self._teaching.take_in(message, now))
            case msg.UndoCorrection():
                return self._teaching.undo(message)
            case msg.ForgetConcept():
                return self._forget_concept(message)
            case msg.AddAlert():
                return self._standing.add(message, now)
            case msg.ArmAlert():
                return self._standing.arm(message)
            case msg.HoldAlert():
                return self._standing.hold(message)
            case msg.RateAlert():
                return self._standing.rate(message, now)
            case msg.RemoveAlert():
                return self._standing.remove(message)
            case msg.BacktestAlert():
                return self._standing.backtest(message, now)
            case msg.Say():
                return self._say(message, now)
            case msg.Forget():
                return [do.EraseScope(ref=message.ref, scope=message.scope)]
            case _:
                return self._report(message, now)

    def _report(self, message: rep.Report, now: int) -> list[Output]:
        match message:
            case rep.Started():
                return self._start(message, now)
            case rep.DemoLent():
                return self._lend(message)
            case rep.GalleryRestored():
                return self._restored(message, now)
            case rep.FeaturesChanged():
                self._asking.features = message.features
                begun = self._renewing.know(message.embedders)
                return [self._abilities(), *(self._renewed(begun) if begun else ())]
            case rep.EmbeddedAgain():
                return self._renewed(self._renewing.embedded(message))
            case rep.ModelStatusChanged():
                out = self._thinking.changed(message.status, opened=message.opened)
                return [*out, *self._describing.changed(message.status), self._abilities()]
            case rep.Compared():
                return self._thinking.noticing.compared(message)
            case rep.Verified():
                watching = self._runs.get(message.run)
                return self._standing.verified(message, watching.frame if watching else None)
            case rep.Rehearsed():
                return [
                    msg.Backtested(
                        alert=message.alert,
                        remarks=message.remarks,
                        watched_s=message.watched_s,
                        ref=message.ref,
                        why_not=message.why_not,
                    )
                ]
            case rep.Generated() if self._describing.writes(message.ref):
                self._describing.generated(message)
                return []
            case rep.Generated():
                return self._thinking.generated(message)
            case rep.GenerationEnded() if self._describing.writes(message.ref):
                return self._traits_told(message, now)
            case rep.GenerationEnded():
                return self._described(self._said(self._thinking.finished(message)))
            case rep.RunStarted():
                return self._run_started(message)
            case rep.RunChanged():
                return self._run_changed(message, now)
            case rep.Perceived():
                return self._perceived(message, now)
            case rep.Stirred():
                return self._stirred(message)
            case rep.ClipClosed():
                return self._clip_closed(message)
            case rep.TextRead():
                return self._text_read(message)
            case rep.UtteranceHeard():
                return self._heard(message)
            case rep.Spoken():
                return [msg.SpeakingChanged(text=message.text, by_voice=message.by_voice)]
            case rep.NamesTaken():
                return [msg.NamesLearned(unspoken=message.unspoken)]
            case rep.Recalled():
                return self._answered(message)
            case rep.Examined():
                out = self._taught(self._teaching.examined(message.ref, message.views, now))
                return [*out, *self._describing.taught(out)]
            case rep.ProposalsFound():
                return self._proposed(message, now)
            case rep.ScopeForgotten():
                return self._scope_forgotten(message, now)
            case rep.EffectFailed():
                return self._effect_failed(message, now)
            case _:
                assert_never(message)

    # --- sources ---------------------------------------------------------------------------------

    def _start(self, started: rep.Started, now: int) -> list[Output]:
        self._gallery.fill(started.concepts, started.exemplars)
        self._gallery.seen = dict(started.seen)
        self._acting.know()
        self._teaching.fill(started.changes)
        self._consents = started.consents
        self._asking.features = started.features
        self._listening.know(self._gallery.concepts)
        return [
            self._abilities(),
            self._teaching.changed(None),
            *self._standing.fill(started.alerts, now),
        ]

    def _can(self) -> Abilities:
        """What an alert may wait for now."""
        features = {str(feature.name): feature.on for feature in self._asking.features}
        status = self._thinking.status
        return Abilities(
            reads=features.get("text on screen", True),
            hears=self._listening.is_open,
            model=status is not None and status.state != "failed",
        )

    def _say(self, say: msg.Say, now: int) -> list[Output]:
        """A name, a correction, an order about alerts, or a question."""
        choice = self._introducing.answer(say)
        if choice is not None:
            return self._command(choice, now)
        name = action_named(say.text)
        if name is not None:
            return self._command(msg.TeachAction(name=name[0], lasts_s=name[1], ref=say.ref), now)
        told = introduction_of(say.text, self._gallery.own)
        if isinstance(told, Introduction):
            return self._introduce(told, say, now)
        if told is not None:
            return self._command(self._introducing.correction(told, say.ref), now)
        ordered = self._standing.say(say, now)
        if ordered is not None:
            return ordered
        return self._command(msg.Ask(text=say.text, aloud=say.aloud, ref=say.ref), now)

    def _introduce(self, told: Introduction, say: msg.Say, now: int) -> list[Output]:
        if self._paused:
            raise ConceptError(
                "Nacre is paused, and looks at nothing. Nothing was changed. Go on watching, and "
                "say it again."
            )
        out = self._introducing.introduce(told, say)
        return self._command(out, now) if isinstance(out, msg.TeachConcept) else out

    def _proposed(self, report: rep.ProposalsFound, now: int) -> list[Output]:
        out = self._introducing.found(report)
        if isinstance(out, msg.TeachConcept):
            return self._command(out, now)
        return [msg.Proposed(ref=report.ref, proposals=report.proposals)] if out is None else out

    def _abilities(self) -> msg.ModelChanged:
        return msg.ModelChanged(features=self._asking.features, model=self._thinking.status)

    def _open(self, command: msg.OpenSource, now: int) -> list[Output]:
        spec, key = command.spec, command.spec.consent_key
        if spec.live and not command.consented and key not in self._consents:
            raise ConsentMissing(
                f"Nacre has not been allowed to watch {spec.label}. Nothing was captured. "
                "Allow it first (in a command: add --yes)."
            )
        open_runs = [w for w in self._runs.values() if w.spec.live and not w.closing]
        if key in self._listening.consent_keys:
            raise SourceError("The microphone is already listened to. It goes on.")
        if any(w.spec.consent_key == key for w in open_runs):
            raise SourceError(f"{spec.label} is already being watched. It goes on.")
        out: list[Output] = []
        if command.consented and spec.live and key not in self._consents:
            self._consents |= {key}
            out.append(do.PersistConsent(key=key))
        if spec.kind == "microphone":
            return [*out, *self._listening.open(command.run, spec), self._abilities()]
        out += self._begin_demo(command.run, spec)
        self._runs[command.run] = Watching(spec, self._config, now)
        return [*out, do.StartSource(run=command.run, spec=spec)]

    def _begin_demo(self, run: str, spec: SourceSpec) -> list[Output]:
        """The demo is shown while it plays, and when it is over, until something else is."""
        if spec.kind == "demo":
            self._demo = run
            return [do.ShowDemo(on=True, paced=spec.paced)]
        return [] if self._demo in self._runs else self._end_demo(self._demo)

    def _end_demo(self, run: str | None) -> list[Output]:
        if run is None or run != self._demo:
            return []
        self._demo = None
        self._gallery.take_back()
        lent = self._taught([self._teaching.changed(None), *self._standing.lend(())])
        return [do.ShowDemo(on=False), *lent]

    def _lend(self, demo: rep.DemoLent) -> list[Output]:
        self._gallery.lend(demo.concepts, demo.exemplars)
        renewed = self._renewing.lend(demo.embedders)
        watching = self._runs.get(self._demo or "")
        # Watched as fast as it goes, it tells what was asked for, and nothing besides.
        paced = watching is None or watching.spec.paced
        alerts = self._standing.lend(demo.alerts if paced else ())
        return [*renewed, *self._taught([self._teaching.changed(None), *alerts])]

    def _close(self, run: str) -> list[Output]:
        watching = self._runs.get(run)
        if watching is None:
            return self._listening.close(run)
        watching.closing = True
        return [do.StopSource(run=run)]

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
        return [*out, *self._listening.hold(held, now)]

    def _run_started(self, started: rep.RunStarted) -> list[Output]:
        watching = self._runs.get(started.run.run)
        if self._listening.has(started.run.run):
            self._standing.watch(started.run, live=True, kind="microphone")
            return self._listening.started(started)
        if watching is None:
            return []
        watching.run = started.run
        self._standing.watch(started.run, live=watching.spec.live, kind=watching.spec.kind)
        return [do.Persist(fact=started.run)]

    def _run_changed(self, change: rep.RunChanged, now: int) -> list[Output]:
        watching = self._runs.get(change.run)
        if self._listening.has(change.run):
            out = self._listening.changed(change, paused=self._paused)
            return [*out, self._abilities()] if change.state == "ended" else out
        if watching is None or watching.state == change.state:
            return []
        watching.state, watching.pts, watching.at = change.state, change.pts, change.at
        # Questions about the end are asked of what is still in view.
        last = self._asking.ended(change.run, now) if change.state == "ended" else []
        out: list[Output] = []
        if change.state in ("lost", "ended", "paused"):
            out.extend(do.Persist(fact=sighting) for sighting in watching.interrupt())
            self._standing.interrupted(change.run)
            out += self._done(watching, self._acting.ended(change.run, change.pts, change.at))
        if change.state == "ended":
            del self._runs[change.run]
            self._sparing.ended(change.run)
            out += self._thinking.ended(watching)
            if any(not one.closing for one in self._runs.values()):
                out += self._end_demo(change.run)
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
        if watching.is_forgotten(frame):
            return []
        out = [
            *self._asking.due(frame.run, frame.pts, now),
            *self._standing.run_out(frame.at),
        ]
        self._sparing.look(perceived)
        look = watching.look(perceived, self._gallery)
        self._acting.look(look.drawn)
        for sighting in look.named:
            out.append(do.Persist(fact=sighting))
            self._standing.named(sighting, look.began)
        for sighting in look.ended:
            out += [
                do.Persist(fact=sighting),
                msg.Left(sighting=sighting, name=self._name(sighting)),
            ]
            out += self._standing.left(sighting, self._name(sighting), frame)
        for sighting in look.began:
            if sighting.concept is not None:
                self._gallery.seen[sighting.concept] = sighting.score
            out.append(do.Persist(fact=sighting, frame=frame))
            out.append(msg.Sighted(sighting=sighting, name=self._name(sighting)))
            out += self._standing.sighted(sighting, self._name(sighting), frame)
        out += self._thinking.look(watching, frame, changed=perceived.changed)
        out += self._thinking.noticing.compare(watching)
        told = self._standing.tick(
            frame,
            watching,
            look.drawn,
            changed=perceived.changed,
            judged=self._thinking.sees(watching),
            busy=self._thinking.answering,
        )
        if any(isinstance(output, do.Verify) for output in told):
            # What is judged is what is there now, not what was there up to a second ago.
            out += self._thinking.show(watching, frame)
        return [*out, *told, look.drawn]

    def _stirred(self, report: rep.Stirred) -> list[Output]:
        """What was done is a fact, like any other."""
        watching = self._runs.get(report.run)
        if watching is None or watching.run is None or self._paused:
            return []
        return self._done(watching, self._acting.stirred(report))

    def _done(self, watching: Watching, sightings: list[Sighting]) -> list[Output]:
        out: list[Output] = []
        for sighting in sightings:
            if watching.is_past(sighting.span.start):
                continue
            name, actor = self._name(sighting), self._actor(sighting)
            out += [
                do.Persist(fact=sighting, frame=watching.frame),
                msg.Done(sighting=sighting, name=name, actor=actor),
                *self._standing.done(sighting, watching.frame),
            ]
        return out

    def _clip_closed(self, report: rep.ClipClosed) -> list[Output]:
        watching = self._runs.get(report.clip.run)
        clip = report.clip if watching is None else watching.remaining(report.clip)
        if clip is None or self._paused:
            return []
        clip = self._sparing.clip(clip)
        return [do.Persist(fact=clip), *self._thinking.noticing.clip_closed(clip)]

    def _text_read(self, report: rep.TextRead) -> list[Output]:
        watching = self._runs.get(report.text.run)
        text = report.text if watching is None else watching.remaining(report.text)
        if text is None or self._paused:
            return []
        if watching is None:  # It broke off; this is the last of it.
            return [do.Persist(fact=text)]
        out = [*self._standing.run_out(text.at), do.Persist(fact=text, frame=watching.frame)]
        if not report.gone:
            out.append(msg.Read(text=text))
        return out + self._standing.read(text, watching.frame, gone=report.gone)

    def _heard(self, report: rep.UtteranceHeard) -> list[Output]:
        """What is said to Nacre is an order; what is said besides may be waited for. In a pause
        nothing is heard but the key."""
        said = report.utterance
        if self._paused and said.addressed != "key":
            return []
        out = self._listening.heard(report, paused=self._paused)
        if not out or said.addressed or not said.text:
            return out
        return out + self._standing.heard(said)

    def _answered(self, recalled: rep.Recalled) -> list[Output]:
        return self._said(self._asking.recalled(recalled, self._called))

    def _said(self, out: list[Output]) -> list[Output]:
        """What Nacre says is not news when a screen shows it; some of it is said aloud."""
        aloud: list[Output] = []
        for output in out:
            if isinstance(output, msg.AnswerFinished):
                self._standing.said(output.answer.text)
                self._uphold(output.answer)
                aloud += self._listening.answered(output.answer)
        return out + aloud

    def _described(self, out: list[Output]) -> list[Output]:
        for output in out:
            if isinstance(output, msg.Observed):
                self._standing.observed(output.observation)
        return out

    def _uphold(self, answer: Answer) -> None:
        """An answer that says of somebody in view that they are here holds while they are."""
        watching = self._runs.get(answer.run or "")
        if watching is None or answer.confidence <= 0:
            return
        named = find_names(answer.text, self._gallery.concepts).concepts
        here = {sighting.concept for sighting in watching.in_view()}
        now = [concept for concept in named if concept in here]
        if any(evidence.span.end >= watching.pts - HERE_NS for evidence in answer.evidence):
            self._standing.answered(answer.ref, now, watching.run_id, watching.pts)

    def _taught(self, outputs: list[Output]) -> list[Output]:
        self._standing.know()
        self._acting.know()
        known = self._listening.know(self._gallery.concepts)
        return [*outputs, *known, *self._renewing.go_on()]

    def _renewed(self, outputs: list[Output]) -> list[Output]:
        """How far the gallery is under another embedder."""
        self._acting.know()
        if not self._renewing.worth_telling:
            return outputs
        self._teaching.waiting = self._renewing.waiting
        return [*outputs, self._teaching.changed(None)]

    def _name(self, sighting: Sighting) -> str:
        if sighting.concept is not None:
            return self._called(sighting.concept)
        return "someone" if sighting.kind == "person" else "something"

    def _actor(self, sighting: Sighting) -> str:
        return "somebody" if sighting.actor is None else self._called(sighting.actor)

    def _called(self, concept: str) -> str:
        known = self._gallery.get(concept)
        return "someone forgotten" if known is None else known.name

    # --- correcting and forgetting ---------------------------------------------------------------

    def _correct(self, command: msg.CorrectConcept, now: int) -> list[Output]:
        out = self._taught(self._teaching.correct(command, now))
        if isinstance(command.correction, msg.MergeInto):
            out += self._standing.merged(command.concept, command.correction.concept)
        if isinstance(command.correction, msg.Judge) and not command.correction.right:
            out += self._mistaken(command.concept, command.correction.run, now)
        return out

    def _traits_told(self, report: rep.GenerationEnded, now: int) -> list[Output]:
        """The model has written what somebody is known by: a correction like the user's own."""
        asked = self._describing.asked_for(report.ref)
        try:
            told = self._describing.finished(report)
            return [] if told is None else self._correct(told, now)
        except ConceptError as error:
            if not asked:
                return []
            return [msg.Failed(reason=str(error), kind="ConceptError", at=now, ref=asked)]

    def _mistaken(self, concept: str, run: str, now: int) -> list[Output]:
        """What was said of this concept, and can still be read, was wrong."""
        watching = self._runs.get(run)
        if watching is None:
            return []
        return self._standing.mistaken(concept, watching.run_id, watching.pts, now)

    def _restored(self, restored: rep.GalleryRestored, now: int) -> list[Output]:
        told = self._teaching.restored(restored)
        return [*self._standing.fill(restored.alerts, now), *self._taught(told)]

    def _forget_concept(self, command: msg.ForgetConcept) -> list[Output]:
        out = self._taught(self._teaching.forget(command))
        out += self._standing.forget(command.concept) + self._thinking.forget()
        return out + self._describing.forget()

    def _scope_forgotten(self, report: rep.ScopeForgotten, now: int) -> list[Output]:
        out: list[Output] = []
        self._gallery.seen.clear()
        everything = report.scope == Scope()
        if everything:
            self._gallery.fill((), ())
            self._acting.know()
            self._teaching.fill(())
            self._consents = frozenset()
            out += self._listening.know(())
            out += [self._teaching.changed(None), *self._standing.fill((), 0)]
        out += self._thinking.forget() + self._describing.forget()
        out += self._listening.forget(report.scope, now)
        self._acting.forget()
        self._introducing.forget()
        until = None if report.scope.at is None else report.scope.at.end
        for watching in self._runs.values():
            if report.scope.run in (None, watching.run_id):
                watching.forget(until, now)
                # What is in view now is seen anew; nothing reaches back into what is gone.
                watching.interrupt()
                self._standing.interrupted(watching.run_id)
                if watching.run is not None:
                    spec = watching.spec
                    self._standing.watch(watching.run, live=spec.live, kind=spec.kind)
                    out.append(do.Persist(fact=watching.run))
        return [*out, msg.Forgotten(scope=report.scope, ref=report.ref)]

    def _effect_failed(self, report: rep.EffectFailed, now: int) -> list[Output]:
        self._asking.abandon(report.ref)
        self._teaching.abandoned(report.ref)
        self._introducing.abandoned(report.ref)
        self._renewing.abandoned(report.ref)
        failed = msg.Failed(
            reason=report.reason, kind=report.error, run=report.run, at=now, ref=report.ref
        )
        self._listening.failed(report.run)
        watching = self._runs.get(report.run or "")
        if watching is None or report.run is None:
            return [failed]
        if watching.run is None:
            del self._runs[report.run]
            return [*self._asking.ended(report.run, now), failed]
        # What was seen before it broke off is kept, and when that was.
        ended = rep.RunChanged(run=report.run, state="ended", pts=watching.pts, at=watching.at)
        return [failed, *self._run_changed(ended, now)]


def _of_the_demo(output: Output) -> bool:
    """Whether it would keep what the demo brings along."""
    match output:
        case do.PersistAlert(alert=alert):
            return alert.demo
        case do.EraseAlert(alert=alert):
            return alert.startswith(LENT)
        case _:
            return False
