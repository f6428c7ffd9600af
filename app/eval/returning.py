"""A stream as a user lives it: the same things come back again and again.

Some subjects are registered by one photo. Then all of them pass by, `VISITS` times each, in an
order drawn by seed. A visit is a track of some looks at one of the photos that were not taught,
each look transformed anew (nearer, turned, lighter, blurred): a place and a light come again, as
they do at home, and a picture only when all copies were shown. Among the strangers are look-alikes
of what is registered: photos of it, seen at no other time, in other colours.

Of people two are known, each by one clip: their photos are clips, and a look is one of its frames.
The strangers are drawn by seed from those of `strangers`, and a look-alike is half the person.

The looks pass through the product's own session, and what it decides goes into a real encrypted
memory, which is closed and opened again on the way.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import cast, get_args

import numpy as np
from keyring.backends.fail import Keyring

from app.eval.things import exemplar
from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import EngineConfig
from engine.errors import ConceptError
from engine.facts import (
    Certainty,
    Concept,
    ConceptKind,
    Exemplar,
    Overlay,
    Run,
    SourceSpec,
    Track,
    TrackKind,
    View,
)
from engine.media import NANOSECONDS, Box, Frame
from engine.memory.opening import Memory, open_memory
from engine.ports.memory import StoreEffect
from engine.session import Output, Session

VISITS = 12
LOOKS = 2
RESTARTS = 4
UNDONE = 20
"""So many corrections, the newest, are taken back at the end, one by one."""
LIKE = "~"
"""Ends the name of a look-alike."""
BLANK = np.zeros((64, 64, 3), np.uint8)
Photos = Mapping[str, Sequence[Sequence[View]]]
"""By subject: of each photo the view of it as it is, and of its transformed copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who passes by, and who of them is known."""

    photos: Photos
    kind: ConceptKind = "thing"
    known: tuple[str, ...] = ()
    """Empty: half of the subjects, by seed; and half of those have their look-alike about."""
    strangers: int = 0
    """So many of the others pass by, drawn by seed; 0: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One passing by: whose it was, and what was said of it at the end."""

    subject: str
    known: bool
    photo: int
    again: bool
    """Its photo was shown before, transformed otherwise."""
    certainty: Certainty
    named: str | None

    @property
    def mistaken(self) -> bool:
        """A known one surely and rightly named, a stranger not surely named: anything else."""
        sure = self.named if self.certainty == "sure" else None
        return sure != (self.subject if self.known else None)

    @property
    def misnamed(self) -> bool:
        return self.certainty == "sure" and self.named != (self.subject if self.known else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What came of one stream."""

    visits: tuple[Visit, ...]
    corrections: int = 0
    lost: int = 0
    """Views given by corrections that were not there after a restart."""
    restarts: int = 0
    undone: int = 0
    differing: int = 0
    """Undoings after which the gallery was not byte for byte what it had been."""

    @property
    def second_half(self) -> tuple[Visit, ...]:
        return self.visits[len(self.visits) // 2 :]


@dataclass(frozen=True, slots=True)
class _Passing:
    subject: str
    photo: int
    looks: tuple[View, ...]


def streams(cast: Cast, splits: int, folder: Path) -> tuple[list[Lived], list[Lived]]:
    """(with corrections, without) of the same streams, by seed. `folder` is for the memories."""
    corrected: list[Lived] = []
    alone: list[Lived] = []
    for seed in range(splits):
        taught, passing = _stream(cast, seed)
        for lived, corrects in ((corrected, True), (alone, False)):
            home = _Home(cast.kind, taught, folder / f"corrected-{seed}" if corrects else None)
            lived.append(_live(home, taught, passing, corrects=corrects))
    return corrected, alone


def _stream(cast: Cast, seed: int) -> tuple[dict[str, View], list[_Passing]]:
    """Who is known is registered by a photo as it is. Some of them have a look-alike, which is seen
    where the other is not: it has two of the photos for itself."""
    rng, photos = random.Random(seed), cast.photos
    subjects = sorted(subject for subject in photos if not subject.endswith(LIKE))
    rng.shuffle(subjects)
    known = list(cast.known) or subjects[: len(subjects) // 2]
    alike = [subject for subject in known if subject + LIKE in photos]
    alike = alike if cast.known else alike[: (len(alike) + 1) // 2]
    if cast.strangers:
        others = [subject for subject in subjects if subject not in known]
        subjects = [*known, *others[: cast.strangers]]
    taught: dict[str, View] = {}
    passing: list[_Passing] = []
    for subject in subjects:
        order = list(range(len(photos[subject])))
        rng.shuffle(order)
        if subject in known:
            taught[subject] = photos[subject][order.pop()][0]
        if subject in alike:
            passing += _visits(subject + LIKE, photos[subject + LIKE], order[:2], rng)
            order = order[2:]
        passing += _visits(subject, photos[subject], order, rng)
    rng.shuffle(passing)
    return taught, passing


def _visits(
    subject: str, photos: Sequence[Sequence[View]], order: Sequence[int], rng: random.Random
) -> list[_Passing]:
    """The photos in turn; of the copies of each those that were not shown yet, while there are."""
    visits: list[_Passing] = []
    copies = {photo: list(photos[photo][1:]) for photo in order}
    for views in copies.values():
        rng.shuffle(views)
    for visit in range(VISITS):
        photo = order[visit % len(order)]
        mine = copies[photo]
        visits.append(_Passing(subject, photo, tuple(mine[:LOOKS])))
        copies[photo] = mine[LOOKS:] + mine[:LOOKS]
    return visits


def _live(
    home: "_Home", taught: Mapping[str, View], passing: Sequence[_Passing], *, corrects: bool
) -> Lived:
    """A stream from the first to the last visit."""
    visits: list[Visit] = []
    seen: set[tuple[str, int]] = set()
    every = max(len(passing) // (RESTARTS + 1), 1)
    for number, one in enumerate(passing):
        if corrects and number and number % every == 0:
            home.restart()
        shown = [home.look(number, place, view) for place, view in enumerate(one.looks)][-1]
        visit = Visit(
            subject=one.subject,
            known=one.subject in taught,
            photo=one.photo,
            again=(one.subject, one.photo) in seen,
            certainty=shown.certainty,
            named=shown.concept,
        )
        seen.add((one.subject, one.photo))
        visits.append(visit)
        if corrects and (visit.mistaken or visit.certainty == "maybe"):
            home.correct(number, one.subject if visit.known else None, visit.named)
    undone, differing = home.take_back() if corrects else (0, 0)
    home.close()
    return Lived(
        visits=tuple(visits),
        corrections=home.corrections,
        lost=home.lost,
        restarts=home.restarts,
        undone=undone,
        differing=differing,
    )


class _Home:
    """A session over a real memory (or, where nothing is corrected, over none), and its user."""

    def __init__(self, kind: ConceptKind, taught: Mapping[str, View], folder: Path | None) -> None:
        self._kind: ConceptKind = kind
        self._folder = folder
        self._taught = {name: exemplar(name, view) for name, view in taught.items()}
        self._memory: Memory | None = None
        self._expected: set[str] = {one.id for one in self._taught.values()}
        self._before: list[str] = []
        """What the gallery was before each correction."""
        self.corrections = self.lost = self.restarts = 0
        if folder is not None:
            self._memory = open_memory(folder, keyring=Keyring())
            self._memory.store.apply(
                [
                    do.PersistConcept(concept=self._concept(name), added=(one,))
                    for name, one in self._taught.items()
                ]
            )
        self._session = self._begun()

    def restart(self) -> None:
        """Close the memory, open it again, and see what is left of what was said."""
        if self._memory is None or self._folder is None:
            return
        self._memory.close()
        self._memory = open_memory(self._folder, keyring=Keyring())
        self.restarts += 1
        self.lost += len(self._expected - {one.id for one in self._memory.archive.vectors()})
        self._session = self._begun()

    def look(self, visit: int, place: int, view: View) -> Overlay:
        """One look of a visit. Visits lie far enough apart to be visits of their own."""
        pts = visit * 10 * NANOSECONDS + place * NANOSECONDS // 2
        kind: TrackKind = "person" if self._kind == "person" else "thing"
        track = Track(id=visit, kind=kind, box=Box(0, 0, 64, 64), score=0.9, view=view)
        frame = Frame(image=BLANK, pts=pts, at=pts, run=self._run)
        out = self._do(self._session.handle(rep.Perceived(frame=frame, tracks=(track,)), pts))
        return next(e for e in out if isinstance(e, msg.Tracked)).overlays[0]

    def correct(self, visit: int, subject: str | None, said: str | None) -> None:
        """Say "that is" of what is known, and "that is not" of a stranger that was taken for it."""
        concept = subject or said
        if concept is None:
            return
        self._before.append(self._digest())
        judge = msg.Judge(run=self._run, track=visit, right=subject is not None)
        ref = f"correction-{self.corrections}"
        command = msg.CorrectConcept(concept=concept, correction=judge, ref=ref)
        self._do(self._session.handle(command, visit))
        self.corrections += 1

    def take_back(self) -> tuple[int, int]:
        """Undo the newest corrections: (how many, how often the gallery was not as before)."""
        differing = 0
        before = self._before[-UNDONE:]
        for digest in reversed(before):
            self._do(self._session.handle(msg.UndoCorrection(), 0))
            differing += self._digest() != digest
        return len(before), differing

    def close(self) -> None:
        if self._memory is not None:
            self._memory.close()

    def _begun(self) -> Session:
        session = Session(EngineConfig(), UTC)
        self._run = f"stream-{self.restarts}"
        archive = None if self._memory is None else self._memory.archive
        started = rep.Started(
            concepts=archive.concepts() if archive else tuple(map(self._concept, self._taught)),
            exemplars=archive.vectors() if archive else tuple(self._taught.values()),
            alerts=(),
            consents=frozenset(),
            features=(),
            changes=archive.changes() if archive else (),
        )
        spec = SourceSpec(kind="recording", address=self._run, label=self._run, realtime=False)
        run = Run(run=self._run, kind="recording", label="", identity=self._run, opened_at=0)
        self._session = session
        self._do(session.handle(started, 0))
        self._do(session.handle(msg.OpenSource(spec=spec, run=self._run), 0))
        self._do(session.handle(rep.RunStarted(run=run), 0))
        return session

    def _do(self, outputs: Sequence[Output]) -> list[Output]:
        """What the session decided goes into the memory."""
        kinds = get_args(StoreEffect)
        effects = [cast(StoreEffect, one) for one in outputs if isinstance(one, kinds)]
        for output in outputs:
            if isinstance(output, msg.Failed):
                raise ConceptError(output.reason)
            if isinstance(output, do.PersistConcept):
                self._expected |= {one.id for one in output.added}
        memory = self._memory
        if memory is None or not effects:
            return list(outputs)
        memory.store.apply(effects)
        for effect in effects:
            if isinstance(effect, do.UndoChange):
                restored = rep.GalleryRestored(
                    ref=effect.ref,
                    change=effect.change,
                    concepts=memory.archive.concepts(),
                    exemplars=memory.archive.vectors(),
                    alerts=memory.archive.alerts(),
                    changes=memory.archive.changes(),
                )
                self._session.handle(restored, 0)
        return list(outputs)

    def _concept(self, name: str) -> Concept:
        return Concept(id=name, name=name, kind=self._kind)

    def _digest(self) -> str:
        """Every byte of the gallery, as the memory holds it."""
        if self._memory is None:
            return ""
        told = hashlib.sha256(repr(self._memory.archive.concepts()).encode())
        for one in self._memory.archive.exemplars():
            told.update(_bytes(one))
        return told.hexdigest()


def _bytes(one: Exemplar) -> bytes:
    told = repr((one.id, one.concept, one.embedder, one.positive, one.at)).encode()
    return told + one.vector.tobytes() + one.crop.tobytes()
