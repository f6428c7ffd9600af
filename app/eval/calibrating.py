"""How far the probabilities that the program tells are from how often it is right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.eval.people import Watched
from app.eval.strangers import Stranger
from engine.decision.calibration import calibration_of
from engine.facts import MAYBE, SURE, View

BINS = 10
FEWEST_LOOKS = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A probability that was told, and whether it was so."""

    probability: float
    right: bool
    weight: float = 1.0


def calibration_error(told: Sequence[Told]) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al., 2017)."""
    said = np.array([one.probability for one in told])
    right = np.array([float(one.right) for one in told])
    weight = np.array([one.weight for one in told])
    bins: npt.NDArray[np.intp] = np.minimum((said * BINS).astype(np.intp), BINS - 1)
    error = 0.0
    for place in range(BINS):
        mine = bins == place
        if mine.any():
            off = np.average(said[mine] - right[mine], weights=weight[mine])
            error += float(weight[mine].sum() / weight.sum()) * abs(float(off))
    return error


def outcomes(told: Sequence[Told]) -> dict[str, tuple[int, int]]:
    """By what the policy makes of it: (so many were so, of all)."""
    found: dict[str, tuple[int, int]] = {}
    for name, least, most in (
        ("unknown", 0.0, MAYBE),
        ("maybe", MAYBE, SURE),
        ("sure", SURE, np.inf),
    ):
        mine = [one for one in told if least <= one.probability < most]
        found[name] = (sum(one.right for one in mine), len(mine))
    return found


def of_people(
    watched: Iterable[Watched], everybody: Sequence[Watched], strangers: Sequence[Stranger]
) -> list[Told]:
    """Each of `watched` registered by its snapshot, before all other clips and these strangers,
    after every look from the second on. Those who are it, and all others, weigh half each: there
    are many more others here than anybody meets."""
    told: list[Told] = []
    for known in watched:
        for other in everybody:
            if other is not known:
                told += _looked_at(known.snapshot, other.views, other.person == known.person)
        for stranger in strangers:
            told += _looked_at(known.snapshot, stranger.views, False)
    own = sum(one.right for one in told)
    each = {True: 0.5 / max(own, 1), False: 0.5 / max(len(told) - own, 1)}
    return [Told(one.probability, one.right, each[one.right]) for one in told]


def _looked_at(snapshot: View, views: Sequence[View], right: bool) -> list[Told]:
    calibration = calibration_of(snapshot.embedder, face=True)
    scores = [float(view.vector @ snapshot.vector) for view in views]
    return [
        Told(calibration.probabilities({"": float(np.mean(scores[:n]))}, n)[""], right)
        for n in range(FEWEST_LOOKS, len(scores) + 1)
    ]
