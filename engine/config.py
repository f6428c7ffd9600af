"""What the core is configured with. Frozen; the application fills it from the user's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeingConfig:
    """How often and how closely the stream is looked at."""

    recognition_hz: float = 2.0
    """How many frames a second of stream are looked at for people and things."""
    still_interval_s: float = 1.0
    """A picture in which nothing changes is looked at this often."""
    clip_min_s: float = 1.0
    clip_max_s: float = 8.0
    scene_threshold: float = 27.0
    """Content threshold of the scene cut (PEARL, arXiv 2603.20422, uses 27)."""
    max_things: int = 8
    """At most so many proposed things are embedded in one frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityConfig:
    """When a track is given a name, by the probability that it is the concept's
    (engine/decision/calibration.py; docs/decisions/0006)."""

    sure: float = 0.95
    """From so much on it is named,"""
    maybe: float = 0.20
    """and asked about while it is so probable that it is anybody known: a stranger is called
    unknown from 0.80 on."""
    min_views: int = 2
    """Of fewer looks"""
    one_look: float = 0.90
    """no more is believed: one look names nobody."""
    second_opinion: float = 0.95
    """A "maybe" becomes a name where a vision-language model says yes with this probability to
    "is this the same", and nothing where it says no with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceConfig:
    """When something counts as come and as gone, in seconds of the stream."""

    arrive_s: float = 0.5
    leave_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefConfig:
    """What is held to be true of a model's answers of yes or no, in log-odds, and of news."""

    sure: float = 2.5
    """Their mean where it is so (its negative where it is not),"""
    unsure: float = 1.5
    """and their deviation."""
    lasting_s: float = 1.0
    """An error fades in so long (by 1/e)."""
    again_s: float = 5.0
    """What was false for less than this has not come true anew."""
    news_s: float = 2.5
    """What came true within so long is news."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often in a second of the stream a sentence comes true where it is not, and stops being
    so where it is."""

    came_per_s: float
    went_per_s: float


Motion = Literal["turned", "reshaped", "came", "moved", "walked", "calm", "left"]
"""What somebody did since the look before, the liveliest first: their outline is another by much
(turned) or by some, they were not there, their place is another by some or by much (walked),
nothing, or they are not there any more."""
Stirred = Literal[Motion, "absent", "whole", "changed", "unchanged", "still"]
"""What one frame means to a sentence: what those have done whom it is about, or that they are away;
of a sentence about the picture, whether most of it, a part of it or nothing of it has changed; and
of any, that nothing at all has."""

USUAL: Mapping[Stirred, Rates] = {
    "turned": Rates(0.13, 0.75),
    "reshaped": Rates(0.08, 0.45),
    "came": Rates(0.08, 0.4),
    "moved": Rates(0.045, 0.27),
    "walked": Rates(0.017, 0.6),
    "calm": Rates(0.018, 0.075),
    "left": Rates(0.04, 0.7),
    "absent": Rates(0.0017, 0.45),
    "whole": Rates(0.3, 0.8),
    "changed": Rates(0.12, 0.6),
    "unchanged": Rates(0.003, 0.01),
    "still": Rates(0.0001, 0.003),
}
"""What is expected of a free sentence, by what has stirred, before anything was seen of it. Taken
from the development split of the drawn world, which is livelier than a home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyConfig:
    """How a cheap proxy learns of the model's answers about one sentence."""

    looks: int = 20
    """It says nothing before so many,"""
    proved_over: int = 50
    """nor unless it foretold the last so many better than the share of yeses did."""
    share: float = 0.1
    """That share at first,"""
    share_looks: float = 10.0
    """which counts for so many looks."""
    bias: float = -3.0
    """Log-odds expected where nothing is known,"""
    bias_spread: float = 1.0
    """their variance,"""
    outline_spread: float = 0.5
    """and those of the weights of what a body's outline tells"""
    picture_spread: float = 0.02
    """and of a cell of the picture."""
    most: float = 3.0
    """A reading weighs at most so much, in log-odds: it was taught by answers of which 5 in 100
    are wrong, and is no surer than they."""
    lasting_s: float = 1.0
    """An error fades in so long (by 1/e)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingConfig:
    """When a vision-language model is asked about a free sentence, in seconds of the stream."""

    look_s: float = 0.5
    """At most one look in so many seconds,"""
    calm_look_s: float = 1.0
    """and in so many while there is no sign of news: an answer that follows another closely errs
    with it, and says little that is new."""
    suspected: float = 0.05
    """Above this chance that it is so and untold there is a sign of it."""
    looks_per_s: float = 0.33
    """Looks for each sentence on the average, shared by all of a run,"""
    looks_saved: float = 12.0
    """so many for each saved at most,"""
    looks_new: float = 3.0
    """and so many brought by one that is new. In an hour that is a third of one look a second, and
    from a quarter of an hour after it was armed on."""
    price: float = 0.015
    """A look is had where the chance of news is greater than this, while half of what can be saved
    is left;"""
    thrift: float = 2.5
    """greater by so much (as a logarithm) when nothing is left, and less when all is;"""
    price_most: float = 0.3
    """and always where it is greater than this."""
    worth_late: float = 0.5
    """What a look is worth beside that: by the chance that it is so, untold, and no news now,"""
    worth_doubt: float = 0.05
    """and by the lesser chance of being so and of not being so."""
    sure: float = 0.90
    """So probable must it be that it is news, to be told,"""
    sure_late: float = 0.95
    """or that it came true since whenever, and is untold."""
    half: float = 0.5
    """What is less probable than this is not held to be so."""
    poll_s: float = 8.0
    """Without a cue it is looked at this often."""
    rest: int = 3
    """Where nothing at all changes, so many times more seldom."""
    agree_within_s: float = 5.0
    """Two of the last three answers must agree, of those within so long."""
    comings: float = 2.0
    """What is usual counts for so many comings seen of a sentence,"""
    goings: float = 4.0
    """and so many goings."""
    moved_above: float = 0.06
    """Who is elsewhere by more than this share of their height has moved,"""
    walked_above: float = 0.2
    """and by more than this, walked."""
    reshaped_above: float = 0.14
    """A box whose size differs by more than this share from the look before has another outline,"""
    turned_above: float = 0.3
    """and by more than this, one altogether."""
    novel_above: float = 12.0
    """A cell of the glance that changed by more grey levels than this is new."""
    novel_cells: int = 2
    belief: BeliefConfig = field(default_factory=BeliefConfig)
    usual: Mapping[Stirred, Rates] = field(default_factory=lambda: USUAL)
    proxy: ProxyConfig = field(default_factory=ProxyConfig)


Remarks = Literal["off", "sparse", "lively"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertConfig:
    """Defaults of a standing request, in seconds of the stream."""

    dwell_s: float = 0.0
    cooldown_s: float = 3.0
    settle_s: float = 1.0
    """A line on a screen must have stood so long before an alert answers it."""
    again_s: float = 5.0
    """A concept that was away for less than this has not come anew."""
    per_hour: int = 120
    """At most so many remarks in an hour, of all alerts together."""
    judging: JudgingConfig = field(default_factory=JudgingConfig)
    remarks: Remarks = "off"
    """What is said without being asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingConfig:
    """What a vision-language model is shown and asked, where there is one."""

    frames: int = 4
    """Of the live window: the newest four answer questions about now best (SimpleStream, arXiv
    2604.02317)."""
    every_s: float = 1.0
    """At most one frame in so many seconds of the stream."""
    unsure_below: float = 0.2
    """An answer with a token less probable than this says that it is unsure."""
    compare_every_s: float = 3.0
    """At most one "maybe" is shown to the model in so many seconds of the stream."""
    captions: bool = True
    """Describe closed clips when there is time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingConfig:
    """What is done with what is heard."""

    keep: bool = True
    """Every utterance becomes a fact in the memory."""
    wake_phrase: bool = False
    """What follows "hey Nacre" is said to Nacre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakingConfig:
    """When something is said aloud."""

    aloud: Literal["never", "asked", "all"] = "asked"
    """Nothing; answers to what was spoken; those and what is said unasked."""
    quiet_from: str = ""
    """Between these times of the day (`22:00`) nothing is said aloud; empty: at no time."""
    quiet_until: str = ""
    muted: bool = False
    """Nothing is said aloud from the start, until the user unmutes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConfig:
    """How long a live source may be silent, and how it is tried again."""

    stalled_after_s: float = 2.0
    lost_after_s: float = 5.0
    retry_first_s: float = 0.5
    retry_max_s: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionConfig:
    """How much the memory may keep."""

    max_bytes: int = 5 * 1024**3
    max_days: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Everything together."""

    spare_bystanders: bool = False
    """People who are not registered are made unrecognisable in all that is kept."""

    seeing: SeeingConfig = field(default_factory=SeeingConfig)
    identity: IdentityConfig = field(default_factory=IdentityConfig)
    presence: PresenceConfig = field(default_factory=PresenceConfig)
    alerts: AlertConfig = field(default_factory=AlertConfig)
    thinking: ThinkingConfig = field(default_factory=ThinkingConfig)
    feed: FeedConfig = field(default_factory=FeedConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
