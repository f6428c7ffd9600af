"""`nacre eval own-embedder`: how well the embedder that comes with the program tells apart what it
has never seen, by cross-validation.

Each of three students was taught by the recipe of the delivered one (models/glance), without
the subjects of one fold; those subjects it is tried on, and the teacher on the same photos.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from app.bundled import bundled_files
from app.eval import steps, taken, things
from app.eval.folds import FOLDS, folds
from app.eval.intervals import RESAMPLES
from app.eval.real_input import real_data
from app.eval.tabling import Table
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.facts import View
from engine.inference.catalogue import load_catalogue
from engine.media import Image, Vector
from engine.perception.finding import Eyes
from engine.perception.glance import TAUGHT, Glance
from engine.perception.mobilenet import MobileNet
from engine.perception.onnx import normalised
from engine.perception.part_embedder import centre
from engine.perception.seeing import Watcher
from engine.perception.viewing import shrunk
from engine.ports.seeing import ImageEmbedder

GOALS = (
    Goal(metric="own_auc", relation=">=", goal=0.97),
    Goal(metric="auc_below_teacher", relation="<=", goal=0.03),
    Goal(metric="own_ms", relation="<", goal=5),
)
FRAMED = (1.0, 0.8, 0.65)
"""A detector's box has less around a thing than a photo: photos are looked at whole, and cut to so
much of each side about the middle."""
STUDENTS = "nacre-glance-folds"
TEACHER = "mobilenet-v2"

Photos = Mapping[str, Sequence[Image]]
Numbers = npt.NDArray[np.float64]


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """AUC of photos of one subject against photos of two, by fold, of the students, of the two
    halves of what they tell, and of the teacher; processor time of a look; and what the policy
    makes of it on that half of the subjects on which no threshold was chosen (2 random splits when
    `quick`, else 20).

    Raises:
        ConfigError: the real input is not on this machine.
        ModelError: the students did not come with this program, or the teacher is not installed.
    """
    del out
    store, catalogue = open_shelf(paths), load_catalogue(paths.catalogue)
    teacher = MobileNet(store.path(TEACHER), digest=store.digest(TEACHER))
    students = [Glance(one) for one in bundled_files(paths.catalogue, catalogue.part(STUDENTS))]
    photos = photos_in(real_data("things"))
    apart = parted(photos)
    table = Table()
    metrics, rows = table.metrics, table.rows
    boxed = [framed(mine, FRAMED[-1]) for mine in apart]
    for name, embedders, shown in (
        ("own", students, apart),
        ("own_boxed", students, boxed),
        ("own_taught", [Part(one, slice(TAUGHT)) for one in students], apart),
        ("own_counted", [Part(one, slice(TAUGHT, None)) for one in students], apart),
        ("teacher", [teacher] * FOLDS, apart),
        ("teacher_boxed", [teacher] * FOLDS, boxed),
    ):
        found = [Alike(one, mine) for one, mine in zip(embedders, shown, strict=True)]
        metrics[f"{name}_auc"] = statistics.mean(fold.auc() for fold in found)
        table.intervals[f"{name}_auc"] = _bounds(found)
        rows += [fold.row(f"{name.replace('_', ', ')}, fold {n}") for n, fold in enumerate(found)]
    metrics["auc_below_teacher"] = metrics["teacher_auc"] - metrics["own_auc"]
    picture = shrunk(next(iter(photos.values()))[0])
    metrics["own_ms"] = milliseconds(students[0].embed_parts, picture)
    metrics["teacher_ms"] = milliseconds(teacher.embed_parts, picture)
    _judged(students, apart, 2 if quick else 20, table)
    return Measurement(
        name="own-embedder", metrics=metrics, intervals=table.intervals, goals=GOALS, rows=rows
    )


def photos_in(folder: Path) -> dict[str, list[Image]]:
    """The photos of each subject, a folder each.

    Raises:
        ValueError: a file is not a picture.
    """
    found: dict[str, list[Image]] = {}
    for one in sorted(one for one in folder.iterdir() if one.is_dir()):
        for path in sorted(one.glob("*.jpg")):
            picture = cv2.imread(str(path))
            if picture is None:
                raise ValueError(f"{path.name} is not a picture.")
            found.setdefault(one.name, []).append(np.asarray(picture, np.uint8))
    return found


def parted(photos: Photos) -> list[dict[str, Sequence[Image]]]:
    """The subjects of each fold."""
    fold = folds(list(photos))
    return [{one: own for one, own in photos.items() if fold[one] == n} for n in range(FOLDS)]


def changed(photos: Photos, change: Callable[[Image], Image]) -> dict[str, list[Image]]:
    """The same for each photo."""
    return {one: [change(photo) for photo in own] for one, own in photos.items()}


def framed(photos: Photos, share: float) -> dict[str, list[Image]]:
    """The middle of each photo: that share of each side."""
    return changed(photos, partial(centre, part=share))


class Part:
    """An embedder of which some values alone count."""

    def __init__(self, embedder: ImageEmbedder, values: slice) -> None:
        self._embedder, self._values = embedder, values

    def embed(self, image: Image) -> Vector:
        return normalised(self._embedder.embed(image)[self._values])


class Alike:
    """How alike photos of one subject, and photos of two, are to an embedder."""

    def __init__(self, embedder: ImageEmbedder | Part, photos: Photos) -> None:
        vectors = {one: [embedder.embed(photo) for photo in own] for one, own in photos.items()}
        self.subjects = sorted(photos)
        self._same = [_cosines(combinations(vectors[one], 2)) for one in self.subjects]
        self._pairs = list(combinations(range(len(self.subjects)), 2))
        self._apart = [
            _cosines((a, b) for a in vectors[self.subjects[i]] for b in vectors[self.subjects[j]])
            for i, j in self._pairs
        ]
        self._wins = np.array([[auc(same, two) for two in self._apart] for same in self._same])

    def auc(self, times: npt.ArrayLike | None = None) -> float:
        """Share of (photos of one subject, photos of two) in which the former are more alike; each
        subject counted so many `times`."""
        often = np.ones(len(self.subjects)) if times is None else np.asarray(times, np.float64)
        same = often * [len(one) for one in self._same]
        two = np.array([often[i] * often[j] for i, j in self._pairs])
        two *= [len(one) for one in self._apart]
        weights = same[:, None] * two[None]
        total = float(weights.sum())
        return float((weights * self._wins).sum()) / total if total else float("nan")

    def row(self, what: str) -> dict[str, Any]:
        """Of the table."""
        return {
            "what": what,
            "share": round(self.auc(), 4),
            "n": sum(map(len, self._same)),
            "subjects": len(self.subjects),
        }


def auc(same: Numbers, different: Numbers) -> float:
    """Share of pairs of scores in which `same` is higher; ties count half (Mann and Whitney)."""
    order = np.sort(different)
    low = np.searchsorted(order, same, side="left")
    high = np.searchsorted(order, same, side="right")
    return float((low + high).mean() / 2 / len(order))


def milliseconds(embed: Callable[[Image], object], picture: Image, times: int = 60) -> float:
    """Median processor time of a look at a crop, on one thread, so that other work beside it does
    not count."""
    spent: list[float] = []
    for _ in range(times):
        begun = time.process_time()
        embed(picture)
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent)


def _cosines(pairs: Any) -> Numbers:
    return np.array([float(a @ b) for a, b in pairs])


def _bounds(found: Sequence[Alike]) -> tuple[float, float]:
    """95 % bootstrap interval: the subjects of each fold drawn anew."""
    rng = np.random.default_rng(0)
    drawn: list[float] = []
    for _ in range(RESAMPLES):
        often = [
            np.bincount(
                rng.integers(0, len(one.subjects), len(one.subjects)), minlength=len(one.subjects)
            )
            for one in found
        ]
        drawn.append(
            statistics.mean(one.auc(times) for one, times in zip(found, often, strict=True))
        )
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _views(embedder: ImageEmbedder, photos: Photos) -> dict[str, list[View]]:
    watcher = Watcher(Eyes(image_embedder=embedder))
    return {
        one: [view for photo in own for view in watcher.examine(photo, None, "thing")]
        for one, own in photos.items()
    }


def _judged(
    students: Sequence[ImageEmbedder], apart: Sequence[Photos], splits: int, table: Table
) -> None:
    """What the policy makes of it: half of each fold registered, the other half strangers; told of
    the subjects of the reported half of all."""
    whole, *boxes = (
        [_views(one, framed(mine, share)) for one, mine in zip(students, apart, strict=True)]
        for share in FRAMED
    )
    boxed = [views for some in boxes for views in some]
    small = [
        _views(one, changed(mine, partial(shrunk, longest=taken.SMALL)))
        for one, mine in zip(students, apart, strict=True)
    ]
    chosen, reported = things.halves([one for mine in apart for one in mine])
    for name, most in (("own_sure_chosen", 0.01), ("own_maybe_chosen", 0.1)):
        table.metrics[name] = _threshold([*whole, *boxed], chosen, splits, most)
    three = partial(things.random_splits, splits=splits, shots=3)
    one = partial(things.random_splits, splits=splits, shots=1)
    runs = {
        "own_things3": (three, whole),
        "own_things1": (one, whole),
        "own_things_track": (partial(three, photos=3), whole),
        "own_things3_boxed": (three, boxed),
        "own_things1_boxed": (one, boxed),
        "own_things3_small": (three, small),
        "own_things1_small": (one, small),
    }
    for name, (run, views) in runs.items():
        queries = [q for mine in views for q in run(mine) if q.subject in reported]
        known = [q for q in queries if q.known]
        figures = {
            "recall": [(q.subject, float(q.right)) for q in known],
            "wrong": [(q.subject, float(q.wrong)) for q in known],
            "maybe": [(q.subject, float(q.certainty == "maybe")) for q in known],
            "strangers_named": [
                (q.subject, float(q.stranger_named)) for q in queries if not q.known
            ],
        }
        for figure, pairs in figures.items():
            table.shared(f"{name}_{figure}", pairs)


def _threshold(
    seen: Sequence[Mapping[str, Sequence[View]]], chosen: frozenset[str], splits: int, most: float
) -> float:
    """The lowest score, in hundredths, from which at most such a share of the chosen half's
    strangers would be named from three photos."""
    strangers = [
        one
        for mine in seen
        for one in steps.ranked(mine, splits, steps.parts_nearest, shots=3)
        if not one.known and one.subject in chosen
    ]
    for hundredths in range(50, 100):
        if statistics.mean(one.named(hundredths / 100) for one in strangers) <= most:
            return hundredths / 100
    return 1.0
