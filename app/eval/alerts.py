"""`nacre eval alerts`: standing requests on hours of the drawn world, on a simulated clock.

The session under test is the product's own (`engine/session.py`): requests are given as sentences,
changed and cancelled on the way, and what it says is compared with the triggers one to one. What
it perceives comes from a noisy observer (`app/eval/observer.py`), and so do the answers of the
model; both ways that it is compared with get the same.

`nacre eval alerts-noise` does it with observers that err more and less, on fewer hours;
`nacre eval alerts-demo` with the demo model in place of the observer's answers, which looks at the
pictures.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

from app.eval.alert_scores import (
    CUES,
    NACRE,
    POLLING,
    STREAM_S,
    WAYS,
    StreamResult,
    Told,
    counts,
    credited,
    delays,
    figures,
    row,
)
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
from app.eval.demo_reader import Files, exported, files
from app.eval.intervals import by_subject
from app.eval.kept import Kept
from app.eval.observer import Errors, Observer
from app.eval.world.camera import Truth
from app.eval.world.standing import FPS, Finder, requests
from app.eval.world.stream import Shown, Stream
from app.eval.world.traits import Split
from app.measure import Goal, Measurement
from app.paths import Paths
from engine import reports as rep
from engine.media import Frame, nanoseconds

HOURS, QUICK_HOURS = 60, 1
NOISE_HOURS = 8
DEMO_HOURS = 12
QUICK_S = 40.0
NOISE = {
    "10 in 100 wrong": Errors(unsure=1.95),
    "5 in 100 wrong": Errors(),
    "2 in 100 wrong": Errors(unsure=1.22),
    "1 in 100 wrong": Errors(unsure=1.07),
    "5 in 100 wrong, every answer anew": Errors(lasting_s=0.05),
    "5 in 100 wrong, for 3 s": Errors(lasting_s=3.0),
    "figures missed and faceless twice as often": Errors(
        missed=0.08, missed_hidden=0.7, faceless=0.4, ghosts=0.004, switched=0.01
    ),
}
"""By what the model, or perception, does worse or better than is assumed otherwise."""

GOALS = (
    Goal(metric="f1_2s", relation=">=", goal=0.85),
    Goal(metric="false_alarms_per_hour", relation="<", goal=0.5),
    Goal(metric="delay_p95_s", relation="<=", goal=3.0),
    Goal(metric="model_calls_ratio", relation="<=", goal=1 / 3),
)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """60 streams of an hour (`quick`: one, as far as it comes). With `out`, every stream that is
    done is kept beside it, and a run that was broken off goes on there."""
    del paths
    return report(_results(HOURS, quick=quick, out=out))


def measure_demo(
    *, paths: Paths, quick: bool, out: Path | None, model: str | None = None
) -> Measurement:
    """Fewer of the same streams, judged by the demo model, or by the weights in the folder `model`;
    how it answered when it was polled is told beside. Goes on like the other.

    Raises:
        ModelNotInstalled, ModelCorrupt: the weights are not there, or not the pinned ones.
    """
    chosen = files(paths) if model is None else exported(paths, Path(model))
    results = _results(DEMO_HOURS, quick=quick, out=out, model=chosen)
    found = report(results)
    return replace(found, name="alerts-demo", metrics=found.metrics | how_answered(results))


def how_answered(results: Sequence[StreamResult]) -> dict[str, float]:
    """Of what the model was polled about, where it had been so, or not so, for a second: the share
    that it missed, and imagined, by what is waited for."""
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        for wish, some in result.answers.items():
            total[wish].update(some)
            total["all"].update(some)
    found: dict[str, float] = {}
    for wish, some in sorted(total.items()):
        found[f"{wish}.missed"] = some["missed"] / max(some["so"], 1)
        found[f"{wish}.imagined"] = some["imagined"] / max(some["not_so"], 1)
    return found


def _results(
    hours: int, *, quick: bool, out: Path | None, model: Files | None = None
) -> list[StreamResult]:
    """So many streams (`quick`: one, as far as it comes), kept beside `out` as they are done."""
    if quick:
        return [watch(0, until=monotonic() + QUICK_S, model=model)]
    about = f"streams of {STREAM_S:g} s with {UNRESTRAINED.alerts}"
    if model is not None:
        about += f" judged by {model.digest()}"
    kept = Kept(out and out.with_name(out.name + ".streams.jsonl"), about)
    return list(_watched(range(hours), kept, model))


def _watched(
    seeds: Sequence[int], kept: Kept, model: Files | None = None
) -> Iterator[StreamResult]:
    """As many streams at a time as there are processors."""
    missing = [seed for seed in seeds if str(seed) not in kept]
    if missing:
        count = min(os.cpu_count() or 1, len(missing))
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            for future in as_completed([pool.submit(watch, seed, model=model) for seed in missing]):
                result = future.result()
                kept.get(str(result.seed), lambda result=result: asdict(result))
    for seed in seeds:
        yield _read(kept.get(str(seed), lambda seed=seed: asdict(watch(seed, model=model))))


def measure_noise(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """The same hours by observers of each level of noise: what holds at which quality."""
    del paths, out
    rows: list[dict[str, Any]] = []
    results: dict[str, list[StreamResult]] = {name: [] for name in NOISE}
    until = monotonic() + QUICK_S if quick else None
    for seed in range(1000, 1000 + (1 if quick else NOISE_HOURS)):
        for name, result in watch_all(seed, NOISE, until=until).items():
            results[name].append(credited(result))
    for name, some in results.items():
        found = _figures(some, NACRE)
        rows.append(row(NACRE, name, found, [counts(one, NACRE) for one in some]))
    hours = sum(one.hours for one in results["5 in 100 wrong"])
    return Measurement(name="alerts-noise", metrics={"hours": hours}, rows=rows)


def _read(raw: dict[str, Any]) -> StreamResult:
    told: dict[str, Any] = {
        "triggers": [Told(**one) for one in raw["triggers"]],
        "said": {way: [Told(**one) for one in some] for way, some in raw["said"].items()},
    }
    return StreamResult(**(raw | told))


# --- one stream --------------------------------------------------------------------------------


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
    (result,) = watch_all(
        seed, {"": Errors()}, until_s, until=until, split=split, model=model
    ).values()
    return result


def watch_all(
    seed: int,
    noise: Mapping[str, Errors],
    until_s: float = STREAM_S,
    *,
    until: float | None = None,
    split: Split = "test",
    model: Files | None = None,
) -> dict[str, StreamResult]:
    """Watch one stream with several observers, all that they see being the same."""
    stream = Stream(seed, split)
    finder = Finder(requests(stream, until_s=until_s))
    all_of = {name: _Watcher(stream, until_s, errors, model) for name, errors in noise.items()}
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

    def __init__(self, stream: Stream, until_s: float, errors: Errors, model: Files | None) -> None:
        seed = stream.seed
        known = enumerate(stream.population.known)
        names = {role.name: f"c{n}" for n, role in known if role.name}
        self._wanted = requests(stream, until_s=until_s)
        self._observer = Observer(str(seed), names, errors)
        self._models = [] if model is None else [DemoJudge(model, stream) for _ in range(2)]
        mine, polled = self._models or (None, Observer(f"{seed}/polled", names, errors))
        self._polled = Polling(polled)
        self._nacre, self._cues = Nacre(self._observer, names, model=mine), CuesAlone()
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
        for model in self._models:
            result.answers = {wish: asdict(one) for wish, one in model.tallies.items()}
            model.close()
        result.calls[NACRE], result.calls[POLLING] = self._nacre.calls, self._polled.calls
        return result

    def _take(self, way: str, said: Iterable[tuple[int, float]]) -> None:
        for number, at_s in said:
            condition = self._standing.get(number)
            wish = condition.wish if condition is not None else "cancelled"
            self._result.said[way].append(Told(request=number, at_s=at_s, wish=wish))


# --- what it comes to ----------------------------------------------------------------------------


def _figures(results: Sequence[StreamResult], way: str) -> dict[str, float]:
    found = figures([counts(result, way) for result in results]) | delays(results, way)
    polled = sum(result.calls[POLLING] for result in results)
    found["model_calls_ratio"] = sum(one.calls[way] for one in results) / max(polled, 1)
    return found


def report(results: Sequence[StreamResult]) -> Measurement:
    """All streams together, with bounds over streams."""
    results = [credited(result) for result in results]
    rows: list[dict[str, Any]] = []
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for way in WAYS:
        every = [counts(result, way) for result in results]
        found = _figures(results, way)
        if way == NACRE:
            metrics = {
                "hours": sum(result.hours for result in results),
                "triggers": float(sum(one.triggers for one in every)),
            } | found
            by = {str(result.seed): [one] for result, one in zip(results, every, strict=True)}
            for name in ("f1_2s", "precision", "recall", "false_alarms_per_hour"):
                intervals[name] = by_subject(by, lambda some, name=name: figures(some)[name])
        rows.append(row(way, "all", found, every))
        wishes = sorted({told.wish for result in results for told in result.triggers})
        for wish in wishes:
            some = [counts(result, way, wish) for result in results]
            rows.append(row(way, wish, figures(some) | delays(results, way, wish), some))
    return Measurement(name="alerts", metrics=metrics, intervals=intervals, goals=GOALS, rows=rows)
