"""Figures of answered questions: shares by kind and by prompt shape, and how true p(yes) is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.eval.intervals import proportion
from app.eval.world.wording import family

BINS = 10


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
    and of each prompt shape (`<shape>.exact`)."""
    counted: dict[str, list[bool]] = defaultdict(list)
    for one in answers:
        if one.shape != "blind":
            counted["exact"].append(one.exact)
            counted[family(one.kind)].append(one.exact)
        counted[f"{one.shape}.exact"].append(one.exact)
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
