"""People who are not registered: where they are to be spared, they are made unrecognisable in every
picture that is kept or shown to a model. What cannot be told is hidden: a picture in which nobody
knows who is where is hidden as a whole."""

from collections import deque
from dataclasses import dataclass, replace

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import ClipRecord, Figure
from engine.media import Box, Frame, Image, nanoseconds
from engine.obscuring import spared
from engine.watching import Watching

Output = msg.Event | do.Effect

LOOKS_KEPT = 64
NEAR = nanoseconds(1.0)
"""A look so near tells who is where in a picture between two looks."""
SAME = 0.3
"""So much of both, at least, overlaps where somebody found is somebody followed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Looked:
    """Who was where at one look."""

    pts: int
    figures: tuple[Figure, ...] | None
    people: tuple[tuple[int, Box], ...]
    """(track, where) of everybody who is followed."""


class Sparing:
    """Does nothing while it is off."""

    def __init__(self, runs: dict[str, Watching], *, on: bool) -> None:
        self.on = on
        self._runs = runs
        self._looks: dict[str, deque[_Looked]] = {}

    def look(self, perceived: rep.Perceived) -> None:
        """Note who is where; also while it is off, for it may be switched on within a clip."""
        people = tuple((t.id, t.box) for t in perceived.tracks if t.kind == "person")
        looks = self._looks.setdefault(perceived.frame.run, deque(maxlen=LOOKS_KEPT))
        looks.append(_Looked(pts=perceived.frame.pts, figures=perceived.figures, people=people))

    def ended(self, run: str) -> None:
        """Nothing more is seen of the run."""
        self._looks.pop(run, None)

    def spare(self, output: Output) -> Output:
        """The same, with nobody in it who is not registered."""
        if not self.on:
            return output
        match output:
            case do.Persist(frame=Frame() as frame) | do.ShowModel(frame=frame):
                return replace(output, frame=self._frame(frame))
            case _:
                return output

    def clip(self, clip: ClipRecord) -> ClipRecord:
        """What of a clip may be kept and described."""
        return self._clip(clip) if self.on else clip

    def _frame(self, frame: Frame) -> Frame:
        if self._is_drawn(frame.run):
            return frame
        looked = next(
            (one for one in self._near(frame.run, frame.pts) if one.pts == frame.pts), None
        )
        found = None if looked is None else looked.figures
        return replace(frame, image=self._image(frame.image, frame.run, frame.pts, found))

    def _clip(self, clip: ClipRecord) -> ClipRecord:
        if self._is_drawn(clip.run):
            return clip
        figures = clip.figures or (None,) * len(clip.key_frames)
        kept = tuple(
            (pts, self._image(image, clip.run, pts, found))
            for (pts, image), found in zip(clip.key_frames, figures, strict=True)
        )
        same = all(a is b for (_, a), (_, b) in zip(kept, clip.key_frames, strict=True))
        if same:
            return clip
        # The vector is that of the whole first picture, with everybody in it.
        return replace(clip, key_frames=kept, vector=None, embedder=None, figures=())

    def _image(self, image: Image, run: str, pts: int, found: tuple[Figure, ...] | None) -> Image:
        if found is None:
            return spared(image, None)
        near = self._near(run, pts)
        # Who has just come is followed from the second look on.
        looked = next((one for one in near if one.people), None)
        known = [] if looked is None else self._known(found, looked, run)
        strangers = [one for one in found if one not in known]
        # Whom the detector missed here, and found just before or after.
        missed = [
            Figure(box=box)
            for looked in near[:2]
            for track, box in looked.people
            if not self._registered(run, track)
            and all(box.overlap(one.box) < SAME for one in strangers)
        ]
        return spared(image, [*strangers, *missed], known)

    def _known(self, found: tuple[Figure, ...], looked: _Looked, run: str) -> list[Figure]:
        """Of everybody found those who are registered, one for each who is followed. A track that
        has a name by now had it all the time."""
        known: list[Figure] = []
        for track, box in looked.people:
            best = max(found, key=lambda one: box.overlap(one.box), default=None)
            if best is None or box.overlap(best.box) < SAME or not self._registered(run, track):
                continue
            shown = best.box
            if max(looked.people, key=lambda one: one[1].overlap(shown))[0] == track:
                known.append(best)
        return known

    def _registered(self, run: str, track: int) -> bool:
        watching = self._runs.get(run)
        identity = None if watching is None else watching.identity(track)
        return identity is not None and identity.verdict.certainty == "sure"

    def _near(self, run: str, pts: int) -> list[_Looked]:
        """The looks about this moment, the nearest first."""
        near = [one for one in self._looks.get(run, ()) if abs(one.pts - pts) <= NEAR]
        return sorted(near, key=lambda one: abs(one.pts - pts))

    def _is_drawn(self, run: str) -> bool:
        watching = self._runs.get(run)
        return watching is not None and watching.spec.kind == "demo"
