"""What holds of alerts for observers that err more and less, and for other settings of the judging.

`nacre eval alerts-noise` and `nacre eval alerts-settings`: every variant watches the same hours. Of
other settings perception, and the model whenever it is asked, err alike (`app/eval/observer.py`).
Settings are chosen here, on hours of the development split, not on those of `nacre eval alerts`.
With an output file every hour that is done is kept beside it, and a run goes on there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from app.eval.alert_scores import (
    NACRE,
    StreamResult,
    all_figures,
    counts,
    credited,
    restored,
    row,
)
from app.eval.alert_streams import METHOD, QUICK_S, Variant, watch_all
from app.eval.alert_ways import UNRESTRAINED
from app.eval.kept import Kept, side_by_side
from app.eval.observer import Errors
from app.eval.world.traits import Split
from app.measure import Measurement
from app.paths import Paths
from engine.config import JudgingConfig

NOISE = {
    "10 in 100 wrong": Variant(errors=Errors(unsure=1.95)),
    "5 in 100 wrong": Variant(errors=Errors()),
    "2 in 100 wrong": Variant(errors=Errors(unsure=1.22)),
    "1 in 100 wrong": Variant(errors=Errors(unsure=1.07)),
    "5 in 100 wrong, every answer anew": Variant(errors=Errors(lasting_s=0.05)),
    "5 in 100 wrong, for 3 s": Variant(errors=Errors(lasting_s=3.0)),
    "figures missed and faceless twice as often": Variant(
        errors=Errors(missed=0.08, missed_hidden=0.7, faceless=0.4, ghosts=0.004, switched=0.01)
    ),
}
"""By what the model, or perception, does worse or better than is assumed otherwise."""


def _judging(judging: JudgingConfig) -> Variant:
    alerts = replace(UNRESTRAINED.alerts, judging=judging)
    return Variant(config=replace(UNRESTRAINED, alerts=alerts))


SETTINGS = {
    "as it is": _judging(JudgingConfig()),
    "told above 0.85 and 0.93": _judging(JudgingConfig(sure=0.85, sure_late=0.93)),
    "told above 0.93 and 0.96": _judging(JudgingConfig(sure=0.93, sure_late=0.96)),
    "told above 0.97 and 0.98": _judging(JudgingConfig(sure=0.97, sure_late=0.98)),
    "a look in half a second, in calm too": _judging(JudgingConfig(calm_look_s=0.5)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Variants, and the hours that all of them watch."""

    variants: Mapping[str, Variant]
    split: Split
    seeds: range

    def watched(self, seed: int, until: float | None = None) -> dict[str, StreamResult]:
        """One hour; `until` (monotonic) breaks off."""
        return watch_all(seed, self.variants, until=until, split=self.split)


TABLES = {
    "alerts-noise": Compared(variants=NOISE, split="test", seeds=range(1000, 1008)),
    "alerts-settings": Compared(variants=SETTINGS, split="dev", seeds=range(140, 154)),
}


def measure_noise(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """8 hours by observers of each level of noise: what holds at which quality."""
    del paths
    return _measured("alerts-noise", quick=quick, out=out)


def measure_settings(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """14 hours with other settings of the judging, side by side."""
    del paths
    return _measured("alerts-settings", quick=quick, out=out)


def _measured(table: str, *, quick: bool, out: Path | None) -> Measurement:
    compared = TABLES[table]
    if quick:
        hours = [compared.watched(compared.seeds[0], monotonic() + QUICK_S)]
    else:
        kept = Kept.beside(out, table, f"{METHOD} {compared}")
        seeds = [str(seed) for seed in compared.seeds]
        found = side_by_side(kept, seeds, partial(_watched, table))
        hours = [{name: restored(one) for name, one in hour.items()} for hour in found]
    rows: list[dict[str, Any]] = []
    for name in compared.variants:
        some = [credited(hour[name], compared.split) for hour in hours]
        every = [counts(one, NACRE) for one in some]
        figures = row(NACRE, name, all_figures(some, NACRE), every)
        rows.append({"variant": figures.pop("waits for")} | figures)
    first = next(iter(compared.variants))
    watched = {"hours": sum(hour[first].hours for hour in hours)}
    return Measurement(name=table, metrics=watched, rows=rows)


def _watched(table: str, seed: str) -> dict[str, Any]:
    return {name: asdict(one) for name, one in TABLES[table].watched(int(seed)).items()}
