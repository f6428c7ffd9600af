"""The stream in which things come back, over a real memory."""

import random
from pathlib import Path

import numpy as np
import pytest

from app.eval import returning, steps, transformed
from app.eval.calibrating import Told, calibration_error
from app.eval.returning import LIKE, VISITS, Cast, streams
from engine.facts import Exemplar, View
from engine.media import Box
from engine.memory.archive import SqlCipherArchive


def view(vector: np.ndarray) -> View:
    vector = np.atleast_2d(vector)
    unit = (vector / np.linalg.norm(vector, axis=1, keepdims=True)).astype(np.float32)
    return View(embedder="toy", vector=unit, box=Box(0, 0, 8, 8), crop=returning.BLANK, quality=1)


def photos(subjects: int, chance: np.random.Generator) -> dict[str, list[list[View]]]:
    """Each subject its own direction; the photos of a look-alike lie just beside its model's."""
    made: dict[str, list[list[View]]] = {}
    for number in range(subjects):
        own = chance.normal(size=64)
        aside = own + 0.5 * chance.normal(size=64)
        for name, centre in ((f"s{number}", own), (f"s{number}{LIKE}", aside)):
            made[name] = [
                [view(scene + 0.2 * chance.normal(size=64)) for _ in range(3)]
                for scene in (centre + 0.5 * chance.normal(size=64) for _ in range(5))
            ]
    return made


def test_corrections_take_away_mistakes_and_none_is_lost(tmp_path: Path) -> None:
    corrected, alone = streams(Cast(photos=photos(4, np.random.default_rng(4))), 2, tmp_path)
    for with_it, without in zip(corrected, alone, strict=True):
        assert [v.subject for v in with_it.visits] == [v.subject for v in without.visits]
        assert len(with_it.visits) == VISITS * 5
        assert with_it.restarts >= 4
        assert with_it.corrections > 0
        assert with_it.undone == min(with_it.corrections, returning.UNDONE)
        assert (with_it.lost, with_it.differing) == (0, 0)
        assert without.corrections == 0
    wrong = [sum(v.mistaken for one in arm for v in one.second_half) for arm in (corrected, alone)]
    assert wrong[0] < wrong[1]


def test_a_look_alike_is_a_stranger(tmp_path: Path) -> None:
    corrected, _ = streams(Cast(photos=photos(4, np.random.default_rng(5))), 1, tmp_path)
    alike = [v for v in corrected[0].visits if v.subject.endswith(LIKE)]
    assert len(alike) == VISITS
    assert not any(v.known for v in alike)
    assert {v.photo for v in alike}.isdisjoint(
        v.photo for v in corrected[0].visits if v.subject == alike[0].subject.removesuffix(LIKE)
    )


def test_a_lost_correction_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count can fail: a memory that drops what it was given is found out."""
    real = SqlCipherArchive.vectors

    def forgetful(archive: SqlCipherArchive) -> tuple[Exemplar, ...]:
        return real(archive)[:-1]

    monkeypatch.setattr(SqlCipherArchive, "vectors", forgetful)
    corrected, _ = streams(Cast(photos=photos(4, np.random.default_rng(4))), 1, tmp_path)
    assert corrected[0].lost > 0


def test_a_transformed_photo_is_another_picture_of_the_same_size_at_most() -> None:
    image = np.asarray(np.random.default_rng(1).integers(0, 256, (60, 80, 3)), np.uint8)
    one, other = (transformed.copy_of(image, random.Random(seed)) for seed in (1, 2))
    assert one.shape[0] <= 60
    assert one.shape[1] <= 80
    assert one.shape != other.shape or bool((one != other).any())
    assert transformed.recoloured(image).shape == image.shape


def test_a_score_is_read_as_a_probability() -> None:
    chance = np.random.default_rng(3)
    known = [
        steps.Ranked(subject="a", known=True, best="a", score=float(s), margin=1)
        for s in chance.normal(0.8, 0.08, 400)
    ]
    strangers = [
        steps.Ranked(subject="b", known=False, best="a", score=float(s), margin=1)
        for s in chance.normal(0.5, 0.08, 400)
    ]
    fit = steps.calibrated([*known, *strangers])
    assert fit.even == pytest.approx(0.65, abs=0.02)
    assert fit.probabilities({"a": 0.8}, 2)["a"] > 0.95
    assert fit.probabilities({"a": 0.5}, 2)["a"] < 0.05
    told = [
        Told(fit.probabilities({"a": one.score}, 2)["a"], one.right) for one in [*known, *strangers]
    ]
    assert calibration_error(told) < 0.03
    boasting = [Told(1.0, one.right) for one in told]
    assert calibration_error(boasting) == pytest.approx(0.5)
    points = steps.curve([*known, *strangers])
    assert points[0][0] == 0
    assert points[-1][1] > 0.95
    assert sorted(points) == points


def test_parts_meet_where_wholes_do_not() -> None:
    taught, look = view(np.array([[1.0, 0], [0, 1.0]])), view(np.array([[0, 1.0], [0, 1.0]]))
    assert steps.whole_nearest([taught], look) == pytest.approx(0)
    assert steps.parts_nearest([taught], look) == pytest.approx(1)
