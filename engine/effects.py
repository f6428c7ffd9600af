"""What the session wants done. It performs nothing itself; the runtime does, and reports back."""

from dataclasses import dataclass

from engine.facts import (
    Alert,
    Concept,
    ConceptKind,
    Exemplar,
    Fact,
    GalleryChange,
    MotionClip,
    Query,
    Retelling,
    Scope,
    SourceSpec,
)
from engine.media import Box, Frame, Span, Vector
from engine.prompts import Prefix, Probe, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSource:
    run: str
    spec: SourceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSource:
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDemo:
    """The demo is shown from now on (its gallery is reported back as `DemoLent`), or no longer: its
    model is open only meanwhile, and only where the clip plays at its own pace."""

    on: bool
    paced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSources:
    """Stop (or go on) handing frames to anyone, at once."""

    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend:
    """What is said from now on is said to Nacre (the key is down), or no longer."""

    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowNames:
    """These are the names that may be spoken."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say it aloud, where and when that is wanted; `asked`: it answers what was spoken."""

    text: str
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """Stop speaking, at once, and say nothing of what was to be said."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Persist:
    """Append a fact; with the frame it was seen in, where that is to be kept as evidence."""

    fact: Fact
    frame: Frame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistConsent:
    key: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersistConcept:
    """Write a concept (new or changed), add exemplars to it, and move others to it (by id). What
    it does under a `change` can be undone."""

    concept: Concept
    added: tuple[Exemplar, ...] = ()
    moved: tuple[str, ...] = ()
    retelling: Retelling | None = None
    change: GalleryChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistMerge:
    """Everything of one concept now belongs to the other."""

    source: str
    target: Concept
    change: GalleryChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersistVectors:
    """The vectors of these exemplars by another embedder, in the place of those they had."""

    vectors: tuple[tuple[str, str, Vector], ...]
    """(exemplar, embedder, vector)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedAgain:
    """Embed the kept pictures of exemplars by embedders that are in use now; reported back as
    `EmbeddedAgain`."""

    ref: str
    exemplars: tuple[tuple[str, ConceptKind, str], ...]
    """(exemplar, its kind, the embedder)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChange:
    """Bring back what was before a change of the gallery; reported back as `GalleryRestored`."""

    ref: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistAlert:
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAlert:
    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseConcept:
    """Delete for good; `names` are wiped from every text that quotes them."""

    concept: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseScope:
    """Delete for good; reported back as `ScopeForgotten`."""

    ref: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallFacts:
    """Look something up; reported back as `Recalled`."""

    ref: str
    query: Query


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examine:
    """Embed what is in the box (or the whole picture); reported back as `Examined`."""

    ref: str
    frame: Frame
    box: Box | None
    kind: ConceptKind
    spare: bool = False
    """People who are not the one meant are made unrecognisable first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExamineMotion:
    """Describe what is done in a clip; reported back as `Examined`."""

    ref: str
    clip: MotionClip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindProposals:
    """Look for things to register; reported back as `ProposalsFound`."""

    ref: str
    frame: Frame
    moving: tuple[Box, ...] = ()
    """Where something moves that nobody can tell what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment whose kept picture is to be looked at, after its time mark."""

    run: str
    pts: int
    at: int
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Generate:
    """Have the model answer; reported back as `Generated` pieces and `GenerationEnded`. The kept
    pictures of the moments are put before the prompt's own."""

    ref: str
    prompt: Prompt
    moments: tuple[Moment, ...] = ()
    waits: bool = False
    """Nothing goes on before it is answered: of a recording that is watched as fast as it goes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compare:
    """Have the model say whether a track shows a concept; reported back as `Compared`. `waits` as
    in `Generate`."""

    run: str
    track: int
    concept: str
    probe: Probe
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verify:
    """Have the model say of each of these alerts whether it is so now, all in one batch; reported
    back as `Verified`. `waits` as in `Generate`."""

    run: str
    pts: int
    at: int
    alerts: tuple[str, ...]
    probes: tuple[Probe, ...]
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearse:
    """Run an alert over what is remembered; reported back as `Rehearsed`."""

    ref: str
    alert: Alert
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopGenerating:
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShowModel:
    """A frame comes into the model's live window; `paced` as in `VisionLanguageModel.take`."""

    frame: Frame
    mark: str
    paced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandBefore:
    """What stands before everything the model sees."""

    prefix: Prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearModel:
    """The model forgets every picture it was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryModel:
    """The model tries again what it gave up."""


Effect = (
    StartSource
    | StopSource
    | ShowDemo
    | HoldSources
    | Attend
    | KnowNames
    | Say
    | Hush
    | Persist
    | PersistConsent
    | PersistConcept
    | PersistMerge
    | PersistVectors
    | EmbedAgain
    | UndoChange
    | PersistAlert
    | EraseAlert
    | EraseConcept
    | EraseScope
    | RecallFacts
    | Examine
    | ExamineMotion
    | FindProposals
    | Generate
    | Compare
    | Verify
    | Rehearse
    | StopGenerating
    | ShowModel
    | StandBefore
    | ClearModel
    | RetryModel
)
