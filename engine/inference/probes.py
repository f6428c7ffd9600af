"""Closed questions judged in one forward pass: the shares of the options' first tokens. Options
that begin with the same token are told apart by the likelihood of all their tokens.

A model leans to some options whatever it sees. The lean is measured on a content-free question and
divided out (contextual calibration, Zhao et al., arXiv 2102.09690).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.inference.answering import log_likelihoods
from engine.inference.llama import Llama
from engine.inference.native import Logits, Token
from engine.inference.window import PROBES, Head, LiveWindow, Piece, follow, lay

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaidProbe:
    """A probe as it is decoded."""

    question: tuple[int, ...]
    """With all that follows it, up to where the answer begins."""
    options: tuple[str, ...]
    before: tuple[Piece, ...] = ()
    """Pictures to look at, before the window."""
    window: bool = True


class Judge:
    """Judges probes on forks of a live window; the stream stays as it is."""

    def __init__(
        self,
        llama: Llama,
        window: LiveWindow,
        content_free: Callable[[tuple[str, ...]], Sequence[int]],
        *,
        calibrated: bool,
    ) -> None:
        """`content_free` makes a question about nothing, put as a probe with these options is, with
        all that follows it."""
        self._llama, self._window = llama, window
        self._content_free = content_free
        self._lean: dict[tuple[str, ...], Shares] = {}
        self._lean_behind: tuple[Piece, ...] | None = None
        """The prefix behind which it was measured."""
        self._calibrated = calibrated

    def judge(self, probes: Sequence[LaidProbe]) -> list[Shares]:
        """The probability of each option of each probe. Those that look at the window alone are
        judged in one batch, and what their questions begin with in common is decoded once."""
        together = [
            one for one in probes if not one.before and one.window and not self._alike(one.options)
        ]
        room = self._llama.facts.sequences - PROBES - 1
        found: dict[int, Logits] = {}
        for start in range(0, len(together), room):
            some = together[start : start + room]
            found |= zip(map(id, some), self._on_forks(some), strict=True)
        for one in probes:
            if id(one) not in found and not self._alike(one.options):
                with self._window.asked(window=one.window, before=one.before) as head:
                    found[id(one)] = follow(self._llama, one.question, head)[0]
        return [
            self._calibrated_shares(
                self._raw(found[id(one)], one.options) if id(one) in found else self._whole(one),
                one.options,
            )
            for one in probes
        ]

    def _alike(self, options: tuple[str, ...]) -> bool:
        """Whether the first token does not tell them apart."""
        return not all(openings(self._llama, options))

    def _whole(self, probe: LaidProbe) -> Shares:
        """Each option decoded behind the question, on a fork of its own."""
        said: list[float] = []
        for option in probe.options:
            with self._window.asked(window=probe.window, before=probe.before) as head:
                tokens = self._llama.tokens(option)
                spread = perplexity(self._llama, head, probe.question, tokens)
                said.append(-len(tokens) * float(np.log(spread)))
        chances = np.exp(np.array(said) - max(said))
        return chances / chances.sum()

    def _on_forks(self, probes: Sequence[LaidProbe]) -> list[Logits]:
        llama = self._llama
        stem = common([one.question for one in probes])
        with self._window.asked(sequence=PROBES) as asked:
            head = Head(PROBES, lay(llama, [stem], asked))
            batch: list[Token] = []
            for n, one in enumerate(probes):
                sequence = PROBES + 1 + n
                llama.fork(PROBES, sequence)
                tail = one.question[len(stem) :]
                last = head.position + len(tail) - 1
                batch += [
                    Token(token, place, sequence, place == last)
                    for place, token in enumerate(tail, head.position)
                ]
            try:
                return list(llama.decode_batch(batch))
            finally:
                for n in range(len(probes)):
                    llama.remove(PROBES + 1 + n)

    def _calibrated_shares(self, shares: Shares, options: tuple[str, ...]) -> Shares:
        if self._calibrated:
            shares = shares / np.maximum(self.leaning(options), 1e-4)
        return shares / shares.sum()

    def _raw(self, logits: Logits, options: tuple[str, ...]) -> Shares:
        chances = np.exp(log_likelihoods(logits).astype(np.float64))
        mass = np.array([chances[tokens].sum() for tokens in openings(self._llama, options)])
        total = mass.sum()
        # Where no option has any weight, nothing is known.
        return mass / total if total > 1e-12 else np.full(len(options), 1 / len(options))

    def leaning(self, options: tuple[str, ...]) -> Shares:
        """The share of each option after a question about nothing, behind the prefix that stands:
        another that is wanted may not be decoded yet."""
        if self._lean_behind is not self._window.stood:
            self._lean_behind = self._window.stood
            self._lean.clear()
        if options not in self._lean:
            question = tuple(self._content_free(options))
            if self._alike(options):
                empty = LaidProbe(question=question, options=options, window=False)
                self._lean[options] = self._whole(empty)
            else:
                with self._window.asked(window=False) as head:
                    logits, _ = follow(self._llama, question, head)
                self._lean[options] = self._raw(logits, options)
        return self._lean[options]


def first_tokens(llama: Llama, option: str) -> list[int]:
    """The tokens that an answer with this option may begin with."""
    ways = {option, option.lower(), option.capitalize(), option.upper()}
    spelled = [llama.tokens(f"{space}{way}") for way in ways for space in ("", " ")]
    return sorted({tokens[0] for tokens in spelled if tokens})


def openings(llama: Llama, options: Sequence[str]) -> list[list[int]]:
    """Of each option the tokens that it alone may begin with."""
    first = [set(first_tokens(llama, one)) for one in options]
    return [
        sorted(one.difference(*(other for other in first if other is not one))) for one in first
    ]


def common(sequences: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """What all begin with; at least the last token of each is left over."""
    shortest = min(map(len, sequences)) - 1
    for n in range(max(shortest, 0)):
        if len({one[n] for one in sequences}) > 1:
            return sequences[0][:n]
    return sequences[0][: max(shortest, 0)]


def perplexity(
    llama: Llama, head: Head, question: Sequence[int], statement: Sequence[int]
) -> float:
    """Of the statement as the answer to the question: at least 1, low where it holds. (A statement
    that no longer fits what is seen becomes unlikely, as in LiveStar.)"""
    if not statement:
        return 1.0
    logits, head = follow(llama, question, head)
    batch = [
        Token(token, head.position + n, head.sequence, True)
        for n, token in enumerate(statement[:-1])
    ]
    rows = [logits, *(llama.decode_batch(batch) if batch else ())]
    chances = log_likelihoods(np.stack(rows))
    taken = chances[np.arange(len(statement)), np.array(statement)]
    return float(np.exp(-taken.mean()))
