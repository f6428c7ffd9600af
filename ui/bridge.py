"""The one crossing between the window and the engine.

Events arrive on the engine thread and leave here as Qt signals of the GUI thread; commands go the
other way; reads of the memory run in a thread pool, and their results come back on the GUI thread.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

import shiboken6
from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot

from engine.errors import EngineError
from engine.media import Frame
from engine.messages import (
    AddAlert,
    AlertsChanged,
    AnswerExtended,
    AnswerFinished,
    AnswerStarted,
    ArmAlert,
    Ask,
    BacktestAlert,
    BystandersChanged,
    Command,
    CorrectConcept,
    DescribeByLook,
    Event,
    Failed,
    Forget,
    ForgetConcept,
    Forgotten,
    GalleryChanged,
    Heard,
    HoldAlert,
    ImportConcepts,
    Left,
    ModelChanged,
    NamesLearned,
    OpenSource,
    Propose,
    RateAlert,
    Read,
    Remarked,
    RemoveAlert,
    Say,
    Sighted,
    SourceChanged,
    SpeakingChanged,
    TeachAction,
    TeachConcept,
    Tracked,
    UndoCorrection,
    Withdrawn,
)
from engine.ports.assistant import Assistant
from engine.ports.memory import Archive

LOG = logging.getLogger(__name__)

T = TypeVar("T")
Request = (
    OpenSource
    | Ask
    | Propose
    | TeachConcept
    | TeachAction
    | CorrectConcept
    | DescribeByLook
    | ForgetConcept
    | ImportConcepts
    | UndoCorrection
    | AddAlert
    | ArmAlert
    | HoldAlert
    | RateAlert
    | RemoveAlert
    | Say
    | BacktestAlert
    | Forget
)
"""A command that is settled by an event with the same ref."""

Done = Callable[[Event], None]
OnFailed = Callable[[Failed], None]


class Bridge(QObject):
    """Carries commands to the engine, and events and what was read back to the GUI thread."""

    source_changed = Signal(SourceChanged)
    tracked = Signal(Tracked)
    sighted = Signal(Sighted)
    left = Signal(Left)
    read_words = Signal(Read)
    heard = Signal(Heard)
    speaking = Signal(SpeakingChanged)
    names_learned = Signal(NamesLearned)
    answer_started = Signal(AnswerStarted)
    answer_extended = Signal(AnswerExtended)
    answered = Signal(AnswerFinished)
    remarked = Signal(Remarked)
    withdrawn = Signal(Withdrawn)
    gallery_changed = Signal(GalleryChanged)
    bystanders_changed = Signal(BystandersChanged)
    alerts_changed = Signal(AlertsChanged)
    model_changed = Signal(ModelChanged)
    forgotten = Signal(Forgotten)
    failed = Signal(Failed)
    """A failure that nobody who asked is waiting for."""

    closing = Signal()
    """The window goes; whoever has something long under way ends it."""

    _arrived = Signal(object)
    _finished = Signal(object)

    def __init__(self, assistant: Assistant, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._assistant = assistant
        self._waiting: dict[str, tuple[QObject, Done | None, OnFailed | None]] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(3)
        self._long_pool = QThreadPool(self)
        self._long_pool.setMaxThreadCount(2)
        self._signals: dict[type[Any], Any] = {
            SourceChanged: self.source_changed,
            Tracked: self.tracked,
            Sighted: self.sighted,
            Left: self.left,
            Read: self.read_words,
            Heard: self.heard,
            SpeakingChanged: self.speaking,
            NamesLearned: self.names_learned,
            AnswerStarted: self.answer_started,
            AnswerExtended: self.answer_extended,
            AnswerFinished: self.answered,
            Remarked: self.remarked,
            Withdrawn: self.withdrawn,
            GalleryChanged: self.gallery_changed,
            BystandersChanged: self.bystanders_changed,
            AlertsChanged: self.alerts_changed,
            ModelChanged: self.model_changed,
            Forgotten: self.forgotten,
        }
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._finished.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = assistant.subscribe(self._arrived.emit)

    @property
    def archive(self) -> Archive:
        """The memory, for reads; call it only inside `read`."""
        return self._assistant.archive

    @property
    def assistant(self) -> Assistant:
        return self._assistant

    def newest(self, run: str) -> Frame | None:
        return self._assistant.newest(run)

    def send(self, command: Command) -> None:
        self._assistant.send(command)

    def request(
        self,
        command: Request,
        owner: QObject,
        done: Done | None = None,
        failed: OnFailed | None = None,
    ) -> None:
        """Send, and have the event that settles it (or its failure) on the GUI thread.

        Nothing is called once `owner` was destroyed. Without `failed`, a failure is shown like
        one that nobody asked for.
        """
        self._waiting[command.ref] = (owner, done, failed)
        self._assistant.send(command)

    def drop(self, ref: str) -> None:
        """Nobody waits for this answer any more."""
        self._waiting.pop(ref, None)

    def read(
        self,
        work: Callable[[], T],
        owner: QObject,
        then: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
        *,
        priority: int = 0,
        long: bool = False,
    ) -> None:
        """Run `work` in the pool; `then` gets what it returned, or `failed` a sentence.

        `long` work (a download) has threads of its own and must watch `closing`.
        """
        pool = self._long_pool if long else self._pool
        pool.start(partial(self._work, work, owner, then, failed), priority)

    def post(self, owner: QObject, call: Callable[[], None]) -> None:
        """Have `call` made on the GUI thread; safe from any thread."""
        self._finished.emit((owner, call))

    def close(self) -> None:
        """End the subscription and wait for reads under way."""
        self.closing.emit()
        self._unsubscribe()
        for pool in (self._pool, self._long_pool):
            pool.clear()
            pool.waitForDone(5000)

    def _work(
        self,
        work: Callable[[], T],
        owner: QObject,
        then: Callable[[T], None],
        failed: Callable[[str], None] | None,
    ) -> None:
        try:
            result = work()
        except EngineError as error:
            call = partial(failed, str(error)) if failed else None
        except Exception:
            LOG.exception("a read of the window failed")
            reason = "This could not be read. Nothing was changed. Try again."
            call = partial(failed, reason) if failed else None
        else:
            call = partial(then, result)
        if call and shiboken6.isValid(self):
            self._finished.emit((owner, call))

    @Slot(object)
    def _call(self, job: object) -> None:
        owner, call = cast(tuple[QObject, Callable[[], None]], job)
        if shiboken6.isValid(owner):
            call()

    @Slot(object)
    def _deliver(self, arrived: object) -> None:
        event = cast(Event, arrived)
        if isinstance(event, AnswerStarted | AnswerExtended):  # It is not settled yet.
            self._signals[type(event)].emit(event)
            return
        owner, done, failed = self._waiting.pop(getattr(event, "ref", ""), (None, None, None))
        waiting = owner is not None and shiboken6.isValid(owner)
        if isinstance(event, Failed):
            if waiting and failed:
                failed(event)
            else:
                self.failed.emit(event)
            return
        signal = self._signals.get(type(event))
        if signal is not None:
            signal.emit(event)
        if waiting and done:
            done(event)
