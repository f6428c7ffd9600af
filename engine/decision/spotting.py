"""Which of the actions that were shown a body does, pose after pose.

Connected-word recognition by one-pass dynamic programming (Ney, 1984) with a filler, as keywords
are spotted in speech (Rose and Paul, 1990): the poses of one body are told as a row of doings, each
an action in the order in which it was shown, and of pictures in which nothing that is known is
done. The actions thus compete with one another and with nothing at all, and none overlaps another.
A loop is one doing however often it goes round.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.decision.templates import ENTER, Costs, Template, Templates
from engine.media import Span, Vector, nanoseconds

MOST = 1.2
"""What a picture costs at most: one that was read wrongly ends nothing."""
AT_ENDS = 0.2
"""How far the first and the last pose of a doing may be from what was shown."""
STAY, SKIP = 0.02, 0.02
"""What it costs to be slower, or faster, than it was shown, for each picture."""
MOST_STAYS = 3
"""A pose of what was shown may last for so many pictures."""
NEW = 5
"""Pictures; a body that was first seen so lately may have begun before."""
SETTLE_S = 1.2
"""So long after a doing ended, it is certain."""
JOIN_S = 0.9
"""A loop that goes on after so short a break is the same doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotted:
    """A body did it."""

    concept: str | None
    span: Span
    cost: float
    """For each picture, of FILLER at most."""


def _goes_on(template: Template, before: "Spotted", start: int) -> bool:
    """Whether it is one doing with what was done before."""
    near = start - before.span.end <= nanoseconds(JOIN_S)
    return template.loops and template.concept == before.concept and near


History = tuple[Spotted, Any] | None
"""The last doing and what was before it."""


class Spotter:
    """Follows one body."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        count = len(templates.poses)
        self._costs: Costs = np.full((count, MOST_STAYS), np.inf)
        """Of the best way to end in each pose, having stayed there so often."""
        self._starts = np.zeros((count, MOST_STAYS), np.int64)
        self._entered: Costs = np.zeros((count, MOST_STAYS))
        """What that way had cost before its last doing began."""
        self._before = np.empty((count, MOST_STAYS), object)
        self._idle: float = 0.0
        self._past: History = None
        self._fits = np.zeros(count, np.bool_)
        self._seen = 0
        self._last: int | None = None
        self._told = -1

    def look(self, pts: int, pose: Vector) -> list[Spotted]:
        """The doings that are certain now."""
        self._step(pts, pose)
        best = int(self._costs.argmin())
        past: History = self._past
        if self._costs.flat[best] <= self._idle:
            past = self._before.flat[best]
            template = self._templates.at(best // MOST_STAYS)
            if past is not None and _goes_on(template, past[0], int(self._starts.flat[best])):
                past = past[1]
        return self._certain(past, pts - nanoseconds(SETTLE_S))

    def close(self) -> list[Spotted]:
        """The body is gone."""
        if self._last is None:
            return []
        self._leave(self._last, self._templates.leave_early)
        return self._certain(self._past, self._last)

    def _step(self, pts: int, pose: Vector) -> None:
        templates = self._templates
        far = ((templates.poses - pose) ** 2).sum(axis=1)
        here = np.minimum(far, MOST)
        # However well the rest of it fits, it begins and ends with what was shown.
        self._fits = far <= AT_ENDS
        enter = templates.enter_late if self._seen < NEW else templates.enter
        since = pts if self._last is None else self._last
        self._last = pts
        self._seen += 1
        # Ways to come to each pose: from the one before it, over it, or from nothing.
        best = self._costs.argmin(axis=1)
        rows = np.arange(len(best))
        costs = self._costs[rows, best]
        ways = np.stack(
            [
                np.where(templates.closed[0], np.inf, costs[templates.before[0]]),
                np.where(templates.closed[1], np.inf, costs[templates.before[1]] + SKIP),
                self._idle + np.where(self._fits, enter, np.inf),
            ]
        )
        way = ways.argmin(axis=0)
        source = np.where(way == 0, templates.before[0], templates.before[1])
        fresh = way == 2
        picked = source, best[source]
        starts = np.where(fresh, since, self._starts[picked])
        entered = np.where(fresh, self._idle, self._entered[picked])
        before = self._before[picked]
        before[fresh] = None
        if self._past is not None:
            for n in np.flatnonzero(fresh):
                before[n] = self._past
        arrived = ways[way, rows] + here
        stayed = self._costs[:, :-1] + here[:, None] + STAY
        self._costs = np.concatenate([arrived[:, None], stayed], axis=1)
        self._starts = np.concatenate([starts[:, None], self._starts[:, :-1]], axis=1)
        self._entered = np.concatenate([entered[:, None], self._entered[:, :-1]], axis=1)
        self._before = np.concatenate([before[:, None], self._before[:, :-1]], axis=1)
        self._idle += templates.idle(pose)
        self._leave(pts, templates.leave)
        low = min(self._idle, float(self._costs.min()))
        self._costs -= low
        self._entered -= low
        self._idle -= low

    def _leave(self, pts: int, cost: Costs) -> None:
        """What is done may have ended with this picture, at that cost."""
        templates = self._templates
        lasting = (pts - self._starts) / 1e9
        fits = (lasting >= templates.least[:, None]) & (lasting <= templates.most[:, None])
        fits &= self._fits[:, None]
        costs = np.where(fits, self._costs + cost[:, None], np.inf)
        flat = int(costs.argmin())
        if costs.flat[flat] >= self._idle:
            return
        row, column = divmod(flat, costs.shape[1])
        template, start = templates.at(row), int(self._starts[row, column])
        spent = float(self._costs[row, column] - self._entered[row, column]) - ENTER
        each = max(spent / max(10 * (pts - start) / 1e9, 1), 0.0)
        past: History = self._before[row, column]
        if past is not None and past[0].span.end <= self._told:
            past = None
        if past is not None and _goes_on(template, past[0], start):
            start, past = past[0].span.start, past[1]
        done = Spotted(concept=template.concept, span=Span(start=start, end=pts), cost=each)
        self._idle, self._past = float(costs.flat[flat]), (done, past)

    def _certain(self, past: History, until: int) -> list[Spotted]:
        found: list[Spotted] = []
        while past is not None and past[0].span.start >= self._told:
            if past[0].span.end <= until:
                found.append(past[0])
            past = past[1]
        if found:
            self._told = found[0].span.end
        return found[::-1]
