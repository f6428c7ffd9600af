"""Answers, a token at a time. Greedy: the same question on the same window gets the same answer, so
one that a crash broke off can be given again."""

import codecs
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.inference.llama import Llama
from engine.inference.native import ContextFull, Logits
from engine.inference.window import Head, follow

Why = Literal["end", "length"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One token of an answer."""

    token: int
    text: str
    """What it adds; empty while a character is not whole."""
    probability: float


def answer(
    llama: Llama, question: Sequence[int], head: Head, *, most: int, said: Sequence[int] = ()
) -> Generator[Spoken, None, Why]:
    """Tokens up to the end of the answer or `most` of them; after `said`, which is not told again.
    Returns whether the answer came to its end, or there was no room for more of it.

    Raises:
        Stopped: it was broken off.
    """
    characters = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for token in said:
        characters.decode(llama.piece(token))
    logits, head = follow(llama, [*question, *said], head)
    for _ in range(max(most - len(said), 0)):
        token = int(logits.argmax())
        if llama.is_end(token):
            return "end"
        yield Spoken(token, characters.decode(llama.piece(token)), likelihood(logits, token))
        try:
            logits, head = follow(llama, [token], head)
        except ContextFull:
            break
    return "length"


def likelihood(logits: Logits, token: int) -> float:
    """The probability of a token."""
    return float(np.exp(log_likelihoods(logits)[token]))


def log_likelihoods(logits: Logits) -> Logits:
    """Logarithms of the probabilities, shape as given."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
