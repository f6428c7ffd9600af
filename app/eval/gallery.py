"""`nacre eval gallery`: people and things known again, and strangers left unnamed."""

import random
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.bench.curves import draw
from app.clock import SystemClock
from app.eval import correcting, people, returning, steps, things, transformed
from app.eval.intervals import by_subject, proportion
from app.eval.real_input import SIGNERS, real_data
from app.eyesight import load_eyes
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.errors import ModelNotInstalled
from engine.facts import View
from engine.media import Image
from engine.perception.finding import Eyes
from engine.perception.seeing import Watcher
from engine.sources.factory import Sources
from engine.sources.windows import Exclusions

GOALS = (
    Goal(metric="people_right", relation=">=", goal=0.99),
    Goal(metric="people_wrong", relation="==", goal=0),
    Goal(metric="strangers_named", relation="==", goal=0),
    Goal(metric="things3_recall", relation=">=", goal=0.95),
    Goal(metric="things3_strangers_named", relation="<=", goal=0.01),
    Goal(metric="things3_wrong", relation="<=", goal=0.005),
    Goal(metric="things1_recall", relation=">=", goal=0.85),
    Goal(metric="things1_strangers_named", relation="<=", goal=0.01),
    Goal(metric="photo_strangers_named", relation="==", goal=0),
    Goal(metric="first_name_s", relation="<=", goal=1),
    Goal(metric="things_track_recall", relation=">=", goal=0.97),
    Goal(metric="things_track_strangers_named", relation="<=", goal=0.005),
    Goal(metric="corrections_error_drop", relation=">=", goal=0.80),
    Goal(metric="corrections_lost", relation="==", goal=0),
    Goal(metric="undo_differing", relation="==", goal=0),
)
COPIES, QUICK_COPIES = 4, 2
"""Of each photo, for the stream in which things come back."""


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """People over every split of the signing clips, and strangers in photos. Things over random
    splits (2 when `quick`, else 20) of that half of the subjects on which no threshold was chosen,
    from three photos and from one, one photo and a track of three; the baselines and the steps
    beside them; and a user who corrects. The curve goes beside `out`.

    Raises:
        ConfigError: the real input is not on this machine.
        ModelNotInstalled: a model is missing.
    """
    eyes = load_eyes(open_shelf(paths))
    clips, photos, hands = (real_data(name) for name in ("people", "things", "gestures"))
    splits = 2 if quick else 20
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    watched = _watched(eyes, paths, clips)
    rows = _people_rows(*people.every_split(watched), metrics, intervals)
    images = ((path.stem, _read(path)) for path in sorted(hands.glob("*.jpg")))
    shown = people.strangers_in_photos(watched, images, Watcher(eyes))
    rows += _photo_rows(shown, metrics, intervals)
    looks, plain = _views(eyes, photos)
    rows += _thing_rows(looks, plain, splits, metrics, intervals)
    rows += _step_rows(looks, splits, metrics, out)
    rows += _correction_rows(looks, splits, metrics, intervals)
    chosen, reported = things.halves(list(looks))
    halves = (("", reported),) if quick else (("", reported), ("_chosen", chosen))
    for name, half in halves:
        copies = _copies(eyes, photos, half, QUICK_COPIES if quick else COPIES)
        rows += _returning_rows(name, copies, splits, metrics, intervals)
    return Measurement(name="gallery", metrics=metrics, intervals=intervals, goals=GOALS, rows=rows)


def _watched(eyes: Eyes, paths: Paths, clips: Path) -> list[people.Watched]:
    if eyes.faces is None or eyes.face_embedder is None:
        raise ModelNotInstalled(
            "YuNet and MobileFaceNet are needed. Nothing was measured. "
            "Import them with `nacre models import FOLDER`."
        )
    sources = Sources(SystemClock(), Exclusions, paths.demo_clip)
    listed = [
        (word, person, clips / f"asl_{word}.mkv")
        for person, words in SIGNERS.items()
        for word in words
    ]
    return people.watch_clips(listed, sources, Watcher(eyes))


def _views(eyes: Eyes, photos: Path) -> tuple[dict[str, list[View]], dict[str, list[View]]]:
    """(the views that the product takes, those of the baselines), by subject."""
    embedder = eyes.image_embedder
    if embedder is None:
        raise ModelNotInstalled(
            "MobileNetV2 is needed. Nothing was measured. "
            "Import it with `nacre models import FOLDER`."
        )
    looks: dict[str, list[View]] = {}
    plain: dict[str, list[View]] = {}
    watcher = Watcher(eyes)
    for folder in sorted(p for p in photos.iterdir() if p.is_dir()):
        for path in sorted(folder.glob("*.jpg")):
            image = _read(path)
            taken = list(watcher.examine(image, None, "thing"))
            looks.setdefault(folder.name, []).extend(taken)
            plain.setdefault(folder.name, []).extend(
                replace(view, embedder=embedder.name, vector=embedder.embed(image))
                for view in taken
            )
    return looks, plain


def _copies(
    eyes: Eyes, photos: Path, subjects: Iterable[str], copies: int
) -> dict[str, list[list[View]]]:
    """By subject (and its look-alike): of each photo the view of it and of its copies."""
    watcher = Watcher(eyes)
    found: dict[str, list[list[View]]] = {}
    for subject in sorted(subjects):
        for path in sorted((photos / subject).glob("*.jpg")):
            image = _read(path)
            for name, shown in (
                (subject, image),
                (subject + returning.LIKE, transformed.recoloured(image)),
            ):
                rng = random.Random(f"{name}/{path.name}")
                scenes = [shown, *(transformed.copy_of(shown, rng) for _ in range(copies))]
                views = [view for one in scenes for view in watcher.examine(one, None, "thing")]
                kept = [replace(view, crop=returning.BLANK) for view in views]
                found.setdefault(name, []).append(kept)
    return found


def _read(path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ModelNotInstalled(f"{path.name} is not a picture.")
    return np.asarray(image, np.uint8)


def _people_rows(
    alone: Sequence[people.Unit],
    together: Sequence[people.Unit],
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    known = [unit for unit in [*alone, *together] if unit.known]
    strangers = [unit for unit in alone if not unit.known]
    counts = {
        "people_right": (sum(unit.right for unit in known), len(known)),
        "people_wrong": (sum(unit.wrong for unit in known), len(known)),
        "strangers_named": (sum(bool(unit.named) for unit in strangers), len(strangers)),
        "people_falsely_left": (sum(unit.left for unit in known), len(known)),
    }
    for name, (count, n) in counts.items():
        metrics[name] = count / n if name == "people_right" else count
        low, high = proportion(count, n)
        intervals[name] = (low, high) if name == "people_right" else (low * n, high * n)
    firsts = [unit.first_s for unit in known if unit.first_s is not None]
    metrics["first_name_s"] = float(np.percentile(firsts, 95))
    missed = sum(not unit.named for unit in known)
    return [
        _row("people: right", counts["people_right"], 2),
        _row("people: missed", (missed, len(known)), 2),
        _row("people: wrong", counts["people_wrong"], 2),
        _row("people: strangers named", counts["strangers_named"], 2),
        _row("people: falsely left", counts["people_falsely_left"], 2),
        _row("people: named within 1 s", (sum(one <= 1 for one in firsts), len(known)), 2),
    ]


def _photo_rows(
    shown: Sequence[people.Unit],
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    """Strangers in photos: a photo is a unit of its own; who is in two of them is not known."""
    named = sum(bool(unit.named) for unit in shown)
    subjects = len({unit.clip for unit in shown})
    metrics["photo_strangers_named"] = named
    low, high = proportion(named, len(shown))
    intervals["photo_strangers_named"] = (low * len(shown), high * len(shown))
    return [_row("people: strangers in photos named", (named, len(shown)), subjects)]


def _thing_rows(
    looks: Mapping[str, Sequence[View]],
    plain: Mapping[str, Sequence[View]],
    splits: int,
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    chosen, reported = things.halves(list(looks))
    del chosen
    halved = {s: v for s, v in looks.items() if s in reported}
    halved_plain = {s: v for s, v in plain.items() if s in reported}
    several = partial(things.random_splits, splits=splits, shots=3)
    runs = {
        "things3": several(halved),
        "things1": things.random_splits(halved, splits=splits, shots=1),
        "things_track": several(halved, photos=3),
        "things_track2": several(halved, photos=2),
        "things3_baseline_mean": several(halved_plain, judge=things.by_mean),
        "things3_baseline_centroid": several(halved_plain, judge=things.by_centroid),
        "things3_all": several(looks),
        "things3_all_baseline_mean": several(plain, judge=things.by_mean),
        "things3_all_baseline_centroid": several(plain, judge=things.by_centroid),
    }
    return [
        row for name, queries in runs.items() for row in _figures(name, queries, metrics, intervals)
    ]


def _figures(
    name: str,
    queries: Sequence[things.Query],
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    known = [query for query in queries if query.known]
    strangers = [query for query in queries if not query.known]
    figures: dict[str, tuple[list[things.Query], Callable[[things.Query], bool]]] = {
        "recall": (known, lambda q: q.right),
        "wrong": (known, lambda q: q.wrong),
        "strangers_named": (strangers, lambda q: q.stranger_named),
        "maybe": (known, lambda q: q.certainty == "maybe"),
        "strangers_maybe": (strangers, lambda q: q.certainty == "maybe"),
    }
    rows: list[dict[str, Any]] = []
    for figure, (units, holds) in figures.items():
        metric = f"{name}_{figure}"
        pairs = [(query.subject, float(holds(query))) for query in units]
        rows.append(_shared(metric, pairs, metrics, intervals))
    return rows


def _shared(
    metric: str,
    pairs: Sequence[tuple[str, float]],
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> dict[str, Any]:
    """A share with its interval: bootstrap by subject; of 0 of n what n photos allow."""
    hits = [hit for _, hit in pairs]
    metrics[metric] = float(np.mean(hits))
    by: dict[str, list[float]] = {}
    for subject, hit in pairs:
        by.setdefault(subject, []).append(hit)
    if any(hits):
        intervals[metric] = by_subject(by, lambda drawn: float(np.mean(drawn)))
    else:
        intervals[metric] = proportion(0, len(hits))
    row = _row(metric.replace("_", " "), (int(sum(hits)), len(hits)), len(by))
    row["low"], row["high"] = (round(bound, 4) for bound in intervals[metric])
    return row


def _step_rows(
    looks: Mapping[str, Sequence[View]], splits: int, metrics: dict[str, float], out: Path | None
) -> list[dict[str, Any]]:
    """The steps, the curve, and what a score is worth as a probability."""
    names, others = things.halves(list(looks))
    chosen = {s: v for s, v in looks.items() if s in names}
    reported = {s: v for s, v in looks.items() if s in others}
    installed, baseline = steps.parts_nearest, steps.whole_mean
    three = steps.ranked(reported, splits, installed, shots=3)
    one = steps.ranked(reported, splits, installed, shots=1)
    track = steps.ranked(reported, splits, installed, shots=3, photos=3)
    mean = steps.ranked(reported, splits, baseline, shots=3)
    draw(
        out,
        "Recall against strangers named (other subjects than the thresholds')",
        ("strangers named", "recall"),
        {
            "three photos": steps.curve(three),
            "one photo": steps.curve(one),
            "track of three": steps.curve(track),
            "three, whole, mean": steps.curve(mean),
        },
    )
    fit = steps.calibrated(
        [o for shots in (1, 3) for o in steps.ranked(chosen, splits, installed, shots=shots)]
    )
    metrics["things_calibration_error"] = steps.calibration_error(fit, [*three, *one])
    metrics["things_even_score"], metrics["things_slope"] = fit.even, fit.slope
    return steps.ablation(chosen, reported, splits)


def _returning_rows(
    name: str,
    photos: Mapping[str, Sequence[Sequence[View]]],
    splits: int,
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    """The stream in which things come back, with and without corrections."""
    with tempfile.TemporaryDirectory(prefix="nacre-eval-") as folder:
        corrected, alone = returning.streams(photos, splits, Path(folder))
    both = {"corrected": corrected, "uncorrected": alone}
    rows = [
        _shared(
            f"returning_errors_{arm}{name}",
            [(v.subject, float(v.mistaken)) for one in lived for v in one.second_half],
            metrics,
            intervals,
        )
        for arm, lived in both.items()
    ]
    pairs: dict[str, list[tuple[float, float]]] = {}
    for with_it, without in zip(corrected, alone, strict=True):
        for one, other in zip(with_it.second_half, without.second_half, strict=True):
            base = one.subject.removesuffix(returning.LIKE)
            pairs.setdefault(base, []).append((float(one.mistaken), float(other.mistaken)))
    metric = f"corrections_error_drop{name}"
    metrics[metric] = _drop([pair for mine in pairs.values() for pair in mine])
    intervals[metric] = by_subject(pairs, _drop)
    for arm, lived in both.items():
        visits = [visit for one in lived for visit in one.second_half]
        sorts = {
            "look-alikes": [v for v in visits if v.subject.endswith(returning.LIKE)],
            "photos not shown before": [v for v in visits if not v.again],
        }
        for sort, some in sorts.items():
            count = (sum(visit.mistaken for visit in some), len(some))
            rows.append(_row(f"returning {arm}{name}: {sort}", count, len(pairs)))
    made = sum(one.corrections for one in corrected)
    lost = sum(one.lost for one in corrected)
    undone = sum(one.undone for one in corrected)
    differing = sum(one.differing for one in corrected)
    if not name:
        metrics["corrections_lost"], metrics["undo_differing"] = lost, differing
    restarts = sum(one.restarts for one in corrected)
    rows.append(_row(f"corrections lost over {restarts} restarts{name}", (lost, made), len(pairs)))
    rows.append(_row(f"undone, and not as before{name}", (differing, undone), len(pairs)))
    return rows


def _drop(pairs: Sequence[tuple[float, float]]) -> float:
    with_it, without = (sum(pair[place] for pair in pairs) for place in range(2))
    return 1 - with_it / max(without, 1e-12)


def _correction_rows(
    looks: Mapping[str, Sequence[View]],
    splits: int,
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    corrected, alone = correcting.second_halves(looks, splits)
    rows = [
        _shared(name, [(p.subject, float(p.mistaken)) for p in passed], metrics, intervals)
        for name, passed in (("errors_corrected", corrected), ("errors_uncorrected", alone))
    ]
    fewer = 1 - metrics["errors_corrected"] / max(metrics["errors_uncorrected"], 1e-12)
    metrics["unseen_error_drop"] = fewer
    return rows


def _row(what: str, count: tuple[int, int], subjects: int) -> dict[str, Any]:
    low, high = proportion(*count)
    return {
        "what": what,
        "count": count[0],
        "n": count[1],
        "subjects": subjects,
        "share": round(count[0] / count[1], 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }
