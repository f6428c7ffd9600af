"""The own embedder's lessons: what is shown, to whom, and how the teacher's answers are kept."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.eval.folds import FOLDS, folds
from models.demo.feeding import Feed
from models.glance.lessons import (
    PLACES,
    SIDE,
    Lesson,
    piece,
    read,
    write,
)
from models.glance.sources import NEUTRAL, sources
from models.glance.views import TEACHER_SIDE, views

SUBJECTS = {"cup": (40, 40, 220), "dog": (40, 220, 40), "hat": (220, 40, 40)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three subjects of one colour each, and a grey clip."""
    folder = tmp_path_factory.mktemp("data")
    for subject, colour in SUBJECTS.items():
        (folder / "things" / subject).mkdir(parents=True)
        for n in range(2):
            picture = np.full((120, 160, 3), colour, np.uint8)
            cv2.imwrite(str(folder / "things" / subject / f"{n}.jpg"), picture)
    for name in ("scenes", "people"):
        (folder / name).mkdir()
        video = cv2.VideoWriter(
            str(folder / name / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 5, (80, 60)
        )
        for _ in range(11):
            video.write(np.full((60, 80, 3), 128, np.uint8))
        video.release()
    return folder


def test_every_subject_is_tested_by_one_fold_and_folds_are_alike_in_size() -> None:
    names = [f"subject {n}" for n in range(18)]
    found = folds(names)
    assert sorted(found) == sorted(names)
    assert [list(found.values()).count(fold) for fold in range(FOLDS)] == [6, 6, 6]
    assert folds(names[::-1]) == found


def test_photos_are_in_the_fold_of_their_subject_and_frames_in_none(data: Path) -> None:
    found = sources(data)
    assert [one.bucket for one in found].count(NEUTRAL) == 6  # three seconds of each clip
    wanted = folds(list(SUBJECTS))
    for one in found:
        if one.bucket != NEUTRAL:
            subject = min(
                SUBJECTS,
                key=lambda name: np.abs(one.picture[60, 80] - np.array(SUBJECTS[name])).sum(),
            )
            assert one.bucket == wanted[subject]


def test_a_view_shows_nothing_of_another_fold(data: Path) -> None:
    """Each subject has a colour of its own, and everything else is grey: no view may hold a place
    where another subject's colour is the strongest."""
    colours = {bucket: SUBJECTS[name] for name, bucket in folds(list(SUBJECTS)).items()}
    seen: set[int] = set()
    for shown in islice(views(3, sources(data), made=0), 80):
        assert shown.picture.shape == (TEACHER_SIDE, TEACHER_SIDE, 3)
        seen.add(shown.bucket)
        pixels = cv2.blur(shown.picture, (9, 9)).astype(int) + 20
        own = colours.get(shown.bucket)
        strongest = pixels.max(axis=-1) if own is None else pixels[..., int(np.argmax(own[::-1]))]
        weakest = pixels.min(axis=-1) if own is None else strongest
        assert (pixels.max(axis=-1) / weakest).max() < 2.2  # a tint is less, a subject is 4
    assert seen == {0, 1, 2, NEUTRAL}


def test_textures_and_the_drawn_world_teach_always(data: Path) -> None:
    some = list(islice(views(5, sources(data), made=2), 12))
    assert NEUTRAL in {one.bucket for one in some}


def test_lessons_go_on_where_they_stood_and_leave_a_fold_out(tmp_path: Path) -> None:
    def ready(seed: int) -> Iterator[Lesson]:
        assert seed == 1
        yield from shown

    shown = [
        Lesson(
            np.full((SIDE, SIDE, 3), n, np.uint8), np.full((PLACES, PLACES, 4), n, np.uint8), n % 4
        )
        for n in range(16)
    ]
    feed: Feed[Lesson] = Feed(ready, (), workers=0, first_seed=1)
    made = piece(feed, count=16)
    assert made.pictures.shape == (16, SIDE, SIDE, 3)
    write(tmp_path / "piece-0000.npz", made)
    again = read(tmp_path)
    assert np.array_equal(again.told[:, 0, 0, 0], np.arange(16))
    assert list(again.without(2).buckets) == [n % 4 for n in range(16) if n % 4 != 2]
    assert len(again.without(None).buckets) == 16
    assert not list(tmp_path.glob(".part*"))


def test_lessons_that_are_not_there_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"models\.glance\.lessons"):
        read(tmp_path)
