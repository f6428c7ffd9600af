"""What was asked of a model and waits for it, and in which order."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Final, Literal, Protocol

import numpy as np

from engine.errors import ModelCrashed, ModelError
from engine.inference import protocol
from engine.media import NANOSECONDS, Image, Vector
from engine.ports.sources import Clock
from engine.prompts import Outcome, Picture, Priority, Probe, Prompt, Verdict

RANKS: Final[dict[Priority, int]] = {"question": 0, "alert": 2, "idle": 3}
FRAME_RANK: Final = 1

Show = Callable[[Image, str], protocol.Shown]


class Request(Protocol):
    """One of them; all but `cancelled` is for the thread that owns the model."""

    @property
    def rank(self) -> int: ...

    @property
    def cancelled(self) -> bool: ...

    def work(self, number: int, show: Show) -> protocol.Work:
        """The order that does it, or does what is left of it."""
        ...

    def tell(self, said: protocol.Said) -> None: ...

    def end(self, report: protocol.Ended) -> None: ...

    def fail(self, error: ModelError) -> None: ...

    @property
    def progress(self) -> int:
        """How much of it is done, and need not be done again."""
        ...


class Waiting:
    """Requests in the order in which they are served: by rank, then as they came."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[Request]] = {rank: deque() for rank in RANKS.values()}

    def add(self, request: Request) -> None:
        self._queues[request.rank].append(request)

    def put_back(self, request: Request) -> None:
        """It was broken off: it is the next of its rank."""
        self._queues[request.rank].appendleft(request)

    def rank(self) -> int | None:
        """Of the next request."""
        return next((rank for rank, queue in self._queues.items() if queue), None)

    def next(self) -> Request | None:
        rank = self.rank()
        return None if rank is None else self._queues[rank].popleft()

    def remove(self, request: Request) -> None:
        """Nobody waits for it any more."""
        queue = self._queues[request.rank]
        if request in queue:
            queue.remove(request)

    def drain(self) -> list[Request]:
        """All of them; none is left."""
        requests = [one for queue in self._queues.values() for one in queue]
        for queue in self._queues.values():
            queue.clear()
        return requests


class Answering:
    """Implements `Generation`, and the request for it.

    An answer that was broken off goes on after the tokens that were told, so a listener never gets
    a piece twice, and never one that contradicts an earlier one.
    """

    def __init__(self, prompt: Prompt, clock: Clock, cancel: "Callable[[Answering], None]") -> None:
        self._prompt = prompt
        self._clock = clock
        self._cancel = cancel
        self._asked_at = clock.monotonic()
        self._pieces: SimpleQueue[str | Outcome | ModelError] = SimpleQueue()
        self._said: list[int] = []
        self._weakest = 1.0
        self._first_token_s = 0.0
        self._cancelled = False
        self._outcome: Outcome | None = None

    # --- for the listener ------------------------------------------------------------------------

    def __iter__(self) -> Iterator[str]:
        while self._outcome is None:
            piece = self._pieces.get()
            if self._cancelled:
                self._outcome = self._ended("cancelled", None)
            elif isinstance(piece, str):
                yield piece
            elif isinstance(piece, Outcome):
                self._outcome = piece
            else:
                self._pieces.put(piece)  # for one who asks again
                raise piece

    def cancel(self) -> None:
        self._cancelled = True
        self._pieces.put("")
        self._cancel(self)

    @property
    def outcome(self) -> Outcome:
        if self._outcome is None and self._cancelled:
            self._outcome = self._ended("cancelled", None)
        if self._outcome is None:
            raise RuntimeError("the answer has not ended")
        return self._outcome

    # --- for the model's thread ------------------------------------------------------------------

    @property
    def rank(self) -> int:
        return RANKS[self._prompt.priority]

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    @property
    def progress(self) -> int:
        return len(self._said)

    def work(self, number: int, show: Show) -> protocol.Ask:
        prompt = self._prompt
        return protocol.Ask(
            id=number,
            question=prompt.question,
            notes=prompt.notes,
            pictures=_shown(prompt.pictures, show),
            window=prompt.window,
            most_tokens=prompt.most_tokens,
            said=tuple(self._said),
        )

    def tell(self, said: protocol.Said) -> None:
        if not self._said:
            self._first_token_s = (self._clock.monotonic() - self._asked_at) / NANOSECONDS
        self._said += said.tokens
        self._weakest = min(self._weakest, said.probability)
        if said.text:
            self._pieces.put(said.text)

    def end(self, report: protocol.Ended) -> None:
        if isinstance(report, protocol.Answered):
            self._pieces.put(self._ended(report.why, report.newest_pts))
        else:
            self.fail(_senseless())

    def fail(self, error: ModelError) -> None:
        self._pieces.put(error)

    def _ended(self, why: Literal["end", "length", "cancelled"], newest_pts: int | None) -> Outcome:
        return Outcome(
            why=why,
            tokens=len(self._said),
            weakest=self._weakest,
            first_token_s=self._first_token_s,
            newest_pts=newest_pts,
        )


class _Awaited:
    """A request whose caller waits for one result."""

    cancelled = False
    progress = 0

    def __init__(self, priority: Priority) -> None:
        self.rank = RANKS[priority]

    def tell(self, said: protocol.Said) -> None:
        """It is no answer of words."""


class Judging(_Awaited):
    """Probes on their way."""

    def __init__(self, probes: Sequence[Probe], priority: Priority) -> None:
        super().__init__(priority)
        self._probes = tuple(probes)
        self.verdicts: Future[tuple[Verdict, ...]] = Future()

    def work(self, number: int, show: Show) -> protocol.Judge:
        return protocol.Judge(
            id=number,
            probes=tuple(
                protocol.AskedProbe(
                    question=probe.question,
                    options=probe.options,
                    notes=probe.notes,
                    pictures=_shown(probe.pictures, show),
                    window=probe.window,
                )
                for probe in self._probes
            ),
        )

    def end(self, report: protocol.Ended) -> None:
        wanted = [len(probe.options) for probe in self._probes]
        if isinstance(report, protocol.Judged) and wanted == [
            len(one) for one in report.probabilities
        ]:
            self.verdicts.set_result(
                tuple(Verdict(probabilities=one) for one in report.probabilities)
            )
        else:
            self.fail(_senseless())

    def fail(self, error: ModelError) -> None:
        self.verdicts.set_exception(error)


class Weighing(_Awaited):
    """A statement whose perplexity is wanted."""

    def __init__(self, statement: str, priority: Priority) -> None:
        super().__init__(priority)
        self._statement = statement
        self.perplexity: Future[float] = Future()

    def work(self, number: int, show: Show) -> protocol.Weigh:
        return protocol.Weigh(id=number, statement=self._statement)

    def end(self, report: protocol.Ended) -> None:
        if isinstance(report, protocol.Weighed):
            self.perplexity.set_result(report.perplexity)
        else:
            self.fail(_senseless())

    def fail(self, error: ModelError) -> None:
        self.perplexity.set_exception(error)


class Embedding(_Awaited):
    """A text or a picture whose vector is wanted."""

    def __init__(self, what: str | Image, priority: Priority) -> None:
        super().__init__(priority)
        self._what = what
        self.vector: Future[Vector] = Future()

    def work(self, number: int, show: Show) -> protocol.Embed:
        what = self._what
        if isinstance(what, str):
            return protocol.Embed(id=number, text=what)
        return protocol.Embed(id=number, picture=show(what, ""))

    def end(self, report: protocol.Ended) -> None:
        if isinstance(report, protocol.Embedded) and np.isfinite(report.vector).all():
            self.vector.set_result(report.vector)
        else:
            self.fail(_senseless())

    def fail(self, error: ModelError) -> None:
        self.vector.set_exception(error)


def _shown(pictures: Sequence[Picture], show: Show) -> tuple[protocol.Shown, ...]:
    return tuple(show(picture.image, picture.mark) for picture in pictures)


def _senseless() -> ModelError:
    return ModelCrashed("The model's process gave a senseless reply. Ask again.")
