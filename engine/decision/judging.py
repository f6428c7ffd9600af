"""Free sentences: when the model is asked about one, and when it is believed.

Two stages. What is cheap is looked at on every frame: whoever is named came, left or moved; words
came; the picture changed, or grew more like the one in which it was true last (by 0.04: Em-Garde,
arXiv 2603.19054). Only such a cue, or a slow poll, has the model asked (Response-G1, arXiv
2605.07575). Its answers are weighed together with how readily the sentence may have come true
(`belief.py`); two of three in a row must agree as well.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.config import JudgingConfig, Rates
from engine.decision.belief import Belief
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
    some = image[rows[:, None], columns[None, :]]
    cells = some.reshape(ROWS, FINE, COLUMNS, -1).mean(axis=(1, 3), dtype=np.float32)
    return np.ascontiguousarray(cells, np.float32).ravel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What the cheap looks have found in one frame of a run."""

    moved: frozenset[str] = frozenset()
    """Concepts that came, left, or changed their place or outline; "" for anybody else."""
    reshaped: frozenset[str] = frozenset()
    """Those of them whose outline is another than at the look before: who walks keeps it."""
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
        self._outlines: dict[int, Box] = {}
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
        reshaped: set[str] = set()
        outlines = {overlay.track: overlay.box for overlay in overlays}
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
            last = self._outlines.get(overlay.track)
            if last is None or _stretched(last, overlay.box) > self._config.reshaped_above:
                reshaped.add(name)
        moved |= {self._names[track] for track in self._names.keys() - names.keys()}
        seen = glance(image) if changed else self._last
        new = self._novel(seen, image, overlays)
        self._boxes, self._names, self._last = boxes, names, seen
        self._outlines = outlines
        text, self._text = self._text, False
        return Cues(
            moved=frozenset(moved),
            reshaped=frozenset(reshaped),
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


Sentence = tuple[str, float]
"""What is waited for, and how sure one must be. Alerts that have it in common are judged as one."""


def sentence_of(alert: Alert) -> Sentence:
    return " ".join(alert.condition.words.casefold().split()), alert.threshold


NOT_SO = "The model looked, and it was not so."
UNSURE = "The model looked and saw it; twice of three times is asked for."
STILL = "It is still so, and was told of when it came true."
AGAIN = "It is so again, after less than {seconds} s: that is not told twice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an answer of the model came to."""

    came_true: int | None = None
    """Since when it is so (pts), if that is news;"""
    why: str = ""
    """otherwise what its card says."""


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What is known of one sentence in one run."""

    belief: Belief
    allowance: float
    """So many looks may be had on suspicion; it grows with time."""
    passed: int | None = None
    votes: deque[tuple[int, float]] = field(
        default_factory=lambda: deque[tuple[int, float]](maxlen=LOOKS)
    )
    holds: bool = False
    held_until: int | None = None
    """When it was so last, as far as is known."""
    likeness: float | None = None


class Judging:
    """When each free sentence is due, and what its answers come to. One thread."""

    def __init__(self, config: JudgingConfig) -> None:
        self._config = config
        self._watches: dict[tuple[Sentence, str], _Watch] = {}
        self._true: dict[Sentence, Vector] = {}
        """How it looked when it was true last."""

    def due(self, alert: Alert, run: str, pts: int, cues: Cues) -> bool:
        """Whether the model is to be asked about it now: the longer something may have come true,
        and the more has stirred, the less is known; what may be so is looked at until it is
        clear."""
        config, watch = self._config, self._watch(sentence_of(alert), run)
        passed = config.look_s if watch.passed is None else (pts - watch.passed) / NANOSECONDS
        watch.passed = pts
        watch.allowance = min(watch.allowance + passed * config.looks_per_s, config.looks_at_once)
        rates = self._rates(alert, cues, rising=self._rising(sentence_of(alert), watch, cues))
        watch.belief.pass_time(passed, rates)
        looked, chance = watch.belief.at, watch.belief.expected
        if looked is None:
            return True
        since = pts - looked
        if since < nanoseconds(config.look_s):
            return False
        if watch.holds:
            wanted = chance < config.still_so
        else:
            wanted = chance > config.doubt
            if watch.allowance < 1 and chance < config.suspicion:
                wanted = False
        return wanted or since >= nanoseconds(self._poll_s(cues))

    def joins(self, alert: Alert, run: str, pts: int, cues: Cues) -> bool:
        """Whether it is asked along with one that is due: its poll of a still picture is half over.
        So alerts that were last asked at different times fall into step. Where something stirs an
        early look costs a call and spares no batch."""
        looked = self._watch(sentence_of(alert), run).belief.at
        if looked is None or not cues.still:
            return False
        return 2 * (pts - looked) >= nanoseconds(self._poll_s(cues))

    def _poll_s(self, cues: Cues) -> float:
        return self._config.poll_s * (self._config.rest if cues.still else 1)

    def judged(self, alert: Alert, run: str, pts: int, yes: float, seen: Vector | None) -> Outcome:
        """Take in an answer. It has come true when two of the last three agree, all that is known
        makes it sure enough, and it has not been so only a moment ago."""
        config, watch = self._config, self._watch(sentence_of(alert), run)
        watch.allowance -= 1
        watch.votes.append((pts, yes))
        watch.belief.look(pts, yes)
        chance = watch.belief.chance
        if watch.holds:
            if chance > config.half:
                watch.held_until = pts
            elif chance < config.over:
                watch.holds = False
                # It ended between the last yes and now.
                until = pts if watch.held_until is None else watch.held_until
                watch.held_until = until + round(config.ended_at * (pts - until))
            return Outcome(why=STILL if watch.holds else NOT_SO)
        within = nanoseconds(config.agree_within_s)
        yeses = [at for at, vote in watch.votes if pts - at <= within and vote >= alert.threshold]
        if len(yeses) < 2 or chance < max(config.sure, alert.threshold):
            return Outcome(why=UNSURE if yes >= alert.threshold else NOT_SO)
        held, watch.holds, watch.held_until = watch.held_until, True, pts
        if seen is not None:
            self._true[sentence_of(alert)] = seen
        # What was not seen for a moment, or stopped for one, has not come true anew.
        # It came with the first yes: what it took to be sure of it is no part of the pause.
        if held is not None and yeses[0] - held < nanoseconds(config.again_s):
            return Outcome(why=AGAIN.format(seconds=f"{config.again_s:g}"))
        return Outcome(came_true=min(yeses[0], pts))

    def _watch(self, sentence: Sentence, run: str) -> _Watch:
        known = self._watches.get((sentence, run))
        if known is None:
            belief = Belief(config=self._config.belief)
            known = _Watch(belief=belief, allowance=self._config.looks_at_once)
            self._watches[sentence, run] = known
        return known

    def _rates(self, alert: Alert, cues: Cues, *, rising: bool) -> Rates:
        """How readily it may have come true, or have stopped, by what has stirred."""
        priors = self._config.priors
        wanted = {alert.condition.concept, alert.condition.other} - {None}
        if rising or cues.text:
            return priors.changed
        if not wanted and not SOMEBODY.search(alert.condition.words):
            return priors.changed if cues.changed else priors.unchanged
        if cues.still:
            return priors.unchanged
        moved = wanted & cues.moved if wanted else cues.moved
        if not (wanted & cues.in_view if wanted else cues.in_view):
            # Whoever is meant has just left, or is not there: then it can hardly be so.
            return priors.reshaped if moved else priors.absent
        if wanted & cues.reshaped if wanted else cues.reshaped:
            return priors.reshaped
        return priors.moved if moved else priors.calm

    def drop(self, alert: Alert) -> None:
        """Nobody waits for this any more."""
        gone = sentence_of(alert)
        self._true.pop(gone, None)
        self._watches = {key: one for key, one in self._watches.items() if key[0] != gone}

    def interrupt(self, run: str) -> None:
        """The picture is gone."""
        self._watches = {key: one for key, one in self._watches.items() if key[1] != run}

    def _rising(self, sentence: Sentence, watch: _Watch, cues: Cues) -> bool:
        true = self._true.get(sentence)
        if true is None or cues.glance is None:
            return False
        norm = float(np.linalg.norm(true) * np.linalg.norm(cues.glance)) or 1.0
        now = float(true @ cues.glance) / norm
        before, watch.likeness = watch.likeness, now
        return before is not None and now - before >= RISING


def _stretched(before: Box, now: Box) -> float:
    """By how much its size, or the height that it stands at, is another, as a share of its size."""
    wide, high = max(before.w, 1), max(before.h, 1)
    sunk = abs(before.y + before.h - now.y - now.h)
    return max(abs(now.w - before.w) / wide, abs(now.h - before.h) / high, sunk / high)


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
