"""How well the demo model answers about the drawn world, by llama.cpp, on its test split.

Split, names and wordings are those of `app/eval/world`; the figures say nothing about real pictures
and are never set beside those of other models. `blind` is asked without a picture and may only
choose among the options, so that what can be guessed is seen; `quantization_cost` is what exact
answers are lost when the text model's matrices have 8 bits; `logit_max_diff` is the largest
difference to what torch computed where the model was trained (`reference.npz` beside the weights).
`ece` is that of p(yes) as the model says it, on as many questions whose answer is yes as no;
`ece_fitted` is what is left of it when p(yes) is corrected by a scale and a shift that were chosen
on the development split. With an output file, what was answered is kept beside it, and a run that
was broken off goes on there.
"""

import hashlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.bundled import bundled_files
from app.eval.answered import (
    Answered,
    balanced,
    calibration_error,
    corrected,
    correction,
    verdicts,
)
from app.eval.intervals import by_subject
from app.eval.kept import Kept
from app.eval.quantizing import to_eight_bits
from app.eval.world.eye import Eye
from app.eval.world.prompts import AFTER, BEFORE, SHAPES, Prompt, PromptMaker, question_text
from app.eval.world.questions import Asked
from app.eval.world.traits import Split
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.errors import ModelNotInstalled
from engine.inference.catalogue import load_catalogue
from engine.inference.intake import sha256
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig, Token

MODEL = "nacre-demo"
SEED = 930_000_001
REFERENCE = "reference.npz"
REFERENCE_SHAPES = ("last-1", "last-4", "ours")
IMAGE = 96
PROBES, PROBE_SHAPES = 2000, ("last-1", "last-4")
"""At least so many questions of yes and no, as many of both; those that the prompt shapes lack are
drawn from these."""
AT_ONCE = 8
"""Questions that are put in one batch, each on a fork of its own."""
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

    def digest(self) -> str:
        """Of the weights."""
        return " ".join(sha256(file)[:16] for file in (self.text, self.projector))

    def open(self) -> Llama:
        config = LlamaConfig(context=4096, sequences=AT_ONCE + 1, threads=1)
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


def drawn(seed: int, split: Split, shapes: Sequence[str], each: int) -> Iterator[Prompt]:
    """Prompts of every shape in turn; the same seed draws the same."""
    chance, eye = random.Random(seed), Eye(IMAGE)
    maker = PromptMaker(chance, split, lambda scene, t: eye.see(scene, t, chance), IMAGE)
    for _ in range(each):
        for shape in shapes:
            yield maker.prompt(shape)


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


def measure(
    *, paths: Paths, quick: bool, out: Path | None, model: str | None = None
) -> Measurement:
    """Every prompt shape alike often; 95 % intervals by prompts drawn anew. `model` is a folder of
    weights, where it is not to be those that come with the program.

    Raises:
        ModelNotInstalled, ModelCorrupt: the weights are not there, or not the pinned ones.
    """
    chosen = files(paths) if model is None else exported(paths, Path(model))
    each = 3 if quick else 70
    kept = Kept(
        None if out is None else out.with_name(out.name + ".answers.jsonl"),
        f"{chosen.digest()} {each} {AT_ONCE}",
    )
    llama = chosen.open()
    try:
        reader = Reader(llama)
        answers = _answers(reader, kept, "test", drawn(SEED, "test", SHAPES, each))
        flat = [one for prompt in answers for one in prompt]
        tried = _tried(reader, kept, each)
        probes = _probes(reader, kept, flat, 0 if quick else PROBES)
        right, guessed = kept.get("blind", lambda: _blind(reader, each))
        difference = difference_from(reader, chosen.text.with_name(REFERENCE))
    finally:
        llama.close()
    metrics, intervals = _shares(answers)
    scale, shift = correction(tried)
    metrics["ece"] = calibration_error(probes)
    metrics["ece_fitted"] = calibration_error(corrected(probes, scale, shift))
    metrics["p_yes_scale"], metrics["p_yes_shift"] = scale, shift
    metrics["probes"] = len(probes)
    metrics["blind"], metrics["blind_gain"] = right, right - guessed
    metrics["quantization_cost"] = _cost(chosen, kept, each)
    if difference is not None:
        metrics["logit_max_diff"] = difference
    return Measurement(
        name="demo-model",
        metrics=metrics,
        intervals=intervals,
        goals=GOALS,
        rows=_rows(flat),
    )


def _answers(
    reader: Reader, kept: Kept, name: str, prompts: Iterator[Prompt]
) -> list[list[Answered]]:
    found: list[list[Answered]] = []
    for n, prompt in enumerate(prompts):

        def work(prompt: Prompt = prompt) -> list[dict[str, Any]]:
            return [asdict(one) for one in reader.read(prompt, random.Random(0))]

        found.append([Answered(**one) for one in kept.get(f"{name} {n}", work)])
    return found


def _tried(reader: Reader, kept: Kept, each: int) -> list[Answered]:
    """Questions of yes and no of the development split."""
    prompts = drawn(SEED + 4, "dev", PROBE_SHAPES, each)
    return balanced(one for part in _answers(reader, kept, "dev", prompts) for one in part)


def _probes(reader: Reader, kept: Kept, flat: Sequence[Answered], least: int) -> list[Answered]:
    """Those that were asked anyway, and more of them where they are too few."""
    found = list(flat)
    for n in range(100):
        probes = balanced(found)
        if len(probes) >= least:
            break
        prompts = drawn(SEED + 100 + n, "test", PROBE_SHAPES, 20)
        found += [one for part in _answers(reader, kept, f"more {n}", prompts) for one in part]
    return balanced(found)


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


def _cost(chosen: Files, kept: Kept, each: int) -> float:
    """Exact answers lost to 8 bits, on the same prompts."""
    shown = list(drawn(SEED + 2, "test", ("last-1", "last-4"), each))
    found: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "eight-bits.gguf"
        to_eight_bits(chosen.text, small)
        for name, text in (("16 bits", chosen.text), ("8 bits", small)):
            llama = Files(text=text, projector=chosen.projector).open()
            try:
                answers = _answers(Reader(llama), kept, name, iter(shown))
            finally:
                llama.close()
            found.append(float(np.mean([one.exact for part in answers for one in part])))
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


def difference_from(reader: Reader, path: Path) -> float | None:
    """Largest difference of a logit from the recipe's own; None where there is no reference of
    these very prompts."""
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
