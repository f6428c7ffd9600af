"""Cross-validation by subject: how well the embedder tells apart what it has never seen.

    python -m models.glance.validate --data FOLDER --teacher FILE.onnx --fold 0 FILE.onnx …

Of each fold's embedder, taught without that fold's subjects, and of the teacher on the same photos:
the share of pairs (two photos of one subject, two of different ones) in which the former is more
alike (AUC).
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.media import Image
from engine.perception.glance import Glance
from engine.perception.mobilenet import MobileNet
from engine.ports import ImageEmbedder
from models.glance.sources import buckets, photos


def auc(same: Sequence[float], different: Sequence[float]) -> float:
    """Share of pairs of scores in which `same` is higher; ties count half (Mann and Whitney)."""
    order = np.sort(np.asarray(different))
    low = np.searchsorted(order, same, side="left")
    high = np.searchsorted(order, same, side="right")
    return float((low + high).mean() / 2 / len(order))


def pairs(
    embedder: ImageEmbedder, shown: dict[str, list[Image]]
) -> tuple[list[float], list[float]]:
    """Cosines of photos of one subject, and of photos of different subjects."""
    rows: list[tuple[str, npt.NDArray[np.float32]]] = [
        (subject, embedder.embed(one)) for subject, own in shown.items() for one in own
    ]
    same: list[float] = []
    different: list[float] = []
    for (one, a), (other, b) in combinations(rows, 2):
        (same if one == other else different).append(float(a @ b))
    return same, different


def milliseconds(embedder: ImageEmbedder, picture: Image, times: int = 100) -> float:
    """Median processor time of an embedding of a crop (one thread where the machine has one or two
    cores), so that other work beside it does not count."""
    spent: list[float] = []
    for _ in range(times):
        begun = time.process_time()
        embedder.embed(picture)
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--teacher", type=Path, required=True)
    arguments.add_argument(
        "--fold", nargs=2, action="append", required=True, metavar=("NUMBER", "FILE")
    )
    chosen = arguments.parse_args()
    things = photos(chosen.data / "things")
    bucket = buckets(list(things))
    teacher = MobileNet(chosen.teacher)
    rows: list[dict[str, float]] = []
    own_ms = 0.0
    for number, file in chosen.fold:
        shown = {one: own for one, own in things.items() if bucket[one] == int(number)}
        own = Glance(Path(file))
        own_ms = milliseconds(own, next(iter(shown.values()))[0])
        rows.append(
            {
                "fold": int(number),
                "subjects": len(shown),
                "own_auc": auc(*pairs(own, shown)),
                "teacher_auc": auc(*pairs(teacher, shown)),
            }
        )
    whole = {
        "own_auc": statistics.mean(row["own_auc"] for row in rows),
        "teacher_auc": statistics.mean(row["teacher_auc"] for row in rows),
        "own_ms": own_ms,
        "folds": rows,
    }
    print(json.dumps(whole, indent=2))


if __name__ == "__main__":
    main()
