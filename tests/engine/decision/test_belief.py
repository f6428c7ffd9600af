"""What a model's uncertain answers come to, one after another."""

import pytest

from engine.config import BeliefConfig, Rates
from engine.decision.belief import Belief
from engine.media import nanoseconds

QUIET, LIVELY = Rates(0.0003, 0.003), Rates(0.3, 0.5)


def after(*answers: float, every_s: float = 1.0, rates: Rates = QUIET) -> float:
    belief = Belief(config=BeliefConfig())
    for number, yes in enumerate(answers):
        belief.pass_time(every_s, rates)
        belief.look(nanoseconds(number * every_s), yes)
    return belief.chance


def test_answers_that_agree_add_up() -> None:
    assert after(0.7) < after(0.7, 0.7) < after(0.7, 0.7, 0.7)
    assert after(0.3) > after(0.3, 0.3)


def test_the_same_answer_a_moment_later_says_little_new() -> None:
    assert after(0.85, 0.85, every_s=0.1) < after(0.85, 0.85, every_s=3.0)


def test_one_no_takes_back_what_one_yes_said() -> None:
    assert after(0.95, 0.05, every_s=5.0) < 0.1


def test_what_has_stirred_is_believed_more_easily() -> None:
    assert after(0.7) < after(0.7, rates=LIVELY)
    belief = Belief(config=BeliefConfig())
    belief.look(0, 0.05)
    belief.pass_time(1.0, QUIET)
    quiet = belief.expected
    belief.pass_time(1.0, LIVELY)
    assert quiet < 0.01 < belief.expected


def test_time_alone_leads_to_what_is_usual() -> None:
    belief = Belief(config=BeliefConfig(), chance=0.99)
    belief.pass_time(1000.0, Rates(0.1, 0.3))
    assert belief.expected == pytest.approx(0.25)
    belief = Belief(config=BeliefConfig(), chance=0.4)
    assert belief.expected == 0.4


@pytest.mark.parametrize("yes", [0.0, 1.0])
def test_no_answer_makes_certain(yes: float) -> None:
    assert 0 < after(*[yes] * 50) < 1
