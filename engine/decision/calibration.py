"""What a score is worth: the probability that what is in view *is* a concept.

The score of a concept is a cosine, averaged over the looks of a track. Its odds against a stranger
grow exponentially with it (Platt, "Probabilistic Outputs for Support Vector Machines", 1999), and
the concepts stand against each other and against the stranger as in multinomial logistic
regression: of two that fit as well, neither is probable. So the margin to the runner-up is a part
of the probability, and no rule of its own.

Another embedder gives other scores, so that each has numbers of its own. How they were found, and
how far off they are, stands in docs/decisions/0006.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log

import numpy as np

from engine.facts import OWN_EMBEDDER, family

SMALL = 160
"""A look of fewer pixels a side is a small one."""
STEEPEST = 60.0
"""Odds beyond exp(60) to 1 are no better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """From scores to probabilities, for one embedder."""

    slope: float
    """So much do the log-odds grow with the score."""
    even: float
    """Here a concept is as probable as a stranger."""
    haste: float = 0.0
    """A track of n looks needs so much more, divided by n: the first looks are alike, and their
    mean still strays."""
    blur: float = 0.0
    """A small look needs so much more: it is enlarged, and blurred things look alike."""

    def probabilities(
        self, scores: Mapping[str, float], looks: int, small: float = 0.0
    ) -> dict[str, float]:
        """Of each concept, given its mean score over so many looks, of which a share were small;
        what is left to 1 is the stranger's."""
        if not scores:
            return {}
        found = np.fromiter(scores.values(), np.float64, len(scores))
        needed = self.even + self.haste / max(looks, 1) + self.blur * small
        logits = self.slope * (found - needed)
        odds = np.exp(np.clip(logits, -STEEPEST, STEEPEST))
        told = odds / (1 + odds.sum())
        return dict(zip(scores, told.tolist(), strict=True))

    def score_for(self, probability: float, looks: int) -> float:
        """The score that gives this probability to a concept that stands alone."""
        return self.even + self.haste / looks + log(probability / (1 - probability)) / self.slope


PEOPLE = Calibration(slope=43.3, even=0.432, haste=0.12)
THINGS = Calibration(slope=88.5, even=0.6)
OWN = Calibration(slope=33.3, even=0.6316)
"""Sure from a score of 0.72 on and maybe from 0.59, which one in 100 and one in 10 strangers pass
on that half of the subjects on which they were chosen (docs/decisions/0008)."""
MEASURED = {
    "mobilefacenet": PEOPLE,
    "mobilenet_v2_6v": replace(THINGS, blur=0.04),
    OWN_EMBEDDER: OWN,
}
"""By the name of an embedder, without the digest of its file."""


def calibration_of(embedder: str, *, face: bool) -> Calibration:
    """The numbers of this embedder; of one that was not measured those of its kind."""
    return MEASURED.get(family(embedder), PEOPLE if face else THINGS)
