"""Bounds that say how much a count of trials shows."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Unit = TypeVar("Unit")

RESAMPLES = 2000


def proportion(successes: int, trials: int) -> tuple[float, float]:
    """95 % Wilson interval; none of n is given as [0, 3/n] and all of n as [1 - 3/n, 1] (the rule
    of three: Hanley and Lippman-Hand, JAMA 1983)."""
    if trials == 0:
        return 0.0, 1.0
    if successes == 0:
        return 0.0, min(3 / trials, 1.0)
    if successes == trials:
        return max(1 - 3 / trials, 0.0), 1.0
    z, p = 1.96, successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + (z / (2 * trials)) ** 2)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def rate(count: int, hours: float) -> tuple[float, float]:
    """95 % bounds of so many an hour, for what comes by chance (Poisson; exact: Garwood, 1936);
    none at all is given as [0, 3 / hours], as in `proportion`."""
    if count == 0:
        return 0.0, 3 / hours
    low = _crossing(lambda mean: _at_most(count - 1, mean) - 0.975, count)
    high = _crossing(lambda mean: _at_most(count, mean) - 0.025, count)
    return low / hours, high / hours


def _at_most(count: int, mean: float) -> float:
    """How likely at most so many are, where `mean` are expected."""
    logs = (n * math.log(mean) - math.lgamma(n + 1) - mean for n in range(count + 1))
    return sum(map(math.exp, logs))


def _crossing(falling: Callable[[float], float], near: int) -> float:
    """Where a falling function is 0, by halving."""
    low, high = 1e-9, 10.0 * near + 10
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def by_subject(
    units: Mapping[str, Sequence[Unit]], figure: Callable[[Sequence[Unit]], float], seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of `figure`, subjects (not their single units) drawn anew."""
    subjects = sorted(units)
    if not subjects:
        return 0.0, 1.0
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    for _ in range(RESAMPLES):
        chosen = rng.integers(0, len(subjects), len(subjects))
        drawn.append(figure([unit for n in chosen for unit in units[subjects[n]]]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
