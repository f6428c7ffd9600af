"""Facts as rows and back."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np

from engine.facts import (
    USUAL_WAYS,
    Alert,
    Answer,
    ClipRecord,
    Concept,
    Condition,
    Exemplar,
    Fate,
    Observation,
    Remark,
    Run,
    RunState,
    ScreenText,
    Sighting,
    Utterance,
)
from engine.media import Box, Span, Vector
from engine.memory.database import Row
from engine.memory.pictures import to_image, to_png

RECORDED_KINDS = ("recording", "demo")

SIGHTING_COLUMNS = (
    "run, started, ended, at_start, at_end, phase, concept, kind, score, x, y, w, h, track, "
    "changed, actor"
)
CONCEPT_COLUMNS = "id, name, kind, aliases, is_me, colour, description"
EXEMPLAR_COLUMNS = "id, concept, embedder, vector, crop, positive, at, parts"
ALERT_COLUMNS = (
    "id, text, concept, condition, dwell_s, cooldown_s, created_at, expires_at, settings"
)
CLIP_COLUMNS = "run, started, ended, at_start, at_end, key_frames, embedder, vector"
PASSAGE_COLUMNS = "run, kind, started, ended, at_start, at_end, text, question, confidence, payload"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClip:
    """A kept clip without its pictures."""

    run: str
    span: Span
    at: Span
    key_frames: tuple[int, ...]


_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)


def storable(text: str) -> str:
    """The text as UTF-8 can hold it: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def places(columns: str) -> str:
    """As many question marks as there are columns."""
    return ", ".join("?" * (columns.count(",") + 1))


def identity_digest(identity: str) -> bytes:
    """What is kept of a run's identity. It is only ever compared, and may hold a path."""
    return hashlib.blake2b(identity.encode("utf-8", "replace"), digest_size=16).digest()


def vector_bytes(vector: Vector) -> bytes:
    return np.ascontiguousarray(vector, dtype=np.float32).tobytes()


def vector_from(data: bytes) -> Vector:
    return np.frombuffer(data, dtype=np.float32)


def exemplar_bytes(vector: Vector) -> bytes:
    """A vector of parts takes half precision: the cosine changes by less than 0.001."""
    if vector.ndim == 2:
        return np.ascontiguousarray(vector, dtype=np.float16).tobytes()
    return vector_bytes(vector)


def exemplar_vector(data: bytes, parts: int) -> Vector:
    """With parts, shape (parts, n) at half precision."""
    if parts:
        shape = parts, len(data) // (2 * parts)
        return cast(Vector, np.ndarray(shape, np.float16, buffer=data))
    return vector_from(data)


def run_row(run: Run) -> Row:
    return (
        storable(run.run),
        run.kind,
        storable(run.label),
        identity_digest(run.identity),
        run.opened_at,
        0,
        run.opened_at,
    )


def state_row(state: RunState) -> Row:
    return storable(state.run), state.pts, state.at, state.state, storable(state.reason)


def state_from(row: Row) -> RunState:
    run, pts, at, state, reason = row
    return RunState(run=run, pts=pts, at=at, state=state, reason=reason)


def sighting_row(sighting: Sighting) -> Row:
    span = sighting.span
    return (
        storable(sighting.run),
        span.start,
        span.end,
        sighting.at - (span.end - span.start),
        sighting.at,
        sighting.phase,
        sighting.concept,
        sighting.kind,
        float(sighting.score),
        *(int(value) for value in sighting.box),
        sighting.track,
        sighting.changed,
        sighting.actor,
    )


def sighting_from(row: Row) -> Sighting:
    run, started, ended, _, at, phase, concept, kind, score, x, y, w, h, track, *rest = row
    return Sighting(
        run=run,
        span=Span(start=started, end=ended),
        at=at,
        phase=phase,
        concept=concept,
        kind=kind,
        score=score,
        box=Box(x, y, w, h),
        track=track,
        changed=bool(rest[0]),
        actor=rest[1],
    )


_WITH_A_SPAN: dict[type, str] = {
    ScreenText: "text",
    Observation: "observation",
    Utterance: "utterance",
}


def passage_row(fact: ScreenText | Observation | Utterance | Answer | Remark) -> Row:
    """A passage; its payload is the whole fact, as JSON."""
    payload = json.dumps(asdict(fact))
    if isinstance(fact, ScreenText | Observation | Utterance):
        start, end = fact.span.start, fact.span.end
        kind = _WITH_A_SPAN[type(fact)]
        run, question, confidence = fact.run, "", 1.0
    else:
        start = end = fact.pts
        run, kind, question, confidence = fact.run or "", "remark", "", 1.0
        if isinstance(fact, Answer):
            kind, question, confidence = "answer", fact.question, fact.confidence
    return (
        storable(run),
        kind,
        start,
        end,
        fact.at - (end - start),
        fact.at,
        storable(fact.text),
        storable(question),
        confidence,
        payload,
    )


def utterance_from(row: Row) -> Utterance:
    """What a payload says was heard."""
    payload = cast("dict[str, Any]", json.loads(row[0]))
    payload["span"] = Span(**payload["span"])
    return Utterance(**payload)


def text_from(row: Row) -> ScreenText:
    """The words that a payload holds."""
    payload = cast("dict[str, Any]", json.loads(row[0]))
    span = cast("dict[str, int]", payload["span"])
    return ScreenText(
        run=payload["run"],
        span=Span(start=span["start"], end=span["end"]),
        at=payload["at"],
        text=payload["text"],
        box=Box(*payload["box"]),
    )


def clip_row(clip: ClipRecord) -> Row:
    return (
        storable(clip.run),
        clip.span.start,
        clip.span.end,
        clip.at - (clip.span.end - clip.span.start),
        clip.at,
        json.dumps([pts for pts, _ in clip.key_frames]),
        clip.embedder,
        None if clip.vector is None else vector_bytes(clip.vector),
    )


def clip_from(row: Row) -> StoredClip:
    run, started, ended, at_start, at_end, key_frames, *_ = row
    return StoredClip(
        run=run,
        span=Span(start=started, end=ended),
        at=Span(start=at_start, end=at_end),
        key_frames=tuple(json.loads(key_frames)),
    )


def concept_row(concept: Concept) -> Row:
    return (
        concept.id,
        storable(concept.name),
        concept.kind,
        json.dumps([storable(alias) for alias in concept.aliases], ensure_ascii=False),
        concept.is_me,
        concept.colour,
        storable(concept.description),
    )


def concept_from(row: Row) -> Concept:
    concept, name, kind, aliases, is_me, colour, description = row
    return Concept(
        id=concept,
        name=name,
        kind=kind,
        aliases=tuple(json.loads(aliases)),
        is_me=bool(is_me),
        colour=colour,
        description=description,
    )


def exemplar_row(exemplar: Exemplar) -> Row:
    return (
        exemplar.id,
        exemplar.concept,
        exemplar.embedder,
        exemplar_bytes(exemplar.vector),
        to_png(exemplar.crop),
        exemplar.positive,
        exemplar.at,
        len(exemplar.vector) if exemplar.vector.ndim == 2 else 0,
    )


def exemplar_from(row: Row) -> Exemplar:
    exemplar, concept, embedder, vector, crop, positive, at, parts = row
    image = None if crop is None else to_image(crop)
    return Exemplar(
        id=exemplar,
        concept=concept,
        embedder=embedder,
        vector=exemplar_vector(vector, parts),
        crop=_NO_PIXELS if image is None else image,
        positive=bool(positive),
        at=at,
    )


def alert_row(alert: Alert) -> Row:
    more = {
        "paused": alert.paused,
        "sources": alert.sources,
        "quiet": alert.quiet,
        "threshold": alert.threshold,
        "thumbs": alert.thumbs,
        "ways": alert.ways,
        "last": None if alert.last is None else asdict(alert.last),
    }
    return (
        alert.id,
        storable(alert.text),
        alert.condition.concept,
        json.dumps(asdict(alert.condition), ensure_ascii=True),
        alert.dwell_s,
        alert.cooldown_s,
        alert.created_at,
        alert.expires_at,
        json.dumps(more, ensure_ascii=True),
    )


def alert_from(row: Row) -> Alert:
    alert, text, _, condition, dwell_s, cooldown_s, created_at, expires_at, settings = row
    more = cast("dict[str, Any]", json.loads(settings))
    last, quiet = more.get("last"), more.get("quiet")
    return Alert(
        id=alert,
        text=text,
        condition=Condition(**cast("dict[str, Any]", json.loads(condition))),
        dwell_s=dwell_s,
        cooldown_s=cooldown_s,
        created_at=created_at,
        expires_at=expires_at,
        paused=more.get("paused", False),
        sources=tuple(more.get("sources", ())),
        quiet=None if quiet is None else (quiet[0], quiet[1]),
        threshold=more.get("threshold", 0.5),
        thumbs=tuple(more.get("thumbs", ())),
        ways=tuple(more.get("ways", USUAL_WAYS)),
        last=None if last is None else Fate(**last),
    )
