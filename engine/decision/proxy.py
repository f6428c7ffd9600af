"""A cheap proxy of the model for one sentence, taught by the model's own answers (NoScope, arXiv
1703.02529): what it reads on every frame says when a look is worth while, and is weighed with the
answers. It never speaks for the model.

Logistic regression, kept up look by look with the covariance of its weights (Spiegelhalter and
Lauritzen, 1990): the less was seen of a sentence, the nearer to nothing is what it says. Of several
bodies one is enough (noisy or).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.config import ProxyConfig
from engine.decision.odds import chance_of, log_odds
from engine.media import Vector

FLAT = 0.01
"""An answer that was foreseen teaches at least so much (variance)."""
SURE = 1e-4
"""No reading is ever taken for more certain than that it errs so often."""
WRONG = 0.05
"""So many answers are wrong, whatever was read: a reading is judged by that."""


class Regression:
    """Weights with their covariance; the first is that of a constant."""

    def __init__(self, size: int, config: ProxyConfig, spread: float) -> None:
        """`spread`: variance expected of the weights at first."""
        self._weights = np.zeros(size + 1)
        self._weights[0] = config.bias
        self._covariance: npt.NDArray[np.float64] = np.eye(size + 1) * spread
        self._covariance[0, 0] = config.bias_spread

    def chance(self, signs: Vector) -> float:
        """Moderated by how well the weights are known (MacKay, 1992)."""
        one = np.concatenate([(1.0,), signs])
        doubt = float(one @ self._covariance @ one)
        return chance_of(float(self._weights @ one) / math.sqrt(1 + math.pi * doubt / 8))

    def learn(self, signs: Vector, yes: float) -> None:
        one = np.concatenate([(1.0,), signs])
        expected = chance_of(float(self._weights @ one))
        along = self._covariance @ one
        sharp = max(expected * (1 - expected), FLAT)
        along /= math.sqrt(1 + sharp * float(one @ along))
        self._covariance -= sharp * np.outer(along, along)
        self._weights += self._covariance @ one * (yes - expected)


@dataclass(slots=True)
class Proxy:
    """Of one sentence in one run."""

    config: ProxyConfig
    spread: float
    _regression: Regression | None = None
    _looks: int = 0
    _share: float = 0.0
    """Of looks at which it was so,"""
    _ahead: float = 0.0
    """and by how much better its readings foretold the last answers than that share (nats)."""
    _before: float | None = None
    """What it read in the frame before."""

    def __post_init__(self) -> None:
        self._share = self.config.share

    def hint(self, signs: Sequence[Vector], seconds: float) -> float:
        """What this frame, so long after the one before, adds to the log-odds that it is so.

        A reading that errs about a frame errs about the next: as with the model's answers, only
        what is new in it counts (a first-order autoregression)."""
        regression, config = self._regression, self.config
        if not signs or regression is None or self._looks < config.looks or self._ahead <= 0:
            self._before = None
            return 0.0
        read = log_odds(self._chance(regression, signs), SURE) - log_odds(self._share, SURE)
        read = max(min(read, config.most), -config.most)
        before, self._before = self._before, read
        if before is None:
            return read
        alike = math.exp(-seconds / config.lasting_s)
        return (read - alike * before) / (1 + alike)

    def learn(self, signs: Sequence[Vector], yes: float) -> None:
        """The model has said that this probably it was so where these signs were."""
        if not signs:
            return
        if self._regression is None:
            self._regression = Regression(len(signs[0]), self.config, self.spread)
        regression, config = self._regression, self.config
        foretold = self._chance(regression, signs)
        self._looks += 1
        ahead = _foretold(foretold, yes) - _foretold(self._share, yes)
        self._ahead += (ahead - self._ahead) / min(self._looks, config.proved_over)
        self._share += (yes - self._share) / (config.share_looks + self._looks)
        for one in signs:
            # That somebody does it is put down to each by how probably it is them.
            mine = min(regression.chance(one) / foretold, 1.0) if len(signs) > 1 else 1.0
            regression.learn(one, yes * mine)

    @staticmethod
    def _chance(regression: Regression, signs: Sequence[Vector]) -> float:
        nobody = math.prod(1 - regression.chance(one) for one in signs)
        return min(max(1 - nobody, SURE), 1 - SURE)


def _foretold(chance: float, yes: float) -> float:
    """The log-likelihood of an answer, of which some are wrong however sure the reading was."""
    chance = min(max(chance, WRONG), 1 - WRONG)
    return yes * math.log(chance) + (1 - yes) * math.log(1 - chance)
