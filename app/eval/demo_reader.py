"""The demo model's two files, and questions about prompts put to them by llama.cpp."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.bundled import bundled_files
from app.eval.answered import Answered
from app.eval.world.prompts import AFTER, BEFORE, Prompt, question_text
from app.eval.world.questions import Asked
from app.paths import Paths
from engine.errors import ModelNotInstalled
from engine.inference.catalogue import load_catalogue
from engine.inference.intake import sha256
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig, Token

MODEL = "nacre-demo"
AT_ONCE = 8
"""Questions that are put in one batch, each on a fork of its own."""
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The two files of the model, checked."""

    text: Path
    projector: Path

    def digest(self) -> str:
        """Of the weights."""
        return " ".join(sha256(file)[:16] for file in (self.text, self.projector))

    def open(self) -> Llama:
        config = LlamaConfig(context=4096, sequences=AT_ONCE + 1, threads=1)
        return Llama(self.text, self.projector, config)


def files(paths: Paths) -> Files:
    """The weights that come with the program.

    Raises:
        ModelNotInstalled: they are not there.
        ModelCorrupt: they are not the ones that the catalogue pins.
    """
    entry = load_catalogue(paths.catalogue).entry(MODEL)
    try:
        text, projector = bundled_files(paths.catalogue, entry)
    except ModelNotInstalled as error:
        raise ModelNotInstalled(
            "The demo model did not come with this program. Nothing was measured. "
            "`make demo-model` trains it from a source tree."
        ) from error
    return Files(text=text, projector=projector)


def exported(paths: Paths, folder: Path) -> Files:
    """The weights that a training wrote there, named as in the catalogue; nothing pins them.

    Raises:
        ModelNotInstalled: they are not there.
    """
    text, projector = (
        folder / one.name for one in load_catalogue(paths.catalogue).entry(MODEL).files
    )
    found = Files(text=text, projector=projector)
    if not (found.text.is_file() and found.projector.is_file()):
        raise ModelNotInstalled(
            f"{folder} holds no {found.text.name} with its {found.projector.name}. Nothing was "
            "measured. `python -m models.demo.export --out` writes them."
        )
    return found


class Reader:
    """Puts prompts to the model, each question on a fork of its prompt."""

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self._yes_no = tuple(llama.tokens(word)[0] for word in YES_NO)

    def show(self, parts: Sequence[str | npt.NDArray[np.uint8]]) -> int:
        """Begin anew with these parts, pictures in RGB; the next free position."""
        self._llama.remove(0)
        position, text = 0, ""
        for part in parts:
            if isinstance(part, str):
                text += part
                continue
            position = self._say(text + BEFORE, position)
            encoded = self._llama.encode(np.ascontiguousarray(part[..., ::-1]))
            position = self._llama.decode_encoded(encoded, sequence=0, position=position)
            text = AFTER
        return self._say(text, position)

    def _say(self, text: str, position: int) -> int:
        ids = self._llama.tokens(text, special=True)
        self._llama.decode(ids, sequence=0, position=position)
        return position + len(ids)

    def logits(self, position: int, question: str, answer: str) -> tuple[Any, list[int]]:
        """At every place whose next token is of the answer (n x words), and the answer's tokens."""
        return self.all_logits(position, [(question, answer)])[0]

    def all_logits(
        self, position: int, asked: Sequence[tuple[str, str]]
    ) -> list[tuple[Any, list[int]]]:
        """The same for several questions and answers, each as if it were the only one."""
        found: list[tuple[Any, list[int]]] = []
        for start in range(0, len(asked), AT_ONCE):
            batch: list[Token] = []
            wanted: list[list[int]] = []
            for fork, (question, answer) in enumerate(asked[start : start + AT_ONCE], 1):
                before = self._llama.tokens(question, special=True)
                after = self._llama.tokens(answer, special=True)
                self._llama.fork(0, fork)
                first = len(before) - 1
                batch += [
                    Token(one, position + n, fork, first <= n)
                    for n, one in enumerate([*before, *after[:-1]])
                ]
                wanted.append(after)
            rows = self._llama.decode_batch(batch)
            for after in wanted:
                found.append((rows[: len(after)], after))
                rows = rows[len(after) :]
        return found

    def read(self, prompt: Prompt, chance: random.Random) -> list[Answered]:
        """Every question of the prompt. Greedy decoding gives the right answer exactly when each of
        its tokens is the likeliest after those before it."""
        position = self.show(prompt.parts)
        found: list[Answered] = []
        texts = [question_text(asked, chance, choices=False) for asked in prompt.asked]
        read = self.all_logits(position, texts)
        for asked, (logits, wanted) in zip(prompt.asked, read, strict=True):
            yes, no = (float(logits[0, word]) for word in self._yes_no)
            known = asked.answer in YES_NO
            found.append(
                Answered(
                    shape=prompt.shape,
                    kind=asked.kind,
                    exact=bool((logits.argmax(axis=-1) == np.array(wanted)).all()),
                    p_yes=1 / (1 + float(np.exp(np.clip(no - yes, -60, 60)))) if known else None,
                    yes=asked.answer == "yes",
                )
            )
        return found

    def guess(self, position: int, asked: Asked, chance: random.Random) -> str:
        """The likeliest of the options, each token of them the likelier the better."""
        options, _ = asked.options(chance)
        question, answer = question_text(asked, chance, choices=False)
        scores: list[float] = []
        texts = [(question, answer.replace(asked.answer, option, 1)) for option in options]
        for raw, said in self.all_logits(position, texts):
            logits = raw - raw.max(axis=-1, keepdims=True)
            chances = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
            scores.append(float(chances[np.arange(len(said)), said].mean()))
        return options[int(np.argmax(scores))]
