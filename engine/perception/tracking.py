"""Follow what was found from look to look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import hypot, sqrt

from engine.facts import TrackKind
from engine.media import NANOSECONDS, Box, Image, nanoseconds
from engine.ports.seeing import FaceDetection

CONFIRM_WITHIN = nanoseconds(1.5)
LEAST_OVERLAP = 0.2
HOLD_FROM = 3
"""A track with so many detections is kept where the detector misses it and no pixel moved."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """One detection, or a face with the body it belongs to."""

    kind: TrackKind
    box: Box
    score: float
    face: FaceDetection | None = None
    weak: bool = False
    """Too uncertain to begin a track; it may continue one."""
    body_seen: bool = True
    """False: the box was guessed from the face alone."""


@dataclass(slots=True, kw_only=True, eq=False)
class Followed:
    """One thing as the tracker knows it."""

    found: Found
    born: int
    seen: int
    id: int = 0
    """0 until a second detection supports it."""
    supports: int = 1
    missed: int = 0
    stirred: bool = False
    speed: tuple[float, float] = (0.0, 0.0)
    """Pixels a second, of the centre."""
    face: FaceDetection | None = None
    """The newest face seen on it."""
    held: bool = False
    """Not detected in the newest look, but nothing moved where it is."""
    views: int = 0
    """How many views of it were taken, and below what was seen in the last; kept by `Viewer`."""
    viewed: Image | None = None
    viewed_box: Box | None = None

    @property
    def kind(self) -> TrackKind:
        return self.found.kind

    @property
    def box(self) -> Box:
        return self.found.box


@dataclass(slots=True, kw_only=True)
class Tracker:
    """Greedy association by overlap and distance, best pairs first.

    A detection without support within 1.5 s was a ghost and is never reported. A track that is
    lost is kept for `patience` (nanoseconds of the stream) and revived by a detection near it.
    """

    patience: int = 2 * NANOSECONDS
    _tracks: list[Followed] = field(default_factory=list[Followed])
    _present: tuple[Followed, ...] = ()
    _last: int | None = None
    _pace: int = 0
    """Nanoseconds between the last two looks."""
    _next: int = 1

    @property
    def tracks(self) -> Sequence[Followed]:
        """All that is followed, ghosts and lost ones too."""
        return self._tracks

    def update(
        self, pts: int, found: Sequence[Found], stirred: Callable[[Box], bool]
    ) -> tuple[Followed, ...]:
        """The confirmed tracks that are there at `pts`, in order of id.

        `stirred` tells whether any pixel in a box changed since the last update: what has not
        moved has not gone.
        """
        self._keep_pace(pts)
        for track in self._tracks:
            track.stirred = track.stirred or stirred(track.box)
        free = list(found)
        present: list[Followed] = []
        pairs = [
            (score, -at, -index)
            for at, track in enumerate(self._tracks)
            for index, item in enumerate(free)
            if (score := affinity(track, item, pts)) > 0
        ]
        taken: set[int] = set()
        matched: set[int] = set()
        for _, at, index in sorted(pairs, reverse=True):
            if -at not in matched and -index not in taken:
                matched.add(-at)
                taken.add(-index)
                _support(self._tracks[-at], free[-index], pts)
                present.append(self._tracks[-at])
        for at, track in enumerate(self._tracks):
            if at not in matched:
                if _stays(track):
                    track.seen, track.held = pts, True
                    present.append(track)
                else:
                    track.missed += 1
        self._tracks = [track for track in self._tracks if not self._is_over(track, pts)]
        self._tracks += [
            Followed(found=item, born=pts, seen=pts, face=item.face)
            for index, item in enumerate(free)
            if index not in taken and not item.weak
        ]
        self._present = self._confirmed(present)
        return self._present

    def hold(self, pts: int) -> tuple[Followed, ...]:
        """The tracks of the last update again: nothing changed since."""
        self._keep_pace(pts)
        for track in self._present:
            track.seen, track.held = pts, True
        # What the last look missed is missed still: it ages in a still picture as in any other.
        for track in self._tracks:
            track.missed += track.missed > 0
        self._tracks = [track for track in self._tracks if not self._is_over(track, pts)]
        return self._present

    def _keep_pace(self, pts: int) -> None:
        """Forget everything after a gap: who is there now need not be who was there before. A
        source that is always slow has no gaps."""
        if self._last is not None:
            pace = pts - self._last
            if self._pace and pace > max(self.patience, 3 * self._pace):
                self._tracks, self._present = [], ()
            self._pace = pace
        self._last = pts

    def _confirmed(self, present: Sequence[Followed]) -> tuple[Followed, ...]:
        known = [track for track in present if track.supports > 1]
        for track in known:
            if not track.id:
                track.id, self._next = self._next, self._next + 1
        return tuple(sorted(known, key=lambda track: track.id))

    def _is_over(self, track: Followed, pts: int) -> bool:
        patience = self.patience if track.id else CONFIRM_WITHIN
        # A source may be slower than the patience: one look that misses it decides nothing.
        return track.missed > 1 and pts - track.seen > patience


def affinity(track: Followed, found: Found, pts: int) -> float:
    """How well a detection continues a track; 0 when it cannot be the same."""
    if track.kind != found.kind:
        return 0.0
    since = (pts - track.seen) / NANOSECONDS
    moved = _moved(track.box, track.speed, min(since, 1.0))
    overlap = max(track.box.overlap(found.box), moved.overlap(found.box))
    size = sqrt(sqrt(max(track.box.area, 1) * max(found.box.area, 1)))
    away = min(_distance(track.box, found.box), _distance(moved, found.box)) / size
    # After a miss only what is near may be the same one: another may have come instead.
    reach = 0.5 if track.missed else min(0.5 + since, 1.2)
    near = max(0.0, 1 - away / reach) * (1.0 if _alike(track.box, found.box) else 0.0)
    score = overlap + 0.5 * near if overlap >= LEAST_OVERLAP or near > 0 else 0.0
    return score + _face_affinity(track, found)


def _face_affinity(track: Followed, found: Found) -> float:
    if found.face is None:
        return 0.0
    face = found.face.box
    if track.face is not None and track.found.face is not None:
        size = sqrt(max(face.area, 1))
        return max(0.0, 1 - _distance(track.face.box, face) / (1.5 * size))
    if not found.body_seen and face.intersection(track.box) >= 0.8 * face.area:
        return 0.5
    return 0.0


def _stays(track: Followed) -> bool:
    """Whether an undetected track is there all the same. What only moved is gone when it rests."""
    sure = track.kind != "motion" and track.supports >= HOLD_FROM
    return sure and not track.stirred and not track.missed


def _support(track: Followed, found: Found, pts: int) -> None:
    since = (pts - track.seen) / NANOSECONDS
    if since > 0 and found.body_seen and track.found.body_seen:
        x0, y0 = _centre(track.box)
        x1, y1 = _centre(found.box)
        track.speed = ((x1 - x0) / since, (y1 - y0) / since)
    else:
        track.speed = (0.0, 0.0)
    track.found = found
    track.face = found.face or track.face
    track.seen = pts
    track.supports += 1
    track.missed = 0
    track.held = False
    track.stirred = False


def _alike(one: Box, other: Box) -> bool:
    small, large = sorted((one.area, other.area))
    return large <= 4 * small


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.w / 2, box.y + box.h / 2


def _distance(one: Box, other: Box) -> float:
    (x0, y0), (x1, y1) = _centre(one), _centre(other)
    return hypot(x1 - x0, y1 - y0)


def _moved(box: Box, speed: tuple[float, float], seconds: float) -> Box:
    return Box(round(box.x + speed[0] * seconds), round(box.y + speed[1] * seconds), box.w, box.h)
