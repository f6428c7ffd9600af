"""The vocabulary: commands (imperative, to the engine) and events (past tense, from it).

A command that asks for something carries a `ref`; the event that settles it carries the same one.
"""

from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from engine.config import Remarks
from engine.facts import (
    USUAL_WAYS,
    Alert,
    Answer,
    Concept,
    ConceptKind,
    Exemplar,
    Feature,
    GalleryChange,
    GalleryEntry,
    MotionClip,
    Observation,
    Overlay,
    Proposal,
    Remark,
    Scope,
    ScreenText,
    Sighting,
    SourceSpec,
    SourceState,
    Utterance,
    Way,
)
from engine.media import Box, Frame, Span
from engine.prompts import ModelStatus


def new_id() -> str:
    """An id that no other run, concept, alert or request has."""
    return uuid4().hex[:12]


# --- commands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSource:
    """Watch a source. Without consent (given now or stored earlier) nothing is opened."""

    spec: SourceSpec
    consented: bool = False
    run: str = field(default_factory=new_id)

    @property
    def ref(self) -> str:
        return self.run


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSource:
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Stop looking at every source, at once; nothing is kept until `Resume`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Answer a question; with `run` and `pts`, when that moment of the run has been seen."""

    text: str
    run: str | None = None
    pts: int | None = None
    aloud: bool = False
    """It was spoken, so the answer is spoken too."""
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The push-to-talk key went down, or up: what is said meanwhile is said to Nacre."""

    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """The user turned to something else: the current turn is over, late pieces are dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Say nothing aloud, from this moment on, or again what is wanted. It does not wait for the
    session."""

    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseRemarks:
    """How much is said without being asked, from now on."""

    remarks: Remarks


@dataclass(frozen=True, slots=True, kw_only=True)
class SpareBystanders:
    """From now on people who are not registered are made unrecognisable in all that is kept, and
    nothing is kept by which they could be known again; or no longer."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryModel:
    """Try again what the vision-language model gave up: the GPU, or a start after many crashes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Propose:
    """Find what could be registered in this picture."""

    frame: Frame
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TeachConcept:
    """Remember what is in the box under this name; a name already known gets another view."""

    name: str
    kind: ConceptKind
    frame: Frame
    box: Box | None = None
    description: str = ""
    """Its stable traits; empty: those that are known stay."""
    aliases: tuple[str, ...] = ()
    is_me: bool = False
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TeachAction:
    """Remember what is done in the clip, or in the last seconds of the newest run (or of `run`),
    under this name; a name already known gets another view."""

    name: str
    clip: MotionClip | None = None
    run: str | None = None
    until: int | None = None
    """The last moment of the run that shows it (stream time); None: up to now."""
    lasts_s: float = 5.0
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeInto:
    concept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMe:
    """This is the user: sightings are kept, nobody is told."""

    is_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Yes or no to a name on a track: the view becomes a positive or a negative exemplar."""

    run: str
    track: int
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RejectPicture:
    """What is in this picture is not the concept."""

    frame: Frame
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Some views belong to somebody or something else, under a name of its own; with `at`, the
    sightings of that stretch of wall time too."""

    name: str
    exemplars: tuple[str, ...]
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAlso:
    """Another name for the same."""

    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe:
    """These are its stable traits, and no others."""

    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThen:
    """What was seen under this name in that stretch of wall time was not the concept, but `really`
    (None: nobody known)."""

    at: Span
    really: str | None = None


Correction = (
    Rename | MergeInto | MarkMe | Judge | RejectPicture | Split | CallAlso | Describe | NotThen
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeByLook:
    """Have the vision-language model write down what the concept is known by; what was written
    before is replaced, and comes back by undoing. Answered by `GalleryChanged`."""

    concept: str
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectConcept:
    concept: str
    correction: Correction
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoCorrection:
    """Take back a change of the gallery, by id; without one the newest."""

    change: str | None = None
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportConcepts:
    """Take in concepts of another gallery with their exemplars; a name that is known gets their
    views."""

    concepts: tuple[Concept, ...]
    exemplars: tuple[Exemplar, ...]
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetConcept:
    """Remove the concept, its exemplars, its sightings and its name from all that was kept."""

    concept: str
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAlert:
    text: str
    dwell_s: float | None = None
    cooldown_s: float | None = None
    expires_at: int | None = None
    quiet: tuple[int, int] | None = None
    """Quiet hours, in minutes of the day."""
    ways: tuple[Way, ...] = USUAL_WAYS
    armed: bool = True
    """Not: its card is shown first, as `AlertDrafted`."""
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmAlert:
    """The card that was shown is right."""

    alert: str
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAlert:
    """Pause an alert, or let it go on."""

    alert: str
    paused: bool
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAlert:
    """Thumbs up or down under a remark of an alert; None takes the last one back."""

    alert: str
    up: bool | None
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAlert:
    """An alert, or a card that is not armed."""

    alert: str
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Say:
    """What the user typed, or said with the key held down: an order about alerts, a name for
    somebody or something in view, or else a question. Never what was seen, nor what was heard
    without being asked for."""

    text: str
    frame: Frame | None = None
    """The picture that is shown meanwhile; None: the newest one that was watched."""
    box: Box | None = None
    """What was drawn on it,"""
    point: tuple[int, int] | None = None
    """or pointed at, in pixels of it."""
    aloud: bool = False
    """It was spoken; where it is a question, so is the answer."""
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestAlert:
    """Run an alert over what is remembered: one that is armed or drafted, or a sentence."""

    alert: str = ""
    text: str = ""
    at: Span | None = None
    """Within this wall time; None: all that is remembered."""
    ref: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Delete for good what lies in the scope."""

    scope: Scope
    ref: str = field(default_factory=new_id)


Command = (
    OpenSource
    | CloseSource
    | Pause
    | Resume
    | Ask
    | Talk
    | Interrupt
    | Mute
    | ChooseRemarks
    | SpareBystanders
    | RetryModel
    | Propose
    | TeachConcept
    | TeachAction
    | CorrectConcept
    | DescribeByLook
    | UndoCorrection
    | ImportConcepts
    | ForgetConcept
    | AddAlert
    | ArmAlert
    | HoldAlert
    | RateAlert
    | RemoveAlert
    | Say
    | BacktestAlert
    | Forget
)


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChanged:
    run: str
    spec: SourceSpec
    state: SourceState
    pts: int
    at: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """What the preview draws over the newest watched frame of a run."""

    run: str
    pts: int
    at: int
    size: tuple[int, int]
    overlays: tuple[Overlay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """A visit began; `name` is what to call it ("someone", "something" without a concept)."""

    sighting: Sighting
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A visit ended; the sighting's span is the whole visit."""

    sighting: Sighting
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An action was done; `name` is the action's, `actor` who did it ("somebody" where that is not
    known)."""

    sighting: Sighting
    name: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    text: ScreenText


Deed = Literal["", "ask", "stand", "remember", "hush", "pause", "resume"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something was said. `deed` is what it asks for, when it was said to Nacre; the window does
    it as if it had been typed."""

    utterance: Utterance
    deed: Deed = ""
    name: str = ""
    """Whom or what to remember it as."""
    confirm: bool = False
    """It was said after the wake phrase, which a played video can say too, and would change
    something: only a hand on the screen may let it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakingChanged:
    """Nacre begins to say `text`, or (empty) has ended."""

    text: str
    by_voice: bool = False
    """The user's voice stops it, too: the microphone does not hear the loudspeaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesLearned:
    """The names that the recogniser of speech cannot say, and so cannot hear."""

    unspoken: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A clip was described."""

    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStarted:
    """A model has begun to answer; `AnswerExtended` follow, and `AnswerFinished` or `Failed`
    settles it."""

    question: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerExtended:
    """The next piece of an answer."""

    text: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFinished:
    answer: Answer

    @property
    def ref(self) -> str:
        return self.answer.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarked:
    remark: Remark
    ways: tuple[Way, ...] = USUAL_WAYS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhichOne:
    """Somebody or something was given a name, and it cannot be told which of these is meant; none
    of them: nothing was found by itself. Nothing was changed yet."""

    teaching: TeachConcept
    """What waits for a box."""
    kind_told: bool
    """Else its kind is that of what is chosen."""
    proposals: tuple[Proposal, ...]
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    ref: str
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryChanged:
    """The whole gallery as it is now; `concept` is the one that `ref` asked about."""

    entries: tuple[GalleryEntry, ...]
    concept: str | None = None
    ref: str = ""
    change: GalleryChange | None = None
    """The newest that can be undone."""
    waiting: int = 0
    """So many views are still to be looked at with another embedder, and are not known until
    then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BystandersChanged:
    """Whether people who are not registered are made unrecognisable in what is kept now."""

    spared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsChanged:
    alerts: tuple[Alert, ...]
    alert: str | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDrafted:
    """How a request was understood; it is not armed yet. `changed`: a correction of it."""

    alert: Alert
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """When an alert would have spoken, oldest first. `why_not`: what could not be judged."""

    alert: Alert
    remarks: tuple[Remark, ...]
    watched_s: float
    """So much of the memory was looked through."""
    ref: str
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Something said is no longer true, while it is still to be seen. `said`: the `ref` of an
    answer, or the text of a remark."""

    said: str
    reason: str
    run: str
    pts: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChanged:
    """What this machine can do now."""

    features: tuple[Feature, ...]
    model: ModelStatus | None = None
    """The vision-language model; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    scope: Scope
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Something asked for could not be done. `reason`: what happened, what was kept, what to do."""

    reason: str
    kind: str
    """Class name of the error."""
    run: str | None = None
    pts: int = 0
    at: int = 0
    ref: str = ""


Event = (
    SourceChanged
    | Tracked
    | Sighted
    | Left
    | Done
    | Read
    | Heard
    | SpeakingChanged
    | NamesLearned
    | Observed
    | AnswerStarted
    | AnswerExtended
    | AnswerFinished
    | Remarked
    | Proposed
    | WhichOne
    | GalleryChanged
    | BystandersChanged
    | AlertsChanged
    | AlertDrafted
    | Backtested
    | Withdrawn
    | ModelChanged
    | Forgotten
    | Failed
)
