"""The seeing side of a run: gate, clips, detection, tracks, views and words, frame by frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.config import SeeingConfig
from engine.facts import (
    ActionsSought,
    ClipRecord,
    ConceptKind,
    Figure,
    MotionClip,
    Proposal,
    ScreenText,
    SourceSpec,
    Track,
    View,
)
from engine.media import Box, Frame, Image, Vector, nanoseconds
from engine.perception import acting, registering
from engine.perception.finding import Eyes, figures, find, who_is_in
from engine.perception.gate import Cells, Change, ChangeGate, cells_in
from engine.perception.looks import LookSchedule
from engine.perception.motion import MotionFinder
from engine.perception.scenes import SceneCutter
from engine.perception.screen_text import TextFollower
from engine.perception.tracking import CONFIRM_WITHIN, Followed, Found, Tracker
from engine.perception.viewing import ENOUGH_VIEWS, Viewer

NEW_FOR = nanoseconds(3.0)
"""For so long somebody new is looked at more often, while views of the face are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What came of one frame: a `Seen`."""

    tracks: tuple[Track, ...] | None = None
    changed: bool = False
    clips: tuple[ClipRecord, ...] = ()
    figures: tuple[Figure, ...] | None = None
    texts: tuple[tuple[ScreenText, bool], ...] = ()


class Watcher:
    """`Perception` with the models that are installed."""

    def __init__(
        self,
        eyes: Eyes,
        config: SeeingConfig | None = None,
        *,
        drawn: Callable[[], Eyes | None] = lambda: None,
    ) -> None:
        """`drawn` gives the eyes for the demo's drawn world; without them it is seen as the world
        is."""
        self.eyes = eyes
        """May be replaced at any time, when a model was installed or removed: runs that are open
        see with the new ones from their next frame on."""
        self.config = config or SeeingConfig()
        self._drawn = drawn

    def seer(self, spec: SourceSpec, run: str) -> "RunSeer":
        return RunSeer(self, spec, run)

    def eyes_for(self, *, drawn: bool) -> Eyes:
        """Those for the demo's drawn world, or for the real one."""
        return (self._drawn() if drawn else None) or self.eyes

    def examine(
        self,
        image: Image,
        box: Box | None,
        kind: ConceptKind,
        *,
        drawn: bool = False,
        spare: bool = False,
    ) -> tuple[View, ...]:
        eyes = self.eyes_for(drawn=drawn)
        return registering.examine(eyes, image, box, kind, spare=spare and not drawn)

    def propose(
        self, image: Image, *, drawn: bool = False, moving: Sequence[Box] = ()
    ) -> tuple[Proposal, ...]:
        return registering.propose(self.eyes_for(drawn=drawn), image, moving)

    def embedders(self) -> tuple[tuple[ConceptKind, str], ...]:
        return registering.embedders(self.eyes)

    def embed_again(
        self, crop: Image, kind: ConceptKind, embedder: str
    ) -> tuple[str, Vector] | None:
        return registering.embed_again(self._eyes_of(kind, embedder), crop, kind, embedder)

    def _eyes_of(self, kind: ConceptKind, embedder: str) -> Eyes:
        """Poses may also be those of the demo's drawn world."""
        own = self.eyes.poses
        drawn = kind == "action" and embedder != acting.EMBEDDER
        return self.eyes_for(drawn=drawn and (own is None or own.name != embedder))

    def examine_motion(self, clip: MotionClip, *, drawn: bool = False) -> tuple[View, ...]:
        return acting.examine_motion(clip, self.eyes_for(drawn=drawn).poses)


class RunSeer:
    """`Seer` of one run."""

    def __init__(self, watcher: Watcher, spec: SourceSpec, run: str) -> None:
        self._watcher = watcher
        self._drawn = spec.kind == "demo"
        self._gate = ChangeGate()
        self._cutter = SceneCutter(watcher.config, paced=spec.paced)
        self._schedule = LookSchedule(watcher.config)
        self._tracker = Tracker()
        self._viewer = Viewer(watcher.config.max_things)
        self._motion: MotionFinder | None = None
        self._acting = acting.MotionSeer()
        self._stirred: Cells | None = None
        self._changed = False
        self._eager = False
        self._spare = False
        self._figures: tuple[Figure, ...] | None = None
        """Everybody found in the last fresh look."""
        reader = self._eyes.text_reader
        reads = spec.as_screen or spec.kind == "screen"
        self._words = TextFollower(reader, run, live=spec.live) if reads and reader else None

    @property
    def _eyes(self) -> Eyes:
        return self._watcher.eyes_for(drawn=self._drawn)

    def see(self, frame: Frame, *, want_things: bool, spare: bool = False) -> Glimpse:
        eyes, self._spare = self._eyes, spare
        change = self._gate.check(frame.image)
        clips = self._peopled(self._cutter.add(frame, change.thumbnail, eyes.image_embedder))
        self._note(change)
        look = self._schedule.due(frame.pts, changed=self._changed, eager=self._eager)
        if look == "none":
            return Glimpse(clips=clips)
        if look == "fresh":
            present = self._find(eyes, frame, change.cell)
        else:
            present = self._tracker.hold(frame.pts)
        changed = self._changed
        self._stirred, self._changed = None, False
        views = self._viewer.take(eyes, frame.image, present, want_things=want_things)
        self._eager = any(_is_open(track, frame.pts, eyes) for track in self._tracker.tracks)
        return Glimpse(
            tracks=tuple(_report(track, views.get(track.id)) for track in present),
            changed=changed,
            clips=clips,
            figures=self._figures,
            texts=self._words.look(frame) if self._words else (),
        )

    def stir(self, frame: Frame, sought: ActionsSought) -> acting.Glance | None:
        return self._acting.stir(frame, sought, self._eyes.poses if sought.poses else None)

    def close(self) -> Glimpse:
        clips = self._peopled(self._cutter.close(self._eyes.image_embedder))
        return Glimpse(clips=clips, texts=self._words.close() if self._words else ())

    def _peopled(self, clips: tuple[ClipRecord, ...]) -> tuple[ClipRecord, ...]:
        """With who is in their key frames, where people without a name are to be spared."""
        if not self._spare or self._drawn:
            return clips
        eyes = self._eyes
        return tuple(
            replace(clip, figures=tuple(who_is_in(eyes, image) for _, image in clip.key_frames))
            for clip in clips
        )

    def _note(self, change: Change) -> None:
        """Gather what changed since the last look."""
        if not change.passed:
            return
        self._changed = True
        if self._stirred is None or self._stirred.shape != change.cells.shape:
            self._stirred = change.cells
        else:
            self._stirred = self._stirred | change.cells

    def _find(self, eyes: Eyes, frame: Frame, cell: int) -> tuple[Followed, ...]:
        found = find(eyes, frame.image)
        self._figures = None if eyes.faces is None else figures(found)
        if eyes.objects is None:
            self._motion = self._motion or MotionFinder()
            found += _beside(self._motion.find(frame.image), found)
        stirred = self._stirred
        return self._tracker.update(
            frame.pts,
            found,
            lambda box: stirred is not None and bool(np.any(cells_in(stirred, box, cell))),
        )


def _beside(moving: list[Found], people: list[Found]) -> list[Found]:
    """The moving blobs that are not somebody already found."""
    return [
        blob
        for blob in moving
        if all(blob.box.intersection(item.box) < 0.5 * blob.box.area for item in people)
    ]


def _is_open(track: Followed, pts: int, eyes: Eyes) -> bool:
    """Whether a look soon would tell who this is, that it was nobody, or that it has left."""
    if track.kind != "person" or track.missed > 1:
        return False
    if track.id and track.missed == 1:
        return True
    if not track.id:
        return pts - track.born < CONFIRM_WITHIN
    missing = track.views < ENOUGH_VIEWS and track.found.face is not None
    return missing and eyes.face_embedder is not None and pts - track.born < NEW_FOR


def _report(track: Followed, view: View | None) -> Track:
    return Track(id=track.id, kind=track.kind, box=track.box, score=track.found.score, view=view)
