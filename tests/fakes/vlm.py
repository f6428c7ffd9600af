"""A vision-language model that says what it is told to, and honours the port's contract."""

from collections.abc import Callable, Iterator, Sequence
from threading import Event, Lock

import numpy as np

from engine.errors import ModelError
from engine.media import Frame, Image, Vector
from engine.prompts import (
    ModelStatus,
    Outcome,
    Prefix,
    Priority,
    Probe,
    Prompt,
    Verdict,
)

READY = ModelStatus(model="Scripted", state="ready", backend="script")


class FakeGeneration:
    """Says its words at once, or as `hold` lets it."""

    def __init__(
        self,
        words: Sequence[str],
        error: ModelError | None,
        held: Event | None,
        newest: int | None,
        *,
        most: int,
    ) -> None:
        self._words = list(words[:most])
        self._cut = len(words) > most
        self._error = error
        self._held = held
        self._newest = newest
        self._cancelled = Event()
        self._outcome: Outcome | None = None
        self.said = 0

    def __iter__(self) -> Iterator[str]:
        if self._outcome is not None:
            return
        for word in self._words[self.said :]:
            while self._held is not None and not self._held.wait(0.01):
                if self._cancelled.is_set():
                    break
            if self._cancelled.is_set():
                break
            self.said += 1
            yield word
        if self._error is not None and not self._cancelled.is_set():
            raise self._error
        self._outcome = Outcome(
            why="cancelled" if self._cancelled.is_set() else "length" if self._cut else "end",
            tokens=self.said,
            weakest=0.9,
            first_token_s=0.1,
            newest_pts=self._newest,
        )

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def outcome(self) -> Outcome:
        if self._outcome is None:
            raise RuntimeError("the answer has not ended")
        return self._outcome


class FakeVlm:
    """`VisionLanguageModel` in memory. `words`: how it answers; `held`: answers wait for it."""

    def __init__(
        self,
        status: ModelStatus = READY,
        changed: Callable[[ModelStatus], None] = lambda _: None,
    ) -> None:
        self.words: list[str] = ["A cat ", "sleeps."]
        self.yes = 0.8
        self.error: ModelError | None = None
        self.held: Event | None = None
        self.taken: list[tuple[Frame, str]] = []
        self.window: list[Frame] = []
        self.prefixes: list[Prefix] = []
        self.asked: list[Prompt] = []
        self.generations: list[FakeGeneration] = []
        self.probed: list[Probe] = []
        self.cleared = 0
        self.retried = 0
        self.closed = False
        self._status = status
        self._changed = changed
        self._lock = Lock()

    @property
    def status(self) -> ModelStatus:
        return self._status

    def become(self, status: ModelStatus) -> None:
        """Change its state, and tell."""
        self._status = status
        self._changed(status)

    def stand(self, prefix: Prefix) -> None:
        self.prefixes.append(prefix)

    def take(self, frame: Frame, mark: str, *, paced: bool = True) -> None:
        with self._lock:
            if self.window and self.window[-1].run != frame.run:
                self.window.clear()
            self.taken.append((frame, mark))
            self.window = [*self.window, frame][-4:]

    def clear(self) -> None:
        self.cleared += 1
        self.window.clear()

    def ask(self, prompt: Prompt) -> FakeGeneration:
        self._require_open()
        self.asked.append(prompt)
        newest = self.window[-1].pts if self.window and prompt.window else None
        made = FakeGeneration(self.words, self.error, self.held, newest, most=prompt.most_tokens)
        self.generations.append(made)
        return made

    def probe(
        self, probes: Sequence[Probe], *, priority: Priority = "alert"
    ) -> tuple[Verdict, ...]:
        self._require_open()
        if self.error is not None:
            raise self.error
        self.probed += probes
        rest = [(1 - self.yes) / max(len(probe.options) - 1, 1) for probe in probes]
        return tuple(
            Verdict(probabilities=(self.yes, *[left] * (len(probe.options) - 1)))
            for probe, left in zip(probes, rest, strict=True)
        )

    def perplexity(self, statement: str, *, priority: Priority = "alert") -> float:
        return 1 / self.probe([Probe(question=statement)], priority=priority)[0].yes

    def embed(self, what: str | Image, *, priority: Priority = "idle") -> Vector:
        if not len(what):
            raise ValueError("nothing to embed")
        self._require_open()
        if self.error is not None:
            raise self.error
        seed = sum(what.encode()) if isinstance(what, str) else int(what.sum())
        drawn = np.random.default_rng(seed).standard_normal(16)
        return (drawn / np.linalg.norm(drawn)).astype(np.float32)

    def retry(self) -> None:
        self.retried += 1

    def close(self) -> None:
        self.closed = True

    def _require_open(self) -> None:
        if self.closed:
            raise ModelError("The model is closed. Start Nacre again.")
