"""What is cheap, looked at on every frame: who came, left or moved and how; whether the picture
changed, as a whole or in a part; whether words came.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import numpy.typing as npt

from engine.config import JudgingConfig, Motion
from engine.decision.outlines import Outlines
from engine.facts import Alert, Overlay
from engine.media import Box, Image, Vector

ROWS, COLUMNS = 12, 16
FINE = 4
"""A cell of the glance is the mean of so many samples a side."""
MOTIONS: tuple[Motion, ...] = get_args(Motion)
STILL: frozenset[Motion] = frozenset({"calm"})


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

    motions: Mapping[str, Motion] = field(default_factory=dict[str, Motion])
    """What each concept in view did since the look before, and who has just left it; "" for anybody
    else, the liveliest of them."""
    changed: bool = False
    """The picture has, besides where somebody is:"""
    whole: bool = False
    """most of it, like when the light is switched."""
    text: bool = False
    still: bool = True
    """Nothing at all has changed."""
    glance: Vector | None = None
    outlines: Mapping[str, tuple[Vector, ...]] = field(
        default_factory=dict[str, tuple[Vector, ...]]
    )
    """How each concept in view stands; "" for anybody else."""

    def liveliest(self, concepts: frozenset[str]) -> Motion | None:
        """What these have done (nobody named: whoever is in view); None where they are away."""
        some: list[Motion] = [
            self.motions[name] for name in self.motions if not concepts or name in concepts
        ]
        return _liveliest(*some) if some else None


class Looks:
    """Turns the frames of one run into cues."""

    def __init__(self, config: JudgingConfig) -> None:
        self._config = config
        self._boxes: dict[int, Box] = {}
        self._places: dict[str, Box] = {}
        self._last: Vector | None = None
        self._empty: npt.NDArray[np.float32] | None = None
        self._differs = np.zeros((ROWS, COLUMNS), np.float32)
        self._text = False
        self._outlines = Outlines()

    def read(self) -> None:
        """Words came or went."""
        self._text = True

    def look(self, image: Image, overlays: Sequence[Overlay], *, changed: bool) -> Cues:
        """One watched frame, with who is where in it."""
        motions: dict[str, Motion] = {}
        places: dict[str, Box] = {}
        for overlay in overlays:
            sure = overlay.certainty == "sure" and overlay.concept
            name = str(overlay.concept) if sure else ""
            before = self._boxes.get(overlay.track) or (self._places.get(name) if name else None)
            motion = self._motion(before, overlay.box)
            motions[name] = _liveliest(motions.get(name, motion), motion)
            places[name] = overlay.box
        # Of those without a name somebody has left when none of them is there any more.
        gone: Motion = "left"
        motions |= dict.fromkeys(self._places.keys() - places.keys(), gone)
        seen = glance(image) if changed else self._last
        new, whole = self._novel(seen, image, overlays)
        self._boxes = {overlay.track: overlay.box for overlay in overlays}
        self._places, self._last = places, seen
        text, self._text = self._text, False
        moved = any(motion not in STILL for motion in motions.values())
        return Cues(
            motions=motions,
            changed=new,
            whole=whole,
            text=text,
            still=not (moved or new or text or changed),
            glance=seen,
            outlines=self._outlines.look(overlays),
        )

    def _motion(self, before: Box | None, now: Box) -> Motion:
        if before is None:
            return "came"
        config, stretched = self._config, _stretched(before, now)
        if stretched > config.reshaped_above:
            return "turned" if stretched > config.turned_above else "reshaped"
        stepped = abs(2 * (now.x - before.x) + now.w - before.w) / 2 / max(before.h, now.h, 1)
        if stepped > config.moved_above:
            return "walked" if stepped > config.walked_above else "moved"
        return "calm"

    def _novel(
        self, seen: Vector | None, image: Image, overlays: Sequence[Overlay]
    ) -> tuple[bool, bool]:
        """Whether something besides who is seen has changed, and stays so for two looks; and
        whether most has. Each cell is compared with how it was when nobody stood before it."""
        if seen is None:
            return False, False
        cells = seen.reshape(ROWS, COLUMNS)
        if self._empty is None:
            self._empty, self._differs = cells.copy(), np.zeros_like(cells)
            return True, True
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
        whole = 2 * int(apart.sum()) >= int(free.sum())
        lasting = apart if whole else self._differs >= 2
        new = int(lasting.sum()) >= self._config.novel_cells
        settled = lasting | (free & ~apart)
        self._empty[settled] = cells[settled]
        self._differs[lasting] = 0
        return new, new and whole


def _liveliest(*motions: Motion) -> Motion:
    return MOTIONS[min(map(MOTIONS.index, motions))]


def _stretched(before: Box, now: Box) -> float:
    """By how much its size, or the height that it stands at, is another, as a share of its size."""
    wide, high = max(before.w, 1), max(before.h, 1)
    sunk = abs(before.y + before.h - now.y - now.h)
    return max(abs(now.w - before.w) / wide, abs(now.h - before.h) / high, sunk / high)


def wanted_by(alert: Alert) -> frozenset[str]:
    """The concepts that it is about."""
    return frozenset(filter(None, (alert.condition.concept, alert.condition.other)))


def about_somebody(alert: Alert) -> bool:
    """Whoever moves is a cue to such a sentence; another is about the picture."""
    return bool(wanted_by(alert) or SOMEBODY.search(alert.condition.words))


def cued(alert: Alert, cues: Cues) -> bool:
    """Whether something that this alert may be about has stirred."""
    if about_somebody(alert):
        return cues.liveliest(wanted_by(alert)) not in (None, *STILL)
    return cues.changed or cues.text


SOMEBODY = re.compile(
    r"\b(?:some(?:body|one)|any(?:body|one)|every(?:body|one)|no ?(?:body|one)|person|people|m[ae]n"
    r"|wom[ae]n|child(?:ren)?|baby|kids?|boys?|girls?|he|she|they|him|her|them|i|me|we|us"
    r"|cats?|dogs?|pets?|animals?|birds?)\b",
    re.I,
)
