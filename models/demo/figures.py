"""Figures of an evaluation: shares with their intervals, and how true p(yes) is. Needs no torch."""

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


def shares(answers: Iterable[Answered]) -> dict[str, tuple[float, float, float, int]]:
    """Share of exact answers with its 95 % interval and the count: `exact`, each family of
    questions, and `<shape>.exact`."""
    counted: dict[str, list[bool]] = defaultdict(list)
    for one in answers:
        if one.shape != "blind":
            counted["exact"].append(one.exact)
            counted[family(one.kind)].append(one.exact)
        counted[f"{one.shape}.exact"].append(one.exact)
    return {
        name: (sum(right) / len(right), *proportion(sum(right), len(right)), len(right))
        for name, right in sorted(counted.items())
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


def table(found: Mapping[str, tuple[float, float, float, int]]) -> str:
    """As Markdown."""
    lines = ["| metric | share | 95 % interval | questions |", "|---|---|---|---|"]
    for name, (share, low, high, count) in found.items():
        lines.append(f"| `{name}` | {share:.3f} | {low:.3f} to {high:.3f} | {count} |")
    return "\n".join(lines)
