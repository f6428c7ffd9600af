"""Free sentences: when the model is asked about one, and when it is believed.

Two stages. What is cheap is looked at on every frame: whoever is named came, left or moved; words
came; the picture changed, or grew more like the one in which it was true last (by 0.04: Em-Garde,
arXiv 2603.19054). Only such a cue, or a slow poll, has the model asked (Response-G1, arXiv
2605.07575); and two of three answers in a row must agree.
"""

import math
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.config import JudgingConfig
from engine.facts import Alert, Overlay
from engine.media import NANOSECONDS, Box, Image, Vector, nanoseconds

ROWS, COLUMNS = 12, 16
FINE = 4
"""A cell of the glance is the mean of so many samples a side."""
RISING = 0.04
LOOKS = 3
"""Of so many answers two must agree."""


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
        self._empty: npt.NDArray[np.float32] | None = None
        self._differs = np.zeros((ROWS, COLUMNS), np.float32)
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
        """Whether something besides who is seen has changed, and stays so for two looks. Each cell
        is compared with how it was when nobody stood before it."""
        if seen is None:
            return False
        cells = seen.reshape(ROWS, COLUMNS)
        if self._empty is None:
            self._empty, self._differs = cells.copy(), np.zeros_like(cells)
            return True
        free = np.ones((ROWS, COLUMNS), np.bool_)
        height, width = image.shape[:2]
        for overlay in overlays:
            box = overlay.box
            top, low = box.y * ROWS // height, -(-(box.y + box.h) * ROWS // height)
            left, right = box.x * COLUMNS // width, -(-(box.x + box.w) * COLUMNS // width)
            free[max(top, 0) : low, max(left, 0) : right] = False
        apart = free & (np.abs(cells - self._empty) > self._config.novel_above)
        self._differs = np.where(apart, self._differs + 1, 0)
        # Where half of the picture changes, that is the light, or another scene: at once.
        all_at_once = 2 * int(apart.sum()) >= int(free.sum())
        lasting = apart if all_at_once else self._differs >= 2
        new = int(lasting.sum()) >= self._config.novel_cells
        settled = lasting | (free & ~apart)
        self._empty[settled] = cells[settled]
        self._differs[lasting] = 0
        return new


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What is known of one alert in one run."""

    looked: int = -(2**62)
    votes: deque[tuple[int, float]] = field(
        default_factory=lambda: deque[tuple[int, float]](maxlen=LOOKS)
    )
    holds: bool = False
    fell_at: int | None = None
    again: int = 0
    """So many more looks are due at once."""
    cued: bool = False
    allowance: float = 0.0
    """So many looks may be had for cues; it grows with time."""
    grown: int | None = None
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
        self._allow(watch, pts)
        # A cue that comes between two looks is heard at the next.
        watch.cued = watch.cued or rising or cued(alert, cues)
        since = pts - watch.looked
        if since < nanoseconds(self._config.look_s):
            return False
        if watch.again:
            watch.again -= 1
        elif watch.cued and watch.allowance >= 1:
            watch.allowance -= 1
            # What somebody is about to do is not yet to be seen; a changed picture is.
            watch.again = self._config.after_cue if cues.moved else 0
        elif since < self._patience(alert, watch, cues):
            return False
        watch.looked, watch.cued = pts, False
        return True

    def _allow(self, watch: _Watch, pts: int) -> None:
        """Cues that never end (somebody walks about) are not worth more than a few looks."""
        config = self._config
        passed = 0.0 if watch.grown is None else (pts - watch.grown) / NANOSECONDS
        first = config.cues_at_once if watch.grown is None else watch.allowance
        watch.grown = pts
        watch.allowance = min(first + passed * config.cues_per_s, config.cues_at_once)

    def judged(
        self, alert: Alert, run: str, pts: int, yes: float, seen: Vector | None
    ) -> int | None:
        """Take in an answer; since when it is so, if that has come true just now. Two of the last
        three must agree, and all of them together be sure enough."""
        watch = self._watches.setdefault((alert.id, run), _Watch())
        within = nanoseconds(self._config.agree_within_s)
        watch.votes.append((pts, yes))
        recent = [(at, vote) for at, vote in watch.votes if pts - at <= within]
        right = yes >= alert.threshold
        votes = [vote for _, vote in recent]
        if right == watch.holds:
            # One look that says otherwise, between two, is not the last word.
            split = any((vote >= alert.threshold) != right for vote in votes)
            if split and len(votes) < LOOKS:
                watch.again = max(watch.again, 1)
            return None
        agree = sum((vote >= alert.threshold) == right for vote in votes) >= 2
        # What was not so before it came true does not speak against it.
        first = next((n for n, vote in enumerate(votes) if vote >= alert.threshold), len(votes) - 1)
        counted = votes[first:]
        odds = sum(map(log_odds, counted)) / len(counted)
        if not agree or (right and odds < log_odds(self._config.sure)):
            some = watch.holds or any(vote >= alert.threshold for vote in votes)
            unsure = some or yes >= self._config.not_at_all
            if unsure and len(counted) < LOOKS:
                watch.again = max(watch.again, 1)
            return None
        watch.holds, watch.again = right, 0
        if not right:
            watch.fell_at = min(at for at, vote in recent if vote < alert.threshold)
            return None
        if seen is not None:
            self._true[alert.id] = seen
        since = min(at for at, vote in recent if vote >= alert.threshold)
        away = nanoseconds(self._config.again_s)
        # What was not seen for a moment has not come true anew.
        return None if watch.fell_at is not None and since - watch.fell_at < away else since

    def drop(self, alert: str) -> None:
        self._true.pop(alert, None)
        self._watches = {key: one for key, one in self._watches.items() if key[0] != alert}

    def interrupt(self, run: str) -> None:
        """The picture is gone."""
        self._watches = {key: one for key, one in self._watches.items() if key[1] != run}

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


def log_odds(chance: float) -> float:
    """Of a probability, at most 8 either way: a model's certainty is no proof."""
    chance = min(max(chance, 3.4e-4), 1 - 3.4e-4)
    return math.log(chance / (1 - chance))


def cued(alert: Alert, cues: Cues) -> bool:
    """Whether something that this alert may be about has stirred."""
    wanted = {alert.condition.concept, alert.condition.other} - {None}
    if wanted:
        return bool(wanted & cues.moved)
    if SOMEBODY.search(alert.condition.words):
        return bool(cues.moved)
    return cues.changed or cues.text


SOMEBODY = re.compile(
    r"\b(?:some(?:body|one)|any(?:body|one)|every(?:body|one)|no ?(?:body|one)|person|people|m[ae]n"
    r"|wom[ae]n|child(?:ren)?|baby|kids?|boys?|girls?|he|she|they|him|her|them|i|me|we|us"
    r"|cats?|dogs?|pets?|animals?|birds?)\b",
    re.I,
)
"""Such a sentence is about somebody, and whoever moves is a cue; another is about the picture."""
