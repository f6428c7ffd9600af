"""What is learned of one sentence while it is waited for."""

import pytest

from engine.config import USUAL, JudgingConfig
from engine.decision.experience import Experience


def test_at_first_what_is_usual_is_expected() -> None:
    experience = Experience(JudgingConfig())
    assert experience.rates("changed") == USUAL["changed"]


def test_what_leads_to_nothing_is_expected_to_go_on_so() -> None:
    experience = Experience(JudgingConfig())
    for _ in range(200):
        experience.passed("reshaped", 0.5, 0.0)
        experience.looked(0.0, 0.0)
    assert experience.rates("reshaped").came_per_s < USUAL["reshaped"].came_per_s / 3
    assert experience.rates("reshaped").went_per_s == pytest.approx(USUAL["reshaped"].went_per_s)
    assert experience.rates("changed") == USUAL["changed"]


def test_a_coming_is_put_down_to_what_most_readily_leads_to_it() -> None:
    experience = Experience(JudgingConfig())
    for _ in range(20):
        for _ in range(6):
            experience.passed("unchanged", 0.5, 0.0)
        experience.passed("whole", 0.5, 0.0)
        experience.looked(1.0, 0.0)
    assert experience.rates("whole").came_per_s > USUAL["whole"].came_per_s
    assert experience.rates("unchanged").came_per_s < 0.05


def test_the_rate_of_many_turns_is_what_was_seen() -> None:
    experience = Experience(JudgingConfig())
    for number in range(4000):
        experience.passed("calm", 0.5, 0.0)
        experience.looked(float(number % 10 == 0), 0.0)
    assert experience.rates("calm").came_per_s == pytest.approx(0.2, rel=0.05)
