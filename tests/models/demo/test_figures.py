"""Shares and calibration of the demo model's answers."""

import random

import pytest

from models.demo.figures import Answered, calibration_error, shares, table


def answered(p_yes: float | None, yes: bool, *, exact: bool = True, kind: str = "door") -> Answered:
    return Answered(shape="last-4", kind=kind, exact=exact, p_yes=p_yes, yes=yes)


def test_kinds_count_for_their_family_and_shapes_for_themselves() -> None:
    found = shares(
        [
            answered(None, False, kind="hat"),
            answered(None, False, kind="colour", exact=False),
            Answered(shape="blind", kind="hat", exact=False, p_yes=None, yes=False),
        ]
    )
    assert found["look"][0] == 0.5
    assert found["exact"][3] == 2
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
