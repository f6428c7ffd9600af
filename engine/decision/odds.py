"""Probabilities and their log-odds. Bounded: nobody's certainty is a proof."""

import math

LOWEST = 3.4e-4
"""8 in log-odds, either way."""


def log_odds(chance: float, lowest: float = LOWEST) -> float:
    """Of a probability, which is taken for no less than `lowest` and no more than 1 - `lowest`."""
    chance = min(max(chance, lowest), 1 - lowest)
    return math.log(chance / (1 - chance))


def chance_of(odds: float) -> float:
    """The probability of these log-odds."""
    return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))
