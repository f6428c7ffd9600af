"""The seams: what the engine needs of the world, as protocols. Adapters are chosen in one place,
`app/bootstrap.py`; fakes live in `tests/fakes` and pass the same contract suites.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from engine.effects import (
    EraseAlert,
    EraseConcept,
    EraseScope,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistConsent,
    PersistMerge,
    PersistVectors,
    UndoChange,
)
from engine.facts import (
    ActionsSought,
    Alert,
    Body,
    BodyPose,
    ClipRecord,
    Concept,
    ConceptKind,
    Exemplar,
    Feature,
    Figure,
    GalleryChange,
    GalleryEntry,
    MemoryStats,
    Motion,
    MotionClip,
    Passage,
    Proposal,
    Query,
    Recall,
    ScreenText,
    Sighting,
    SourceSpec,
    Track,
    Utterance,
    View,
    Watched,
)
from engine.media import Box, Frame, Grey, Image, Samples, Span, Vector
from engine.messages import Command, Event, ImportConcepts
from engine.prompts import ModelStatus, Outcome, Prefix, Priority, Probe, Prompt, Verdict


class Clock(Protocol):
    """Time. Tests use one that they move."""

    def monotonic(self) -> int:
        """Nanoseconds that never go back."""
        ...

    def wall(self) -> int:
        """Nanoseconds since the Unix epoch, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a movable clock returns when it was moved that far."""
        ...


class Source(Protocol):
    """One open device, file or stream. Made by a `SourceFactory`; used by one thread.

    `read` blocks for at most about 0.25 s and returns None when no frame came in that time.
    """

    @property
    def identity(self) -> str | None:
        """Equal for the same recording on every watching; None for live sources."""
        ...

    def read(self) -> Frame | None:
        """The next frame, in order of `pts`.

        Raises:
            EOFError: the recording is over.
            SourceError: the device is lost or its content cannot be read.
        """
        ...

    def close(self) -> None:
        """Give the device back; safe to call twice."""
        ...


class SourceFactory(Protocol):
    """Opens sources. The run id is stamped on every frame."""

    def open(self, spec: SourceSpec, run: str, *, first_pts: int = 0) -> Source:
        """Open the device; a live source that is opened again goes on counting at `first_pts`.

        Raises:
            SourceError: with the reason, in words for people.
        """
        ...


class Detection(Protocol):
    """One thing found in a picture."""

    @property
    def box(self) -> Box: ...

    @property
    def score(self) -> float: ...


class FaceDetection(Detection, Protocol):
    """A face with its five landmarks, shape (5, 2), x and y in pixels."""

    @property
    def landmarks(self) -> npt.NDArray[np.float32]: ...


class ObjectDetection(Detection, Protocol):
    """A proposed object; `is_person` is the only class that is ever used."""

    @property
    def is_person(self) -> bool: ...


class FaceDetector(Protocol):
    def detect(self, image: Image) -> Sequence[FaceDetection]:
        """Faces, most confident first."""
        ...


class ObjectDetector(Protocol):
    def detect(self, image: Image) -> Sequence[ObjectDetection]:
        """Objects, most confident first, after suppression of doubles."""
        ...


class FaceEmbedder(Protocol):
    @property
    def name(self) -> str:
        """Identifies model and preparation; vectors of different names are never compared."""
        ...

    def align(self, image: Image, face: FaceDetection) -> Image:
        """The face, upright, as the model wants it (112x112)."""
        ...

    def embed(self, aligned: Image) -> Vector: ...


class ImageEmbedder(Protocol):
    @property
    def name(self) -> str: ...

    def embed(self, image: Image) -> Vector: ...

    def embed_parts(self, image: Image) -> Vector:
        """The whole and its inner parts, each by itself: shape (parts, n), rows L2-normalised.
        Looks of one thing from near and from afar meet in one of their parts."""
        ...


class TextEmbedder(Protocol):
    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), n), rows L2-normalised."""
        ...


class TextReader(Protocol):
    """Reads the words in a picture."""

    def read(self, image: Image) -> Sequence[tuple[Box, str]]:
        """Lines from top to bottom."""
        ...


class Microphone(Protocol):
    """One open microphone, used by one thread."""

    def read(self, timeout_s: float) -> Samples | None:
        """The next 32 ms (512 samples); None when none came in that time.

        Raises:
            DeviceLost: it has stopped for good.
        """
        ...

    @property
    def waiting(self) -> int:
        """How many came and have not been read yet."""
        ...

    def close(self) -> None: ...


class Microphones(Protocol):
    """The microphones of this machine."""

    def names(self) -> tuple[str, ...]: ...

    def open(self, device: str) -> Microphone:
        """Open it by name; empty: the usual one.

        Raises:
            SourceError: it cannot be opened now; the reason in words for people.
        """
        ...


class VoiceDetector(Protocol):
    def judge(self, samples: Samples) -> float:
        """How probable it is that 512 samples hold speech, after those before them."""
        ...

    def reset(self) -> None:
        """What comes next does not follow what came."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said."""

    text: str
    confidence: float
    called: bool = False
    """It began with the wake phrase, which is left out of the text."""


class Transcriber(Protocol):
    """Makes words of sound; used by one thread."""

    def know(self, names: Sequence[str]) -> tuple[str, ...]:
        """These names may be said; those that cannot be spoken come back."""
        ...

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        """`addressed`: it was said to Nacre by key; `wake`: the wake phrase counts."""
        ...

    def close(self) -> None:
        """Give back what it holds; safe from any thread."""
        ...


class Voice(Protocol):
    """Says things aloud, one at a time."""

    def say(self, text: str) -> None:
        """Say it; returns when it has been said or stopped.

        Raises:
            DeviceLost: it cannot be said.
        """
        ...

    def stop(self) -> None:
        """Be silent at once; safe from any thread, and when nothing is said."""
        ...


class PoseEstimator(Protocol):
    """Finds bodies and tells how each stands."""

    @property
    def name(self) -> str:
        """Poses of different names are never compared."""
        ...

    def find(self, grey: Grey) -> Sequence[BodyPose]:
        """Everybody in a small grey picture, the surest first; boxes in its pixels."""
        ...


class Perception(Protocol):
    """All that looks at pixels, as the runtime uses it. One `Seer` a run, in that run's thread;
    `examine` and `propose` may be called from another thread meanwhile."""

    def seer(self, spec: SourceSpec, run: str) -> "Seer": ...

    def examine(
        self,
        image: Image,
        box: Box | None,
        kind: ConceptKind,
        *,
        drawn: bool = False,
        spare: bool = False,
    ) -> tuple[View, ...]:
        """Embed what is in the box; `drawn`: the picture is of the demo's drawn world; `spare`:
        people are made unrecognisable first, unless one of them is to be known.

        Raises:
            ConceptError: nothing there that could be known again (no face, empty box).
            ModelNotInstalled: this kind needs a model that is not installed.
        """
        ...

    def propose(
        self, image: Image, *, drawn: bool = False, moving: Sequence[Box] = ()
    ) -> tuple[Proposal, ...]:
        """What could be registered in this picture, most likely first; at the end where something
        is `moving`."""
        ...

    def embedders(self) -> tuple[tuple[ConceptKind, str], ...]:
        """By which embedder each kind is known now; a kind without one is left out. Actions may
        be known by several."""
        ...

    def embed_again(
        self, crop: Image, kind: ConceptKind, embedder: str
    ) -> tuple[str, Vector] | None:
        """(embedder, vector) of the kept picture of an exemplar; None where it cannot be done.
        `embedder`: which of those in use for its kind."""
        ...

    def examine_motion(self, clip: MotionClip, *, drawn: bool = False) -> tuple[View, ...]:
        """Describe what is done in a clip, by the poses of who does it where these can be told, or
        by what moves; the crop holds its pictures. `drawn`: it is of the demo's drawn world.

        Raises:
            ConceptError: nothing moves there, or the clip is too short or too long.
        """
        ...


class Seer(Protocol):
    """Watches one run, frame by frame. Deterministic: the same frames give the same reports."""

    def see(self, frame: Frame, *, want_things: bool, spare: bool = False) -> "Seen":
        """`spare`: who is in the key frames of a clip is to be found, too."""
        ...

    def stir(self, frame: Frame, sought: ActionsSought) -> "Stir | None":
        """A glance at what moves; None where none is due at this frame. To be called with every
        frame."""
        ...

    def close(self) -> "Seen":
        """The run is over: what was still open (the last clip, text on the screen) is closed."""
        ...


class Seen(Protocol):
    """What came of one frame."""

    @property
    def tracks(self) -> tuple[Track, ...] | None:
        """None when the gate let nothing through and no look was due."""
        ...

    @property
    def changed(self) -> bool:
        """Whether the gate let anything through since the last look."""
        ...

    @property
    def clips(self) -> tuple[ClipRecord, ...]: ...

    @property
    def figures(self) -> tuple[Figure, ...] | None:
        """Everybody found in the newest look, those who are not followed yet too; None where
        people cannot be found."""
        ...

    @property
    def texts(self) -> tuple[tuple[ScreenText, bool], ...]:
        """(text, gone) pairs."""
        ...


class Stir(Protocol):
    """A glance at what moves."""

    @property
    def glance(self) -> Grey: ...

    @property
    def motions(self) -> tuple[Motion, ...]: ...

    @property
    def bodies(self) -> tuple[Body, ...]: ...

    @property
    def poses(self) -> str:
        """Whose poses those of the bodies are; empty where none are read."""
        ...


StoreEffect = (
    Persist
    | PersistConsent
    | PersistConcept
    | PersistMerge
    | PersistVectors
    | UndoChange
    | PersistAlert
    | EraseAlert
    | EraseConcept
    | EraseScope
)


class Store(Protocol):
    """The writing side of the memory. One process, one thread."""

    def apply(self, effects: Sequence[StoreEffect]) -> None:
        """Perform the effects in order, in one transaction.

        Raises:
            StoreError: nothing of the batch was kept.
        """
        ...

    def enforce_retention(self, now: int) -> None:
        """Delete the oldest until the memory is within its budget. `now` in wall nanoseconds."""
        ...

    def close(self) -> None: ...


class Archive(Protocol):
    """The reading side of the memory: safe from any thread, sees all that was committed."""

    def recall(self, query: Query) -> Recall: ...

    def search(self, text: str, *, limit: int = 50, at: Span | None = None) -> tuple[Passage, ...]:
        """Words read, remarks and answers that fit the text, best first."""
        ...

    def sightings(self, *, run: str | None = None, at: Span | None = None) -> tuple[Sighting, ...]:
        """All sightings, oldest first."""
        ...

    def clips(self, *, run: str | None = None, at: Span | None = None) -> "tuple[ClipEntry, ...]":
        """Kept clips without their pictures, oldest first."""
        ...

    def texts(self, *, run: str | None = None, at: Span | None = None) -> tuple[ScreenText, ...]:
        """Words read on a screen, oldest first: once when they came, and once when they had
        gone."""
        ...

    def utterances(
        self, *, run: str | None = None, at: Span | None = None
    ) -> tuple[Utterance, ...]:
        """What was heard, oldest first."""
        ...

    def watched(self) -> tuple[Watched, ...]: ...

    def picture(self, run: str, pts: int) -> Image | None:
        """The kept picture nearest in time; None when nothing of the run is kept."""
        ...

    def crop(self, exemplar: str) -> Image | None: ...

    def concepts(self) -> tuple[Concept, ...]: ...

    def gallery(self) -> tuple[GalleryEntry, ...]: ...

    def changes(self) -> tuple[GalleryChange, ...]:
        """What can be undone in the gallery, oldest first."""
        ...

    def exemplars(self) -> tuple[Exemplar, ...]: ...

    def vectors(self) -> tuple[Exemplar, ...]:
        """Every exemplar without its pixels, which `crop` has: what recognising needs."""
        ...

    def alerts(self) -> tuple[Alert, ...]: ...

    def consents(self) -> frozenset[str]: ...

    def stats(self) -> MemoryStats: ...


class ClipEntry(Protocol):
    """A kept clip, as the timeline shows it."""

    @property
    def run(self) -> str: ...

    @property
    def span(self) -> Span: ...

    @property
    def at(self) -> Span: ...

    @property
    def key_frames(self) -> tuple[int, ...]:
        """The pts of its kept pictures."""
        ...


class Generation(Protocol):
    """An answer on its way. One thread iterates; any thread may cancel."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of the answer as they come.

        Raises:
            ModelError: it cannot be answered; a restart of the model was tried first.
        """
        ...

    def cancel(self) -> None:
        """Stop; what came so far stands, and `outcome` says `cancelled`."""
        ...

    @property
    def outcome(self) -> Outcome:
        """How it ended; to be asked after the last piece."""
        ...


class VisionLanguageModel(Protocol):
    """Watches one run through a live window and answers from it, from notes and from pictures.

    Every call but `probe`, `perplexity` and `embed` returns at once; safe from any thread.
    """

    @property
    def status(self) -> ModelStatus: ...

    def stand(self, prefix: Prefix) -> None:
        """What stands before everything from now on; the window is rebuilt behind the stream."""
        ...

    def take(self, frame: Frame, mark: str, *, paced: bool = True) -> None:
        """Take a frame that passed the gate into the live window; of several that wait the newest
        is taken. A frame of another run empties the window first. Frames of a recording that is
        watched as fast as it goes (not `paced`) are not left out: a question waits for the last
        of them, so that its answer does not depend on the speed of the machine."""
        ...

    def clear(self) -> None:
        """Empty the live window and forget every cached picture (forgetting, the run's end)."""
        ...

    def ask(self, prompt: Prompt) -> Generation: ...

    def probe(
        self, probes: Sequence[Probe], *, priority: Priority = "alert"
    ) -> tuple[Verdict, ...]:
        """Judge all of them in one batch.

        Raises:
            ModelError: they cannot be judged.
        """
        ...

    def perplexity(self, statement: str, *, priority: Priority = "alert") -> float:
        """Of a statement, on the present window: at least 1, low where it holds.

        Raises:
            ModelError: it cannot be judged.
        """
        ...

    def embed(self, what: str | Image, *, priority: Priority = "idle") -> Vector:
        """What a text or a picture is to the model: the mean of its last hidden states, of length
        1. Vectors of one model can be compared, those of a text and a picture as well.

        Raises:
            ModelError: it cannot be told.
            ValueError: it is empty.
        """
        ...

    def retry(self) -> None:
        """Try again what was given up: the GPU after a fall-back, a start after many crashes."""
        ...

    def close(self) -> None: ...


class Assistant(Protocol):
    """The running engine, as the window and the command line see it."""

    @property
    def archive(self) -> Archive: ...

    def send(self, command: Command) -> None:
        """Put a command into the inbox; returns at once. Safe from any thread."""
        ...

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Have every event from now on; called on the engine thread, so it must return at once.
        Returns a function that ends the subscription."""
        ...

    def newest(self, run: str) -> Frame | None:
        """The newest frame of an open run, for the preview. Never blocks."""
        ...

    def level(self) -> float | None:
        """How loud the newest 32 ms of the open microphone were, in dB of full scale (-90 to 0);
        None while nothing comes. Never blocks."""
        ...

    def microphones(self) -> tuple[str, ...]:
        """The names of the microphones of this machine, the usual one first. May take a second."""
        ...

    @property
    def features(self) -> tuple[Feature, ...]:
        """What this machine can do, as last told by `ModelChanged`; empty until the models have
        been looked at."""
        ...

    @property
    def model(self) -> ModelStatus | None:
        """How the vision-language model is doing, as last told by `ModelChanged`."""
        ...

    def available_sources(self) -> tuple[SourceSpec, ...]:
        """Cameras, screens and the bundled clip of this machine. May take a second."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A model of the catalogue, as people see it."""

    id: str
    title: str
    role: str
    unlocks: str
    size_bytes: int
    licence: str
    source: str
    installed: bool
    obtainable: bool
    """False: no public address serves exactly these bytes; it can only be imported."""
    note: str = ""

    demo: bool = False
    """A vision-language model that knows the drawn world of the bundled clip and nothing else."""


Fitness = Literal["runs well", "runs slowly", "not known", "does not fit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What to expect of one vision-language model on this machine."""

    model: str
    title: str
    fitness: Fitness
    frames_per_s: float
    """0.0: not known."""
    first_token_s: float
    """Of a question about now: the stream is in the window already."""
    needs_bytes: int
    reason: str
    """Why it does not fit; empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What this machine would do with the vision-language models, told before one is here."""

    computer: str
    """Its cores, memory and graphics card, and how fast it is."""
    measured: bool
    """False: reckoned from the number of cores."""
    note: str
    """Why it could not be measured; empty otherwise."""
    fits: tuple[Fit, ...]
    """The best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which vision-language model the user wants asked."""

    model: str = ""
    """Its id; empty: the best one that is installed and fits."""
    server: str = ""
    """The address of a server that is asked instead; empty: none is."""
    on_server: str = ""
    """Which of its models."""
    has_key: bool = False
    """A key for it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a download is."""

    received: int
    total: int
    bytes_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How the making of the language model's engine stands on this machine."""

    state: Literal["absent", "building", "ready", "failed"]
    percent: int = 0
    """Of what is to be compiled; when it is absent, what a build that was broken off had done."""
    reason: str = ""
    """Why it failed: a sentence that names what is missing."""


FollowPreparation = Callable[[Callable[[Preparation], None]], Callable[[], None]]
"""Calls what it is given with how it stands now and whenever that changes, in any thread, until
what it returns is called."""


class ModelChooser(Protocol):
    """The choice of the vision-language model, as the window sees it. Calls block; each change
    holds at once, in the engine that runs as well."""

    def outlook(self, cancelled: Callable[[], bool], *, again: bool = False) -> Outlook:
        """Measure this machine, some ten seconds the first time and when asked `again`.

        Raises:
            ModelError: it was cancelled.
        """
        ...

    def choice(self) -> ModelChoice: ...

    def use(self, model: str) -> None:
        """Have this one asked; empty: the best one that is installed and fits.

        Raises:
            ModelError: it is unknown, of another kind, or not here.
            ConfigError: it could not be kept; nothing was changed.
        """
        ...

    def use_server(self, address: str, model: str, key: str | None) -> None:
        """Have a model on a server of the user's asked. The key goes into the keyring of the
        system; None: the one that is kept for this server stays.

        Raises:
            ConfigError: it is no address, the key would travel unencrypted, or something could not
                be kept; nothing was changed.
        """
        ...

    def forget_server(self) -> None:
        """Ask no server any more, and forget its key.

        Raises:
            ConfigError: it could not be kept; nothing was changed.
        """
        ...


class GalleryFiles(Protocol):
    """The gallery as one encrypted file, as the window and the command line see it. Calls
    block."""

    def write(self, path: Path, passphrase: str) -> int:
        """Write all of it into a new file; how many names that are.

        Raises:
            ConceptError: it cannot be written; nothing was left behind.
        """
        ...

    def read(self, path: Path, passphrase: str) -> ImportConcepts:
        """What a file holds, checked, to be taken in.

        Raises:
            ConceptError: it cannot be opened, or is not as an export would have been.
        """
        ...


class ModelShelf(Protocol):
    """The model store, as the window and the command line see it. Calls block."""

    @property
    def folder(self) -> Path: ...

    def cards(self) -> tuple[ModelCard, ...]: ...

    def get(
        self,
        model: str,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Download, check, and only then make visible.

        Raises:
            DownloadFailed: what came is kept; calling again resumes.
            ModelError: unknown, not obtainable, or the bytes are wrong.
        """
        ...

    def add(self, path: Path) -> tuple[str, ...]:
        """Import every file below `path` that the catalogue knows, by size and SHA-256; the ids."""
        ...

    def remove(self, model: str) -> None: ...
