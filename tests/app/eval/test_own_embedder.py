"""What `nacre eval own-embedder` counts."""

from collections.abc import Mapping

import numpy as np
import pytest

from app.eval.folds import FOLDS, folds
from app.eval.own_embedder import Alike, auc, parted
from engine.media import Image, Vector

Row = tuple[float, float]


class Given:
    """Embeds a picture of one pixel as the direction that its blue channel names, in degrees."""

    name = "given@00000000"

    def embed(self, image: Image) -> Vector:
        angle = np.deg2rad(float(image[0, 0, 0]))
        return np.array([np.cos(angle), np.sin(angle)], np.float32)

    def embed_parts(self, image: Image) -> Vector:
        return self.embed(image)[None]


def photos(angles: Mapping[str, tuple[int, ...]]) -> dict[str, list[Image]]:
    return {
        one: [np.full((1, 1, 3), angle, np.uint8) for angle in own] for one, own in angles.items()
    }


ANGLES = {"cup": (0, 10), "hat": (90, 130), "fox": (40, 50)}


def test_the_share_of_pairs_that_stand_in_order() -> None:
    assert auc(np.array([0.9, 0.8]), np.array([0.1, 0.2])) == 1
    assert auc(np.array([0.1]), np.array([0.9])) == 0
    assert auc(np.array([0.5]), np.array([0.5, 0.1])) == 0.75


def by_hand(subjects: list[str]) -> float:
    """Of these subjects, each as often as it stands there; no copy is set against another."""
    apart = {one: [Given().embed(photo) for photo in own] for one, own in photos(ANGLES).items()}
    same = [float(apart[one][0] @ apart[one][1]) for one in subjects]
    two = [
        float(a @ b)
        for n, one in enumerate(subjects)
        for other in subjects[n + 1 :]
        if one != other
        for a in apart[one]
        for b in apart[other]
    ]
    return auc(np.array(same), np.array(two))


def test_subjects_drawn_anew_count_as_often_as_they_were_drawn() -> None:
    alike = Alike(Given(), photos(ANGLES))
    assert alike.subjects == ["cup", "fox", "hat"]
    assert alike.auc() == pytest.approx(by_hand(["cup", "fox", "hat"]))
    assert alike.auc([2, 0, 1]) == pytest.approx(by_hand(["cup", "cup", "hat"]))
    assert 0 < alike.auc() < 1
    assert np.isnan(alike.auc([3, 0, 0])), "there is nothing to be told apart"


def test_every_subject_is_tried_by_one_fold() -> None:
    names = [f"subject {n}" for n in range(18)]
    apart = parted({name: [] for name in names})
    assert [len(mine) for mine in apart] == [6] * FOLDS
    assert sorted(one for mine in apart for one in mine) == sorted(names)
    assert all(folds(names)[one] == n for n, mine in enumerate(apart) for one in mine)
