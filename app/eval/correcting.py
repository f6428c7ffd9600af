"""A user who corrects every mistake: how many fewer are made afterwards.

Half of the subjects are registered by one photo. The others pass by in other photos, each as a
track of two equal looks, through the product's own session. After each of the first half the user
says who or what it was; the photos of the second half were never shown before. The same stream
without any correction is the measure. Nothing ever comes back here, which is the hardest case; the
stream in which things do is `returning`.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

import numpy as np

from app.eval.things import exemplar
from engine import messages as msg
from engine import reports as rep
from engine.config import EngineConfig
from engine.facts import Concept, Overlay, Run, SourceSpec, Track, View
from engine.media import NANOSECONDS, Box, Frame
from engine.session import Session

BLANK = np.zeros((64, 64, 3), np.uint8)
RUN = "stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One thing that passed by: whose (None: a stranger), and whether that was mistaken."""

    subject: str
    known: bool
    mistaken: bool


def second_halves(
    views: Mapping[str, Sequence[View]], splits: int
) -> tuple[list[Passing], list[Passing]]:
    """(with corrections, without) over random splits, by seed: the second half of each stream."""
    corrected: list[Passing] = []
    alone: list[Passing] = []
    for seed in range(splits):
        taught, first, second = _stream(views, seed)
        for corrects, kept in ((True, corrected), (False, alone)):
            user = _User(taught)
            for subject, view in first:
                user.watch(subject, view, corrects=corrects)
            kept += [user.watch(subject, view, corrects=False) for subject, view in second]
    return corrected, alone


def _stream(
    views: Mapping[str, Sequence[View]], seed: int
) -> tuple[dict[str, View], list[tuple[str, View]], list[tuple[str, View]]]:
    rng = random.Random(seed)
    subjects = sorted(views)
    rng.shuffle(subjects)
    taught: dict[str, View] = {}
    first: list[tuple[str, View]] = []
    second: list[tuple[str, View]] = []
    for number, subject in enumerate(subjects):
        photos = list(views[subject])
        rng.shuffle(photos)
        if number < len(subjects) // 2:
            taught[subject] = photos.pop()
        middle = (len(photos) + 1) // 2
        first += [(subject, view) for view in photos[:middle]]
        second += [(subject, view) for view in photos[middle:]]
    rng.shuffle(first)
    rng.shuffle(second)
    return taught, first, second


class _User:
    """Shows the session one thing after another, and says what each was."""

    def __init__(self, taught: Mapping[str, View]) -> None:
        self._known = frozenset(taught)
        self._session = Session(EngineConfig(), UTC)
        self._track = 0
        started = rep.Started(
            concepts=tuple(Concept(id=name, name=name, kind="thing") for name in taught),
            exemplars=tuple(exemplar(name, view) for name, view in taught.items()),
            alerts=(),
            consents=frozenset(),
            features=(),
        )
        spec = SourceSpec(kind="recording", address=RUN, label=RUN, realtime=False)
        self._session.handle(started, 0)
        self._session.handle(msg.OpenSource(spec=spec, run=RUN), 0)
        run = Run(run=RUN, kind="recording", label="", identity=RUN, opened_at=0)
        self._session.handle(rep.RunStarted(run=run), 0)

    def watch(self, subject: str, view: View, *, corrects: bool) -> Passing:
        self._track += 1
        shown = [self._look(view, look) for look in range(2)][-1]
        named = shown.concept if shown.certainty == "sure" else None
        known = subject in self._known
        mistaken = named != subject if known else named is not None
        if corrects and (mistaken or shown.certainty == "maybe"):
            self._correct(subject if known else None, shown.concept)
        return Passing(subject=subject, known=known, mistaken=mistaken)

    def _look(self, view: View, look: int) -> Overlay:
        # Far enough apart that each track is a visit of its own.
        pts = self._track * 10 * NANOSECONDS + look * NANOSECONDS // 2
        track = Track(id=self._track, kind="thing", box=Box(0, 0, 64, 64), score=0.9, view=view)
        frame = Frame(image=BLANK, pts=pts, at=pts, run=RUN)
        out = self._session.handle(rep.Perceived(frame=frame, tracks=(track,)), pts)
        return next(e for e in out if isinstance(e, msg.Tracked)).overlays[0]

    def _correct(self, subject: str | None, said: str | None) -> None:
        concept = subject or said
        if concept is not None:
            judge = msg.Judge(run=RUN, track=self._track, right=subject is not None)
            self._session.handle(msg.CorrectConcept(concept=concept, correction=judge), 0)
