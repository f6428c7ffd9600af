"""What each step of knowing a thing again is worth, the curve behind the thresholds, and what a
score is worth as a probability.

Every threshold and every fit is made on one half of the subjects and read on the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from app.eval.logistic import fitted
from app.eval.things import MARGIN, random_splits
from engine.config import IdentityConfig
from engine.decision.calibration import Calibration, calibration_of
from engine.facts import Certainty, View

GALLERY = 15
"""A stranger stands before so many concepts."""
PASSES = 0.005
"""So many strangers may pass, by the normal curve through the scores of others."""
Score = Callable[[Sequence[View], View], float]
"""How well a look fits the taught views of one concept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A track before a gallery: the best concept, its score, and how far the second lies below."""

    subject: str
    known: bool
    best: str
    score: float
    margin: float
    probability: float = 0.0
    """That it is the best, as the program tells it."""

    def named(self, threshold: float) -> bool:
        return self.score >= threshold and self.margin >= MARGIN

    @property
    def right(self) -> bool:
        return self.known and self.best == self.subject


def whole_mean(taught: Sequence[View], look: View) -> float:
    return float(np.mean([_whole(view) @ _whole(look) for view in taught]))


def whole_centroid(taught: Sequence[View], look: View) -> float:
    centre = np.sum([_whole(view) for view in taught], axis=0)
    return float(centre @ _whole(look) / np.linalg.norm(centre))


def whole_nearest(taught: Sequence[View], look: View) -> float:
    return max(float(_whole(view) @ _whole(look)) for view in taught)


def parts_mean(taught: Sequence[View], look: View) -> float:
    return float(np.mean([(view.vector @ look.vector.T).max() for view in taught]))


def parts_nearest(taught: Sequence[View], look: View) -> float:
    return max(float((view.vector @ look.vector.T).max()) for view in taught)


STEPS: dict[str, Score] = {
    "whole photo, mean of the shots": whole_mean,
    "whole photo, centroid of the shots": whole_centroid,
    "whole photo, nearest shot": whole_nearest,
    "three parts on both sides, mean": parts_mean,
    "three parts on both sides, nearest (installed)": parts_nearest,
}


def ranked(
    views: Mapping[str, Sequence[View]], splits: int, score: Score, *, shots: int, photos: int = 1
) -> list[Ranked]:
    """Every track of the random splits of `things` before the gallery of its split."""
    told: list[Ranked] = []

    def judge(
        taught: Mapping[str, Sequence[View]], track: Sequence[View]
    ) -> tuple[Certainty, str | None]:
        fits = {
            name: float(np.mean([score(shown, look) for look in track]))
            for name, shown in taught.items()
        }
        order = sorted(fits, key=lambda name: -fits[name])
        second = fits[order[1]] if len(order) > 1 else -1.0
        calibration = calibration_of(track[0].embedder, face=False)
        looks = max(len(track), IdentityConfig().min_views)
        told.append(
            Ranked(
                subject="",
                known=False,
                best=order[0],
                score=fits[order[0]],
                margin=fits[order[0]] - second,
                probability=calibration.probabilities(fits, looks)[order[0]],
            )
        )
        return "sure", order[0]

    queries = random_splits(views, splits=splits, shots=shots, photos=photos, judge=judge)
    return [
        replace(found, subject=query.subject, known=query.known)
        for query, found in zip(queries, told, strict=True)
    ]


def threshold_on(views: Mapping[str, Sequence[View]], score: Score, *, shots: int = 3) -> float:
    """The score that one stranger in 200 passes before a gallery of 15, by a normal curve through
    the scores of every photo against the first photos of every other subject."""
    others = [
        score(list(shown)[:shots], look)
        for name, shown in views.items()
        for other, looks in views.items()
        if other != name
        for look in looks
    ]
    curve = NormalDist(float(np.mean(others)), float(np.std(others)))
    return curve.inv_cdf((1 - PASSES) ** (1 / GALLERY))


def ablation(
    chosen: Mapping[str, Sequence[View]], reported: Mapping[str, Sequence[View]], splits: int
) -> list[dict[str, Any]]:
    """Recall and strangers named by step, from three photos."""
    rows: list[dict[str, Any]] = []
    for step, score in STEPS.items():
        bar = threshold_on(chosen, score)
        found = ranked(reported, splits, score, shots=3)
        known = [one for one in found if one.known]
        strangers = [one for one in found if not one.known]
        recall = float(np.mean([one.right and one.named(bar) for one in known]))
        passed = float(np.mean([one.named(bar) for one in strangers]))
        rows.append(
            {
                "what": f"step: {step}, at {bar:.3f}: recall",
                "count": round(recall * len(known)),
                "n": len(known),
                "share": round(recall, 4),
            }
        )
        rows.append(
            {
                "what": f"step: {step}: strangers named",
                "count": round(passed * len(strangers)),
                "n": len(strangers),
                "share": round(passed, 4),
            }
        )
    return rows


def curve(found: Sequence[Ranked], most: float = 0.2) -> list[tuple[float, float]]:
    """(strangers named, recall) over all thresholds, up to so many strangers."""
    known = [one for one in found if one.known]
    strangers = [one for one in found if not one.known]
    points: list[tuple[float, float]] = []
    for bar in np.arange(0.95, 0.30, -0.005):
        passed = float(np.mean([one.named(float(bar)) for one in strangers]))
        if passed > most:
            break
        points.append((passed, float(np.mean([o.right and o.named(float(bar)) for o in known]))))
    return points


def calibrated(found: Sequence[Ranked]) -> Calibration:
    """Platt scaling (1999) of the best concept alone, slightly drawn to zero."""
    x = np.array([one.score for one in found])
    right = np.array([float(one.right) for one in found])
    slope, intercept = fitted(x, right, toward=(0.0, 0.0), pull=1e-3)
    return Calibration(slope=float(slope), even=float(-intercept / slope))


def _whole(view: View) -> npt.NDArray[np.float32]:
    return view.vector[0]
