"""What a loaded model does for the engine: keeps its window, answers, judges. It works in the
model's process and knows neither pipes nor processes."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np

from engine.inference.answering import Spoken, Why, answer
from engine.inference.chat import chat_format
from engine.inference.conversation import Part, after_window, before_window, hint, system_parts
from engine.inference.llama import Llama
from engine.inference.native import Encoded, Logits
from engine.inference.probes import Judge, LaidProbe, perplexity
from engine.inference.window import LiveWindow, Piece, Shown, WindowConfig, follow
from engine.media import Vector
from engine.prompts import Picture, Prefix, Probe, Prompt, Verdict

NOTHING = "N/A"
"""A content-free question."""
SEEN = "What is seen now?"
"""The question to which a statement about the present is the answer."""


class Attendant:
    """One model at work, in one thread."""

    def __init__(
        self,
        llama: Llama,
        config: WindowConfig | None = None,
        *,
        encoded: Callable[[Picture], Encoded] | None = None,
        trained_for_probes: bool = False,
    ) -> None:
        """`encoded` finds a picture that was encoded before, or encodes it. A model that was
        `trained_for_probes` (our demo model) answers with one word by itself, and leans to none."""
        self._llama = llama
        self._format = chat_format(llama.template)
        self._encoded = encoded or self._encode
        self._trained_for_probes = trained_for_probes
        self.window = LiveWindow(llama, config)
        self._after = tuple(llama.tokens(self._format.after, special=True))
        self._judge = Judge(
            llama, self.window, self._content_free, calibrated=not trained_for_probes
        )

    def _encode(self, picture: Picture) -> Encoded:
        return self._llama.encode(picture.image)

    def begin(self, prefix: Prefix, shown: Sequence[Shown] = ()) -> None:
        """Decode everything at once: after a start or a restart."""
        self.window.begin(self._prefix(prefix), shown)

    def stand(self, prefix: Prefix) -> None:
        """Another prefix, decoded by `work` behind the stream."""
        self.window.stand(self._prefix(prefix))

    def work(self) -> bool:
        """One step of what can wait; False when there is nothing to do."""
        return self.window.work()

    def shown(self, picture: Picture, pts: int) -> Shown:
        """A frame as the window takes it."""
        return Shown(pieces=tuple(self._picture(picture)), pts=pts)

    def take(self, picture: Picture, pts: int) -> None:
        """A frame comes into the live window."""
        self.window.add(self.shown(picture, pts))

    def clear(self) -> None:
        self.window.clear()

    def answer(
        self, prompt: Prompt, said: Sequence[int] = (), *, anew: bool = False
    ) -> Generator[Spoken, None, Why]:
        """The answer, a token at a time, after those that were `said` already; `anew` on the same
        frames decoded again. Leaving the iteration drops the fork. Returns why it ended."""
        before, question = self._laid(prompt)
        with self.window.asked(window=prompt.window, before=before, anew=anew) as head:
            return (
                yield from answer(self._llama, question, head, most=prompt.most_tokens, said=said)
            )

    def first_logits(self, prompt: Prompt, *, anew: bool = False) -> Logits:
        """Of the answer's first token; shape (vocabulary,)."""
        before, question = self._laid(prompt)
        with self.window.asked(window=prompt.window, before=before, anew=anew) as head:
            return follow(self._llama, question, head)[0]

    def probe(self, probes: Sequence[Probe]) -> tuple[Verdict, ...]:
        """All of them in one batch, where they look at nothing but the window."""
        laid: list[LaidProbe] = []
        for one in probes:
            clear = "" if self._trained_for_probes else hint(one.options)
            before, question = self._laid(replace(one, question=one.question + clear))
            laid.append(
                LaidProbe(question=question, options=one.options, before=before, window=one.window)
            )
        return tuple(
            Verdict(probabilities=tuple(np.asarray(shares, float).tolist()))
            for shares in self._judge.judge(laid)
        )

    def lean(self, options: tuple[str, ...]) -> tuple[float, ...]:
        """The share of each option after a content-free question: what probes divide out."""
        return tuple(np.asarray(self._judge.leaning(options), float).tolist())

    def perplexity(self, statement: str) -> float:
        """Of a statement, on the present window."""
        with self.window.asked() as head:
            question = self._question(SEEN)
            return perplexity(self._llama, head, question, self._llama.tokens(statement))

    def embed(self, what: str | Picture) -> Vector:
        """A text or a picture as a vector of length 1, from the model's hidden states."""
        if isinstance(what, Picture):
            return self._llama.embed(self._encoded(what))
        return self._llama.embed((*self._llama.opening, *self._llama.tokens(what)))

    # --- laying out ------------------------------------------------------------------------------

    def _prefix(self, prefix: Prefix) -> tuple[Piece, ...]:
        marks = (tuple(self._llama.tokens(text, special=True)) for text in (
            self._format.before, self._format.between
        ))  # fmt: skip
        before, between = marks
        opening = self._llama.opening
        if before[: len(opening)] != opening:  # Some templates write it themselves.
            before = (*opening, *before)
        return _joined([before, *self._pieces(system_parts(prefix)), between])

    def _laid(self, asked: Prompt | Probe) -> tuple[tuple[Piece, ...], tuple[int, ...]]:
        """What comes before the window, and the question with what follows it."""
        behind = self._pieces(after_window(asked))
        question: list[int] = []
        for piece in behind:
            assert not isinstance(piece, Encoded), "pictures stand before the window"
            question += piece
        return _joined(self._pieces(before_window(asked))), (*question, *self._after)

    def _content_free(self, options: tuple[str, ...]) -> tuple[int, ...]:
        return self._question(NOTHING + hint(options))

    def _question(self, text: str) -> tuple[int, ...]:
        return (*self._llama.tokens(text), *self._after)

    def _pieces(self, parts: Sequence[Part]) -> list[Piece]:
        pieces: list[Piece] = []
        for part in parts:
            if isinstance(part, str):
                pieces.append(tuple(self._llama.tokens(part)))
            else:
                pieces += self._picture(part)
        return pieces

    def _picture(self, picture: Picture) -> list[Piece]:
        encoded = self._encoded(picture)
        mark = self._llama.tokens(picture.mark)
        return [(*mark, *encoded.before), encoded, encoded.after]


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Neighbouring text as one piece, which is decoded in one call."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and not isinstance(piece, Encoded) and not isinstance(joined[-1], Encoded):
            joined[-1] = (*joined[-1], *piece)
        elif isinstance(piece, Encoded) or piece:
            joined.append(piece)
    return tuple(joined)
