"""How readily one sentence comes true and stops being so, by what has stirred: what is usual of any
sentence at first, and more and more what was seen of this one.

Each rate is that of a Poisson process under a gamma prior (Gelman et al., Bayesian Data Analysis,
section 2.6): what is expected of it stands for so many turns seen before.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from engine.config import JudgingConfig, Rates, Stirred


@dataclass(slots=True)
class _Seen:
    """Of one kind of stirring."""

    came: float = 0.0
    went: float = 0.0
    not_so_s: float = 0.0
    so_s: float = 0.0
    coming: float = 0.0
    """How many comings were expected since the last look,"""
    going: float = 0.0
    """and goings."""


@dataclass(slots=True)
class Experience:
    """Of one sentence in one run."""

    config: JudgingConfig
    _seen: defaultdict[Stirred, _Seen] = field(default_factory=lambda: defaultdict(_Seen))

    def rates(self, stirred: Stirred) -> Rates:
        """How often in a second it comes true, and stops being so, when this stirs."""
        usual, config, seen = self.config.usual[stirred], self.config, self._seen[stirred]
        return Rates(
            (config.comings + seen.came) / (config.comings / usual.came_per_s + seen.not_so_s),
            (config.goings + seen.went) / (config.goings / usual.went_per_s + seen.so_s),
        )

    def passed(self, stirred: Stirred, seconds: float, so: float) -> None:
        """So long has this stirred while it was so with this probability."""
        rates, seen = self.rates(stirred), self._seen[stirred]
        seen.not_so_s += seconds * (1 - so)
        seen.so_s += seconds * so
        seen.coming += seconds * rates.came_per_s
        seen.going += seconds * rates.went_per_s

    def looked(self, came: float, went: float) -> None:
        """Since the last look it came true, and stopped being so, so many times (expected values).
        They are put down to what stirred in between, by how readily that leads to it."""
        coming = sum(seen.coming for seen in self._seen.values())
        going = sum(seen.going for seen in self._seen.values())
        for seen in self._seen.values():
            if coming > 0:
                seen.came += came * seen.coming / coming
            if going > 0:
                seen.went += went * seen.going / going
            seen.coming = seen.going = 0.0
