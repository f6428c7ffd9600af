"""How sure one may be that something has just come true, from a model's uncertain answers.

A hidden semi-Markov model (Rabiner, 1989; ages as phases): a sentence is not so, not so for only
a moment since it was told, newly so, so for longer and untold, so again after such a moment, or so
and told. What nobody was told of is no reason to keep silent when it comes again. Between two looks
the state may change: seldom while nothing stirs, readily once something has. An answer is weighed
by how likely it is in either state (Wald's sequential test), and one that follows another closely
tells little of the state, but much of a change, since a model that errs about a picture errs about
the next: the errors are a first-order autoregression.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.config import BeliefConfig, Rates
from engine.decision.odds import log_odds
from engine.media import NANOSECONDS

LEAST = 1e-7
"""No state is ever ruled out."""
STEP_S = 0.5
"""How long a phase of an age lasts."""
AT_FIRST = 0.02
"""That a sentence of which nothing is known is so."""


@dataclass(frozen=True, slots=True)
class Turns:
    """How many comings and goings are to be expected between two looks, by what both saw."""

    came: float
    went: float


class Belief:
    """That one sentence is so in one run."""

    def __init__(self, config: BeliefConfig) -> None:
        self._config = config
        paused = max(round(config.again_s / STEP_S), 1)
        fresh = max(round(config.news_s / STEP_S), 1)
        self._fresh = 1 + paused
        """States: 0 not so, then the ages of a pause in what was told, from here those of news,"""
        self._late = self._fresh + fresh
        """so for longer and untold, so again after a pause, so and told."""
        self._again, self._told = self._late + 1, self._late + 2
        self._states: npt.NDArray[np.float64] = np.zeros((2, self._told + 1))
        """Probabilities, shape (2, states): whether it was so at the last look, and the state."""
        self._states[0, 0], self._states[0, self._fresh] = 1 - AT_FIRST, AT_FIRST
        self.at: int | None = None
        """When the model looked last (pts),"""
        self._said = 0.0
        """and its answer, in log-odds."""

    @property
    def so(self) -> float:
        """That it is so now."""
        return float(self._states[:, self._fresh :].sum())

    @property
    def news(self) -> float:
        """That it came true so lately that it is news, and is untold."""
        return float(self._states[:, self._fresh : self._late].sum())

    @property
    def untold(self) -> float:
        """That it is so and untold, since whenever."""
        return float(self._states[:, self._fresh : self._again].sum())

    @property
    def again(self) -> float:
        """That it is so again after a pause that was too short for it to be news."""
        return float(self._states[:, self._again].sum())

    @property
    def told(self) -> float:
        """That it is so, and that was told."""
        return float(self._states[:, self._told].sum())

    def pass_time(self, seconds: float, rates: Rates) -> None:
        """Time passes, in which it comes true and stops being so so often."""
        steps = max(math.ceil(seconds / STEP_S - 1e-9), 1)
        for _ in range(steps):
            self._step(seconds / steps, rates)

    def _step(self, seconds: float, rates: Rates) -> None:
        both = rates.came_per_s + rates.went_per_s
        if both <= 0 or seconds <= 0:
            return
        turned, older = 1 - math.exp(-both * seconds), seconds / STEP_S
        comes, goes = turned * rates.came_per_s / both, turned * rates.went_per_s / both
        was, fresh, late = self._states, self._fresh, self._late
        again, told = self._again, self._told
        now = np.zeros_like(was)
        aged = older * was[:, 1:late]
        now[:, 1:late] = was[:, 1:late] - aged
        now[:, 2 : late + 1] += aged
        # What a pause grows into is not so, no news; so for the ages of news.
        now[:, fresh] -= aged[:, fresh - 2]
        now[:, 0] = was[:, 0] + aged[:, fresh - 2]
        now[:, late] += was[:, late]
        now[:, again], now[:, told] = was[:, again], was[:, told]
        coming = comes * now[:, :fresh]
        going = goes * now[:, fresh:]
        now[:, :fresh] -= coming
        now[:, fresh:] -= going
        now[:, fresh] += coming[:, 0]
        now[:, again] += coming[:, 1:].sum(axis=1)
        untold = again - fresh
        now[:, 0] += going[:, :untold].sum(axis=1)
        now[:, 1] += going[:, untold:].sum(axis=1)
        self._states = now

    def hint(self, odds: float) -> None:
        """Something cheap has made it so much likelier (log-odds) that it is so."""
        self._states[:, self._fresh :] *= math.exp(odds)
        self._states /= self._states.sum()

    def alone(self, yes: float) -> float:
        """The log-odds that an answer by itself makes of it."""
        return 2 * self._config.sure * log_odds(yes) / self._config.unsure**2

    def look(self, at: int, yes: float) -> Turns:
        """Take in the model's answer (a probability) about the picture at `at` (pts)."""
        config, said = self._config, log_odds(yes)
        alike = 0.0
        if self.at is not None:
            alike = math.exp(-(at - self.at) / NANOSECONDS / config.lasting_s)
        spread = max(2 * config.unsure**2 * (1 - alike**2), 1e-6)
        weights = np.empty((2, 2))
        for before in (0, 1):
            off = alike * (self._said - self._mean(so=before))
            for now in (0, 1):
                gap = said - self._mean(so=now) - off
                weights[before, now] = max(-gap * gap / spread, -60.0)
        weights = np.exp(weights)
        states = self._states
        states[:, : self._fresh] *= weights[:, :1]
        states[:, self._fresh :] *= weights[:, 1:]
        states /= states.sum()
        turns = Turns(0.0, 0.0)
        if self.at is not None:
            came, went = states[0, self._fresh :].sum(), states[1, : self._fresh].sum()
            turns = Turns(float(came), float(went))
        self._take(states.sum(axis=0))
        self.at, self._said = at, said
        return turns

    def tell(self) -> None:
        """It is told: what was news is none any more."""
        states = self._states.sum(axis=0)
        states[self._told] += states[self._fresh : self._again].sum()
        states[self._fresh : self._again] = 0.0
        self._take(states)

    def _take(self, states: npt.NDArray[np.float64]) -> None:
        states = np.maximum(states, LEAST)
        states /= states.sum()
        self._states = np.zeros_like(self._states)
        self._states[0, : self._fresh] = states[: self._fresh]
        self._states[1, self._fresh :] = states[self._fresh :]

    def _mean(self, *, so: int) -> float:
        return self._config.sure if so else -self._config.sure
