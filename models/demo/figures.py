"""Figures of an evaluation: shares with their intervals, and how true p(yes) is. Needs no torch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.eval.intervals import proportion
from app.eval.world.wording import family
from models.demo.lessons import IGNORED, Lesson

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


def marked(
    lesson: Lesson, logits: npt.NDArray[np.float32], yes_no: tuple[int, int]
) -> list[Answered]:
    """The lesson's questions by the logits at every place whose next token is of an answer.

    Greedy decoding gives the right answer exactly when each of its tokens is the likeliest after
    those before it, so one pass over the right answers is enough.
    """
    places = lesson.targets != IGNORED
    wanted, owner = lesson.targets[places], lesson.branches[places]
    right = logits.argmax(axis=-1) == wanted
    yes, no = (logits[:, word] for word in yes_no)
    p_yes = 1 / (1 + np.exp(np.clip(no - yes, -60, 60)))
    found: list[Answered] = []
    for n, kind in enumerate(lesson.kinds, start=1):
        mine = np.flatnonzero(owner == n)
        first = int(wanted[mine[0]])
        found.append(
            Answered(
                shape=lesson.shape,
                kind=kind,
                exact=bool(right[mine].all()),
                p_yes=float(p_yes[mine[0]]) if first in yes_no else None,
                yes=first == yes_no[0],
            )
        )
    return found


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
