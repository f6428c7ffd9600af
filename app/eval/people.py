"""People known from one frame of one clip, in all other clips, over every split.

Each clip is looked at once; the looks are then replayed into a fresh session for every split, so
the decisions are the product's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import numpy as np

from app.eval.things import exemplar
from engine import messages as msg
from engine import reports as rep
from engine.config import EngineConfig
from engine.errors import ConceptError
from engine.facts import Concept, Run, SourceSpec, Track, View
from engine.media import NANOSECONDS, Frame, Image
from engine.ports.seeing import Perception
from engine.ports.sources import SourceFactory
from engine.session import Session

SNAPSHOT_SCORE = 0.8
LOOKS_AT_A_PHOTO = 6
BLANK = np.zeros((64, 64, 3), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One clip: who is in it, the view that a snapshot of it gives, and all its looks."""

    clip: str
    person: str
    snapshot: View
    looks: tuple[rep.Perceived, ...]

    @property
    def views(self) -> tuple[View, ...]:
        """Of the face that is followed longest, which is the person's."""
        by: dict[int, list[View]] = {}
        for look in self.looks:
            for track in look.tracks:
                if track.view is not None and track.kind == "person":
                    by.setdefault(track.id, []).append(track.view)
        return tuple(max(by.values(), key=len)) if by else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One clip watched with some people registered from other clips."""

    clip: str
    person: str
    registered: tuple[str, ...]
    named: frozenset[str]
    left: int
    """Times that somebody who never left was said to have left."""
    first_s: float | None = None
    """From the first frame watched to the first sure name, in seconds of the stream."""

    @property
    def known(self) -> bool:
        return self.person in self.registered

    @property
    def right(self) -> bool:
        return self.named == frozenset((self.person,))

    @property
    def wrong(self) -> bool:
        """A name was given that is not this person's, to whomever."""
        return bool(self.named - {self.person})


def watch_clips(
    clips: Iterable[tuple[str, str, Path]],
    sources: SourceFactory,
    perception: Perception,
) -> list[Watched]:
    """Look at each (clip, person, file) with the product's own eyes."""
    watched: list[Watched] = []
    for clip, person, path in clips:
        frames = _frames(sources, path, clip)
        watched.append(
            Watched(
                clip=clip,
                person=person,
                snapshot=_snapshot(perception, frames),
                looks=_looks(perception, _spec(path), clip, frames),
            )
        )
    return watched


def every_split(watched: Sequence[Watched]) -> tuple[list[Unit], list[Unit]]:
    """(alone, together): one person registered from one clip, watched in every other clip; and two
    people registered from a clip each, watched in every other clip."""
    alone = [
        unit(other, [(known.person, known.snapshot)])
        for known in watched
        for other in watched
        if other is not known
    ]
    together = [
        unit(other, [(one.person, one.snapshot), (two.person, two.snapshot)])
        for n, one in enumerate(watched)
        for two in watched[n + 1 :]
        if one.person != two.person
        for other in watched
        if other is not one and other is not two
    ]
    return alone, together


def unit(watched: Watched, known: Sequence[tuple[str, View]]) -> Unit:
    """The clip watched by a session of its own that knows these."""
    session = Session(EngineConfig(), UTC)
    spec = SourceSpec(kind="recording", address=watched.clip, label=watched.clip, realtime=False)
    session.handle(_started(known), 0)
    session.handle(msg.OpenSource(spec=spec, run=watched.clip), 0)
    run = Run(run=watched.clip, kind="recording", label="", identity=watched.clip, opened_at=0)
    session.handle(rep.RunStarted(run=run), 0)
    named: set[str] = set()
    left = 0
    first: int | None = None
    for look in watched.looks:
        for output in session.handle(look, 0):
            if isinstance(output, msg.Sighted) and output.sighting.concept is not None:
                named.add(output.name)
                first = look.frame.pts if first is None else first
            elif isinstance(output, msg.Left) and output.name == watched.person:
                left += 1
    return Unit(
        clip=watched.clip,
        person=watched.person,
        registered=tuple(name for name, _ in known),
        named=frozenset(named),
        left=left,
        first_s=None if first is None else (first - watched.looks[0].frame.pts) / NANOSECONDS,
    )


def strangers_in_photos(
    watched: Sequence[Watched], photos: Iterable[tuple[str, Image]], perception: Perception
) -> list[Unit]:
    """Each person registered from each clip, before photos of others, each shown like a picture in
    which nothing moves: the same look, `LOOKS_AT_A_PHOTO` times. Photos without a face that is
    clear enough show nobody, and are left out."""
    shown = faces_in_photos(photos, perception)
    posed = [posing(name, [view] * LOOKS_AT_A_PHOTO) for name, view in shown]
    return [unit(photo, [(known.person, known.snapshot)]) for known in watched for photo in posed]


def faces_in_photos(
    photos: Iterable[tuple[str, Image]], perception: Perception
) -> list[tuple[str, View]]:
    """(photo, the view of the face in it), of those with one."""
    found: list[tuple[str, View]] = []
    for name, image in photos:
        try:
            (view,) = perception.examine(image, None, "person")
        except ConceptError:
            continue
        found.append((name, view))
    return found


def posing(name: str, views: Sequence[View]) -> Watched:
    """Somebody who shows these views, one after the other."""
    looks: list[rep.Perceived] = []
    for number, view in enumerate(views):
        pts = number * NANOSECONDS // 2
        track = Track(id=1, kind="person", box=view.box, score=0.9, view=view)
        frame = Frame(image=BLANK, pts=pts, at=pts, run=name)
        looks.append(rep.Perceived(frame=frame, tracks=(track,)))
    return Watched(clip=name, person=name, snapshot=views[0], looks=tuple(looks))


def _started(known: Sequence[tuple[str, View]]) -> rep.Started:
    return rep.Started(
        concepts=tuple(Concept(id=name, name=name, kind="person") for name, _ in known),
        exemplars=tuple(exemplar(name, view) for name, view in known),
        alerts=(),
        consents=frozenset(),
        features=(),
    )


def _spec(path: Path) -> SourceSpec:
    return SourceSpec(kind="recording", address=str(path), label=path.name, realtime=False)


def _frames(sources: SourceFactory, path: Path, run: str) -> list[Frame]:
    source = sources.open(_spec(path), run)
    frames: list[Frame] = []
    try:
        while True:
            frame = source.read()
            if frame is not None:
                frames.append(frame)
    except EOFError:
        return frames
    finally:
        source.close()


def _snapshot(perception: Perception, frames: Sequence[Frame]) -> View:
    """The first frame with a confident face, and in it the most confident one."""
    for frame in frames:
        faces = [p for p in perception.propose(frame.image) if p.kind == "person"]
        if any(face.score >= SNAPSHOT_SCORE for face in faces):
            try:
                return perception.examine(frame.image, None, "person")[0]
            except ConceptError:
                continue
    raise ConceptError("No frame of the clip shows a face that is clear enough.")


def _looks(
    perception: Perception, spec: SourceSpec, run: str, frames: Sequence[Frame]
) -> tuple[rep.Perceived, ...]:
    seer = perception.seer(spec, run)
    looks: list[rep.Perceived] = []
    for frame in frames:
        seen = seer.see(frame, want_things=False)
        if seen.tracks is not None:
            looks.append(rep.Perceived(frame=frame, tracks=seen.tracks))
    seer.close()
    return tuple(looks)
