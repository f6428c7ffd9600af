"""A vision-language model on llama.cpp, in a process of its own.

One thread owns everything here. What is called from outside is put into its inbox as a step to do,
as are the reports of the model's process; so nothing waits but who asks for a verdict.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread

from engine.errors import ModelCrashed, ModelError
from engine.inference import protocol, worker
from engine.inference.child import Child
from engine.inference.handler import Factory
from engine.inference.picture_cache import PictureCache
from engine.inference.requests import (
    FRAME_RANK,
    RANKS,
    Answering,
    Embedding,
    Judging,
    Request,
    Waiting,
    Weighing,
)
from engine.inference.supervisor import Plan, Supervisor
from engine.inference.view import Seen, Standing, Step, View
from engine.inference.watch import Limits
from engine.media import Frame, Image, Vector
from engine.ports.sources import Clock
from engine.prompts import ModelStatus, Prefix, Priority, Probe, Prompt, Verdict

log = logging.getLogger(__name__)

LOOK_S = 0.25
NO_LIMITS = Limits()


@dataclass(slots=True, kw_only=True, eq=False)
class _Job:
    """What the process works on: a request, or a step of its view."""

    number: int
    what: Request | Step
    rank: int
    """Only what ranks higher breaks it off; -1: nothing does."""
    stopping: bool = False
    progress: int = 0


class LlamaVlm:
    """Implements `VisionLanguageModel`."""

    def __init__(
        self,
        plan: Plan,
        factory: Factory = worker.live,
        *,
        clock: Clock,
        changed: Callable[[ModelStatus], None] = lambda _: None,
        limits: Limits = NO_LIMITS,
        pictures: PictureCache | None = None,
    ) -> None:
        """`changed` is told every status, from a thread of the model's own; `factory` is a function
        of a module, which the model's process loads the model with."""
        self._clock = clock
        self._limits = limits
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._pictures = pictures or PictureCache()
        self._view = View(plan.load.frames)
        self._waiting = Waiting()
        self._losses: dict[Request, int] = {}
        self._job: _Job | None = None
        self._ready = False
        self._numbers = 0
        self._frame_before = False
        self._error: ModelError | None = None
        self._closed = Event()
        self._ended = Event()
        """The thread looks into its inbox once more after this, and never again."""
        self._remarks: dict[type[Step], str] = {}
        self._supervisor = Supervisor(plan, factory, self, clock, limits=limits, changed=changed)
        self._thread = Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    # --- the port, from any thread ---------------------------------------------------------------

    @property
    def status(self) -> ModelStatus:
        return self._supervisor.status

    def stand(self, prefix: Prefix) -> None:
        self._inbox.put(lambda: self._view.stand(prefix))

    def take(self, frame: Frame, mark: str, *, paced: bool = True) -> None:
        self._inbox.put(lambda: self._view.take(frame, mark, paced=paced))

    def clear(self) -> None:
        self._inbox.put(self._clear)

    def ask(self, prompt: Prompt) -> Answering:
        answering = Answering(prompt, self._clock, self._cancel)
        self._submit(answering)
        return answering

    def probe(
        self, probes: Sequence[Probe], *, priority: Priority = "alert"
    ) -> tuple[Verdict, ...]:
        if not probes:
            return ()
        judging = Judging(probes, priority)
        self._submit(judging)
        return judging.verdicts.result()

    def perplexity(self, statement: str, *, priority: Priority = "alert") -> float:
        weighing = Weighing(statement, priority)
        self._submit(weighing)
        return weighing.perplexity.result()

    def embed(self, what: str | Image, *, priority: Priority = "idle") -> Vector:
        if not len(what):
            raise ValueError("nothing to embed")
        embedding = Embedding(what, priority)
        self._submit(embedding)
        return embedding.vector.result()

    def retry(self) -> None:
        self._inbox.put(self._retry)

    def close(self) -> None:
        """Returns at once; `join` waits until the process is gone."""
        self._closed.set()
        self._inbox.put(lambda: None)

    def join(self, limit_s: float) -> bool:
        """Whether all of it has ended within the limit."""
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    @property
    def pid(self) -> int | None:
        """Of the model's process, while there is one."""
        child = self._supervisor.child
        return child.pid if child else None

    def _submit(self, request: Request) -> None:
        if self._closed.is_set():
            raise _is_closed()
        self._inbox.put(lambda: self._add(request))
        if self._ended.is_set():  # The thread may not have seen it any more.
            self._do_steps(0)

    def _cancel(self, answering: Answering) -> None:
        self._inbox.put(lambda: self._waiting.remove(answering))

    # --- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._supervisor.start()
            looked = time.monotonic()
            while not self._closed.is_set():
                self._do_steps(LOOK_S)
                if (now := time.monotonic()) - looked >= LOOK_S:
                    looked = now
                    self._supervisor.look()
                self._advance()
            self._drop_all(_is_closed())
        except Exception as error:
            log.exception("the model's thread stopped")
            self._supervisor.fail(
                ModelCrashed(
                    f"Something went wrong inside ({type(error).__name__}). What was seen is kept. "
                    "Start Nacre again."
                )
            )
        finally:
            self._closed.set()
            self._supervisor.close()
            self._ended.set()
            self._do_steps(0)

    def _do_steps(self, patience_s: float) -> None:
        """Wait for a step, then do all there are."""
        try:
            self._inbox.get(timeout=patience_s)()
            while True:
                self._inbox.get_nowait()()
        except Empty:
            return

    def _add(self, request: Request) -> None:
        if self._closed.is_set():
            request.fail(_is_closed())
        elif error := self._error:
            request.fail(type(error)(str(error)))
        elif not request.cancelled:
            self._waiting.add(request)

    def _clear(self) -> None:
        self._view.empty()
        self._pictures.forget()

    def _retry(self) -> None:
        self._error = None
        self._view.stand_again()
        self._supervisor.retry()

    def _drop_all(self, error: ModelError) -> None:
        requests = self._waiting.drain()
        if self._job and not isinstance(self._job.what, Step):
            requests.append(self._job.what)
        self._job = None
        self._losses.clear()
        for request in requests:
            request.fail(type(error)(str(error)))

    # --- what is to be done next -----------------------------------------------------------------

    def _advance(self) -> None:
        """Give the process something to do, or break off what it does."""
        if not self._ready:
            return
        if self._job is not None:
            self._interrupt(self._job)
            return
        job = self._next()
        if job is None:
            self._supervisor.rest()
            return
        self._job = job
        shown = self._pictures.shown
        what = job.what
        order = (
            what.order(job.number, shown)
            if isinstance(what, Step)
            else what.work(job.number, shown)
        )
        self._supervisor.send(order)

    def _next(self) -> _Job | None:
        """What is owed to a new process, then a question, a new prefix, a frame and an alert in
        turns, and what is made when idle."""
        view, rank = self._view, self._waiting.rank()
        if step := view.owed():
            return self._new(step, -1)
        if rank == RANKS["question"]:
            first = view.first_frame()
            return self._next_request() if first is None else self._new(first, -1)
        if step := view.new_prefix():
            return self._new(step, FRAME_RANK)
        alert_first = rank == RANKS["alert"] and self._frame_before
        self._frame_before = False
        if not alert_first and (step := view.new_frame()):
            self._frame_before = True
            return self._new(step, FRAME_RANK)
        return self._next_request()

    def _next_request(self) -> _Job | None:
        while request := self._waiting.next():
            if not request.cancelled:
                return self._new(request, request.rank)
        return None

    def _new(self, what: Request | Step, rank: int) -> _Job:
        self._numbers += 1
        progress = 0 if isinstance(what, Step) else what.progress
        return _Job(number=self._numbers, what=what, rank=rank, progress=progress)

    def _interrupt(self, job: _Job) -> None:
        """Stop it where something more urgent waits, or nobody waits for it any more."""
        if job.stopping:
            return
        rank = self._waiting.rank()
        urgent = rank is not None and rank < job.rank and rank != FRAME_RANK
        if isinstance(job.what, Seen):
            unwanted = not self._view.wants(job.what)
        else:
            unwanted = not isinstance(job.what, Step) and job.what.cancelled
        if urgent or unwanted:
            job.stopping = True
            self._supervisor.stop(job.number)

    # --- what the process reports ----------------------------------------------------------------

    def deliver(self, child: Child, report: protocol.Report | None) -> None:
        self._inbox.put(lambda: self._hear(child, report))

    def _hear(self, child: Child, report: protocol.Report | None) -> None:
        match self._supervisor.hear(child, report):
            case protocol.Encoding(key=key, encoded=rows):
                self._pictures.keep(key, rows)
            case protocol.Said() as said:
                if (request := self._request(said.id)) and not request.cancelled:
                    request.tell(said)
            case (
                protocol.Answered()
                | protocol.Judged()
                | protocol.Weighed()
                | protocol.Embedded()
                | protocol.Done()
                | protocol.Stopped()
                | protocol.Failed()
            ) as ended if self._job and ended.id == self._job.number:
                job, self._job = self._job, None
                self._end(job, ended)
            case _:
                pass

    def _request(self, number: int) -> Request | None:
        job = self._job
        if job is None or job.number != number or isinstance(job.what, Step):
            return None
        return job.what

    def _end(self, job: _Job, report: protocol.Ended) -> None:
        what = job.what
        if isinstance(what, Step):
            self._end_step(what, report)
            return
        match report:
            case protocol.Stopped() if what.cancelled:
                pass
            case protocol.Stopped():
                self._waiting.put_back(what)
                return
            case protocol.Failed(reason=reason):
                what.fail(ModelError(reason))
            case _:
                what.end(report)
        self._losses.pop(what, None)

    def _end_step(self, step: Step, report: protocol.Ended) -> None:
        match report:
            case protocol.Stopped():
                self._view.undone(step)
            case protocol.Failed(reason=reason):
                log.warning("the model cannot take what it is shown (%s)", type(step).__name__)
                if self._view.failed(step):
                    self._remark(step, f"{_REFUSED[type(step)]} {reason}")
            case _:
                self._view.done(step)
                left_out = step.left_out if isinstance(step, Standing) else 0
                self._remark(step, f"{_LEFT_OUT}: {left_out}." if left_out else "")

    def _remark(self, step: Step, text: str) -> None:
        """Say what is not as it should be; empty: a step of this kind was done."""
        self._remarks[type(step)] = text
        self._supervisor.remark(" ".join(filter(None, self._remarks.values())))

    # --- what the supervisor tells ---------------------------------------------------------------

    def ready(self) -> None:
        self._ready = True
        self._remarks.clear()
        self._view.restart()

    def lost(self, *, blame: bool) -> None:
        self._ready = False
        job, self._job = self._job, None
        if job is None:
            return
        if isinstance(job.what, Step):
            self._view.undone(job.what, lost=blame)
            return
        request = job.what
        if not blame:
            self._waiting.put_back(request)
            return
        if request.progress > job.progress:
            self._losses.pop(request, None)
        losses = self._losses[request] = self._losses.get(request, 0) + 1
        if losses < self._limits.attempts:
            self._waiting.put_back(request)
            return
        del self._losses[request]
        request.fail(
            ModelCrashed(
                f"The model's process ended {losses} times over this. It was started again; ask "
                "something else, or choose another model."
            )
        )

    def gave_up(self, error: ModelError) -> None:
        self._ready = False
        self._error = error
        self._drop_all(error)


_REFUSED: dict[type[Step], str] = {
    Standing: "What stands before every question could not be given to the model.",
    Seen: "The model could not take the last picture.",
}
_LEFT_OUT = "The model's context is too small for the cards of all that are in sight; left out"


def _is_closed() -> ModelError:
    return ModelError("The model is closed. Start Nacre again.")
