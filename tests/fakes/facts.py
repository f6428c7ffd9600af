"""Facts of a small made-up day, short to write. Times are in seconds."""

import numpy as np

from engine.facts import (
    Addressed,
    Answer,
    ClipRecord,
    Concept,
    ConceptKind,
    Evidence,
    Exemplar,
    Overlay,
    Remark,
    Run,
    RunState,
    ScreenText,
    Sighting,
    SourceKind,
    SourceState,
    Utterance,
)
from engine.media import Box, Frame, Image, Span, Vector, nanoseconds
from tests.fakes.clock import EPOCH_2026


def wall(s: float) -> int:
    """The wall time `s` seconds after the first moment of the day."""
    return EPOCH_2026 + nanoseconds(s)


def span(start: float, end: float) -> Span:
    return Span(start=nanoseconds(start), end=nanoseconds(end))


def wall_span(start: float, end: float) -> Span:
    return Span(start=wall(start), end=wall(end))


def picture(value: int = 90, height: int = 24, width: int = 32) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def unit(*values: float) -> Vector:
    vector = np.array(values, np.float32)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def run(
    name: str = "r1",
    *,
    kind: SourceKind = "camera",
    label: str = "Desk",
    identity: str | None = None,
    opened: float = 0,
) -> Run:
    return Run(run=name, kind=kind, label=label, identity=identity or name, opened_at=wall(opened))


def state(run: str, s: float, state: SourceState, *, opened: float = 0) -> RunState:
    return RunState(run=run, pts=nanoseconds(s), at=wall(opened + s), state=state)


def sighting(
    run: str,
    start: float,
    end: float | None = None,
    *,
    concept: str | None = None,
    kind: ConceptKind = "person",
    track: int = 1,
    opened: float = 0,
    stayed: bool = False,
) -> Sighting:
    """Without `end` the visit began; with it, it is over (or `stayed` till the run's end)."""
    until = start if end is None else end
    return Sighting(
        run=run,
        span=span(start, until),
        at=wall(opened + until),
        phase="began" if end is None else ("stayed" if stayed else "ended"),
        concept=concept,
        kind=kind,
        score=0.75,
        box=Box(1, 2, 3, 4),
        track=track,
    )


def words(
    run: str, text: str, start: float = 0, end: float = 1, *, opened: float = 0
) -> ScreenText:
    return ScreenText(
        run=run, span=span(start, end), at=wall(opened + end), text=text, box=Box(0, 0, 9, 9)
    )


def body(box: Box, track: int = 1, concept: str | None = None) -> Overlay:
    """A person in view, as it is drawn; surely the concept, if one is given."""
    return Overlay(
        track=track,
        box=box,
        kind="person",
        certainty="sure" if concept else "unknown",
        concept=concept,
        name="",
        colour="",
        score=1.0,
    )


def heard(
    run: str, text: str, start: float = 0, end: float = 1, *, addressed: Addressed = ""
) -> Utterance:
    return Utterance(
        run=run, span=span(start, end), at=wall(end), text=text, confidence=0.4, addressed=addressed
    )


def clip(run: str, start: float, end: float, *images: Image, opened: float = 0) -> ClipRecord:
    return ClipRecord(
        run=run,
        span=span(start, end),
        at=wall(opened + end),
        key_frames=tuple((nanoseconds(start + i), image) for i, image in enumerate(images)),
        vector=unit(1, 2),
        embedder="e",
    )


def frame(run: str, s: float, image: Image | None = None, *, opened: float = 0) -> Frame:
    return Frame(
        image=picture() if image is None else image,
        pts=nanoseconds(s),
        at=wall(opened + s),
        run=run,
    )


def evidence(run: str, start: float, end: float, label: str = "Desk") -> Evidence:
    return Evidence(
        run=run, span=span(start, end), at=wall_span(start, end), kind="sighting", label=label
    )


def answer(text: str, s: float, *rests_on: Evidence, question: str = "Who came?") -> Answer:
    return Answer(
        ref="a",
        question=question,
        text=text,
        evidence=rests_on,
        confidence=0.9 if rests_on else 0.0,
        run=None,
        pts=0,
        at=wall(s),
    )


def remark(text: str, run: str, s: float, *rests_on: Evidence) -> Remark:
    return Remark(alert="al", text=text, evidence=rests_on, run=run, pts=nanoseconds(s), at=wall(s))


def concept(
    name: str = "Mum",
    concept_id: str = "c1",
    *,
    kind: ConceptKind = "person",
    aliases: tuple[str, ...] = (),
) -> Concept:
    return Concept(id=concept_id, name=name, kind=kind, aliases=aliases)


def exemplar(
    exemplar_id: str = "e1",
    concept: str = "c1",
    *,
    crop: Image | None = None,
    positive: bool = True,
) -> Exemplar:
    return Exemplar(
        id=exemplar_id,
        concept=concept,
        embedder="faces",
        vector=unit(1, 2, 3),
        crop=picture() if crop is None else crop,
        positive=positive,
        at=wall(0),
    )
