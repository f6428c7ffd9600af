"""A score read as a probability."""

import numpy as np
import pytest

from app.eval.logistic import fitted, probability


def test_the_line_that_drew_the_truths_is_found_again() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, 20_000)
    truth = (rng.random(len(x)) < probability(2.0 * x - 1.0)).astype(float)
    assert fitted(x, truth, toward=(0.0, 0.0), pull=1e-3) == pytest.approx([2.0, -1.0], abs=0.1)


def test_where_the_truths_tell_nothing_apart_the_given_line_holds() -> None:
    """All of one kind: without the pull the slope would grow for ever."""
    x, truth = np.array([0.5, 1.0, 2.0]), np.ones(3)
    slope, intercept = fitted(x, truth, toward=(1.0, 0.0), pull=100.0)
    assert (slope, intercept) == (pytest.approx(1.0, abs=0.05), pytest.approx(0.0, abs=0.05))


def test_a_probability_is_finite_however_sure() -> None:
    low, high = probability(np.array([-1e9, 1e9]))
    assert 0 < low < 1e-20
    assert high == 1.0
