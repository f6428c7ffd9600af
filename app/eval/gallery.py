"""`nacre eval gallery`: people and things known again, and strangers left unnamed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.clock import SystemClock
from app.eval import people, things
from app.eval.intervals import by_subject, proportion
from app.eval.real_input import real_data
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

SIGNERS = {
    "A": ("again", "brother", "help", "no", "student", "yes"),
    "B": ("bird", "milk", "please", "sorry", "thanks"),
}
"""Who is in which clip (the data's MANIFEST)."""

GOALS = (
    Goal(metric="people_right", relation=">=", goal=0.99),
    Goal(metric="people_wrong", relation="==", goal=0),
    Goal(metric="strangers_named", relation="==", goal=0),
)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """People over every split of the signing clips; things over random splits (5 when `quick`, else
    20), three photos each.

    Raises:
        ConfigError: the real input is not on this machine.
        ModelNotInstalled: a model is missing.
    """
    del out
    eyes = load_eyes(open_shelf(paths))
    clips, photos = real_data("people"), real_data("things")
    alone, together = _people(eyes, paths, clips)
    queries = _things(eyes, photos, splits=5 if quick else 20)
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    rows = [
        *_people_rows(alone, together, metrics, intervals),
        *_thing_rows(queries, metrics, intervals),
    ]
    return Measurement(name="gallery", metrics=metrics, intervals=intervals, goals=GOALS, rows=rows)


def _people(eyes: Eyes, paths: Paths, clips: Path) -> tuple[list[people.Unit], list[people.Unit]]:
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
    return people.every_split(people.watch_clips(listed, sources, Watcher(eyes)))


def _things(eyes: Eyes, photos: Path, splits: int) -> list[things.Query]:
    embedder = eyes.image_embedder
    if embedder is None:
        raise ModelNotInstalled(
            "MobileNetV2 is needed. Nothing was measured. "
            "Import it with `nacre models import FOLDER`."
        )
    views: dict[str, list[View]] = {}
    watcher = Watcher(eyes)
    for folder in sorted(p for p in photos.iterdir() if p.is_dir()):
        for path in sorted(folder.glob("*.jpg")):
            views.setdefault(folder.name, []).extend(watcher.examine(_read(path), None, "thing"))
    return things.random_splits(views, splits=splits, shots=3)


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
    missed = sum(not unit.named for unit in known)
    return [
        _row("people: right", counts["people_right"], 2),
        _row("people: missed", (missed, len(known)), 2),
        _row("people: wrong", counts["people_wrong"], 2),
        _row("people: strangers named", counts["strangers_named"], 2),
        _row("people: falsely left", counts["people_falsely_left"], 2),
    ]


def _thing_rows(
    queries: Sequence[things.Query],
    metrics: dict[str, float],
    intervals: dict[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    known = [query for query in queries if query.known]
    strangers = [query for query in queries if not query.known]
    figures: dict[str, tuple[list[things.Query], Callable[[things.Query], bool]]] = {
        "things3_recall": (known, lambda q: q.right),
        "things3_wrong": (known, lambda q: q.wrong),
        "things3_strangers_named": (strangers, lambda q: q.stranger_named),
        "things3_maybe": (known, lambda q: q.certainty == "maybe"),
        "things3_strangers_maybe": (strangers, lambda q: q.certainty == "maybe"),
    }
    rows: list[dict[str, Any]] = []
    for name, (units, holds) in figures.items():
        hits = [float(holds(query)) for query in units]
        metrics[name] = float(np.mean(hits))
        by: dict[str, list[float]] = {}
        for query, hit in zip(units, hits, strict=True):
            by.setdefault(query.subject, []).append(hit)
        if any(hits):
            intervals[name] = by_subject(by, lambda drawn: float(np.mean(drawn)))
        else:
            intervals[name] = proportion(0, len(hits))
        label = name.replace("things3_", "things, 3 photos: ").replace("_", " ")
        row = _row(label, (int(sum(hits)), len(hits)), len(by))
        row["low"], row["high"] = (round(bound, 4) for bound in intervals[name])
        rows.append(row)
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
