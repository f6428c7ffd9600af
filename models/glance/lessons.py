"""What the teacher says to each view, kept on disk: pictures, its features, buckets.

python -m models.glance.lessons --data FOLDER --teacher FILE.onnx
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.media import Image
from engine.perception.onnx import OnnxModel
from models.demo.feeding import Feed
from models.glance.sources import NEUTRAL, Source, sources
from models.glance.views import views

SIDE = 96
PLACES = 6
"""The teacher's features are kept for each of 6 x 6 places of a view, as the student has them."""
HIGHEST = 6.0
"""Of a feature (ReLU6); kept as bytes."""
PIECE = 1000
FOLDER = Path.home() / ".cache" / "nacre" / "glance"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One view as the student sees it, what the teacher says of each place, and its bucket."""

    picture: Image
    told: npt.NDArray[np.uint8]
    bucket: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """n views: pictures n x 96 x 96 x 3 (RGB), the teacher's features n x 6 x 6 x 1280 (255 stands
    for `HIGHEST`), buckets n."""

    pictures: npt.NDArray[np.uint8]
    told: npt.NDArray[np.uint8]
    buckets: npt.NDArray[np.int8]

    def without(self, bucket: int | None) -> "Lessons":
        """Those of every other bucket."""
        return self._kept(self.buckets != (-1 if bucket is None else bucket))

    def neutral(self) -> "Lessons":
        """Those that show no subject."""
        return self._kept(self.buckets == NEUTRAL)

    def subjects(self) -> "Lessons":
        """Those that show one."""
        return self._kept(self.buckets != NEUTRAL)

    def _kept(self, kept: npt.NDArray[np.bool_]) -> "Lessons":
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
    """MobileNetV2's last features of a view, before their mean over all places is taken: that mean
    is its embedding, but for the length."""

    def __init__(self, path: Path) -> None:
        """`path`: what `without_mean` has written."""
        self._model = OnnxModel(path)

    def told(self, pictures: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
        """224 x 224 x 3 (RGB) each; n x 6 x 6 x 1280."""
        x = np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), dtype=np.float32)
        features = self._model.run({"image": x})
        share = _shares(features.shape[-1], PLACES)
        fewer = np.einsum("ik,nckl,jl->nijc", share, features, share, optimize=True)
        return np.clip(np.rint(fewer * (255 / HIGHEST)), 0, 255).astype(np.uint8)


def _shares(many: int, few: int) -> npt.NDArray[np.float32]:
    """Rows that average `many` cells in a line to `few` (each cell as far as it lies in one)."""
    ends = np.arange(few + 1) * many / few
    cells = np.arange(many)
    overlap = np.minimum(ends[1:, None], cells + 1) - np.maximum(ends[:-1, None], cells)
    return (np.clip(overlap, 0, None) * few / many).astype(np.float32)


def answered(seed: int, found: Sequence[Source], teacher: Path) -> Iterator[Lesson]:
    """An endless supply, eight views at a time."""
    asked, supply = Teacher(teacher), views(seed, found)
    while True:
        few = list(islice(supply, 8))
        # Only the small pictures are kept.
        for one, told in zip(few, asked.told([one.picture for one in few]), strict=True):
            yield Lesson(_small(one.picture), told, one.bucket)


def make(folder: Path, data: Path, teacher: Path, *, count: int, workers: int) -> None:
    """Add pieces until there are `count` lessons; goes on where it stood."""
    folder.mkdir(parents=True, exist_ok=True)
    from models.glance.cut import without_mean

    cut = folder / "teacher-features.onnx"
    without_mean(teacher, cut)
    have = len(list(folder.glob("piece-*.npz")))
    rest = (sources(data), cut)
    feed: Feed[Lesson] = Feed(answered, rest, workers=workers, first_seed=1000 * (have + 1))
    begun = time.monotonic()
    try:
        for number in range(have, -(-count // PIECE)):
            write(folder / f"piece-{number:04d}.npz", piece(feed))
            pace = (number + 1 - have) * PIECE / (time.monotonic() - begun)
            print(f"{(number + 1) * PIECE} lessons, {pace:.1f} a second", flush=True)
    finally:
        feed.close()


def piece(feed: Feed[Lesson], count: int = PIECE) -> Lessons:
    """The next lessons."""
    some = feed.take(count)
    return Lessons(
        np.stack([one.picture for one in some]),
        np.stack([one.told for one in some]),
        np.array([one.bucket for one in some], np.int8),
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
    arguments.add_argument("--count", type=int, default=24_000)
    arguments.add_argument("--workers", type=int, default=2)
    chosen = arguments.parse_args()
    make(chosen.folder, chosen.data, chosen.teacher, count=chosen.count, workers=chosen.workers)


if __name__ == "__main__":
    main()
