"""How well the demo model answers about the drawn world, by llama.cpp, on its test split.

Split, names and wordings are those of `app/eval/world`; the figures say nothing about real pictures
and are never set beside those of other models. `clip.` stands before figures of one clip with all
of its frames shown; `shapes_apart` is how far the prompt shapes lie apart where each is asked the
very same questions about the same moments, all of which its newest frame answers. `blind` is asked
without a picture and may only choose among the options, so that what can be guessed is seen;
`quantization_cost` is what exact answers are lost when the text model's matrices have 8 bits;
`logit_max_diff` is the largest difference to what torch computed where the model was trained
(`reference.npz` beside the weights). `ece` is that of p(yes) as the model says it, on as many
questions whose answer is yes as no; `ece_fitted` is what is left of it when p(yes) is corrected by
a scale and a shift that were chosen on the development split. With an output file, what was
answered is kept beside it, and a run that was broken off goes on there.
"""

import hashlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.eval.answered import (
    Answered,
    balanced,
    calibration_error,
    corrected,
    correction,
    verdicts,
)
from app.eval.demo_reader import AT_ONCE, Files, Reader, exported, files
from app.eval.intervals import by_subject
from app.eval.kept import Kept
from app.eval.quantizing import to_eight_bits
from app.eval.world.eye import Eye
from app.eval.world.prompts import SHAPES, Prompt, PromptMaker, question_text
from app.eval.world.traits import Split
from app.measure import Goal, Measurement
from app.paths import Paths

SEED = 930_000_001
REFERENCE = "reference.npz"
REFERENCE_SHAPES = ("last-1", "last-4", "ours")
IMAGE = 96
PROBES, PROBE_SHAPES = 2000, ("last-1", "last-4")
"""At least so many questions of yes and no, as many of both; those that the prompt shapes lack are
drawn from these."""

BLIND = 300
"""Prompts whose questions are asked blind: with 70 one standard error is some 0.018."""

SEEING = tuple(shape for shape in SHAPES if shape != "blind")
GOALS = (
    *(
        Goal(metric=f"{part}{name}", relation=">=", goal=0.95)
        for part in ("clip.", "")
        for name in ("exact", "look", "action", "count", "presence")
    ),
    Goal(metric="shapes_apart", relation="<=", goal=0.03),
    Goal(metric="blind_gain", relation="<=", goal=0.03),
    Goal(metric="ece", relation="<", goal=0.05),
    Goal(metric="quantization_cost", relation="<", goal=0.01),
)


def _maker(seed: int, split: Split) -> PromptMaker:
    chance, eye = random.Random(seed), Eye(IMAGE)
    return PromptMaker(chance, split, lambda scene, t: eye.see(scene, t, chance), IMAGE)


def drawn(seed: int, split: Split, shapes: Sequence[str], each: int) -> Iterator[Prompt]:
    """Prompts of every shape in turn; the same seed draws the same."""
    maker = _maker(seed, split)
    for _ in range(each):
        for shape in shapes:
            yield maker.prompt(shape)


def alike(seed: int, each: int) -> Iterator[Prompt]:
    """So many moments of the test split, each in every shape that sees, with the same questions."""
    maker = _maker(seed, "test")
    for _ in range(each):
        yield from maker.alike(SEEING)


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
    kept = Kept.beside(out, "demo-model", f"{chosen.digest()} {each} {AT_ONCE}")
    llama = chosen.open()
    try:
        reader = Reader(llama)
        answers = _answers(reader, kept, "test", drawn(SEED, "test", SHAPES, each))
        flat = [one for prompt in answers for one in prompt]
        same = _answers(reader, kept, "same", alike(SEED + 5, each))
        tried = _tried(reader, kept, each)
        probes = _probes(reader, kept, flat, 0 if quick else PROBES)
        blind = each if quick else BLIND
        right, guessed = kept.get(f"blind {blind}", lambda: _blind(reader, blind))
        difference = difference_from(reader, chosen.text.with_name(REFERENCE))
    finally:
        llama.close()
    metrics, intervals = _shares(answers)
    apart(same, metrics, intervals)
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
    return metrics, intervals


def apart(
    answers: Sequence[Sequence[Answered]],
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> None:
    """Exact answers of each shape to the same questions, and how far the shapes lie apart."""
    right = np.array([sum(one.exact for one in prompt) for prompt in answers])
    asked = np.array([len(prompt) for prompt in answers])
    both = np.stack([right, asked], axis=1).reshape(-1, len(SEEING), 2)

    def shares(moments: Sequence[npt.NDArray[np.int_]]) -> npt.NDArray[np.float64]:
        total = np.sum(moments, axis=0)
        return total[:, 0] / total[:, 1]

    def between(moments: Sequence[npt.NDArray[np.int_]]) -> float:
        return float(np.ptp(shares(moments)))

    metrics |= {f"same.{n}": float(v) for n, v in zip(SEEING, shares(list(both)), strict=True)}
    metrics["shapes_apart"] = between(list(both))
    intervals["shapes_apart"] = by_subject({str(n): [one] for n, one in enumerate(both)}, between)


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
