"""What the rooms report to the session: observations of the stream and results of effects."""

from dataclasses import dataclass

from engine.facts import (
    Alert,
    Body,
    ClipRecord,
    Concept,
    ConceptKind,
    Exemplar,
    Feature,
    Figure,
    GalleryChange,
    Motion,
    Proposal,
    Recall,
    Remark,
    Run,
    Scope,
    ScreenText,
    SourceState,
    Track,
    Utterance,
    View,
)
from engine.media import Frame, Grey, Vector
from engine.prompts import ModelStatus, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The runtime read this from the store before anything else."""

    concepts: tuple[Concept, ...]
    exemplars: tuple[Exemplar, ...]
    alerts: tuple[Alert, ...]
    consents: frozenset[str]
    features: tuple[Feature, ...]
    next_track: int = 1
    changes: tuple[GalleryChange, ...] = ()
    """What can be undone in the gallery, oldest first."""
    seen: tuple[tuple[str, float], ...] = ()
    """(concept, how probable it was when it was named last)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLent:
    """Whom the demo knows from the start, and what it looks out for, for as long as it is shown."""

    concepts: tuple[Concept, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    alerts: tuple[Alert, ...] = ()
    embedders: tuple[tuple[ConceptKind, str], ...] = ()
    """By which what was shown in the demo is known in it, for kinds that are known otherwise than
    elsewhere and kept all the same: actions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryRestored:
    """A change was undone; this is what the store holds now."""

    ref: str
    change: str
    concepts: tuple[Concept, ...]
    exemplars: tuple[Exemplar, ...]
    alerts: tuple[Alert, ...]
    changes: tuple[GalleryChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesChanged:
    """A model was installed or removed."""

    features: tuple[Feature, ...]
    embedders: tuple[tuple[ConceptKind, str], ...] = ()
    """By which each kind is known now; a kind without one is left out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmbeddedAgain:
    """Exemplars by the embedders that are installed now."""

    ref: str
    vectors: tuple[tuple[str, str, Vector], ...]
    """(exemplar, embedder, vector)."""
    lost: tuple[str, ...]
    """Exemplars of which no picture is kept that could be embedded; they stay as they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The source delivered its first frame."""

    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChanged:
    run: str
    state: SourceState
    pts: int
    at: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Perceived:
    """One watched frame. Tracks that are not listed were not seen in it."""

    frame: Frame
    tracks: tuple[Track, ...]
    changed: bool = True
    """Whether anything has changed since the last watched frame."""
    figures: tuple[Figure, ...] | None = None
    """Everybody found in it, those who are not followed yet too; None: it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stirred:
    """A glance at what moves, ten times a second."""

    run: str
    pts: int
    at: int
    size: tuple[int, int]
    """(width, height) of the frame."""
    glance: Grey
    motions: tuple[Motion, ...] = ()
    bodies: tuple[Body, ...] = ()
    poses: str = ""
    """Whose poses those of the bodies are; empty where none are read."""
    """What may have been done and has just ended; looked for while any action has a name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipClosed:
    clip: ClipRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRead:
    """Words that now stand in the picture and did not before, or (`gone`) no longer stand there."""

    text: ScreenText
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceHeard:
    utterance: Utterance
    keep: bool = True
    """Whether the user wants it in the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Nacre begins to say `text` aloud, or (empty) has ended."""

    text: str
    by_voice: bool = False
    """The user's voice stops it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesTaken:
    """The recogniser took in the names of the gallery, but for those that cannot be spoken."""

    unspoken: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    ref: str
    recall: Recall


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examined:
    """What the embedder made of a picture that is to be taught or rejected."""

    ref: str
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsFound:
    ref: str
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeForgotten:
    ref: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatusChanged:
    """How the vision-language model is doing; None where there is none any more."""

    status: ModelStatus | None
    opened: bool = False
    """It was opened just now, and knows nothing yet, whatever its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How probable it is that a track shows a concept; None: the model could not say."""

    run: str
    track: int
    concept: str
    yes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How probable it is that each alert's condition holds; None: the model could not say."""

    run: str
    pts: int
    at: int
    alerts: tuple[str, ...]
    yes: tuple[float, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """When an alert would have spoken."""

    ref: str
    alert: Alert
    remarks: tuple[Remark, ...]
    watched_s: float
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """The next piece of an answer."""

    ref: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationEnded:
    """An answer is over; without an `outcome` it failed, and `reason` says why."""

    ref: str
    outcome: Outcome | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFailed:
    """An effect could not be performed; `error` is the class name, `reason` its text."""

    reason: str
    error: str
    ref: str = ""
    run: str | None = None


Report = (
    Started
    | DemoLent
    | GalleryRestored
    | FeaturesChanged
    | EmbeddedAgain
    | RunStarted
    | RunChanged
    | Perceived
    | Stirred
    | ClipClosed
    | TextRead
    | UtteranceHeard
    | Spoken
    | NamesTaken
    | Recalled
    | Examined
    | ProposalsFound
    | ScopeForgotten
    | ModelStatusChanged
    | Compared
    | Verified
    | Rehearsed
    | Generated
    | GenerationEnded
    | EffectFailed
)
