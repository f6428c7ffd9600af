"""One stream of the drawn world, watched in all ways that are compared.

Several watchers of one stream see the same: those whose perception and model err more or less, and
those whose product is set otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from time import monotonic

from app.eval.alert_scores import CUES, NACRE, POLLING, STREAM_S, StreamResult, Told
from app.eval.alert_ways import (
    START,
    UNRESTRAINED,
    CuesAlone,
    Nacre,
    Polling,
    Standing,
    judge,
    request,
)
from app.eval.demo_judge import DemoJudge
from app.eval.demo_reader import Files
from app.eval.observer import Errors, Observer
from app.eval.world.camera import Truth
from app.eval.world.standing import FPS, Finder, requests
from app.eval.world.stream import Shown, Stream
from app.eval.world.traits import Split
from engine import reports as rep
from engine.config import EngineConfig
from engine.media import Frame, nanoseconds

METHOD = f"{STREAM_S:g} s, errors by half seconds"
"""How a stream is watched: what was kept of another way is begun anew."""
QUICK_S = 40.0
"""So long a quick run watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What differs between watchers of one stream."""

    errors: Errors = field(default_factory=Errors)
    config: EngineConfig = UNRESTRAINED


def watch(
    seed: int,
    until_s: float = STREAM_S,
    *,
    until: float | None = None,
    split: Split = "test",
    model: Files | None = None,
) -> StreamResult:
    """Watch one stream in all three ways; `until` (monotonic) breaks off. What is judged is judged
    by the `model` there, or else by the observer."""
    variants = {"": Variant()}
    (result,) = watch_all(seed, variants, until_s, until=until, split=split, model=model).values()
    return result


def watch_all(
    seed: int,
    variants: Mapping[str, Variant],
    until_s: float = STREAM_S,
    *,
    until: float | None = None,
    split: Split = "test",
    model: Files | None = None,
) -> dict[str, StreamResult]:
    """Watch one stream in several variants, all that they see being the same."""
    stream = Stream(seed, split)
    finder = Finder(requests(stream, until_s=until_s))
    all_of = {name: _Watcher(stream, until_s, one, model) for name, one in variants.items()}
    hours = until_s / 3600
    for shown in stream.frames(until_s=until_s, fps=FPS):
        if until is not None and monotonic() > until:
            hours = shown.at_s / 3600
            break
        now = shown.truth()
        triggers = [(trigger.request, trigger.at_s) for trigger in finder.look(shown.at_s, now)]
        for watcher in all_of.values():
            watcher.look(shown, now, triggers)
    return {name: watcher.ended(hours) for name, watcher in all_of.items()}


class _Watcher:
    """One observer of a stream, and what each way makes of what it reports."""

    def __init__(
        self, stream: Stream, until_s: float, variant: Variant, model: Files | None
    ) -> None:
        seed, errors = stream.seed, variant.errors
        known = enumerate(stream.population.known)
        names = {role.name: f"c{n}" for n, role in known if role.name}
        self._wanted = requests(stream, until_s=until_s)
        self._observer = Observer(str(seed), names, errors)
        # Two windows: a frame that one is asked about is none that the other has taken.
        self._models = [] if model is None else [DemoJudge(model, stream) for _ in range(2)]
        mine, polled = self._models or (None, Observer(f"{seed}/polled", names, errors))
        self._polled = Polling(polled)
        self._nacre = Nacre(self._observer, names, variant.config, model=mine)
        self._cues = CuesAlone()
        self._standing: Standing = {}
        self._result = StreamResult(seed=seed, hours=0.0)

    def look(self, shown: Shown, now: Truth, triggers: Iterable[tuple[int, float]]) -> None:
        at_s = shown.at_s
        for model in self._models:
            model.see(shown)
        request(self._nacre, self._wanted, self._standing, at_s)
        for number, then in triggers:
            condition = self._standing[number]
            if condition is not None:
                told = Told(request=number, at_s=then, wish=condition.wish)
                self._result.triggers.append(told)
        pts = nanoseconds(at_s)
        picture = self._observer.picture(now)
        frame = Frame(image=picture, pts=pts, at=START + pts, run="run")
        tracks = self._observer.tracks(shown.number, now)
        perceived = rep.Perceived(frame=frame, tracks=tracks)
        judge(self._nacre, perceived, self._standing, at_s, now)
        self._take(NACRE, ((int(alert), then) for alert, then in self._nacre.said))
        self._nacre.said.clear()
        self._take(POLLING, self._polled.look(at_s, now, self._standing))
        self._take(CUES, self._cues.look(at_s, frame, self._nacre))

    def ended(self, hours: float) -> StreamResult:
        result = self._result
        result.hours = hours
        tallies = self._polled.tallies.by_wish
        result.answers = {wish: asdict(one) for wish, one in tallies.items()}
        for model in self._models:
            model.close()
        result.calls[NACRE], result.calls[POLLING] = self._nacre.calls, self._polled.calls
        return result

    def _take(self, way: str, said: Iterable[tuple[int, float]]) -> None:
        for number, at_s in said:
            condition = self._standing.get(number)
            wish = condition.wish if condition is not None else "cancelled"
            self._result.said[way].append(Told(request=number, at_s=at_s, wish=wish))
