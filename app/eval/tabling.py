"""Rows of a table of shares, each with its interval, and the metrics that they tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.eval.intervals import by_subject, proportion


@dataclass(frozen=True, slots=True)
class Table:
    """What an evaluation has found so far."""

    metrics: dict[str, float] = field(default_factory=dict[str, float])
    intervals: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def add(self, what: str, count: tuple[int, int], subjects: int) -> dict[str, Any]:
        """A share of (so many, of all)."""
        low, high = proportion(*count)
        self.rows.append(
            {
                "what": what,
                "count": count[0],
                "n": count[1],
                "subjects": subjects,
                "share": round(count[0] / count[1], 4) if count[1] else 0.0,
                "low": round(low, 4),
                "high": round(high, 4),
            }
        )
        return self.rows[-1]

    def none(self, metric: str, what: str, count: tuple[int, int], subjects: int) -> None:
        """A count that is to be 0; its interval is a count too ("at most 3 of n")."""
        self.add(what, count, subjects)
        low, high = proportion(*count)
        self.metrics[metric] = count[0]
        self.intervals[metric] = (low * count[1], high * count[1])

    def shared(self, metric: str, pairs: Sequence[tuple[str, float]]) -> None:
        """The share of (subject, 1 or 0): bootstrap by subject; of 0 of n what n photos allow."""
        hits = [hit for _, hit in pairs]
        by: dict[str, list[float]] = {}
        for subject, hit in pairs:
            by.setdefault(subject, []).append(hit)
        self.metrics[metric] = float(np.mean(hits))
        if any(hits):
            self.intervals[metric] = by_subject(by, lambda drawn: float(np.mean(drawn)))
        else:
            self.intervals[metric] = proportion(0, len(hits))
        row = self.add(metric.replace("_", " "), (int(sum(hits)), len(hits)), len(by))
        row["low"], row["high"] = (round(bound, 4) for bound in self.intervals[metric])
