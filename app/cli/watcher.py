"""Watching without a window: opens sources, prints their events, asks what was to be asked."""

import signal
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TextIO, cast

from app.cli.event_json import EventJson, Line, written
from app.cli.event_text import spoken
from engine.facts import SourceSpec
from engine.media import nanoseconds, seconds
from engine.messages import (
    AnswerFinished,
    Ask,
    CloseSource,
    Event,
    Failed,
    OpenSource,
    SourceChanged,
    Tracked,
    new_id,
)
from engine.ports.assistant import Assistant
from engine.ports.sources import Clock

END_OF_STREAM = 2**62
"""A moment that no run reaches: a question about it is answered when the run ends."""
ANSWER_WAIT_S = 60.0
CLOSE_WAIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and when (seconds of the stream; None: at the end)."""

    text: str
    at_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One `nacre watch`."""

    sources: tuple[SourceSpec, ...]
    refused: tuple[str, ...] = ()
    """Why further sources cannot be watched."""
    questions: tuple[Question, ...] = ()
    until_s: float | None = None
    consented: bool = False
    wall: bool = False
    """Write wall-clock fields."""
    as_json: bool = False


@dataclass(slots=True)
class _Signalled:
    """SIGINT or SIGTERM has come."""

    number: int


@dataclass
class Watcher:
    """Runs a plan to its end. One use each."""

    engine: Assistant
    clock: Clock
    plan: Plan
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def __post_init__(self) -> None:
        self._inbox: SimpleQueue[tuple[Event, int] | _Signalled] = SimpleQueue()
        self._runs = {new_id(): spec for spec in self.plan.sources}
        self._active = set(self._runs)
        self._opened: set[str] = set()
        self._asked: dict[str, Question] = {}
        self._settled: set[str] = set()
        self._failed = False
        self._signal = 0
        self._json = EventJson(self._runs, self._alert_text, wall=self.plan.wall)

    def run(self) -> int:
        """Watch until every source has ended, `until` is reached or a signal comes.

        Returns the exit code: 0; 1 when a source or a question failed; 130 after Ctrl-C.
        """
        end = self.engine.subscribe(lambda event: self._inbox.put((event, self.clock.wall())))
        try:
            with self._signals():
                for reason in self.plan.refused:
                    self._refuse(reason)
                self._ask_in_time()
                for run, spec in self._runs.items():
                    command = OpenSource(spec=spec, consented=self.plan.consented, run=run)
                    self.engine.send(command)
                self._serve(lambda: not self._active)
                self._ask_afterwards()
                self._serve(lambda: self._settled >= set(self._asked), ANSWER_WAIT_S)
                self._report_unanswered()
        finally:
            end()
        if self._signal == signal.SIGINT:
            return 128 + signal.SIGINT
        return 1 if self._failed else 0

    # --- questions -----------------------------------------------------------------------------

    def _ask_in_time(self) -> None:
        """Questions about a moment wait in the session; one source also gets those for the end."""
        first = next(iter(self._runs), None)
        for question in self.plan.questions:
            if question.at_s is not None:
                self._ask(question, first, nanoseconds(question.at_s))
            elif len(self._runs) == 1:
                self._ask(question, first, END_OF_STREAM)

    def _ask_afterwards(self) -> None:
        for question in self.plan.questions:
            if question.at_s is None and len(self._runs) > 1:
                self._ask(question, None, None)

    def _ask(self, question: Question, run: str | None, pts: int | None) -> None:
        command = Ask(text=question.text, run=run, pts=pts)
        self._asked[command.ref] = question
        self.engine.send(command)

    def _report_unanswered(self) -> None:
        for ref, question in self._asked.items():
            if ref not in self._settled:
                self._refuse(
                    f'The question "{question.text}" was not answered: nothing could be watched.'
                )

    def _refuse(self, reason: str) -> None:
        if self.plan.as_json:
            self._print({"t": 0.0, "event": "failed", "reason": reason})
        self._complain(reason)

    # --- events --------------------------------------------------------------------------------

    def _serve(self, done: Callable[[], bool], limit_s: float | None = None) -> None:
        """Print events until `done`; once a signal came, wait no longer than to close."""
        deadline = None if limit_s is None else self._in(limit_s)
        while not done():
            try:
                got = self._inbox.get(timeout=0.5)
            except Empty:
                if deadline is not None and self.clock.monotonic() > deadline:
                    return
                continue
            if isinstance(got, _Signalled):
                if self._signal:
                    raise KeyboardInterrupt
                self._signal = got.number
                deadline = self._in(CLOSE_WAIT_S)
                for run in self._active:
                    self.engine.send(CloseSource(run=run))
            else:
                self._take(*got)

    def _in(self, wait_s: float) -> int:
        return self.clock.monotonic() + nanoseconds(wait_s)

    def _take(self, event: Event, wall: int) -> None:
        match event:
            case Failed():
                self._settled.add(event.ref)
                # One that had begun still tells its end.
                self._active -= {event.ref, event.run} - self._opened
                self._complain(event.reason)
            case SourceChanged(state="open"):
                self._opened.add(event.run)
            case SourceChanged(state="ended"):
                self._active.discard(event.run)
            case AnswerFinished():
                self._settled.add(event.ref)
            case Tracked():
                self._close_in_time(event)
            case _:
                pass
        line = self._json.line(event)
        if line is not None and (self.plan.as_json or not isinstance(event, Failed)):
            if isinstance(event, AnswerFinished) and self.plan.wall:
                line["first_token_s"] = max(seconds(wall - event.answer.at), 0.0)
            self._print(line)

    def _close_in_time(self, event: Tracked) -> None:
        """A live source has no end of its own."""
        until = self.plan.until_s
        if until is not None and event.pts >= nanoseconds(until) and event.run in self._active:
            self.engine.send(CloseSource(run=event.run))

    def _alert_text(self, alert: str) -> str:
        for known in self.engine.archive.alerts():
            if known.id == alert:
                return known.text
        return ""

    def _print(self, line: Line) -> None:
        print(written(line) if self.plan.as_json else spoken(line), file=self.out, flush=True)

    def _complain(self, reason: str) -> None:
        self._failed = True
        print(f"nacre: {' '.join(reason.split())}", file=self.err, flush=True)

    # --- signals -------------------------------------------------------------------------------

    def _signals(self) -> AbstractContextManager[None]:
        return listening_for_signals(lambda number: self._inbox.put(_Signalled(number)))


@contextmanager
def listening_for_signals(told: Callable[[int], None]) -> Generator[None]:
    """SIGINT and SIGTERM are told instead of ending the process."""

    def handler(number: int, _: FrameType | None) -> None:
        told(number)

    numbers: Sequence[int] = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, cast("signal.Handlers", old))
