"""Standing requests on a stream, with the moments at which each is to be answered.

Two ways of measuring are prepared, those of OmniPro (arXiv 2605.18577): *probe* asks shortly before
a trigger, where silence is right, and shortly after it, where the content must be right; *online*
compares what was said with the triggers one to one. Some requests are changed or cancelled on the
way, as in IPIBench.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .acts import DOING, STEPS, Deed
from .camera import Truth
from .stream import Stream
from .traits import KINDS

Wish = Literal["comes", "does", "holds", "door", "lamp"]
FPS = 2.0
QUIET_S = 5.0
"""A condition must have been false for so long before it triggers again."""
PROBE_BEFORE_S, PROBE_AFTER_S = (-5.0, -2.0), (0.0, 3.0)
TOLERANCE_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is waited for; `name` is whom it is about (None for anybody)."""

    wish: Wish
    name: str | None = None
    deed: Deed | None = None
    kind: str | None = None

    def words(self) -> str:
        who = self.name or "anybody"
        match self.wish:
            case "comes":
                return f"Tell me when {who} comes."
            case "does":
                return f"Tell me when {who} is {DOING[self.deed or 'wave']}."
            case "holds":
                article = "an" if (self.kind or "")[:1] in "aeiou" else "a"
                return f"Tell me when {who} holds {article} {self.kind}."
            case "door":
                return "Tell me when the door opens."
            case "lamp":
                return "Tell me when the light goes out."

    def holds(self, now: Truth) -> bool:
        seen = [one for one in now.seen if self.name in (None, one.name) and one.visible > 0.6]
        match self.wish:
            case "comes":
                return bool(seen)
            case "does":
                return any(one.deed == self.deed for one in seen)
            case "holds":
                return any(one.holding and one.holding.kind == self.kind for one in seen)
            case "door":
                return now.door_open
            case "lamp":
                return now.lamp_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A condition in force from `since_s` on; None cancels the request."""

    since_s: float
    condition: Condition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A standing request and its changes, in time order."""

    number: int
    versions: tuple[Version, ...]

    def at(self, t: float) -> Condition | None:
        """What is waited for at stream time `t`; None before, and after it was cancelled."""
        found: Condition | None = None
        for version in self.versions:
            if version.since_s <= t:
                found = version.condition
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A moment at which a request is to be answered, within TOLERANCE_S."""

    request: int
    at_s: float
    words: str
    """What the request said at that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A moment at which to ask whether the request should be answered now."""

    request: int
    at_s: float
    speak: bool


def requests(stream: Stream, *, until_s: float, count: int = 6) -> tuple[Request, ...]:
    """Of every three about one stays as it is, one is changed and one cancelled on the way."""
    chance = random.Random(f"{stream.seed}/requests/{stream.split}")
    made: list[Request] = []
    for n in range(count):
        begin = chance.uniform(0, until_s * 0.4)
        versions = [Version(since_s=begin, condition=_condition(chance, stream))]
        later = chance.uniform(begin + until_s * 0.2, until_s * 0.9)
        if n % 3 == 1:
            versions.append(Version(since_s=later, condition=_condition(chance, stream)))
        elif n % 3 == 2:
            versions.append(Version(since_s=later, condition=None))
        made.append(Request(number=n, versions=tuple(versions)))
    return tuple(made)


def _condition(chance: random.Random, stream: Stream) -> Condition:
    name = chance.choice(stream.population.known).name
    wish: Wish = chance.choice(("comes", "comes", "does", "does", "holds", "door", "lamp"))
    match wish:
        case "does":
            return Condition(wish=wish, name=chance.choice((name, None)), deed=chance.choice(STEPS))
        case "holds":
            return Condition(wish=wish, name=None, kind=chance.choice(KINDS))
        case "comes":
            return Condition(wish=wish, name=name)
        case _:
            return Condition(wish=wish)


def triggers(stream: Stream, wanted: tuple[Request, ...], *, until_s: float) -> Iterator[Trigger]:
    """In time order."""
    finder = Finder(wanted)
    for shown in stream.frames(until_s=until_s, fps=FPS):
        yield from finder.look(shown.at_s, shown.truth())


class Finder:
    """Finds the triggers moment by moment; nothing but each request's last true moment is kept."""

    def __init__(self, wanted: tuple[Request, ...]) -> None:
        self._wanted = wanted
        self._last_true = dict.fromkeys((request.number for request in wanted), -1e9)
        self._before: dict[int, Condition | None] = {}

    def look(self, at_s: float, now: Truth) -> Iterator[Trigger]:
        """The requests that are to be answered at this moment."""
        for request in self._wanted:
            condition = request.at(at_s)
            changed = condition != self._before.get(request.number)
            self._before[request.number] = condition
            if condition is None or not condition.holds(now):
                continue
            fresh = at_s - self._last_true[request.number] >= QUIET_S
            self._last_true[request.number] = at_s
            if fresh and not (changed and condition.wish == "comes"):
                yield Trigger(request=request.number, at_s=at_s, words=condition.words())


def probes(found: list[Trigger], *, chance: random.Random) -> list[Probe]:
    """For each trigger one probe before and one after, where no other trigger is near."""
    made: list[Probe] = []
    for trigger in found:
        others = [
            one.at_s for one in found if one.request == trigger.request and one is not trigger
        ]
        early = trigger.at_s + chance.uniform(*PROBE_BEFORE_S)
        if early > 0 and all(not -1 <= early - other <= TOLERANCE_S + 5 for other in others):
            made.append(Probe(request=trigger.request, at_s=early, speak=False))
        late = trigger.at_s + chance.uniform(*PROBE_AFTER_S)
        made.append(Probe(request=trigger.request, at_s=late, speak=True))
    return sorted(made, key=lambda probe: probe.at_s)
