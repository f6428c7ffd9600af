"""A scene: a room, a cast, and everything that happens there, known for every moment."""

import bisect
import math
import random
from dataclasses import dataclass, field

from .acts import Act, Pose, pose
from .rooms import Room
from .traits import Look, Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody on the stage; `name` is None for a stranger, `floor` is where the feet stand."""

    look: Look
    name: str | None
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a thing is from `since_s` on: in a hand, or on the floor at x, y."""

    since_s: float
    holder: int | None = None
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The hour of the day, how fast it passes, and when the lamp is out."""

    hour: float
    pace: float
    warm: float
    out: tuple[tuple[float, float], ...] = ()

    def hour_at(self, t: float) -> float:
        return min(max(self.hour + self.pace * t, 0.0), 1.0)

    def is_out(self, t: float) -> bool:
        return any(begin <= t < end for begin, end in self.out)

    def gain(self, t: float) -> tuple[float, float, float]:
        """Factors of blue, green and red."""
        hour = self.hour_at(t)
        level = 1.03 - 0.13 * hour - (0.36 if self.is_out(t) else 0.0)
        level += 0.03 * math.sin(t * 0.31 + self.warm * 9)
        return (level * (1 - 0.10 * self.warm + 0.06 * hour), level, level * (1 - 0.05 * hour))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens in one room from 0 to `length_s`. Nothing in it changes after planning."""

    room: Room
    cast: tuple[Actor, ...]
    acts: tuple[tuple[Act, ...], ...]
    """Of each actor, in time order; between two of them the actor is not there."""
    things: tuple[Thing, ...]
    places: tuple[tuple[Place, ...], ...]
    """Of each thing, in time order."""
    door: tuple[tuple[float, float], ...]
    """When it stands open."""
    light: Light
    shake: float
    """Amplitude of the camera's jitter, in scene units."""
    length_s: float
    _starts: dict[int, list[float]] = field(default_factory=dict[int, list[float]])

    def act(self, actor: int, t: float) -> Act | None:
        """What this actor is doing; None while it is away."""
        acts = self.acts[actor]
        starts = self._starts.get(actor)
        if starts is None:
            starts = self._starts[actor] = [act.start_s for act in acts]
        n = bisect.bisect_right(starts, t) - 1
        return acts[n] if n >= 0 and t < acts[n].end_s else None

    def pose(self, actor: int, t: float) -> Pose | None:
        act = self.act(actor, t)
        return None if act is None else pose(act, t)

    def place(self, thing: int, t: float) -> Place:
        places = self.places[thing]
        return max((p for p in places if p.since_s <= t), key=lambda p: p.since_s)

    def held(self, actor: int, t: float) -> int | None:
        """The number of the thing that this actor holds."""
        for n in range(len(self.things)):
            if self.place(n, t).holder == actor:
                return n
        return None

    def opened(self, t: float) -> float:
        """How far the door stands open, 0 to 1."""
        for begin, end in self.door:
            if begin <= t < end:
                return min((t - begin) / 0.6, (end - t) / 0.6, 1.0)
        return 0.0

    def offset(self, t: float) -> tuple[float, float]:
        """The camera's jitter, in scene units."""
        if self.shake == 0:
            return 0.0, 0.0
        x = math.sin(t * 5.1) + 0.6 * math.sin(t * 8.7 + 1)
        y = math.sin(t * 6.3 + 2) + 0.6 * math.sin(t * 9.9)
        return self.shake * x / 1.6, self.shake * 0.6 * y / 1.6


def scene_seed(seed: int, number: int) -> random.Random:
    """The source of chance of one scene of a stream: scenes can be made in any order."""
    return random.Random(f"{seed}/{number}")
