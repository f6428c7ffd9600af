"""Logistic regression by Newton's method, for reading a score as a probability (Platt, 1999)."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
STEPS = 50


def probability(logits: Numbers) -> Numbers:
    """1 / (1 + exp(-logits)), finite for every one."""
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def fitted(x: Numbers, truth: Numbers, *, toward: tuple[float, float], pull: float) -> Numbers:
    """(slope, intercept) under which the truths (1 or 0) are likeliest at `x`, drawn a little, by
    `pull`, `toward` the given."""
    rows = np.stack([x, np.ones_like(x)], axis=1)
    aim = np.array(toward)
    found: Numbers = aim.copy()
    for _ in range(STEPS):
        p = probability(rows @ found)
        uphill = rows.T @ (truth - p) - pull * (found - aim)
        bend = (rows.T * (p * (1 - p))) @ rows + pull * np.eye(2)
        step: Numbers = np.asarray(np.linalg.solve(bend, uphill), np.float64)
        found = np.asarray(found + step, np.float64)
        if float(np.abs(step).max()) < 1e-8:
            break
    return found
