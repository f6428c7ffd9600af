"""`nacre eval alerts-armed`: 20 alerts armed for 8 hours of the drawn world, on a simulated clock.

What it costs to be armed: memory, whatever the session holds on to (all objects that can be reached
from it, so that no queue grows unseen), what every card says at the end, and how often the model is
asked about a picture in which nothing changes.
"""

import gc
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from types import FunctionType, ModuleType
from typing import Any

from app.bench.footprint import footprint
from app.eval.alert_ways import START, Nacre, judge
from app.eval.observer import Errors, Observer
from app.eval.world.camera import Truth
from app.eval.world.standing import Condition
from app.eval.world.stream import Stream
from app.eval.world.traits import KINDS
from app.measure import Goal, Measurement
from app.paths import Paths
from engine import messages as msg
from engine import reports as rep
from engine.config import EngineConfig
from engine.media import Frame, nanoseconds

HOURS, QUICK_HOURS = 8.0, 0.05
STILL_S = 3600
SEED = 2000
COUNT = 20
GOALS = (
    Goal(metric="rss_growth_8h", relation="<", goal=0.02),
    Goal(metric="held_growth_8h", relation="<", goal=0.05),
    Goal(metric="cards_without_a_reason", relation="==", goal=0),
    Goal(metric="still_batches_per_hour", relation="<=", goal=3600 / 16),
)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """8 hours, a look a second, and an hour of a still picture (`quick`: 3 minutes and one)."""
    del paths, out
    day = _Day()
    hours = QUICK_HOURS if quick else HOURS
    samples: list[dict[str, Any]] = []
    every = max(int(hours * 3600 / 16), 1)
    for second, number, now in day.seconds(hours):
        if second and second % every == 0:
            samples.append(
                {
                    "hour": round(second / 3600, 2),
                    "memory (MB)": round(footprint().mb, 1),
                    "objects held": held(day.nacre.session),
                    "remarks": day.remarks,
                    "times the model was asked": day.batches,
                }
            )
        day.look(second, number, now)
    cards = day.nacre.alerts
    before, after = _middle(samples[1:5]), _middle(samples[-4:])
    asked = day.batches
    still = STILL_S // 60 if quick else STILL_S
    day.stand_still(still)
    metrics = {
        "hours": hours,
        "alerts": float(len(cards)),
        "remarks": float(day.remarks),
        "rss_growth_8h": after["memory (MB)"] / before["memory (MB)"] - 1,
        # Who is in view changes what is held by a tenth from sample to sample.
        "held_growth_8h": after["objects held"] / before["objects held"] - 1,
        "cards_without_a_reason": float(sum(card.last is None for card in cards)),
        "still_batches_per_hour": (day.batches - asked) * 3600 / still,
    }
    fates = [
        {
            "hour": card.text,
            "memory (MB)": "spoke" if card.last and card.last.fired else "silent",
            "objects held": card.last.why if card.last else "It has not come true yet.",
        }
        for card in cards
    ]
    goals = GOALS[2:] if quick else GOALS
    return Measurement(name="alerts-armed", metrics=metrics, goals=goals, rows=samples + fates)


def _middle(samples: list[dict[str, Any]]) -> dict[str, float]:
    """The medians of some samples."""
    return {name: median(one[name] for one in samples) for name in ("memory (MB)", "objects held")}


class _Day:
    """The session with its alerts, and the drawn world before it."""

    def __init__(self) -> None:
        self._stream = Stream(SEED, "test")
        known = [role.name for role in self._stream.population.known if role.name]
        names = {name: f"c{n}" for n, name in enumerate(known)}
        self._observer = Observer(f"{SEED}/armed", names, Errors())
        self.nacre = Nacre(self._observer, names, EngineConfig())
        self.remarks = self.batches = 0
        self._standing: dict[int, Condition | None] = {}
        self._last: Frame | None = None
        for number, (text, condition) in enumerate(sentences(known)):
            self._standing[number] = condition
            self.nacre.give(msg.AddAlert(text=text, ref=str(number)))

    def seconds(self, hours: float) -> Iterator[tuple[int, int, Truth]]:
        for shown in self._stream.frames(until_s=hours * 3600):
            yield int(shown.at_s), shown.number, shown.truth()

    def look(self, second: int, scene: int, now: Truth) -> None:
        picture, tracks = self._observer.picture(now), self._observer.tracks(scene, now)
        pts = nanoseconds(float(second))
        frame = Frame(image=picture, pts=pts, at=START + pts, run="run")
        perceived = rep.Perceived(frame=frame, tracks=tracks)
        self.batches += judge(self.nacre, perceived, self._standing, float(second), now)
        self.remarks += len(self.nacre.said)
        self.nacre.said.clear()
        self._last = frame

    def stand_still(self, seconds: int) -> None:
        """The same picture, with nobody in it; the model says no to everything."""
        last = self._last
        assert last is not None
        for second in range(1, seconds + 1):
            pts = last.pts + nanoseconds(float(second))
            frame = Frame(image=last.image, pts=pts, at=START + pts, run="run")
            for asked in self.nacre.give(rep.Perceived(frame=frame, tracks=(), changed=False)):
                self.batches += second > 60  # Whoever was there has left, and that is known.
                no = tuple(0.05 for _ in asked.alerts)
                self.nacre.give(
                    rep.Verified(
                        run=asked.run, pts=asked.pts, at=asked.at, alerts=asked.alerts, yes=no
                    )
                )


def sentences(known: list[str]) -> list[tuple[str, Condition | None]]:
    """20 requests of all kinds; of those that the model judges, what it is asked about."""
    first, second = known[:2]
    closed = [f"Tell me when {name} comes." for name in known[:4]]
    closed += [f"Tell me when {name} leaves." for name in known[:4]]
    closed += [
        "Tell me when somebody appears.",
        f"Tell me when {first} is with {second}.",
        f"Tell me when {first} comes back.",
        "Tell me when two people are there.",
    ]
    free = [
        Condition(wish="door"),
        Condition(wish="lamp"),
        *(Condition(wish="does", name=first, deed=deed) for deed in ("jump", "wave")),
        *(Condition(wish="does", deed=deed) for deed in ("sit", "spin")),
        *(Condition(wish="holds", kind=kind) for kind in KINDS[:2]),
    ]
    found: list[tuple[str, Condition | None]] = [(text, None) for text in closed]
    found += [(condition.words(), condition) for condition in free]
    assert len(found) == COUNT
    return found


def held(root: object) -> int:
    """How many objects can be reached from this one: classes, modules and functions are no part of
    it."""
    seen = {id(root)}
    waiting: list[object] = [root]
    while waiting:
        for one in gc.get_referents(waiting.pop()):
            if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
                seen.add(id(one))
                waiting.append(one)
    return len(seen)
