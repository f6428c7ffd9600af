"""The engine: threads, inbox and life cycle around the pure session.

One session thread takes messages from the inbox, one at a time. A source has two threads: its
feed (engine/sources/feed.py) reads the device, and a seeing thread looks at the frames and reports.
Nothing but messages crosses between them.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock, Thread

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.decision.manners import Manners
from engine.errors import EngineError
from engine.facts import ActionsSought, Feature, SourceSpec
from engine.lookout import Lookout
from engine.media import Frame, Vector
from engine.model_room import ModelRoom
from engine.parts import Parts
from engine.ports.memory import Archive
from engine.ports.seeing import Perception
from engine.prompts import ModelStatus
from engine.rehearsing import rehearse
from engine.session import Message, Output
from engine.sound_room import SoundRoom

log = logging.getLogger(__name__)

BROKEN = "Something went wrong inside Nacre. What was kept so far is safe. The log has the details."


class Engine:
    """Implements `engine.ports.assistant.Assistant`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._inbox: SimpleQueue[Message | _Handled | None] = SimpleQueue()
        self._listeners: tuple[Callable[[msg.Event], None], ...] = ()
        self._listeners_lock = Lock()
        self._lookouts: dict[str, Lookout] = {}
        self._demos: set[str] = set()
        """Runs of the drawn world; a frame of theirs may be looked at when they are over."""
        self._held = False
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._perception: Future[Perception] = Future()
        self._model = ModelRoom(parts.language, parts.archive, self._inbox.put)
        self._sound = SoundRoom(parts.sound, self._inbox.put)
        self._thread = Thread(target=self._serve, name="session", daemon=True)
        self._closed = False
        self._life = Lock()
        """Held while a source is begun: the end must find it begun, or not at all."""
        self._opening: Future[rep.Report] = Future()
        """Of the model; done when it is known whether there is one."""
        self._features: tuple[Feature, ...] = ()
        self._status: ModelStatus | None = None
        self._renewal: tuple[int, tuple[str, ...]] = (0, ())

    # --- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Read what the memory holds, and begin to serve the inbox."""
        archive = self._parts.archive
        self._parts.session.portraits = archive.crop
        self._inbox.put(
            rep.Started(
                concepts=archive.concepts(),
                exemplars=archive.vectors(),
                alerts=archive.alerts(),
                consents=archive.consents(),
                features=(),
                changes=archive.changes(),
                seen=tuple(
                    (entry.concept.id, entry.seen)
                    for entry in archive.gallery()
                    if entry.seen is not None
                ),
            )
        )
        self._thread.start()
        self._sound.start()
        self.reload()

    def reload(self) -> None:
        """Load the installed models (again), in the background."""
        self._at_desk(self._load)
        self._open_model()

    def _open_model(self) -> None:
        self._opening = self._at_desk(self._model.load, then=self._model.announce)

    def close(self, timeout_s: float = 10.0) -> None:
        """Stop the sources, let the session finish what they reported, write it, stop."""
        with self._life:
            if self._closed:
                return
            self._closed = True
        self._model.cancel()  # What waits for an answer must not hold up the end.
        lookouts = list(self._lookouts.values())
        for lookout in lookouts:
            lookout.stop()
        for lookout in lookouts:
            lookout.join(timeout_s)
        self._sound.close(timeout_s)
        self._desk.shutdown(wait=True, cancel_futures=True)
        self._model.close()
        self._inbox.put(None)
        self._thread.join(timeout_s)
        self._parts.writer.close()

    # --- the port --------------------------------------------------------------------------------

    @property
    def archive(self) -> Archive:
        return self._parts.archive

    def send(self, command: msg.Command) -> None:
        if isinstance(command, msg.Mute):
            self._sound.mute(command.muted)
            return
        if isinstance(command, msg.Interrupt | msg.Forget):
            # An answer that the session waits for must not hold this up.
            self._model.cancel()
        self._inbox.put(command)

    def subscribe(self, listener: Callable[[msg.Event], None]) -> Callable[[], None]:
        def end() -> None:
            with self._listeners_lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        with self._listeners_lock:
            self._listeners = (*self._listeners, listener)
        return end

    def newest(self, run: str) -> Frame | None:
        lookout = self._lookouts.get(run)
        return None if lookout is None else lookout.feed.newest()

    def level(self) -> float | None:
        return self._sound.level()

    def microphones(self) -> tuple[str, ...]:
        return self._sound.microphones()

    @property
    def features(self) -> tuple[Feature, ...]:
        return self._features

    @property
    def renewal(self) -> tuple[int, tuple[str, ...]]:
        """How many views of the gallery are still to be looked at with another embedder, and the
        names that need showing again, as last told."""
        return self._renewal

    @property
    def model(self) -> ModelStatus | None:
        return self._status

    def await_model(self, timeout_s: float) -> None:
        """Wait until the model that is being opened answers or has failed, at most so long; not at
        all where there is none. For threads that the session does not need."""
        settled = Event()

        def look(status: ModelStatus | None) -> None:
            if status is not None and status.state in ("ready", "failed"):
                settled.set()

        def listen(event: msg.Event) -> None:
            if isinstance(event, msg.ModelChanged):
                look(event.model)

        end = self.subscribe(listen)
        try:
            opened = self._opening.result(timeout_s)
            if isinstance(opened, rep.ModelStatusChanged) and opened.status is not None:
                look(opened.status)
                look(self._status)
                settled.wait(timeout_s)
        except TimeoutError:
            return
        finally:
            end()

    def available_sources(self) -> tuple[SourceSpec, ...]:
        return self._parts.available()

    def request(self, command: msg.Command, timeout_s: float = 60.0) -> msg.Event:
        """Send a command that carries a `ref`, and wait until it is settled and on disk.

        Raises:
            EngineError: the command failed, or its result could not be stored; the text is the
                reason.
            TimeoutError: no answer came in time.
        """
        ref: str = getattr(command, "ref")  # noqa: B009 (not every command has one)
        settled: Future[msg.Event] = Future()
        going_on = Event()

        def listen(event: msg.Event) -> None:
            if getattr(event, "ref", "") != ref:
                return
            if isinstance(event, (msg.AnswerStarted, msg.AnswerExtended)):
                going_on.set()
            elif not settled.done():
                settled.set_result(event)

        end = self.subscribe(listen)
        try:
            self.send(command)
            event = _patient(settled, going_on, timeout_s)
        finally:
            end()
        if isinstance(event, msg.Failed):
            raise failure(event)
        self._parts.writer.perform(())
        return event

    def flush(self) -> bool:
        """Wait until what was published so far is on disk; False when it could not be."""
        return self._parts.writer.flush()

    def report(self, message: Message, release: Callable[[], None] | None = None) -> None:
        """Put a report into the inbox; `release` is called when the session has handled it."""
        self._inbox.put(message if release is None else _Handled(message, release))

    # --- the session thread ----------------------------------------------------------------------

    def _serve(self) -> None:
        while (message := self._inbox.get()) is not None:
            release: Callable[[], None] | None = None
            if isinstance(message, _Handled):
                message, release = message.message, message.release
            try:
                self._handle(message)
            except Exception as error:
                log.exception("the session could not handle a %s", type(message).__name__)
                self._publish(
                    msg.Failed(
                        reason=BROKEN,
                        kind=type(error).__name__,
                        ref=getattr(message, "ref", ""),
                    )
                )
            finally:
                if isinstance(message, msg.Interrupt | msg.Forget):
                    self._model.cancelled()
                if release is not None:
                    release()

    def _handle(self, message: Message) -> None:
        """One message, and the results of what it wanted looked up, before the next is taken."""
        session, clock = self._parts.session, self._parts.clock
        turn: deque[Output] = deque(session.handle(message, clock.wall()))
        while turn:
            output = turn.popleft()
            if isinstance(output, msg.Event):
                self._publish(output)
                continue
            outputs = [
                one
                for result in self._perform(output)
                for one in session.handle(result, clock.wall())
            ]
            turn.extendleft(reversed(outputs))

    def _publish(self, event: msg.Event) -> None:
        if isinstance(event, msg.ModelChanged):
            self._features, self._status = event.features, event.model
        if isinstance(event, msg.GalleryChanged):
            unseen = tuple(entry.concept.name for entry in event.entries if entry.unseen)
            self._renewal = event.waiting, unseen
        for listener in self._listeners:
            listener(event)

    def _perform(self, effect: do.Effect) -> Sequence[rep.Report]:
        """Do it; what is quick comes back at once, the rest through the inbox."""
        match effect:
            case do.StartSource(spec=spec) if spec.kind == "microphone":
                self._sound.listen(effect, held=self._held)
            case do.StartSource():
                self._open(effect)
            case do.StopSource(run=run):
                # It may have ended by itself, which the session has yet to hear.
                lookout = self._lookouts.get(run)
                if lookout is not None:
                    lookout.stop()
                self._sound.stop(run)
            case do.ShowDemo():
                return self._show_demo(effect)
            case do.HoldSources(held=held):
                self._held = held
                for each in list(self._lookouts.values()):
                    each.feed.hold(held)
                self._sound.hold(held)
            case do.Attend() | do.KnowNames() | do.Say() | do.Hush():
                self._sound.perform(effect)
            case do.RecallFacts():
                return (self._recall(effect),)
            case do.EraseScope():
                return (self._erase(effect),)
            case do.UndoChange():
                return (self._undo(effect),)
            case do.Examine():
                self._at_desk(partial(self._examine, effect), effect.ref)
            case do.ExamineMotion():
                self._at_desk(partial(self._examine_motion, effect), effect.ref)
            case do.EmbedAgain():
                self._at_desk(partial(self._embed_again, effect), effect.ref)
            case do.Rehearse():
                self._at_desk(partial(self._rehearse, effect), effect.ref)
            case do.FindProposals():
                self._at_desk(partial(self._propose, effect), effect.ref)
            case (
                do.Generate()
                | do.Compare()
                | do.Verify()
                | do.StopGenerating()
                | do.ShowModel()
                | do.StandBefore()
                | do.ClearModel()
                | do.RetryModel()
            ):
                return self._model.perform(effect)
            case _:
                self._parts.writer.put(effect)
        return ()

    def _show_demo(self, effect: do.ShowDemo) -> tuple[rep.Report, ...]:
        # Its gallery comes before the first of its frames.
        self._model.demo = effect.on and effect.paced
        self._open_model()
        try:
            return (self._parts.demo(),) if effect.on else ()
        except EngineError as error:
            return (failed_effect(error),)

    def _recall(self, effect: do.RecallFacts) -> rep.Report:
        # Done here and not beside: what was just persisted must be found, and a recording watched
        # twice must answer alike.
        try:
            self._parts.writer.flush()
            return rep.Recalled(ref=effect.ref, recall=self._parts.archive.recall(effect.query))
        except EngineError as error:
            return failed_effect(error, effect.ref)

    def _erase(self, effect: do.EraseScope) -> rep.Report:
        try:
            self._parts.writer.perform((effect,))
        except EngineError as error:
            return failed_effect(error, effect.ref)
        return rep.ScopeForgotten(ref=effect.ref, scope=effect.scope)

    def _undo(self, effect: do.UndoChange) -> rep.Report:
        try:
            self._parts.writer.perform((effect,))
            archive = self._parts.archive
            return rep.GalleryRestored(
                ref=effect.ref,
                change=effect.change,
                concepts=archive.concepts(),
                exemplars=archive.vectors(),
                alerts=archive.alerts(),
                changes=archive.changes(),
            )
        except EngineError as error:
            return failed_effect(error, effect.ref)

    def _open(self, effect: do.StartSource) -> None:
        run = effect.run

        def failed(error: EngineError) -> None:
            self._inbox.put(failed_effect(error, run, run=run))

        if effect.spec.kind == "demo":
            self._demos.add(run)
        feed = self._parts.feed(effect.spec, run, self._inbox.put, failed)
        lookout = Lookout(self, effect.spec, run, feed)
        feed.hold(self._held)
        with self._life:
            if self._closed:  # Nobody would end it any more.
                return
            self._lookouts[run] = lookout
            lookout.start()

    # --- the desk: looking at single pictures ----------------------------------------------------

    def _at_desk(
        self,
        work: Callable[[], rep.Report],
        ref: str = "",
        then: Callable[[], None] = lambda: None,
    ) -> "Future[rep.Report]":
        """What comes of the work, or why nothing does, comes through the inbox, too; `then` is
        called when it lies there."""

        def do_it() -> rep.Report:
            try:
                report = work()
            except EngineError as error:
                report = failed_effect(error, ref)
            except Exception as error:
                log.exception("work at the desk stopped")
                report = rep.EffectFailed(reason=BROKEN, error=type(error).__name__, ref=ref)
            self._inbox.put(report)
            then()
            return report

        return self._desk.submit(do_it)

    def _load(self) -> rep.Report:
        try:
            perception, features = self._parts.perceive()
        except Exception as error:
            if not self._perception.done():
                known = isinstance(error, EngineError)
                self._perception.set_exception(error if known else EngineError(BROKEN))
            raise
        if self._perception.done() and self._perception.exception() is not None:
            self._perception = Future()
        if not self._perception.done():
            self._perception.set_result(perception)
        return rep.FeaturesChanged(features=features, embedders=perception.embedders())

    def _embed_again(self, effect: do.EmbedAgain) -> rep.Report:
        self._parts.writer.flush()
        perception = self._perception.result()
        vectors: list[tuple[str, str, Vector]] = []
        lost: list[str] = []
        for exemplar, kind, embedder in effect.exemplars:
            crop = self._parts.archive.crop(exemplar)
            made = None if crop is None else perception.embed_again(crop, kind, embedder)
            if made is None:
                lost.append(exemplar)
            else:
                vectors.append((exemplar, *made))
        return rep.EmbeddedAgain(ref=effect.ref, vectors=tuple(vectors), lost=tuple(lost))

    def _examine(self, effect: do.Examine) -> rep.Report:
        perception, frame = self._perception.result(), effect.frame
        drawn = frame.run in self._demos
        views = perception.examine(
            frame.image, effect.box, effect.kind, drawn=drawn, spare=effect.spare
        )
        return rep.Examined(ref=effect.ref, views=views)

    def _examine_motion(self, effect: do.ExamineMotion) -> rep.Report:
        drawn = effect.clip.run in self._demos
        views = self._perception.result().examine_motion(effect.clip, drawn=drawn)
        return rep.Examined(ref=effect.ref, views=views)

    def _rehearse(self, effect: do.Rehearse) -> rep.Report:
        self._parts.writer.flush()
        probe = self._model.judge if self._status is not None else None
        config = self._parts.config.alerts
        manners = Manners(settle_s=config.settle_s, again_s=config.again_s)
        return rehearse(effect, self._parts.archive, manners, probe)

    def _propose(self, effect: do.FindProposals) -> rep.Report:
        perception, frame = self._perception.result(), effect.frame
        found = perception.propose(
            frame.image, drawn=frame.run in self._demos, moving=effect.moving
        )
        return rep.ProposalsFound(ref=effect.ref, proposals=found)

    # --- for the seeing threads ------------------------------------------------------------------

    def perception(self, timeout_s: float | None = None) -> Perception:
        """The models; waits until they are loaded.

        Raises:
            EngineError: they cannot be loaded.
            TimeoutError: not in time.
        """
        return self._perception.result(timeout_s)

    def wants_things(self) -> bool:
        return self._parts.session.wants_things

    def spares(self) -> bool:
        return self._parts.session.spares

    def actions_sought(self) -> ActionsSought:
        return self._parts.session.actions_sought

    def ended(self, run: str, last: Frame | None) -> None:
        """The last report of a run."""
        at = self._parts.clock.wall() if last is None else last.at
        pts = 0 if last is None else last.pts
        self._lookouts.pop(run, None)
        self._inbox.put(rep.RunChanged(run=run, state="ended", pts=pts, at=at))


def _patient(settled: Future[msg.Event], going_on: Event, timeout_s: float) -> msg.Event:
    """The event; an answer that comes in pieces may take as long as they come."""
    while True:
        try:
            return settled.result(timeout_s)
        except TimeoutError:
            if not going_on.is_set():
                raise
            going_on.clear()


@dataclass(frozen=True, slots=True)
class _Handled:
    """A report whose sender wants to know when it was handled."""

    message: Message
    release: Callable[[], None]


def failed_effect(error: EngineError, ref: str = "", run: str | None = None) -> rep.EffectFailed:
    """The report of an effect that raised."""
    return rep.EffectFailed(reason=str(error), error=type(error).__name__, ref=ref, run=run)


def failure(event: msg.Failed) -> EngineError:
    """The error that an event reports, as an exception of its class."""
    kinds: dict[str, type[EngineError]] = {}
    pending: list[type[EngineError]] = [EngineError]
    while pending:
        kind = pending.pop()
        kinds[kind.__name__] = kind
        pending.extend(kind.__subclasses__())
    return kinds.get(event.kind, EngineError)(event.reason)
