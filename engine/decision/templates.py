"""Actions as they were shown by poses, and what it costs to do them otherwise.

What was shown as one movement over and over is known as a loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.decision.actions import FASTEST, SLOWEST
from engine.facts import POSE_SCALE
from engine.media import Vector

FILLER = 0.45
"""What a picture costs in which nothing that is known is done: a squared distance of poses. Chosen,
like the rest, on drawn streams of the dev split."""
SAME_REST = 0.15
"""Squared distance of how somebody stood before and after; more is no rest."""
ENTER = 2.0
"""What each doing costs: what is short has to fit well."""
LEAST_S = 0.9
EDGE = 0.12
"""So much of an action may be lacking at either end at no cost."""
PART = 0.5
"""So much of an action has to be seen where it is cut off, or where its beginning was not seen."""
BROKEN_OFF = 4.0
"""What is lacking costs so much, for the whole of an action."""
LOOPS = 0.5
"""Poses one turn apart are so much nearer than those half a turn apart, in what was shown as a
loop."""

Rows = npt.NDArray[np.float32]
Costs = npt.NDArray[np.float64]
Order = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """One showing of an action, as it is looked for."""

    concept: str | None
    """None for what is no action that is looked for: it takes up what would be mistaken."""
    poses: Rows
    """(n, numbers), ten a second; one turn of a loop."""
    lasts: int
    """Pictures that it was shown for."""
    loops: bool


def poses_of(vector: Vector) -> Rows:
    """The poses of a description (`engine/perception/bodies.py`)."""
    return np.asarray(vector[:, :-1] / POSE_SCALE, np.float32)


def template_of(concept: str | None, poses: Rows) -> Template:
    """What is to be looked for of an action that was shown so."""
    turn = turn_of(poses)
    if turn is None:
        return Template(concept=concept, poses=poses, lasts=len(poses), loops=False)
    return Template(concept=concept, poses=_folded(poses, turn), lasts=len(poses), loops=True)


def turn_of(poses: Rows) -> int | None:
    """After how many pictures the same begins again; None where nothing does. Poses one turn apart
    are alike, and some of those that are less apart differ by more than any two do on the average:
    of what is done once, poses only differ more the further they are apart."""
    spread = 2 * float(poses.var(axis=0).sum())
    if spread < 1e-6:
        return None
    apart = [
        float(((poses[step:] - poses[:-step]) ** 2).sum(axis=1).mean()) / spread
        for step in range(1, len(poses) * 2 // 3 + 1)
    ]
    furthest = np.maximum.accumulate([0.0, *apart[:-1]])
    back = np.flatnonzero((furthest > 1) & (apart < LOOPS * furthest))
    if not len(back):
        return None
    first = int(back[0])
    return first + int(np.argmin(apart[first : first + first // 2 + 1])) + 1


def _folded(poses: Rows, turn: int) -> Rows:
    """The mean of all turns."""
    return np.stack([poses[n::turn].mean(axis=0) for n in range(turn)])


class Templates:
    """All that is looked for, one showing after the other, with the steps that lead to each of
    their poses. (n,) each; shared by all bodies."""

    def __init__(self, shown: Sequence[Template]) -> None:
        self.all = tuple(shown)
        self.concepts = {one.concept for one in shown}
        self.poses = np.concatenate([one.poses for one in shown])
        self._rests = [
            (one.poses[0] + one.poses[-1]) / 2
            for one in shown
            if not one.loops and ((one.poses[0] - one.poses[-1]) ** 2).sum() < SAME_REST
        ]
        lengths = [len(one.poses) for one in shown]
        begins = np.cumsum([0, *lengths[:-1]])
        self.whose: Order = np.repeat(np.arange(len(shown)), lengths)
        place = np.concatenate([np.arange(length) for length in lengths])
        loops = np.array([one.loops for one in shown])[self.whose]
        length = np.array(lengths)[self.whose]
        base = begins[self.whose]
        self.before = [np.where(loops, base + (place - n) % length, base + place - n)
                       for n in (1, 2)]  # fmt: skip
        self.closed = [~loops & (place < n) for n in (1, 2)]
        """Where nothing leads to a pose from so many before it."""
        share = place / np.maximum(length - 1, 1)
        late, early = np.maximum(share - EDGE, 0), np.maximum(1 - share - EDGE, 0)
        self.enter = ENTER + np.where(loops | (late == 0), 0.0, np.inf)
        self.enter_late = ENTER + np.where(loops, 0.0, _lacking(late))
        self.leave = np.where(loops | (early == 0), 0.0, np.inf)
        self.leave_early = np.where(loops, 0.0, _lacking(early))
        """Where a body was not seen before, and where it is seen no more."""
        lasts = np.array([one.lasts for one in shown], np.float64)[self.whose] / 10
        whole = np.where(loops | (early > 0), 0.0, FASTEST * lasts)
        self.least = np.maximum(whole, LEAST_S)
        """Seconds; less is no doing that ends here."""
        self.most = np.where(loops, np.inf, 1.05 * SLOWEST * lasts)

    def idle(self, pose: Vector) -> float:
        """What it costs that nothing is done in this pose that is known: little where it is how
        somebody stood before and after what was shown."""
        far = [float(((rest - pose) ** 2).sum()) for rest in self._rests]
        return min([FILLER, *far])

    def at(self, place: int) -> Template:
        """Whose pose this is."""
        return self.all[int(self.whose[place])]


def _lacking(share: Costs) -> Costs:
    return np.where(share > PART, np.inf, BROKEN_OFF * share)
