"""Whether what moved is an action that was shown: how well it fits, and when it counts as done.

A description is made in `engine/perception/stretches.py`. Two are compared by dynamic time warping
within a band (Sakoe and Chiba, 1978), both ways round: who does it may face the other way. What was
said not to be the action, and what fits another action better, is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.facts import MOTION_CELLS, MOTION_CHANNELS, MOTION_LONGEST_S, Motion
from engine.media import Box, Span, Vector, nanoseconds

BAND = 3
"""Parts of the time by which one may run ahead of the other."""
FASTEST, SLOWEST = 0.5, 2.0
"""An action may last so much of the time that it was shown in."""
STEPS = (0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0)
SETTLE_S = 0.7
"""So long after it ended, a longer stretch may still fit better."""
SAME = 0.4
"""Two stretches that share so much of the shorter time, and of the smaller box, are one doing."""
KEPT_S = 15.0
THRESHOLD = 0.74
"""A stretch that fits less is not the action. Chosen on drawn streams of one half of the seeds."""
APART = 0.02
"""It must fit the action by so much better than what it is not."""

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """One action, as it was shown."""

    concept: str
    shown: Rows
    """(n, parts, length), each view both ways round."""
    lengths_s: Rows
    """(n,)"""
    wrong: Rows
    """(m, parts, length): what it is not, both ways round."""
    threshold: float = THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """An action was done."""

    concept: str
    span: Span
    box: Box
    score: float


@dataclass(slots=True, kw_only=True)
class _Open:
    best: Performance
    until: int
    """When something last supported it, in stream time."""


def known_action(concept: str, right: Sequence[Vector], wrong: Sequence[Vector]) -> Known:
    """What is to be found of one action; at least one view shows it."""
    shown = [parts_of(one) for one in right]
    others = [parts_of(one) for one in wrong]
    lengths = [length_s(one) for one in right]
    both = [*shown, *map(mirrored, shown)]
    empty = np.zeros((0, *shown[0].shape), np.float32)
    return Known(
        concept=concept,
        shown=np.stack(both),
        lengths_s=np.array([*lengths, *lengths], np.float32),
        wrong=np.stack([*others, *map(mirrored, others)]) if others else empty,
    )


def length_s(vector: Vector) -> float:
    """How long a described motion lasted."""
    return float(vector[-1, 0]) * MOTION_LONGEST_S


def parts_of(vector: Vector) -> Rows:
    """The description without its length and its last column."""
    return np.asarray(vector[:-1, :-1], np.float32)


def mirrored(parts: Rows) -> Rows:
    """The same, done the other way round."""
    grid = parts.reshape(len(parts), MOTION_CELLS, MOTION_CELLS, MOTION_CHANNELS)
    grid = grid[:, :, ::-1].copy()
    grid[..., 0] *= -1
    return grid.reshape(len(parts), -1)


def lengths_of(known: Iterable[Known]) -> tuple[float, ...]:
    """How long what is looked for may last: some lengths for each view, on one grid for all."""
    wanted = {
        round(np.log(one * step) / np.log(1.25))
        for action in known
        for one in action.lengths_s
        for step in STEPS
    }
    return tuple(s for n in sorted(wanted) if 0.4 <= (s := round(1.25**n, 3)) <= 12.2)


def fits(shown: Rows, seen: Rows) -> Rows:
    """How well each description fits each: (shown, seen), at most 1.

    `shown` (n, parts, length), `seen` (m, parts, length); the rows of each have together the length
    1. The fit of two that are never ahead of one another is their cosine. A part may be passed over
    on one side, never two running (the slope constraint P = 1).
    """
    n, parts, _ = shown.shape
    m = seen.shape[0]
    product = np.einsum("nil,mjl->ijnm", shown, seen, optimize=True)
    one = (shown**2).sum(axis=2).T[:, None, :, None]
    other = (seen**2).sum(axis=2).T[None, :, None, :]
    cost = (one + other - 2 * product).astype(np.float32)
    far = np.full((n, m), np.inf, np.float32)
    at: list[list[Rows]] = [[far] * parts for _ in range(parts)]
    at[0][0] = 2 * cost[0, 0]
    for i in range(1, parts):
        for j in range(max(i - BAND, 1), min(i + BAND + 1, parts)):
            here = cost[i, j]
            best = at[i - 1][j - 1] + 2 * here
            if j > 1:
                best = np.minimum(best, at[i - 1][j - 2] + 2 * cost[i, j - 1] + here)
            if i > 1:
                best = np.minimum(best, at[i - 2][j - 1] + 2 * cost[i - 1, j] + here)
            at[i][j] = best
    return np.asarray(1 - at[-1][-1] / 4, np.float32)


@dataclass(slots=True)
class ActionWatch:
    """What is being done in one run. Bounded: what ended longer than 15 s ago is let go."""

    _open: list[_Open] = field(default_factory=list[_Open])
    _told: list[Performance] = field(default_factory=list[Performance])

    def look(
        self, motions: Sequence[Motion], known: Sequence[Known], pts: int
    ) -> list[Performance]:
        """What is now known to have been done; told once."""
        for found in self._fitting(motions, known):
            self._take(found)
        over = [one for one in self._open if pts - one.until >= nanoseconds(SETTLE_S)]
        self._open = [one for one in self._open if one not in over]
        done = _in_order(one.best for one in over)
        kept = pts - nanoseconds(KEPT_S)
        self._told = [one for one in (*self._told, *done) if one.span.end >= kept]
        return done

    def close(self) -> list[Performance]:
        """Nothing more is seen: what was done until then."""
        over, self._open = self._open, []
        return _in_order(one.best for one in over)

    def _fitting(self, motions: Sequence[Motion], known: Sequence[Known]) -> list[Performance]:
        """The best action for each motion that fits one."""
        if not motions or not known:
            return []
        seen = np.stack([parts_of(motion.vector) for motion in motions])
        lasting = np.array([motion.span.seconds for motion in motions])
        best: list[tuple[float, Performance] | None] = [None] * len(motions)
        for action in known:
            scores = fits(action.shown, seen)
            ratio = lasting[None] / action.lengths_s[:, None]
            scores = np.where((ratio >= FASTEST * 0.95) & (ratio <= SLOWEST * 1.05), scores, -1)
            top = scores.max(axis=0)
            wrong = fits(action.wrong, seen).max(axis=0) if len(action.wrong) else None
            for number, motion in enumerate(motions):
                score = float(top[number])
                above = score - action.threshold
                refused = wrong is not None and float(wrong[number]) > score - APART
                held = best[number]
                if above < 0 or refused or (held is not None and held[0] >= above):
                    continue
                done = Performance(
                    concept=action.concept,
                    span=motion.span,
                    box=motion.box,
                    score=min(score, 1.0),
                )
                best[number] = above, done
        return [one[1] for one in best if one is not None]

    def _take(self, found: Performance) -> None:
        if any(_same(found, told) for told in self._told):
            return
        for one in self._open:
            if _same(found, one.best):
                one.until = max(one.until, found.span.end)
                if found.score > one.best.score:
                    one.best = found
                return
        self._open.append(_Open(best=found, until=found.span.end))


def _in_order(done: Iterable[Performance]) -> list[Performance]:
    return sorted(done, key=lambda one: one.span.end)


def _same(one: Performance, other: Performance) -> bool:
    """Whether both are one doing: then it is only one action, whichever fits better."""
    shared = min(one.span.end, other.span.end) - max(one.span.start, other.span.start)
    shorter = min(one.span.end - one.span.start, other.span.end - other.span.start)
    smaller = min(one.box.area, other.box.area)
    return shared > SAME * shorter and one.box.intersection(other.box) > SAME * smaller
