"""An `Assistant` without an engine: records what it is sent and says what a test tells it to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from engine.errors import DownloadFailed
from engine.facts import (
    Alert,
    Concept,
    Exemplar,
    Feature,
    GalleryChange,
    GalleryEntry,
    MemoryStats,
    Passage,
    Query,
    Recall,
    ScreenText,
    Sighting,
    SourceSpec,
    Utterance,
    Visit,
    Watched,
)
from engine.media import Frame, Image, Span
from engine.messages import Command, Event, OpenSource, SourceChanged
from engine.ports.memory import ClipEntry
from engine.ports.shelf import ModelCard, Progress
from engine.prompts import ModelStatus
from tests.fakes.scene import room

NOTHING = MemoryStats(bytes=0, facts=0, clips=0, concepts=0, runs=0, oldest_at=None, newest_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeClip:
    run: str
    span: Span
    at: Span
    key_frames: tuple[int, ...]


@dataclass(kw_only=True)
class FakeArchive:
    """`Archive` over plain lists."""

    visits: list[Visit] = field(default_factory=list[Visit])
    passages: list[Passage] = field(default_factory=list[Passage])
    runs: list[Watched] = field(default_factory=list[Watched])
    kept: list[ClipEntry] = field(default_factory=list[ClipEntry])
    entries: list[GalleryEntry] = field(default_factory=list[GalleryEntry])
    undoable: list[GalleryChange] = field(default_factory=list[GalleryChange])
    standing: list[Alert] = field(default_factory=list[Alert])
    allowed: frozenset[str] = frozenset()
    pictures: Callable[[str, int], Image | None] = lambda run, pts: room(pts / 1e9)
    crops: Callable[[str], Image | None] = lambda exemplar: None
    figures: MemoryStats = NOTHING

    def recall(self, query: Query) -> Recall:
        visits = [
            v
            for v in self.visits
            if (query.at is None or v.at.overlaps(query.at))
            and (not query.concepts or v.concept in query.concepts)
        ]
        passages = [p for p in self.passages if query.at is None or p.at.overlaps(query.at)]
        return Recall(
            query=query,
            visits=tuple(visits[-query.limit :]),
            passages=tuple(passages[-query.limit :]),
            watched=tuple(self.runs),
        )

    def search(self, text: str, *, limit: int = 50, at: Span | None = None) -> tuple[Passage, ...]:
        words = text.lower().split()
        hits = [p for p in self.passages if all(w in p.text.lower() for w in words)]
        return tuple(p for p in hits if at is None or p.at.overlaps(at))[:limit]

    def sightings(self, *, run: str | None = None, at: Span | None = None) -> tuple[Sighting, ...]:
        return ()

    def clips(self, *, run: str | None = None, at: Span | None = None) -> tuple[ClipEntry, ...]:
        return tuple(
            c
            for c in self.kept
            if (run is None or c.run == run) and (at is None or c.at.overlaps(at))
        )

    def texts(self, *, run: str | None = None, at: Span | None = None) -> tuple[ScreenText, ...]:
        return ()

    def utterances(
        self, *, run: str | None = None, at: Span | None = None
    ) -> tuple[Utterance, ...]:
        return ()

    def watched(self) -> tuple[Watched, ...]:
        return tuple(self.runs)

    def picture(self, run: str, pts: int) -> Image | None:
        return self.pictures(run, pts)

    def crop(self, exemplar: str) -> Image | None:
        return self.crops(exemplar)

    def concepts(self) -> tuple[Concept, ...]:
        return tuple(e.concept for e in self.entries)

    def gallery(self) -> tuple[GalleryEntry, ...]:
        return tuple(self.entries)

    def changes(self) -> tuple[GalleryChange, ...]:
        return tuple(self.undoable)

    def exemplars(self) -> tuple[Exemplar, ...]:
        return ()

    def vectors(self) -> tuple[Exemplar, ...]:
        return ()

    def alerts(self) -> tuple[Alert, ...]:
        return tuple(self.standing)

    def consents(self) -> frozenset[str]:
        return self.allowed

    def stats(self) -> MemoryStats:
        return self.figures


class FakeAssistant:
    """`Assistant` that keeps the commands; opens whatever is asked for unless told otherwise."""

    def __init__(self, archive: FakeArchive | None = None, *, opens: bool = True) -> None:
        self.archive = archive or FakeArchive()
        self.commands: list[Command] = []
        self.sources: tuple[SourceSpec, ...] = ()
        self.features: tuple[Feature, ...] = ()
        self.model: ModelStatus | None = None
        self.frames: dict[str, Frame] = {}
        self.answers: dict[type[Command], Callable[[Command], Sequence[Event]]] = {}  # pyright: ignore
        """What to say to a command of this class."""
        self.loudness: float | None = None
        self._opens = opens
        self._listeners: list[Callable[[Event], None]] = []
        self._lock = Lock()

    def send(self, command: Command) -> None:
        self.commands.append(command)
        answer = self.answers.get(type(command))
        if answer:
            self.emit(*answer(command))
        elif self._opens and isinstance(command, OpenSource):
            self.open(command.spec, command.run)

    def open(self, spec: SourceSpec, run: str, *, at: int = 0) -> None:
        """Say that the source is open."""
        self.emit(SourceChanged(run=run, spec=spec, state="open", pts=0, at=at))

    def emit(self, *events: Event) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for event in events:
            for listener in listeners:
                listener(event)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return end

    @property
    def subscribed(self) -> int:
        """How many listeners there are."""
        return len(self._listeners)

    def newest(self, run: str) -> Frame | None:
        return self.frames.get(run)

    def show(self, run: str, image: Image, *, pts: int = 0, at: int = 0) -> Frame:
        """Make this the newest frame of the run."""
        self.frames[run] = Frame(image=image, pts=pts, at=at, run=run)
        return self.frames[run]

    def level(self) -> float | None:
        return self.loudness

    def microphones(self) -> tuple[str, ...]:
        return ("Desk microphone",)

    def available_sources(self) -> tuple[SourceSpec, ...]:
        return self.sources


class FakeShelf:
    """`ModelShelf` whose downloads come in ten pieces, as fast as `step` lets them."""

    def __init__(self, cards: Sequence[ModelCard] = (), folder: Path = Path("models")) -> None:
        self.all = {c.id: c for c in cards}
        self.folder = folder
        self.added: list[Path] = []
        self.step: Callable[[int], None] = lambda piece: None
        self.breaks = False

    def cards(self) -> tuple[ModelCard, ...]:
        return tuple(self.all.values())

    def get(
        self,
        model: str,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        card = self.all[model]
        for piece in range(1, 11):
            self.step(piece)
            if cancelled():
                return
            if self.breaks and piece == 5:
                raise DownloadFailed("The connection broke off. Half is kept. Press Get to go on.")
            received = card.size_bytes * piece // 10
            progress(Progress(received=received, total=card.size_bytes, bytes_per_s=2e6))
        self.all[model] = replace(card, installed=True)

    def add(self, path: Path) -> tuple[str, ...]:
        self.added.append(path)
        found = tuple(c.id for c in self.all.values() if not c.installed)
        self.all = {i: replace(c, installed=True) for i, c in self.all.items()}
        return found

    def remove(self, model: str) -> None:
        self.all[model] = replace(self.all[model], installed=False)
