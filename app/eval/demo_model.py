"""How well the demo model answers about the drawn world, by llama.cpp, on its test split.

Split, names and wordings are those of `app/eval/world`; the figures say nothing about real pictures
and are never set beside those of other models. `blind` is asked without a picture and may only
choose among the options, so that what can be guessed is seen; `quantization_cost` is what exact
answers are lost when the text model's matrices have 8 bits; `logit_max_diff` is the largest
difference to what torch computed where the model was trained (`reference.npz` beside the weights).
"""

import hashlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.eval.answered import Answered, calibration_error, verdicts
from app.eval.intervals import by_subject
from app.eval.quantizing import to_eight_bits
from app.eval.world.eye import Eye
from app.eval.world.prompts import AFTER, BEFORE, SHAPES, Prompt, PromptMaker, question_text
from app.eval.world.questions import Asked
from app.eval.world.traits import Split
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.errors import ModelNotInstalled
from engine.inference.catalogue import load_catalogue
from engine.inference.intake import check
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig, Token

MODEL = "nacre-demo"
SEED = 930_000_001
REFERENCE = "reference.npz"
REFERENCE_SHAPES = ("last-1", "last-4", "ours")
IMAGE = 96
YES_NO = ("yes", "no")

GOALS = (
    *(Goal(metric=name, relation=">=", goal=0.95) for name in ("exact", "look", "action")),
    *(Goal(metric=name, relation=">=", goal=0.95) for name in ("count", "presence")),
    Goal(metric="shapes_apart", relation="<=", goal=0.03),
    Goal(metric="blind_gain", relation="<=", goal=0.03),
    Goal(metric="ece", relation="<", goal=0.05),
    Goal(metric="quantization_cost", relation="<", goal=0.01),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The two files of the model, checked."""

    text: Path
    projector: Path

    def open(self) -> Llama:
        config = LlamaConfig(context=4096, sequences=2, threads=1)
        return Llama(self.text, self.projector, config)


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
        before = self._llama.tokens(question, special=True)
        after = self._llama.tokens(answer, special=True)
        self._llama.fork(0, 1)
        first = len(before) - 1
        batch = [
            Token(one, position + n, 1, first <= n) for n, one in enumerate([*before, *after[:-1]])
        ]
        return self._llama.decode_batch(batch), after

    def read(self, prompt: Prompt, chance: random.Random) -> list[Answered]:
        """Every question of the prompt. Greedy decoding gives the right answer exactly when each of
        its tokens is the likeliest after those before it."""
        position = self.show(prompt.parts)
        found: list[Answered] = []
        for asked in prompt.asked:
            question, answer = question_text(asked, chance, choices=False)
            logits, wanted = self.logits(position, question, answer)
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
        for option in options:
            logits, said = self.logits(position, question, answer.replace(asked.answer, option, 1))
            logits = logits - logits.max(axis=-1, keepdims=True)
            chances = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
            scores.append(float(chances[np.arange(len(said)), said].mean()))
        return options[int(np.argmax(scores))]


def files(paths: Paths) -> Files:
    """The weights that come with the program.

    Raises:
        ModelNotInstalled: they are not there.
        ModelCorrupt: they are not the ones that the catalogue pins.
    """
    entry = load_catalogue(paths.catalogue).entry(MODEL)
    folder = paths.catalogue.parent / "demo"
    try:
        for file in entry.files:
            check(folder / file.name, file)
    except FileNotFoundError as error:
        raise ModelNotInstalled(
            "The demo model did not come with this program. Nothing was measured. "
            "`make demo-model` trains it from a source tree."
        ) from error
    return Files(text=folder / entry.files[0].name, projector=folder / entry.files[1].name)


def drawn(seed: int, split: Split, shapes: Sequence[str], each: int) -> Iterator[Prompt]:
    """Prompts of every shape in turn; the same seed draws the same."""
    chance, eye = random.Random(seed), Eye(IMAGE)
    maker = PromptMaker(chance, split, lambda scene, t: eye.see(scene, t, chance), IMAGE)
    for _ in range(each):
        for shape in shapes:
            yield maker.prompt(shape)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """Every prompt shape alike often; 95 % intervals by prompts drawn anew.

    Raises:
        ModelNotInstalled, ModelCorrupt: the weights are not there, or not the pinned ones.
    """
    del out
    chosen = files(paths)
    each = 3 if quick else 70
    llama = chosen.open()
    try:
        reader = Reader(llama)
        answers = [reader.read(one, random.Random(0)) for one in drawn(SEED, "test", SHAPES, each)]
        right, guessed = _blind(reader, each)
        difference = _difference(reader, chosen.text.with_name(REFERENCE))
    finally:
        llama.close()
    metrics, intervals = _shares(answers)
    flat = [one for prompt in answers for one in prompt]
    metrics["ece"] = calibration_error(flat)
    metrics["probes"] = sum(one.p_yes is not None for one in flat)
    metrics["blind"], metrics["blind_gain"] = right, right - guessed
    metrics["quantization_cost"] = _cost(chosen, each)
    if difference is not None:
        metrics["logit_max_diff"] = difference
    return Measurement(
        name="demo-model",
        metrics=metrics,
        intervals=intervals,
        goals=GOALS,
        rows=_rows(flat),
    )


def _shares(
    answers: Sequence[Sequence[Answered]],
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    parts = [verdicts(prompt) for prompt in answers]
    for name in sorted({name for part in parts for name in part}):
        by = {str(n): part[name] for n, part in enumerate(parts) if name in part}
        metrics[name] = float(np.mean([one for right in by.values() for one in right]))
        intervals[name] = by_subject(by, lambda right: float(np.mean(right)))
    seeing = [metrics[f"{shape}.exact"] for shape in SHAPES if shape != "blind"]
    metrics["shapes_apart"] = max(seeing) - min(seeing)
    return metrics, intervals


def _blind(reader: Reader, each: int) -> tuple[float, float]:
    """The share of questions about a frame that are answered right without it, by the likeliest
    option, and the share that dice would get."""
    chance = random.Random(SEED)
    (blind,) = drawn(SEED, "test", ("blind",), 1)
    opening = [part for part in blind.parts if isinstance(part, str)]
    right, dice = 0.0, 0.0
    count = 0
    for prompt in drawn(SEED + 1, "test", ("last-1",), each):
        position = reader.show([opening[0], opening[-1]])
        for asked in prompt.asked:
            if not asked.wrong or asked.name is not None or asked.kind == "unseen":
                continue
            right += reader.guess(position, asked, chance) == asked.answer
            dice += 1 / (1 + len(asked.wrong[:3]))
            count += 1
    return right / count, dice / count


def _cost(chosen: Files, each: int) -> float:
    """Exact answers lost to 8 bits, on the same prompts."""
    shown = list(drawn(SEED + 2, "test", ("last-1", "last-4"), each))
    found: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "eight-bits.gguf"
        to_eight_bits(chosen.text, small)
        for text in (chosen.text, small):
            llama = Files(text=text, projector=chosen.projector).open()
            try:
                reader = Reader(llama)
                answers = [one for p in shown for one in reader.read(p, random.Random(0))]
            finally:
                llama.close()
            found.append(float(np.mean([one.exact for one in answers])))
    return found[0] - found[1]


def digest(prompts: Sequence[Prompt]) -> str:
    """Of all that stands in the prompts."""
    whole = hashlib.sha256()
    for prompt in prompts:
        for part in prompt.parts:
            whole.update(part.encode() if isinstance(part, str) else part.tobytes())
        for asked in prompt.asked:
            whole.update(f"{asked.question}\n{asked.answer}\n".encode())
    return whole.hexdigest()


def reference_prompts() -> list[Prompt]:
    """The prompts whose logits `reference.npz` keeps, of the first place of every answer."""
    return list(drawn(SEED + 3, "dev", REFERENCE_SHAPES, 1))


def _difference(reader: Reader, path: Path) -> float | None:
    """None where there is no reference of these very prompts."""
    if not path.is_file():
        return None
    prompts = reference_prompts()
    with np.load(path) as kept:
        wanted, of = kept["logits"], str(kept["digest"])
    if of != digest(prompts):
        return None
    found: list[Any] = []
    for prompt in prompts:
        position = reader.show(prompt.parts)
        for asked in prompt.asked:
            question, answer = question_text(asked, random.Random(0), choices=False)
            found.append(reader.logits(position, question, answer)[0][0])
    return float(np.abs(np.stack(found) - wanted).max())


def _rows(answers: Sequence[Answered]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for kind in sorted({one.kind for one in answers}):
        row: dict[str, Any] = {"kind": kind}
        for shape in SHAPES:
            right = [one.exact for one in answers if one.kind == kind and one.shape == shape]
            row[shape] = f"{np.mean(right):.2f} of {len(right)}" if right else "-"
        rows.append(row)
    return rows
