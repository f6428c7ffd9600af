"""A lived-in memory: people, a cat, a mug, an afternoon of visits, words and remarks."""

from pathlib import Path

import numpy as np

from engine.facts import (
    Alert,
    Answer,
    Concept,
    Condition,
    Evidence,
    Feature,
    GalleryEntry,
    MemoryStats,
    Overlay,
    Passage,
    Remark,
    SourceSpec,
    Visit,
    Watched,
)
from engine.media import Box, Image, Span, nanoseconds
from engine.messages import Tracked
from engine.ports.shelf import ModelCard
from tests.fakes.assistant import FakeArchive, FakeAssistant, FakeClip, FakeShelf
from tests.fakes.scene import CAT, HEIGHT, MUG, WIDTH, person_box, room

RUN = "run-desk"
CAMERA = SourceSpec(kind="camera", address="0", label="Desk camera")
SCREEN = SourceSpec(kind="screen", address="1", label="Screen 1")
DEMO = SourceSpec(kind="demo", address="demo", label="Demo clip")

MUM = Concept(
    id="mum",
    name="Mum",
    kind="person",
    colour="#6FD3C7",
    aliases=("Anna",),
    description="short grey hair, glasses",
)
MOMO = Concept(id="momo", name="Momo", kind="pet", colour="#F2B872")
MUGGY = Concept(id="mug", name="my red mug", kind="thing", colour="#EE7B78")
ME = Concept(id="me", name="Me", kind="person", colour="#C3A6E8", is_me=True)
DESK = Concept(id="desk", name="the desk by the window", kind="place", colour="#8FB8F0")

LENGTH_S = 270.0


class Household:
    """Everything before `now` (wall nanoseconds), watched by one camera for 4.5 minutes."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.began = now - nanoseconds(LENGTH_S)
        self.archive = FakeArchive(
            runs=[
                Watched(
                    run=RUN,
                    label=CAMERA.label,
                    recorded=False,
                    span=self.pts(0, LENGTH_S),
                    at=self.at(0, LENGTH_S),
                )
            ],
            kept=[self._clip(s) for s in range(0, int(LENGTH_S), 6)],
            visits=[
                self.visit(MOMO, 20, LENGTH_S, still=True),
                self.visit(MUM, 42, 118),
                self.visit(None, 60, 74),
                self.visit(MUGGY, 130, 232),
                self.visit(MUM, 186, LENGTH_S, still=True),
            ],
            passages=[
                self.passage("remark", 42, "Mum came in."),
                self.passage("text", 96, "Build finished: 214 passed in 38 s"),
                self.passage("text", 150, "Reminder: call the plumber at 17:30"),
                self.passage("remark", 186, "Mum came in."),
                self.passage("answer", 200, "Momo is asleep on the chair."),
            ],
            entries=[
                GalleryEntry(
                    concept=MUM,
                    positives=4,
                    negatives=1,
                    exemplars=("mum-1", "mum-2", "mum-3", "mum-4", "momo-2"),
                    seen=0.98,
                ),
                GalleryEntry(
                    concept=MOMO, positives=3, negatives=0, exemplars=("momo-1",), seen=0.996
                ),
                GalleryEntry(concept=MUGGY, positives=2, negatives=2, exemplars=("mug-1",)),
                GalleryEntry(concept=ME, positives=1, negatives=0, exemplars=("me-1",)),
                GalleryEntry(concept=DESK, positives=1, negatives=0, exemplars=("desk-1",)),
            ],
            standing=self.alerts(),
            allowed=frozenset({CAMERA.consent_key, SCREEN.consent_key}),
            crops=crop,
            figures=MemoryStats(
                bytes=1_432_000_000,
                facts=18_204,
                clips=2_310,
                concepts=5,
                runs=41,
                oldest_at=now - nanoseconds(19 * 86_400),
                newest_at=now,
            ),
        )
        self.assistant = FakeAssistant(self.archive)
        self.assistant.sources = (CAMERA, SCREEN, DEMO)

    def pts(self, start: float, end: float) -> Span:
        return Span(start=nanoseconds(start), end=nanoseconds(end))

    def at(self, start: float, end: float) -> Span:
        return Span(start=self.began + nanoseconds(start), end=self.began + nanoseconds(end))

    def _clip(self, s: int) -> FakeClip:
        span = self.pts(s, s + 6)
        return FakeClip(run=RUN, span=span, at=self.at(s, s + 6), key_frames=(span.start,))

    def visit(
        self, concept: Concept | None, start: float, end: float, *, still: bool = False
    ) -> Visit:
        return Visit(
            run=RUN,
            label=CAMERA.label,
            recorded=False,
            concept=concept.id if concept else None,
            name=concept.name if concept else "someone",
            kind=concept.kind if concept else "person",
            span=self.pts(start, end),
            at=self.at(start, end),
            open=still,
            score=0.84,
        )

    def passage(self, kind: str, s: float, text: str) -> Passage:
        return Passage(
            run=RUN,
            label=CAMERA.label,
            recorded=False,
            kind=kind,  # pyright: ignore[reportArgumentType]
            text=text,
            span=self.pts(s, s + 3),
            at=self.at(s, s + 3),
            score=1.0,
        )

    def evidence(self, *starts: float) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                run=RUN,
                span=self.pts(s, s + 4),
                at=self.at(s, s + 4),
                kind="sighting",
                label=CAMERA.label,
            )
            for s in starts
        )

    def answer(self, ref: str, question: str, text: str, *starts: float, **more: str) -> Answer:
        return Answer(
            ref=ref,
            question=question,
            text=text,
            evidence=self.evidence(*starts),
            confidence=0.8 if starts else 0.0,
            run=RUN,
            pts=0,
            at=self.now,
            help=more.get("help", ""),
        )

    def remark(self, text: str, s: float) -> Remark:
        return Remark(
            alert="alert-1",
            text=text,
            evidence=self.evidence(s),
            run=RUN,
            pts=nanoseconds(s),
            at=self.began + nanoseconds(s),
        )

    def alerts(self) -> list[Alert]:
        return [
            Alert(
                id="alert-1",
                text="tell me when Mum comes in",
                condition=Condition(event="appears", concept="mum"),
                dwell_s=0.0,
                cooldown_s=30.0,
                created_at=self.began,
            ),
            Alert(
                id="alert-2",
                text="tell me when the screen shows build finished",
                condition=Condition(event="reads", words="build finished"),
                dwell_s=2.0,
                cooldown_s=3.0,
                created_at=self.began,
                expires_at=self.now + nanoseconds(3600),
            ),
            Alert(
                id="alert-3",
                text="tell me when my red mug is gone",
                condition=Condition(event="leaves", concept="mug"),
                dwell_s=5.0,
                cooldown_s=60.0,
                created_at=self.began,
            ),
        ]

    def tracked(self, t: float) -> Tracked:
        """Mum is unsure, Momo and the mug are known, somebody at the window is not."""
        return Tracked(
            run=RUN,
            pts=nanoseconds(t),
            at=self.now,
            size=(WIDTH, HEIGHT),
            overlays=(
                overlay(1, person_box(t), MUM, "maybe"),
                overlay(2, CAT, MOMO, "sure"),
                overlay(3, MUG, MUGGY, "sure"),
                overlay(4, Box(1060, 90, 130, 160), None, "unknown"),
            ),
        )


def overlay(track: int, box: Box, concept: Concept | None, certainty: str) -> Overlay:
    return Overlay(
        track=track,
        box=box,
        kind="person" if concept is MUM else "thing",
        certainty=certainty,  # pyright: ignore[reportArgumentType]
        concept=concept.id if concept else None,
        name=concept.name if concept else "something",
        colour=concept.colour if concept else "#9FB0B8",
        score=0.84,
    )


def crop(exemplar: str) -> Image | None:
    """Cut from the room, as an embedder would see it."""
    name, _, number = exemplar.partition("-")
    t = float(number or 1) * 1.7
    whole = room(t)
    box = {
        "momo": Box(810, 370, 150, 150),
        "mug": Box(316, 406, 100, 100),
        "desk": Box(60, 60, 460, 460),
    }.get(name)
    if box is None:
        person = person_box(t)
        box = Box(person.x + 20, person.y, 152, 152)
    return np.ascontiguousarray(box.crop(whole))


FEATURES = (
    Feature(name="people", on=True),
    Feature(name="faces", on=True),
    Feature(name="text on screen", on=True),
    Feature(name="things", on=False, reason="The model for things is not installed."),
    Feature(name="semantic search", on=False, reason="The text model is not installed."),
)


def shelf() -> FakeShelf:
    """Two models installed, one to get, one that can only be imported."""
    common = {"source": "opencv/opencv_zoo"}
    return FakeShelf(
        (
            ModelCard(
                id="yunet",
                title="YuNet",
                role="face detector",
                unlocks="Finds faces, so that people can be remembered.",
                size_bytes=233_000,
                licence="MIT",
                installed=True,
                obtainable=True,
                **common,
            ),
            ModelCard(
                id="mobilefacenet",
                title="MobileFaceNet",
                role="face embedder",
                unlocks="Tells people apart, after one snapshot.",
                size_bytes=5_100_000,
                licence="Apache-2.0",
                installed=True,
                obtainable=True,
                **common,
            ),
            ModelCard(
                id="mobilenet",
                title="MobileNetV2, four views",
                role="thing embedder",
                unlocks="Knows pets and things again.",
                size_bytes=14_200_000,
                licence="Apache-2.0",
                installed=False,
                obtainable=True,
                **common,
            ),
            ModelCard(
                id="minilm",
                title="MiniLM",
                role="text embedder",
                unlocks="Finds what was read by its meaning, not only by its words.",
                size_bytes=22_900_000,
                licence="Apache-2.0",
                installed=False,
                obtainable=False,
                note="Converted by us: no public address serves these bytes.",
                **common,
            ),
        ),
        Path("~/.local/share/nacre/models"),
    )
