"""How sure one may be that something is so, from a model's uncertain answers one after another.

A filter over two states (it is so, it is not so). Between two looks the state may change: seldom
while nothing stirs, readily once something has. An answer is weighed by how likely it is in either
state (Wald's sequential test), and one that follows another closely counts for little, since a
model that errs about a picture errs about the next: the errors are a first-order autoregression.
"""

import math
from dataclasses import dataclass

from engine.config import BeliefConfig, Rates
from engine.media import NANOSECONDS

LOWEST = 3.4e-4
"""A model's certainty is no proof: an answer weighs at most 8 in log-odds."""


def log_odds(chance: float) -> float:
    """Of a probability, at most 8 either way."""
    chance = min(max(chance, LOWEST), 1 - LOWEST)
    return math.log(chance / (1 - chance))


@dataclass(slots=True, kw_only=True)
class Belief:
    """That one alert's sentence is so in one run."""

    config: BeliefConfig
    chance: float = 0.02
    """That it is so, after the last answer; at first, of a sentence of which nothing is known."""
    came: float = 0.0
    """How many comings were to be expected since then,"""
    went: float = 0.0
    """and how many goings."""
    at: int | None = None
    """When the model looked last,"""
    said: float = 0.0
    """and its answer, in log-odds."""

    def pass_time(self, seconds: float, rates: Rates) -> None:
        """Time passes, in which it may have come true or stopped so often."""
        self.came += seconds * rates.came_per_s
        self.went += seconds * rates.went_per_s

    @property
    def expected(self) -> float:
        """That it is so now, before the model looks."""
        stays, comes = self._steps()
        return self.chance * stays + (1 - self.chance) * comes

    def look(self, at: int, yes: float) -> None:
        """Take in the model's answer."""
        config, said = self.config, log_odds(yes)
        alike = 0.0
        if self.at is not None:
            alike = math.exp(-(at - self.at) / NANOSECONDS / config.lasting_s)
        stays, comes = self._steps()
        spread = config.unsure**2 * (1 - alike**2)
        new = {True: 0.0, False: 0.0}
        for before, past in ((True, self.chance), (False, 1 - self.chance)):
            off = alike * (self.said - self._mean(so=before))
            turns = stays if before else comes
            for now, share in ((True, turns), (False, 1 - turns)):
                gap = said - self._mean(so=now) - off
                new[now] += past * share * math.exp(max(-gap * gap / (2 * spread), -60.0))
        whole = new[True] + new[False]
        self.chance = min(max(new[True] / whole, 1e-6), 1 - 1e-6) if whole else self.expected
        self.at, self.said, self.came, self.went = at, said, 0.0, 0.0

    def _steps(self) -> tuple[float, float]:
        """That it stays so, and that it comes to be so: of two states with constant rates."""
        both = self.came + self.went
        if both <= 0:
            return 1.0, 0.0
        gone = 1 - math.exp(-both)
        return 1 - gone * self.went / both, gone * self.came / both

    def _mean(self, *, so: bool) -> float:
        return self.config.sure if so else -self.config.sure
