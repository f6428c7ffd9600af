"""What Nacre knows: sources and runs, sightings, words read, concepts, alerts, answers.

Facts are immutable values. The timeline (engine/memory) keeps them append-only; everything shown
or answered is a fold over them.
"""

import re
from dataclasses import dataclass
from typing import Literal

from engine.config import IdentityConfig
from engine.media import Box, Grey, Image, Span, Vector

SourceKind = Literal["recording", "camera", "screen", "url", "demo", "microphone"]
SourceState = Literal["open", "stalled", "lost", "ended", "paused"]
ConceptKind = Literal["person", "pet", "thing", "place", "action"]
TrackKind = Literal["person", "thing", "motion"]
"""What the detectors make of a track: a body or face, a proposed thing, or mere change."""
Certainty = Literal["sure", "maybe", "unknown"]
SURE, MAYBE = IdentityConfig().sure, IdentityConfig().maybe
"""What is so probably a concept is named; what is so probably any of them is asked about; anything
else is unknown."""


def likely(probability: float) -> str:
    """A probability in words; 1 is the user's own word."""
    if probability >= 1:
        return "certain"
    return (
        "over 99 % likely" if probability > 0.99 else f"{probability:.0%} likely".replace("%", " %")
    )


PARTS = "/parts"
"""Ends the name under which the vectors of parts are kept: they are compared among themselves. By
them everything is known but faces and actions."""
DRAWN = "nacre-demo-"
"""Begins the names of the networks that know the demo's drawn world."""
OWN_EMBEDDER = "glance"
"""Begins the name of the embedder that comes with the program."""


def family(embedder: str) -> str:
    """The name of an embedder without the digest or the version of its file, and without PARTS."""
    return re.split("[@/]", embedder, maxsplit=1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """What the user asked to be watched."""

    kind: SourceKind
    address: str
    """A path, a camera number, a screen address (`1`, `10,20,300,200`, `window:TITLE`), a URL."""
    label: str
    """Short name for people, and for answers when several sources are in memory."""
    realtime: bool = True
    """A recording plays at its own pace (True), or as fast as it can be watched (False)."""
    as_screen: bool = False
    """Read the text in the picture; always so for screens."""
    started_at: int | None = None
    """Wall time of the first frame of a recording, where the user gave it."""
    until: int | None = None
    """The run ends before the first frame whose pts lies past this."""

    @property
    def live(self) -> bool:
        """A live source drops frames rather than fall behind; a recording never does."""
        return self.kind in ("camera", "screen", "url", "microphone")

    @property
    def paced(self) -> bool:
        """Its frames come at the pace of a clock, whoever keeps up with it."""
        return self.live or self.realtime

    @property
    def consent_key(self) -> str:
        """What a stored consent is about."""
        return f"{self.kind}:{self.address}"


LONGEST_LABEL = 40


def microphone(device: str = "") -> SourceSpec:
    """A microphone by its name; empty: the usual one of this machine."""
    return SourceSpec(kind="microphone", address=device, label="microphone")


def screen_region(x: int, y: int, w: int, h: int) -> SourceSpec:
    """A part of the screen, in pixels of the whole desktop."""
    return SourceSpec(
        kind="screen", address=f"{x},{y},{w},{h}", label="screen region", as_screen=True
    )


def screen_window(title: str) -> SourceSpec:
    """The window whose title contains these words."""
    short = title if len(title) <= LONGEST_LABEL else title[: LONGEST_LABEL - 1] + "…"
    return SourceSpec(
        kind="screen", address=f"window:{title}", label=f"window {short}", as_screen=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One watching of one source, from open to end."""

    run: str
    kind: SourceKind
    label: str
    identity: str
    """Equal for two runs over the same recording; otherwise the run's own id."""
    opened_at: int
    """Wall time at pts 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A change of a run's state, kept so that the timeline shows its gaps."""

    run: str
    pts: int
    at: int
    state: SourceState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A concept, or someone or something without a name, was there.

    `began`: it was just seen (the span is that moment). `ended`: it has left (the span is the
    whole visit). `stayed`: still there when the run ended or the source was lost. Of an action
    there is `ended` alone: it was done in this span, by `actor`.
    """

    run: str
    span: Span
    at: int
    """Wall time of `span.end`."""
    phase: Literal["began", "ended", "stayed"]
    concept: str | None
    """Concept id; None for someone or something."""
    kind: ConceptKind
    score: float
    """How probable it is that this is the concept; of someone or something without a name, how sure
    the detector is; of an action, how well it fits."""
    box: Box
    track: int
    changed: bool = False
    """Whose it is was corrected afterwards."""
    actor: str | None = None
    """Of an action: the concept that did it; None for somebody unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenText:
    """Words read in a picture, over the time they stood there."""

    run: str
    span: Span
    at: int
    text: str
    box: Box


Addressed = Literal["", "key", "name"]
"""Whom something was said to: nobody in particular, Nacre by push-to-talk, Nacre by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Something said, as it was heard."""

    run: str
    span: Span
    at: int
    """Wall time of `span.end`."""
    text: str
    confidence: float = 1.0
    """In [0, 1]; free speech is often misheard by the recogniser that Nacre carries."""
    addressed: Addressed = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Somebody found in a picture, whoever it is."""

    box: Box
    head: Box | None = None
    """None: no face shows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipRecord:
    """A scene clip of 1 to 8 s, with what is kept of it."""

    run: str
    span: Span
    at: int
    key_frames: tuple[tuple[int, Image], ...]
    """(pts, picture): first and most changed frame; encoded by the store."""
    vector: Vector | None
    embedder: str | None
    figures: tuple[tuple[Figure, ...] | None, ...] = ()
    """Who was found in each key frame, where that was to be looked for; None: it cannot be told."""


LENT = "demo:"
"""How the ids of what the demo lends begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A person, pet, thing or place of the user's own."""

    id: str
    name: str
    kind: ConceptKind
    aliases: tuple[str, ...] = ()
    is_me: bool = False
    colour: str = "#6FD3C7"
    demo: bool = False
    """It belongs to the demo, is known while that is shown, and is never kept."""
    description: str = ""
    """Its stable traits, as the user tells them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exemplar:
    """One view of a concept, or (when not `positive`) of something that it is not."""

    id: str
    concept: str
    embedder: str
    """Which embedder made the vector; vectors of different embedders are never compared."""
    vector: Vector
    crop: Image
    positive: bool
    at: int


AlertEvent = Literal[
    "appears",
    "leaves",
    "returns",
    "together",
    "counts",
    "does",
    "reads",
    "hears",
    "nothing",
    "judged",
    "unasked",
]


ChangeKind = Literal[
    "taught",
    "right",
    "wrong",
    "renamed",
    "alias",
    "described",
    "me",
    "merged",
    "split",
    "moved",
    "imported",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryChange:
    """One change of the gallery that can be undone."""

    id: str
    at: int
    kind: ChangeKind
    concept: str
    words: str
    """A sentence that says what was done."""
    heir: str | None = None
    """Whom a concept that it made was taken from."""
    retold: int = 0
    """How many earlier sightings it changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retelling:
    """Earlier sightings of `was` (None: of nobody known) are of `concept`; all the given bounds
    together."""

    was: str | None
    concept: str | None
    kind: ConceptKind
    run: str | None = None
    track: int | None = None
    at: Span | None = None
    """Wall time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a standing request waits for."""

    event: AlertEvent
    concept: str | None = None
    subject: Literal["concept", "somebody", "something"] = "concept"
    words: str = ""
    """For `reads` and `hears`: the words, lower case (`hears` without words: anybody speaks). For
    `judged`: what is to be so, as the user said it."""
    other: str | None = None
    """For `together`: the second concept. For `does`: who does the action, anybody without."""
    count: int = 0
    """For `counts`: so many people at once, or so many visits of the concept. For `does`: so often
    (0 is every time)."""
    after_s: float = 0.0
    """For `nothing`: that long without the concept, without anybody, or without any change."""
    alone: bool = False
    """Only while nobody and nothing else that has a name or a face is in view."""

    @property
    def judged_by(self) -> str:
        """By what it is decided, in words."""
        return _JUDGED_BY.get(self.event, "who is in view")


_JUDGED_BY: dict[AlertEvent, str] = {
    "reads": "text read on a screen",
    "hears": "words heard",
    "judged": "the vision-language model",
    "does": "the motion in the picture",
    "nothing": "what moves in the picture",
    "unasked": "what is new",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """Why an alert spoke, or did not, when it last might have."""

    at: int
    fired: bool
    why: str
    """A sentence for people."""


Way = Literal["speech", "notification", "sound"]
"""How a remark is told besides standing in the window; a sound is that of the notification."""
USUAL_WAYS: tuple[Way, ...] = ("speech", "notification")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A standing request: "tell me when …"."""

    id: str
    text: str
    condition: Condition
    dwell_s: float
    cooldown_s: float
    created_at: int
    expires_at: int | None = None
    paused: bool = False
    sources: tuple[SourceKind, ...] = ()
    """Kinds of sources that it listens to; empty: all of them."""
    quiet: tuple[int, int] | None = None
    """Quiet hours, in minutes of the day, from the first to before the second."""
    threshold: float = 0.5
    """It speaks when it is at least so sure; thumbs move it."""
    thumbs: tuple[bool, ...] = ()
    """What the user said of its remarks (up or down), oldest first; the last can be undone."""
    last: Fate | None = None
    ways: tuple[Way, ...] = USUAL_WAYS
    """How its remarks are told, as far as the settings allow it."""
    demo: bool = False
    """It belongs to the demo, is there while that is shown, and is never kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where an answer or a remark comes from. Frames are found by run and time."""

    run: str
    span: Span
    at: Span
    """The same stretch in wall time."""
    kind: Literal["sighting", "text", "clip", "observation", "utterance", "remark", "source"]
    label: str = ""
    """Label of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was said to a question, with what it rests on."""

    ref: str
    question: str
    text: str
    evidence: tuple[Evidence, ...]
    confidence: float
    """In [0, 1]; 0 when nothing was found."""
    run: str | None
    pts: int
    at: int
    help: str = ""
    """What would make an answer possible, where there is none."""
    first_token_s: float | None = None
    """From the question to the first word of a model; None where the memory was quoted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a model wrote about a clip when there was time, in at most 40 words."""

    run: str
    span: Span
    at: int
    """Wall time of `span.end`."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something said unasked, because an alert fired."""

    alert: str
    text: str
    evidence: tuple[Evidence, ...]
    run: str
    pts: int
    at: int


Fact = (
    Run | RunState | Sighting | ScreenText | Utterance | ClipRecord | Observation | Answer | Remark
)
"""All that is appended to the timeline."""


# --- what is asked of the memory, and what it brings back -------------------------------------

Intent = Literal[
    "now",
    "when",
    "when_last",
    "how_long",
    "how_often",
    "what_happened",
    "screen_text",
    "speech",
    "search",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a concept that is asked about is called and known by."""

    names: tuple[str, ...]
    """Its name first."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question, understood."""

    intent: Intent
    question: str
    concepts: tuple[str, ...] = ()
    """Ids of the concepts named in it."""
    subject: Literal["concept", "somebody", "something", "anything"] = "anything"
    at: Span | None = None
    """Wall-time bounds, for live sources."""
    pts: Span | None = None
    """Stream-time bounds, for recordings."""
    words: str = ""
    """What is left for a search over words."""
    event: Literal["any", "came", "left"] = "any"
    """Which end of a visit is asked about; `any`: the whole of it."""
    actors: tuple[str, ...] = ()
    """Of whom it is asked whether they did an action."""
    deed: bool = False
    """The concepts are actions: it is asked when, how often and by whom they were done."""
    known: tuple[Known, ...] = ()
    """Of the concepts named, where captions about them are looked up too."""
    unknown_name: str = ""
    """Who or what is asked about under a name that nothing registered has."""
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay of a concept (or of someone, something), folded from its sightings."""

    run: str
    label: str
    recorded: bool
    """From a recording: its times are told as stream time."""
    concept: str | None
    name: str
    kind: ConceptKind
    span: Span
    at: Span
    open: bool
    """Not yet known to have ended."""
    score: float
    recording: str = ""
    """Equal for all watchings of one recording; empty for live sources."""
    actor: str | None = None
    """Of an action: the concept that did it, where it is known."""
    changed: bool = False
    """Whose it is was corrected afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text hit: words read on a screen, what was described, an earlier remark or answer."""

    run: str
    label: str
    recorded: bool
    kind: Literal["text", "observation", "utterance", "remark", "answer"]
    text: str
    span: Span
    at: Span
    score: float
    fits: str = ""
    """The name of whom it may tell of: it fits what they are known by, and no name stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A stretch in which a source was watched (gaps are between them)."""

    run: str
    label: str
    recorded: bool
    span: Span
    at: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What retrieval brought for a query, each list in order of time."""

    query: Query
    visits: tuple[Visit, ...] = ()
    passages: tuple[Passage, ...] = ()
    watched: tuple[Watched, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryStats:
    """What the memory holds."""

    bytes: int
    facts: int
    clips: int
    concepts: int
    runs: int
    oldest_at: int | None
    newest_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is to be forgotten; all the given bounds together. All None: everything."""

    at: Span | None = None
    run: str | None = None


# --- what is seen in one frame ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One look at one thing: its embedding and the pixels it came from."""

    embedder: str
    vector: Vector
    box: Box
    """The face or the crop inside the frame."""
    crop: Image
    """The pixels embedded, longer side at most 256; kept when the view becomes an exemplar."""
    quality: float
    """In [0, 1]; detector score times sharpness and size."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One thing followed over frames, as it is in this one."""

    id: int
    kind: TrackKind
    box: Box
    score: float
    view: View | None = None
    """An embedding taken in this frame; None when no face shows or nothing needs a name."""


MOTION_CELLS, MOTION_CHANNELS = 4, 4
"""A motion is described in so many cells along each side of its box, each by its motion to the
right and downwards and the amounts of both."""
MOTION_LONGEST_S = 16.0
"""How long it lasted is told as a share of this."""
MOTION_EMBEDDER = "motion@1"
"""Grows when a description would come out otherwise: then the kept clips are described again, and
until its turn comes an older description is compared with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """What moved in one place over some seconds, and has just ended."""

    span: Span
    box: Box
    vector: Vector
    """Its description, shape (parts, n); its rows are L2-normalised."""


POSE_SCALE = 0.2
"""By so much poses are smaller in a description, so that its rows have the length 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BodyPose:
    """How somebody stands in one picture."""

    box: Box
    numbers: Vector
    """Shape (n,), about -1 to 1 each, in the body's own frame: without place and size, and the same
    whichever way it faces."""
    score: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """Somebody who is followed from picture to picture, as they stand in this one."""

    track: int
    box: Box
    numbers: Vector
    """See `BodyPose`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MotionClip:
    """Some seconds of a stream, small and grey, some ten pictures a second."""

    times: tuple[int, ...]
    """Nanoseconds, ascending."""
    pictures: tuple[Grey, ...]
    """All of one size."""
    run: str = ""
    """Of which it is; empty for what was read from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsSought:
    """What is looked for of the actions that were shown; nothing while none has a name."""

    lengths_s: tuple[float, ...] = ()
    """How long the motions last by which some are known, in seconds."""
    poses: frozenset[str] = frozenset()
    """Whose poses (`PoseEstimator.name`) others are known by."""

    def __bool__(self) -> bool:
        return bool(self.lengths_s or self.poses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What the preview draws over one track."""

    track: int
    box: Box
    kind: TrackKind
    certainty: Certainty
    concept: str | None
    name: str
    colour: str
    score: float
    """How probable it is that this is the concept; without one, how sure the detector is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A box offered for registration."""

    box: Box
    kind: ConceptKind
    score: float
    anybody: bool = False
    """Only seen to move, where nothing finds people: it may be somebody, whatever `kind` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One ability of this machine, on or off, and the sentence that says why."""

    name: Literal["faces", "people", "things", "text on screen", "semantic search", "free speech"]
    on: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryEntry:
    """A concept as the gallery shows it."""

    concept: Concept
    positives: int
    negatives: int
    exemplars: tuple[str, ...] = ()
    """Exemplar ids, positives first."""
    seen: float | None = None
    """How probable it was that it was this one, when it was named last; None: it was not yet, or is
    an action."""
    unseen: int = 0
    """So many of them have no picture that the embedder in use could see: they are to be shown
    again."""
