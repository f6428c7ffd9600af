"""Shares and calibration of the demo model's answers."""

import random

import numpy as np
import pytest

from app.eval.answered import Answered, calibration_error, shares
from models.demo.figures import marked, table
from models.demo.lessons import IGNORED, Lesson


def answered(p_yes: float | None, yes: bool, *, exact: bool = True, kind: str = "door") -> Answered:
    return Answered(shape="last-4", kind=kind, exact=exact, p_yes=p_yes, yes=yes)


def test_kinds_count_for_their_family_and_shapes_for_themselves() -> None:
    found = shares(
        [
            answered(None, False, kind="hat"),
            answered(None, False, kind="colour", exact=False),
            Answered(shape="pearl", kind="size", exact=True, p_yes=None, yes=False),
            Answered(shape="blind", kind="hat", exact=False, p_yes=None, yes=False),
        ]
    )
    assert found["look"][0] == pytest.approx(2 / 3)
    assert found["exact"][3] == 3
    assert found["clip.look"][0] == 0.5
    assert found["clip.exact"][3] == 2
    assert found["blind.exact"][0] == 0.0
    assert "`last-4.exact`" in table(found)


def test_a_believable_p_yes_has_no_calibration_error() -> None:
    chance = random.Random(0)
    honest = [chance.random() for _ in range(20_000)]
    assert calibration_error([answered(p, chance.random() < p) for p in honest]) < 0.02


def test_an_overconfident_one_has() -> None:
    answers = [answered(0.99, n % 2 == 0) for n in range(1000)]
    assert calibration_error(answers) == pytest.approx(0.49, abs=0.01)


def test_too_few_answers_say_nothing() -> None:
    with pytest.raises(ValueError, match="too few"):
        calibration_error([answered(0.5, True)])


def test_an_answer_is_exact_when_every_token_of_it_is_the_likeliest() -> None:
    yes, no = 5, 6
    targets = np.array([IGNORED, yes, 1, IGNORED, no, 1, IGNORED])
    branches = np.array([0, 1, 1, 1, 2, 2, 2])
    lesson = Lesson(
        shape="last-1", kinds=("door", "doing"), ids=np.zeros(7, int), positions=np.arange(7),
        branches=branches, targets=targets, pictures=np.zeros((0, 8, 8, 3), np.uint8),
        about=np.zeros((5, 2, 7), np.bool_), labels=np.zeros((7, 2), np.int64),
        cues=np.zeros(7, np.bool_), copied=np.full(7, -1),
    )  # fmt: skip
    logits = np.zeros((4, 8), np.float32)
    logits[[0, 1, 2, 3], [yes, 1, no, 2]] = 3.0
    first, second = marked(lesson, logits, (yes, no))
    assert first.exact
    assert not second.exact
    assert first.yes
    assert not second.yes
    assert first.p_yes == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-4)
    assert second.p_yes == pytest.approx(1 / (1 + np.exp(3)), abs=1e-4)
