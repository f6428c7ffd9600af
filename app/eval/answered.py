"""Figures of answered questions: shares by kind and by prompt shape, and how true p(yes) is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.eval.intervals import proportion
from app.eval.logistic import fitted, probability
from app.eval.world.wording import family

BINS = 10
CLIP = "last-4"
"""The shape that shows a clip of the present, each frame of it, and no past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question; `exact` when greedy decoding gives the right answer word for word."""

    shape: str
    kind: str
    exact: bool
    p_yes: float | None
    """Of yes against no; None where neither is the answer."""
    yes: bool


def verdicts(answers: Iterable[Answered]) -> Mapping[str, list[bool]]:
    """Which answers were exact: of all that had evidence (`exact`), of each family of questions,
    and of each prompt shape (`<shape>.exact`); `clip.` stands before what was asked of one clip
    with all of its frames shown."""
    counted: dict[str, list[bool]] = defaultdict(list)
    for one in answers:
        names = ["exact", family(one.kind)] if one.shape != "blind" else []
        if one.shape == CLIP:
            names += [f"clip.{name}" for name in names]
        for name in (*names, f"{one.shape}.exact"):
            counted[name].append(one.exact)
    return counted


def shares(answers: Iterable[Answered]) -> dict[str, tuple[float, float, float, int]]:
    """Share of exact answers with its 95 % interval and the count, by the names of `verdicts`."""
    return {
        name: (sum(right) / len(right), *proportion(sum(right), len(right)), len(right))
        for name, right in sorted(verdicts(answers).items())
    }


def calibration_error(answers: Sequence[Answered], bins: int = BINS) -> float:
    """Expected calibration error of p(yes) over bins of equal mass (Naeini et al., AAAI 2015).

    Raises:
        ValueError: there are fewer answers with a p(yes) than bins.
    """
    kept = [(one.p_yes, one.yes) for one in answers if one.p_yes is not None]
    if len(kept) < bins:
        raise ValueError("too few yes or no questions")
    p = np.array([one for one, _ in kept])
    truth = np.array([yes for _, yes in kept], float)
    order = np.argsort(p, kind="stable")
    error = 0.0
    for part in np.array_split(order, bins):
        error += len(part) / len(kept) * abs(float(p[part].mean() - truth[part].mean()))
    return error


def balanced(answers: Iterable[Answered]) -> list[Answered]:
    """Of those that were answered by yes or no as many of both, spread over all of them."""
    kept = [one for one in answers if one.p_yes is not None]
    sides = [[one for one in kept if one.yes == side] for side in (True, False)]
    count = min(map(len, sides))
    found: list[Answered] = []
    for side in sides:
        found += [side[n * len(side) // count] for n in range(count)]
    return found


def correction(answers: Sequence[Answered]) -> tuple[float, float]:
    """The scale and the shift of the logit of p(yes) under which the answers are likeliest (Platt
    scaling, 1999), with a little weight on (1, 0)."""
    truth = np.array([one.yes for one in answers], float)
    scale, shift = fitted(_logits(answers), truth, toward=(1.0, 0.0), pull=1e-2)
    return float(scale), float(shift)


def corrected(answers: Sequence[Answered], scale: float, shift: float) -> list[Answered]:
    """The same with p(yes) corrected."""
    p = probability(scale * _logits(answers) + shift)
    return [replace(one, p_yes=float(now)) for one, now in zip(answers, p, strict=True)]


def _logits(answers: Sequence[Answered]) -> npt.NDArray[np.float64]:
    p = np.clip(np.array([one.p_yes for one in answers], float), 1e-9, 1 - 1e-9)
    return np.log(p) - np.log1p(-p)
