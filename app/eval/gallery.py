"""`nacre eval gallery`: people and things known again, and strangers left unnamed."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from app.bench.curves import draw
from app.clock import SystemClock
from app.eval import correcting, known_people, people, returning, steps, taken, things
from app.eval.calibrating import Told, calibration_error, outcomes
from app.eval.intervals import by_subject
from app.eval.real_input import SIGNERS, real_data
from app.eval.tabling import Table
from app.eyesight import load_eyes
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.errors import ModelNotInstalled
from engine.facts import View
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
    Goal(metric="things3_small_strangers_named", relation="<=", goal=0.01),
    Goal(metric="things1_small_strangers_named", relation="<=", goal=0.01),
    Goal(metric="photo_strangers_named", relation="==", goal=0),
    Goal(metric="first_name_s", relation="<=", goal=1),
    Goal(metric="things_track_recall", relation=">=", goal=0.97),
    Goal(metric="things_track_strangers_named", relation="<=", goal=0.005),
    Goal(metric="corrections_error_drop", relation=">=", goal=0.80),
    Goal(metric="corrections_lost", relation="==", goal=0),
    Goal(metric="undo_differing", relation="==", goal=0),
    Goal(metric="corrections_error_drop_people", relation=">=", goal=0.80),
    Goal(metric="corrections_lost_people", relation="==", goal=0),
    Goal(metric="undo_differing_people", relation="==", goal=0),
    Goal(metric="made_strangers_named", relation="==", goal=0),
)
COPIES, QUICK_COPIES = 4, 2
"""Of each photo, for the stream in which things come back."""


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """People over every split of the signing clips, strangers in photos and made. Things over
    random splits (2 when `quick`, else 20) of that half of the subjects on which no threshold was
    chosen, from three photos and from one, one photo and a track of three; the baselines and the
    steps beside them; and a user who corrects. The curve goes beside `out`.

    Raises:
        ConfigError: the real input is not on this machine.
        ModelNotInstalled: a model is missing.
    """
    eyes = load_eyes(open_shelf(paths), paths.catalogue)
    clips, photos, hands = (real_data(name) for name in ("people", "things", "gestures"))
    splits = 2 if quick else 20
    table = Table()
    crowd = _crowd(eyes, _watched(eyes, paths, clips), hands, quick=quick)
    casts = known_people.cast_of(crowd, known_people.measure(crowd, table))
    looks, plain = taken.views(eyes, photos)
    small, _ = taken.views(eyes, photos, side=taken.SMALL)
    _thing_rows(looks, plain, small, splits, table)
    _step_rows(looks, splits, table, out)
    _correction_rows(looks, splits, table)
    _returning_rows("_people", casts, max(splits // len(casts), 1), table)
    chosen, reported = things.halves(list(looks))
    halves = (("", reported),) if quick else (("", reported), ("_chosen", chosen))
    for name, half in halves:
        copies = taken.copies(eyes, photos, half, QUICK_COPIES if quick else COPIES)
        _returning_rows(name, [returning.Cast(photos=copies)], splits, table)
    return Measurement(
        name="gallery",
        metrics=table.metrics,
        intervals=table.intervals,
        goals=GOALS,
        rows=table.rows,
    )


def _crowd(
    eyes: Eyes, watched: list[people.Watched], hands: Path, *, quick: bool
) -> known_people.Crowd:
    embedder = eyes.face_embedder
    if embedder is None:
        raise ModelNotInstalled("MobileFaceNet is needed. Nothing was measured.")
    images = ((path.stem, taken.read(path)) for path in sorted(hands.glob("*.jpg")))
    faces = people.faces_in_photos(images, Watcher(eyes))
    return known_people.Crowd(watched=watched, photos=faces, embedder=embedder, quick=quick)


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


def _thing_rows(
    looks: Mapping[str, Sequence[View]],
    plain: Mapping[str, Sequence[View]],
    small: Mapping[str, Sequence[View]],
    splits: int,
    table: Table,
) -> None:
    _, reported = things.halves(list(looks))
    halved, halved_plain, halved_small = (
        {s: v for s, v in some.items() if s in reported} for some in (looks, plain, small)
    )
    several = partial(things.random_splits, splits=splits, shots=3)
    runs = {
        "things3": several(halved),
        "things1": things.random_splits(halved, splits=splits, shots=1),
        "things3_small": several(halved_small),
        "things1_small": things.random_splits(halved_small, splits=splits, shots=1),
        "things_track": several(halved, photos=3),
        "things_track2": several(halved, photos=2),
        "things3_baseline_mean": several(halved_plain, judge=things.by_mean),
        "things3_baseline_centroid": several(halved_plain, judge=things.by_centroid),
        "things3_all": several(looks),
        "things3_all_baseline_mean": several(plain, judge=things.by_mean),
        "things3_all_baseline_centroid": several(plain, judge=things.by_centroid),
    }
    for name, queries in runs.items():
        _figures(name, queries, table)


def _figures(name: str, queries: Sequence[things.Query], table: Table) -> None:
    known = [query for query in queries if query.known]
    strangers = [query for query in queries if not query.known]
    figures: dict[str, tuple[list[things.Query], Callable[[things.Query], bool]]] = {
        "recall": (known, lambda q: q.right),
        "wrong": (known, lambda q: q.wrong),
        "strangers_named": (strangers, lambda q: q.stranger_named),
        "maybe": (known, lambda q: q.certainty == "maybe"),
        "strangers_maybe": (strangers, lambda q: q.certainty == "maybe"),
    }
    for figure, (units, holds) in figures.items():
        pairs = [(query.subject, float(holds(query))) for query in units]
        table.shared(f"{name}_{figure}", pairs)


def _step_rows(
    looks: Mapping[str, Sequence[View]], splits: int, table: Table, out: Path | None
) -> None:
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
    fit_on = [o for shots in (1, 3) for o in steps.ranked(chosen, splits, installed, shots=shots)]
    fit = steps.calibrated(fit_on)
    table.metrics["things_even_score"], table.metrics["things_slope"] = fit.even, fit.slope
    for half, found in (("_chosen", fit_on), ("", [*three, *one])):
        told = [Told(o.probability, o.right) for o in found]
        table.metrics[f"things_calibration_error{half}"] = calibration_error(told)
        if not half:
            for outcome, count in outcomes(told).items():
                table.add(f"things, {outcome}: it was so", count, len(others))
    table.rows.extend(steps.ablation(chosen, reported, splits))


def _correction_rows(looks: Mapping[str, Sequence[View]], splits: int, table: Table) -> None:
    corrected, alone = correcting.second_halves(looks, splits)
    for name, passed in (("errors_corrected", corrected), ("errors_uncorrected", alone)):
        table.shared(name, [(p.subject, float(p.mistaken)) for p in passed])
    figures = table.metrics
    fewer = 1 - figures["errors_corrected"] / max(figures["errors_uncorrected"], 1e-12)
    figures["unseen_error_drop"] = fewer


def _returning_rows(name: str, casts: Sequence[returning.Cast], splits: int, table: Table) -> None:
    """Streams in which the same ones come back, with and without corrections."""
    corrected: list[returning.Lived] = []
    alone: list[returning.Lived] = []
    for cast in casts:
        with tempfile.TemporaryDirectory(prefix="nacre-eval-") as folder:
            told, untold = returning.streams(cast, splits, Path(folder))
        corrected += told
        alone += untold
    both = {"corrected": corrected, "uncorrected": alone}
    for arm, lived in both.items():
        mistakes = [(v.subject, float(v.mistaken)) for one in lived for v in one.second_half]
        table.shared(f"returning_errors_{arm}{name}", mistakes)
    pairs: dict[str, list[tuple[float, float]]] = {}
    for with_it, without in zip(corrected, alone, strict=True):
        for one, other in zip(with_it.second_half, without.second_half, strict=True):
            base = one.subject.removesuffix(returning.LIKE)
            pairs.setdefault(base, []).append((float(one.mistaken), float(other.mistaken)))
    metric = f"corrections_error_drop{name}"
    table.metrics[metric] = _drop([pair for mine in pairs.values() for pair in mine])
    table.intervals[metric] = by_subject(pairs, _drop)
    for arm, lived in both.items():
        visits = [visit for one in lived for visit in one.second_half]
        sorts = {
            "look-alikes": [v for v in visits if v.subject.endswith(returning.LIKE)],
            "photos not shown before": [v for v in visits if not v.again],
        }
        for sort, some in sorts.items():
            count = (sum(visit.mistaken for visit in some), len(some))
            table.add(f"returning {arm}{name}: {sort}", count, len(pairs))
    made = sum(one.corrections for one in corrected)
    lost = sum(one.lost for one in corrected)
    undone = sum(one.undone for one in corrected)
    differing = sum(one.differing for one in corrected)
    table.metrics[f"corrections_lost{name}"] = lost
    table.metrics[f"undo_differing{name}"] = differing
    restarts = sum(one.restarts for one in corrected)
    table.add(f"corrections lost over {restarts} restarts{name}", (lost, made), len(pairs))
    table.add(f"undone, and not as before{name}", (differing, undone), len(pairs))


def _drop(pairs: Sequence[tuple[float, float]]) -> float:
    with_it, without = (sum(pair[place] for pair in pairs) for place in range(2))
    return 1 - with_it / max(without, 1e-12)
