"""What hears and speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.media import Samples


class Microphone(Protocol):
    """One open microphone, used by one thread."""

    def read(self, timeout_s: float) -> Samples | None:
        """The next 32 ms (512 samples); None when none came in that time.

        Raises:
            DeviceLost: it has stopped for good.
        """
        ...

    @property
    def waiting(self) -> int:
        """How many came and have not been read yet."""
        ...

    def close(self) -> None: ...


class Microphones(Protocol):
    """The microphones of this machine."""

    def names(self) -> tuple[str, ...]: ...

    def open(self, device: str) -> Microphone:
        """Open it by name; empty: the usual one.

        Raises:
            SourceError: it cannot be opened now; the reason in words for people.
        """
        ...


class VoiceDetector(Protocol):
    def judge(self, samples: Samples) -> float:
        """How probable it is that 512 samples hold speech, after those before them."""
        ...

    def reset(self) -> None:
        """What comes next does not follow what came."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said."""

    text: str
    confidence: float
    called: bool = False
    """It began with the wake phrase, which is left out of the text."""


class Transcriber(Protocol):
    """Makes words of sound; used by one thread."""

    def know(self, names: Sequence[str]) -> tuple[str, ...]:
        """These names may be said; those that cannot be spoken come back."""
        ...

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        """`addressed`: it was said to Nacre by key; `wake`: the wake phrase counts."""
        ...

    def close(self) -> None:
        """Give back what it holds; safe from any thread."""
        ...


class Voice(Protocol):
    """Says things aloud, one at a time."""

    def say(self, text: str) -> None:
        """Say it; returns when it has been said or stopped.

        Raises:
            DeviceLost: it cannot be said.
        """
        ...

    def stop(self) -> None:
        """Be silent at once; safe from any thread, and when nothing is said."""
        ...
