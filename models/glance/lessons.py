"""What the teacher says to each view, kept on disk: pictures, its embeddings, buckets.

python -m models.glance.lessons --data FOLDER --teacher FILE.onnx --count 60000
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Image
from engine.perception.onnx import OnnxModel, normalised
from models.demo.feeding import Feed
from models.glance.sources import sources
from models.glance.views import Shown, views

SIDE = 96
PIECE = 2000
FOLDER = Path.home() / ".cache" / "nacre" / "glance"


@dataclass(frozen=True, slots=True)
class Lessons:
    """n views: pictures n x 96 x 96 x 3 (RGB), the teacher's embeddings n x 1280, buckets n."""

    pictures: npt.NDArray[np.uint8]
    told: npt.NDArray[np.float16]
    buckets: npt.NDArray[np.int8]

    def without(self, bucket: int | None) -> "Lessons":
        """Those of every other bucket."""
        kept = self.buckets != (-1 if bucket is None else bucket)
        return Lessons(self.pictures[kept], self.told[kept], self.buckets[kept])


def read(folder: Path) -> Lessons:
    """Every piece in `folder`.

    Raises:
        FileNotFoundError: there is none.
    """
    pieces = [dict(np.load(path)) for path in sorted(folder.glob("piece-*.npz"))]
    if not pieces:
        raise FileNotFoundError(f"No lessons in {folder}; make them with models.glance.lessons.")
    return Lessons(*(np.concatenate([one[key] for one in pieces]) for key in ("p", "t", "b")))


class Teacher:
    """MobileNetV2's embedding of a view."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def told(self, pictures: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
        """224 x 224 x 3 (RGB) each; n x 1280, rows of length 1."""
        x = np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), dtype=np.float32)
        return normalised(self._model.run({"image": x}))


def make(folder: Path, data: Path, teacher: Path, *, count: int, workers: int) -> None:
    """Add pieces until there are `count` lessons; goes on where it stood."""
    folder.mkdir(parents=True, exist_ok=True)
    have = len(list(folder.glob("piece-*.npz")))
    asked = Teacher(teacher)
    feed: Feed[Shown] = Feed(
        views, (sources(data),), workers=workers, first_seed=1000 * (have + 1), piece=8
    )
    begun = time.monotonic()
    try:
        for number in range(have, -(-count // PIECE)):
            write(folder / f"piece-{number:04d}.npz", piece(feed, asked))
            pace = (number + 1 - have) * PIECE / (time.monotonic() - begun)
            print(f"{(number + 1) * PIECE} lessons, {pace:.1f} a second", flush=True)
    finally:
        feed.close()


def piece(feed: Feed[Shown], teacher: Teacher, count: int = PIECE) -> Lessons:
    """The next lessons, eight views at a time."""
    shown: list[Shown] = []
    told: list[npt.NDArray[np.float32]] = []
    while len(shown) < count:
        few = feed.take(8)
        told.append(teacher.told([one.picture for one in few]))
        # Only the small pictures are kept.
        shown += [replace(one, picture=_small(one.picture)) for one in few]
    return Lessons(
        np.stack([one.picture for one in shown]),
        np.concatenate(told).astype(np.float16),
        np.array([one.bucket for one in shown], np.int8),
    )


def write(path: Path, lessons: Lessons) -> None:
    """The file whole, or not at all."""
    part = path.with_name(f".part-{path.name}")
    np.savez(part, p=lessons.pictures, t=lessons.told, b=lessons.buckets)
    part.rename(path)


def _small(picture: Image) -> Image:
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--teacher", type=Path, required=True)
    arguments.add_argument("--count", type=int, default=60_000)
    arguments.add_argument("--workers", type=int, default=1)
    chosen = arguments.parse_args()
    make(chosen.folder, chosen.data, chosen.teacher, count=chosen.count, workers=chosen.workers)


if __name__ == "__main__":
    main()
