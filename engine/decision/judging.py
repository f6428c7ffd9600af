"""Free sentences: when the model is asked about one, and when it is believed.

Two stages. What is cheap is looked at on every frame: whoever is named came, left or moved; words
came; the picture changed, or grew more like the one in which it was true last (by 0.04: Em-Garde,
arXiv 2603.19054). Only such a cue, or a slow poll, has the model asked (Response-G1, arXiv
2605.07575); and two of three answers in a row must agree.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.config import JudgingConfig
from engine.facts import Alert, Overlay
from engine.media import Box, Image, Vector, nanoseconds

ROWS, COLUMNS = 12, 16
FINE = 4
"""A cell of the glance is the mean of so many samples a side."""
RISING = 0.04


def glance(image: Image) -> Vector:
    """A picture as a few grey cells: shape (ROWS * COLUMNS,), 0 to 255."""
    height, width = image.shape[:2]
    rows = np.arange(ROWS * FINE) * (height - 1) // (ROWS * FINE - 1)
    columns = np.arange(COLUMNS * FINE) * (width - 1) // (COLUMNS * FINE - 1)
    some = image[rows[:, None], columns[None, :]].mean(axis=2, dtype=np.float32)
    cells = some.reshape(ROWS, FINE, COLUMNS, FINE).mean(axis=(1, 3))
    return np.ascontiguousarray(cells, np.float32).ravel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What the cheap looks have found in one frame of a run."""

    moved: frozenset[str] = frozenset()
    """Concepts that came, left, or changed their place or outline; "" for anybody else."""
    in_view: frozenset[str] = frozenset()
    changed: bool = False
    """The picture has, besides where somebody is."""
    text: bool = False
    still: bool = True
    """Nothing at all has changed."""
    glance: Vector | None = None


class Looks:
    """Turns the frames of one run into cues."""

    def __init__(self, config: JudgingConfig) -> None:
        self._config = config
        self._boxes: dict[int, Box] = {}
        self._names: dict[int, str] = {}
        self._last: Vector | None = None
        self._text = False

    def read(self) -> None:
        """Words came or went."""
        self._text = True

    def look(self, image: Image, overlays: Sequence[Overlay], *, changed: bool) -> Cues:
        """One watched frame, with who is where in it."""
        moved: set[str] = set()
        boxes: dict[int, Box] = {}
        names: dict[int, str] = {}
        for overlay in overlays:
            sure = overlay.certainty == "sure" and overlay.concept
            names[overlay.track] = name = str(overlay.concept) if sure else ""
            before = self._boxes.get(overlay.track)
            moves = before is None or before.overlap(overlay.box) < self._config.moved_below
            # Small steps add up: a box is compared with where it was when it last moved.
            boxes[overlay.track] = overlay.box if moves or before is None else before
            if moves or self._names.get(overlay.track) != name:
                moved.add(name)
        moved |= {self._names[track] for track in self._names.keys() - names.keys()}
        seen = glance(image) if changed else self._last
        new = self._novel(seen, image, overlays)
        self._boxes, self._names, self._last = boxes, names, seen
        text, self._text = self._text, False
        return Cues(
            moved=frozenset(moved),
            in_view=frozenset(names.values()),
            changed=new,
            text=text,
            still=not (moved or new or text or changed),
            glance=seen,
        )

    def _novel(self, seen: Vector | None, image: Image, overlays: Sequence[Overlay]) -> bool:
        if seen is None or self._last is None:
            return seen is not None
        apart = np.abs(seen - self._last).reshape(ROWS, COLUMNS)
        height, width = image.shape[:2]
        for overlay in overlays:
            box = overlay.box
            top, low = box.y * ROWS // height, -(-(box.y + box.h) * ROWS // height)
            left, right = box.x * COLUMNS // width, -(-(box.x + box.w) * COLUMNS // width)
            apart[max(top, 0) : low, max(left, 0) : right] = 0.0
        return int((apart > self._config.novel_above).sum()) >= self._config.novel_cells


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What is known of one alert in one run."""

    looked: int = -(2**62)
    votes: deque[tuple[int, bool]] = field(
        default_factory=lambda: deque[tuple[int, bool]](maxlen=3)
    )
    holds: bool = False
    fell_at: int | None = None
    again: int = 0
    """So many more looks are due at once."""
    likeness: float | None = None


class Judging:
    """When each free sentence is due, and what its answers come to. One thread."""

    def __init__(self, config: JudgingConfig) -> None:
        self._config = config
        self._watches: dict[tuple[str, str], _Watch] = {}
        self._true: dict[str, Vector] = {}
        """How it looked when it was true last."""

    def due(self, alert: Alert, run: str, pts: int, cues: Cues) -> bool:
        """Whether the model is to be asked about it now."""
        watch = self._watches.setdefault((alert.id, run), _Watch())
        rising = self._rising(alert.id, watch, cues)
        since = pts - watch.looked
        if since < nanoseconds(self._config.look_s):
            return False
        if watch.again:
            watch.again -= 1
        elif self._cued(alert, cues) or rising:
            if since < nanoseconds(self._config.cue_s):
                return False
            watch.again = self._config.after_cue
        elif since < self._patience(alert, watch, cues):
            return False
        watch.looked = pts
        return True

    def judged(
        self, alert: Alert, run: str, pts: int, yes: float, seen: Vector | None
    ) -> int | None:
        """Take in an answer; since when it is so, if that has come true just now."""
        watch = self._watches.setdefault((alert.id, run), _Watch())
        right = yes >= alert.threshold
        watch.votes.append((pts, right))
        within = nanoseconds(self._config.agree_within_s)
        recent = [(at, vote) for at, vote in watch.votes if pts - at <= within]
        agreed = sum(vote == right for _, vote in recent) >= 2
        if right == watch.holds:
            return None
        if not agreed:
            watch.again = max(watch.again, 2)
            return None
        watch.holds = right
        if not right:
            watch.fell_at = pts
            return None
        if seen is not None:
            self._true[alert.id] = seen
        since = min(at for at, vote in recent if vote)
        away = nanoseconds(self._config.again_s)
        # What was not seen for a moment has not come true anew.
        return None if watch.fell_at is not None and since - watch.fell_at < away else since

    def drop(self, alert: str) -> None:
        self._true.pop(alert, None)
        self._watches = {key: one for key, one in self._watches.items() if key[0] != alert}

    def interrupt(self, run: str) -> None:
        """The picture is gone."""
        self._watches = {key: one for key, one in self._watches.items() if key[1] != run}

    def _cued(self, alert: Alert, cues: Cues) -> bool:
        wanted = {alert.condition.concept, alert.condition.other} - {None}
        if wanted:
            return bool(wanted & cues.moved)
        return bool(cues.moved) or cues.changed or cues.text

    def _patience(self, alert: Alert, watch: _Watch, cues: Cues) -> int:
        """How long the slow poll waits."""
        poll = nanoseconds(self._config.poll_s)
        wanted = {alert.condition.concept, alert.condition.other} - {None}
        if watch.holds:
            return poll
        away = bool(wanted) and not wanted & cues.in_view
        return poll * self._config.rest if away or cues.still else poll

    def _rising(self, alert: str, watch: _Watch, cues: Cues) -> bool:
        true = self._true.get(alert)
        if true is None or cues.glance is None:
            return False
        norm = float(np.linalg.norm(true) * np.linalg.norm(cues.glance)) or 1.0
        now = float(true @ cues.glance) / norm
        before, watch.likeness = watch.likeness, now
        return before is not None and now - before >= RISING
