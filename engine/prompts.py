"""What a vision-language model is asked, and what comes back: values only.

A model sees a *prefix* (system text, standing text, cards of concepts), then its *live window* (the
newest frames of one run, each after its time mark), then what a prompt adds.
"""

from dataclasses import dataclass
from typing import Literal

from engine.media import Image

Priority = Literal["question", "alert", "idle"]
"""Who goes first: a user's question before the check of an alert before notes made when idle."""

CARDS_AT_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A picture for the model, after its time mark (`[12:05]`)."""

    image: Image
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """A concept of the user's, as the model is told of it."""

    name: str
    kind: str
    text: str = ""
    """Its stable traits."""
    picture: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prefix:
    """What stands before every prompt, decoded once."""

    system: str
    standing: tuple[str, ...] = ()
    """What the user asked to be kept in mind."""
    cards: tuple[Card, ...] = ()
    """At most `CARDS_AT_MOST`: those in sight or named in the question."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prompt:
    """A question, with what was recalled for it."""

    question: str
    notes: tuple[str, ...] = ()
    """Lines of the memory with their times, oldest first."""
    pictures: tuple[Picture, ...] = ()
    """Recalled pictures, oldest first. With any, the prompt is about the past: answered beside
    the stream, on the prefix, what was recalled, and the window again."""
    window: bool = True
    """Whether the live window is part of the evidence."""
    most_tokens: int = 192
    priority: Priority = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an answer ended."""

    why: Literal["end", "length", "cancelled"]
    tokens: int
    weakest: float | None
    """The smallest probability that a token of the answer had, in [0, 1]; None where a server does
    not tell it."""
    first_token_s: float
    newest_pts: int | None = None
    """Stream time of the newest frame that the answer saw."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """A question with a closed set of answers, judged in one forward pass."""

    question: str
    options: tuple[str, ...] = ("yes", "no")
    notes: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    window: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The probability of each option of a probe; they sum to 1."""

    probabilities: tuple[float, ...]

    @property
    def yes(self) -> float:
        """Of the first option."""
        return self.probabilities[0]


ModelState = Literal["loading", "ready", "restarting", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """How a vision-language model is doing, for people."""

    model: str
    """Its title."""
    state: ModelState
    progress: float = 1.0
    """Of loading, in [0, 1]."""
    reason: str = ""
    """Why it is not ready, or runs otherwise than asked (on the CPU instead of the GPU, say)."""
    backend: str = ""
    """What it really runs on: `CPU`, `Vulkan: NVIDIA GeForce RTX 4060, 24 of 29 layers`, the name
    of a server."""
    remote: bool = False
    """Pictures leave this machine."""
    demo: bool = False
    """It knows the drawn world of the bundled clip and nothing else."""
    id: str = ""
    """In the catalogue; empty where it is in none (on a server)."""
