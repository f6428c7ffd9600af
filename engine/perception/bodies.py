"""Bodies and their poses: who stands how from picture to picture, and a doing as a row of poses.

A description has a row for each tenth of a second from the first stirring to the last, so it knows
neither place nor size nor who it was; poses are told without them (`PoseEstimator`).
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.facts import POSE_SCALE, Body, MotionClip
from engine.media import NANOSECONDS, Box, Grey, Span, Vector
from engine.perception.tracking import Found, Tracker
from engine.ports.seeing import PoseEstimator

POSES_HZ = 10
LEAST_STIR = 0.12
"""Squared distance of poses from how somebody stood at the beginning, or at the end; less is
standing still."""
RESTS = 3
"""Pictures."""
SLIGHT = 0.35
"""Squared distance from how somebody stood at the beginning; less may as well be read wrongly."""
LEAST_SEEN = 0.6
"""Who does something in a clip is seen for so much of it."""

Rows = npt.NDArray[np.float32]


class BodyFollower:
    """Follows everybody in the small grey pictures of one run."""

    def __init__(self, poses: PoseEstimator) -> None:
        self.poses = poses
        self._tracker = Tracker()

    def look(self, pts: int, grey: Grey) -> tuple[Body, ...]:
        """Who was found in this picture and the one before; boxes in its pixels."""
        poses = self.poses.find(grey)
        found = [Found(kind="person", box=pose.box, score=pose.score) for pose in poses]
        by_detection = {id(one): pose for one, pose in zip(found, poses, strict=True)}
        followed = self._tracker.update(pts, found, lambda _: True)
        return tuple(
            Body(track=track.id, box=pose.box, numbers=pose.numbers)
            for track in followed
            if (pose := by_detection.get(id(track.found))) is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deed:
    """What somebody did in a clip."""

    span: Span
    """With a little of how they stood before and after it, by which it is known again."""
    box: Box
    description: Vector
    """(pictures, numbers + 1): poses times POSE_SCALE, and what brings each row to the length 1."""
    stirs: bool
    clear: bool
    """Whether what was read goes beyond what may be read wrongly."""


@dataclass(slots=True)
class _Seen:
    times: list[int] = field(default_factory=list[int])
    boxes: list[Box] = field(default_factory=list[Box])
    poses: list[Vector] = field(default_factory=list[Vector])


def deed_of(poses: PoseEstimator, clip: MotionClip) -> Deed | None:
    """What is done by whom stirs most; None where nobody is seen."""
    follower, seen = BodyFollower(poses), dict[int, _Seen]()
    # Nobody is followed who was seen but once, and the clip has nothing before its first picture.
    follower.look(clip.times[0] - NANOSECONDS // POSES_HZ, clip.pictures[0])
    for pts, grey in zip(clip.times, clip.pictures, strict=True):
        for body in follower.look(pts, grey):
            one = seen.setdefault(body.track, _Seen())
            one.times.append(pts)
            one.boxes.append(body.box)
            one.poses.append(body.numbers)
    lasts = clip.times[-1] - clip.times[0]
    found = [
        (float(rows.var(axis=0).sum()), times, rows, one)
        for one in seen.values()
        if len(one.times) > 3 and one.times[-1] - one.times[0] >= LEAST_SEEN * lasts
        for times, rows in [_evenly(one)]
    ]
    if not found:
        return None
    _, times, rows, one = max(found, key=lambda item: item[0])
    begin, end = _stirring(rows)
    stirs = end - begin >= 4
    if not stirs:
        begin, end = 0, len(rows)
    return Deed(
        span=Span(
            start=int(times[max(begin - RESTS, 0)]),
            end=int(times[min(end + RESTS, len(times)) - 1]),
        ),
        box=Box.around(one.boxes),
        description=described(rows[begin:end]),
        stirs=stirs,
        clear=stirs and _furthest(rows) >= SLIGHT,
    )


def described(rows: Rows) -> Vector:
    small = rows * POSE_SCALE
    small /= np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1)
    rest = np.sqrt(np.maximum(1 - (small**2).sum(axis=1, keepdims=True), 0))
    return np.concatenate([small, rest], axis=1).astype(np.float32)


def _furthest(rows: Rows) -> float:
    """Squared distance from how somebody stood at the beginning."""
    return float(((rows - np.median(rows[:3], axis=0)) ** 2).sum(axis=1).max())


def _evenly(one: _Seen) -> tuple[npt.NDArray[np.int64], Rows]:
    """Ten poses a second; what lies between two pictures is between their poses."""
    step = NANOSECONDS // POSES_HZ
    times = np.arange(one.times[0], one.times[-1] + step // 2, step)
    known = np.stack(one.poses)
    rows = [np.interp(times, one.times, known[:, n]) for n in range(known.shape[1])]
    return times, np.stack(rows, axis=1).astype(np.float32)


def _stirring(rows: Rows) -> tuple[int, int]:
    """From the first pose that is not as at the beginning to the last that is not as at the end."""
    begin = ((rows - np.median(rows[:3], axis=0)) ** 2).sum(axis=1) > LEAST_STIR
    end = ((rows - np.median(rows[-3:], axis=0)) ** 2).sum(axis=1) > LEAST_STIR
    if not begin.any() or not end.any():
        return 0, 0
    first, last = int(begin.argmax()), len(rows) - int(end[::-1].argmax())
    return max(first - 1, 0), min(last + 1, len(rows))
