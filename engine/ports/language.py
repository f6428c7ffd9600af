"""What answers: a vision-language model."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.media import Frame, Image, Vector
from engine.prompts import ModelStatus, Outcome, Prefix, Priority, Probe, Prompt, Verdict


class Generation(Protocol):
    """An answer on its way. One thread iterates; any thread may cancel."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of the answer as they come.

        Raises:
            ModelError: it cannot be answered; a restart of the model was tried first.
        """
        ...

    def cancel(self) -> None:
        """Stop; what came so far stands, and `outcome` says `cancelled`."""
        ...

    @property
    def outcome(self) -> Outcome:
        """How it ended; to be asked after the last piece."""
        ...


class VisionLanguageModel(Protocol):
    """Watches one run through a live window and answers from it, from notes and from pictures.

    Every call but `probe`, `perplexity` and `embed` returns at once; safe from any thread.
    """

    @property
    def status(self) -> ModelStatus: ...

    def stand(self, prefix: Prefix) -> None:
        """What stands before everything from now on; the window is rebuilt behind the stream."""
        ...

    def take(self, frame: Frame, mark: str, *, paced: bool = True) -> None:
        """Take a frame that passed the gate into the live window; of several that wait the newest
        is taken. A frame of another run empties the window first. Frames of a recording that is
        watched as fast as it goes (not `paced`) are not left out: a question waits for the last
        of them, so that its answer does not depend on the speed of the machine."""
        ...

    def clear(self) -> None:
        """Empty the live window and forget every cached picture (forgetting, the run's end)."""
        ...

    def ask(self, prompt: Prompt) -> Generation: ...

    def probe(
        self, probes: Sequence[Probe], *, priority: Priority = "alert"
    ) -> tuple[Verdict, ...]:
        """Judge all of them in one batch.

        Raises:
            ModelError: they cannot be judged.
        """
        ...

    def perplexity(self, statement: str, *, priority: Priority = "alert") -> float:
        """Of a statement, on the present window: at least 1, low where it holds.

        Raises:
            ModelError: it cannot be judged.
        """
        ...

    def embed(self, what: str | Image, *, priority: Priority = "idle") -> Vector:
        """What a text or a picture is to the model: the mean of its last hidden states, of length
        1. Vectors of one model can be compared, those of a text and a picture as well.

        Raises:
            ModelError: it cannot be told.
            ValueError: it is empty.
        """
        ...

    def retry(self) -> None:
        """Try again what was given up: the GPU after a fall-back, a start after many crashes."""
        ...

    def close(self) -> None: ...
