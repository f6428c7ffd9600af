"""`nacre eval alerts`: standing requests on hours of the drawn world, on a simulated clock.

The session under test is the product's own (`engine/session.py`): requests are given as sentences,
changed and cancelled on the way, and what it says is compared with the triggers one to one. What
it perceives comes from a noisy observer (`app/eval/observer.py`), and so do the answers of the
model; both ways that it is compared with get the same.

`nacre eval alerts-demo` does it with the demo model in place of the observer's answers, which looks
at the pictures; for observers that err more and less, and for other settings of the judging, see
`app/eval/alert_variants.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from app.eval.alert_scores import (
    NACRE,
    WAYS,
    StreamResult,
    all_figures,
    counts,
    credited,
    delays,
    figures,
    restored,
    row,
)
from app.eval.alert_streams import METHOD, QUICK_S, watch
from app.eval.alert_ways import UNRESTRAINED
from app.eval.demo_reader import Files, exported, files
from app.eval.intervals import by_subject
from app.eval.kept import Kept, side_by_side
from app.eval.observer import Errors
from app.measure import Goal, Measurement
from app.paths import Paths

HOURS = 60
DEMO_HOURS = 12
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
    """Fewer of the same streams, judged by the demo model, or by the weights in the folder `model`.
    Goes on like the other.

    Raises:
        ModelNotInstalled, ModelCorrupt: the weights are not there, or not the pinned ones.
    """
    chosen = files(paths) if model is None else exported(paths, Path(model))
    results = _results(DEMO_HOURS, quick=quick, out=out, model=chosen)
    return replace(report(results), name="alerts-demo")


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
    about = f"{METHOD} {UNRESTRAINED.alerts} {Errors()}"
    if model is not None:
        about += f" judged by {model.digest()}"
    kept = Kept.beside(out, "alerts" if model is None else "alerts-demo", about)
    seeds = [str(seed) for seed in range(hours)]
    return [restored(one) for one in side_by_side(kept, seeds, partial(_watched, model=model))]


def _watched(seed: str, model: Files | None) -> dict[str, Any]:
    return asdict(watch(int(seed), model=model))


def report(results: Sequence[StreamResult]) -> Measurement:
    """All streams together, with bounds over streams, and how the model answered when polled."""
    results = [credited(result) for result in results]
    rows: list[dict[str, Any]] = []
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for way in WAYS:
        every = [counts(result, way) for result in results]
        found = all_figures(results, way)
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
    metrics |= how_answered(results)
    return Measurement(name="alerts", metrics=metrics, intervals=intervals, goals=GOALS, rows=rows)
