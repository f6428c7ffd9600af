"""The live window's ways to let go of frames, against a fresh decode of the same last frames.

What remains in a *rolled* window has attended to frames that are gone. How far that leads is
measured where it matters: Kullback-Leibler divergence of the answer's first token, the share of
answers that stay the same, and, where the truth is known, the share of answers that are right.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, get_args

import numpy as np

from engine.inference.answering import log_likelihoods
from engine.inference.attendant import Attendant
from engine.inference.native import Logits
from engine.inference.window import Policy
from engine.prompts import Picture, Prefix, Prompt

POLICIES: tuple[Policy, ...] = get_args(Policy)
Begin = Callable[[Policy], Attendant]
"""An attendant over an empty window of this policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`answer` is None where nobody knows the truth."""

    text: str
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """A frame of a stream, and what is asked when it is the newest."""

    picture: Picture
    pts: int
    questions: tuple[Question, ...]


@dataclass(slots=True, kw_only=True)
class Drift:
    """One policy after so many evictions; a list has one number a question."""

    policy: Policy
    evictions: int
    divergence: list[float] = field(default_factory=list[float])
    """Nats."""
    alike: list[bool] = field(default_factory=list[bool])
    right: list[bool] = field(default_factory=list[bool])
    right_fresh: list[bool] = field(default_factory=list[bool])
    first_token_s: list[float] = field(default_factory=list[float])

    def row(self) -> dict[str, Any]:
        """As a line of a table."""
        return {
            "policy": self.policy,
            "evictions": self.evictions,
            "questions": len(self.alike),
            "KL (nats)": round(float(np.mean(self.divergence)), 5),
            "answers alike": round(float(np.mean(self.alike)), 4),
            "right": round(float(np.mean(self.right)), 4) if self.right else None,
            "right, fresh": round(float(np.mean(self.right_fresh)), 4) if self.right else None,
            "first token (ms)": round(float(np.median(self.first_token_s)) * 1000, 2),
        }


def drifts(
    begin: Begin,
    stream: Callable[[], Iterable[Watched]],
    prefix: Prefix,
    stops: Sequence[int],
    *,
    questions: int,
    most_tokens: int,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[Drift]:
    """Every policy after each number of evictions in `stops`; the same stream for all. Each stop is
    reached by all of them or by none: what is not, while `goes_on`, is left out."""
    for stop in stops:
        reached: list[Drift] = []
        for policy in POLICIES:
            # One model holds one window, so each stop is begun anew.
            attendant = begin(policy)
            attendant.begin(prefix)
            drift = Drift(policy=policy, evictions=stop)
            for watched in _taken(attendant, iter(stream()), stop, goes_on):
                _ask(attendant, watched.questions, drift, most_tokens)
                if len(drift.alike) >= questions:
                    break
            if not goes_on():
                return
            reached.append(drift)
        yield from reached


def _taken(
    attendant: Attendant, frames: Iterator[Watched], stop: int, goes_on: Callable[[], bool]
) -> Iterator[Watched]:
    """The frames from the first on that comes after `stop` evictions."""
    for watched in frames:
        if not goes_on():
            return
        attendant.take(watched.picture, watched.pts)
        while attendant.work():  # What is done behind the stream is done between two frames.
            pass
        if attendant.window.evictions >= stop:
            yield watched


def _ask(
    attendant: Attendant, questions: Sequence[Question], drift: Drift, most_tokens: int
) -> None:
    for question in questions:
        prompt = Prompt(question=question.text, most_tokens=most_tokens)
        begun = perf_counter()
        ours = attendant.first_logits(prompt)
        drift.first_token_s.append(perf_counter() - begun)
        drift.divergence.append(divergence(ours, attendant.first_logits(prompt, anew=True)))
        said, fresh = (
            "".join(spoken.text for spoken in attendant.answer(prompt, anew=anew)).strip()
            for anew in (False, True)
        )
        drift.alike.append(said == fresh)
        if question.answer is not None:
            drift.right.append(holds(said, question.answer))
            drift.right_fresh.append(holds(fresh, question.answer))


def holds(said: str, answer: str) -> bool:
    """Whether what was said gives the right answer: as its words in a row, however it is wrapped;
    of yes and no, as its first word."""
    heard, wanted = (re.findall(r"[a-z0-9]+", text.lower()) for text in (said, answer))
    if wanted in (["yes"], ["no"]):
        return heard[:1] == wanted
    starts = range(len(heard) - len(wanted) + 1)
    return any(heard[n : n + len(wanted)] == wanted for n in starts)


def divergence(ours: Logits, fresh: Logits) -> float:
    """Kullback-Leibler divergence of the next token's distribution, in nats."""
    right, said = log_likelihoods(fresh), log_likelihoods(ours)
    return max(float((np.exp(right) * (right - said)).sum(dtype=np.float64)), 0.0)
