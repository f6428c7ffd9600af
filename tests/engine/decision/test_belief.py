"""What a model's uncertain answers come to, one after another."""

import pytest

from engine.config import BeliefConfig, Rates
from engine.decision.belief import Belief
from engine.media import nanoseconds

QUIET, LIVELY = Rates(0.0003, 0.003), Rates(0.3, 0.5)
SURE = 0.9


def believed(*answers: float, every_s: float = 1.0, rates: Rates = QUIET) -> Belief:
    belief = Belief(BeliefConfig())
    for number, yes in enumerate(answers):
        belief.pass_time(every_s, rates)
        belief.look(nanoseconds(number * every_s), yes)
    return belief


def after(*answers: float, every_s: float = 1.0, rates: Rates = QUIET) -> float:
    return believed(*answers, every_s=every_s, rates=rates).so


def test_answers_that_agree_add_up() -> None:
    assert after(0.7) < after(0.7, 0.7) < after(0.7, 0.7, 0.7)
    assert after(0.3) > after(0.3, 0.3)


def test_the_same_answer_a_moment_later_says_little_new() -> None:
    assert after(0.85, 0.85, every_s=0.1) < after(0.85, 0.85, every_s=3.0)


def test_one_no_takes_back_what_one_yes_said() -> None:
    assert after(0.95, 0.05, every_s=5.0) < 0.1


def test_what_has_stirred_is_believed_more_easily() -> None:
    assert after(0.7) < after(0.7, rates=LIVELY)
    belief = Belief(BeliefConfig())
    belief.look(0, 0.05)
    belief.pass_time(1.0, QUIET)
    quiet = belief.so
    belief.pass_time(1.0, LIVELY)
    assert quiet < 0.01 < belief.so


def test_time_alone_leads_to_what_is_usual() -> None:
    belief = Belief(BeliefConfig())
    before = belief.so
    belief.pass_time(0.0, LIVELY)
    assert belief.so == before
    belief.pass_time(1000.0, Rates(0.1, 0.3))
    assert belief.so == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("step_s", [0.1, 0.3, 0.5, 1.0, 6.0])
def test_how_time_is_cut_matters_little(step_s: float) -> None:
    belief = believed(0.05)
    for _ in range(round(6 / step_s)):
        belief.pass_time(step_s, LIVELY)
    whole = believed(0.05)
    whole.pass_time(6.0, LIVELY)
    assert belief.so == pytest.approx(whole.so, abs=0.03)
    assert belief.news == pytest.approx(whole.news, abs=0.05)


def test_what_is_so_is_news_for_a_while_and_untold_until_it_is_told() -> None:
    belief = believed(0.05, 0.05, 0.95, 0.95, every_s=0.5, rates=LIVELY)
    assert belief.news > SURE
    for number in range(4, 10):
        belief.pass_time(0.5, QUIET)
        belief.look(nanoseconds(number * 0.5), 0.95)
    assert belief.news < 0.1
    assert belief.untold > SURE
    belief.tell()
    assert belief.untold < 0.001
    assert belief.so > SURE


def test_what_was_not_so_for_a_moment_only_is_no_news_when_it_is_so_again() -> None:
    for pause, news in ((4, False), (14, True)):
        belief = believed(0.05, 0.05, 0.95, 0.95, every_s=0.5, rates=LIVELY)
        belief.tell()
        for number in range(4, 6 + pause):
            belief.pass_time(0.5, LIVELY)
            belief.look(nanoseconds(number * 0.5), 0.05 if number < 4 + pause else 0.95)
        assert belief.so > SURE
        assert (belief.news > SURE) is news
        assert (belief.again > SURE) is not news


def test_what_nobody_was_told_of_is_news_when_it_is_so_again() -> None:
    """It was so for a moment, too short to be sure of, and is so again two seconds later."""
    answers = [0.05, 0.05, 0.95, *[0.05] * 4, 0.95, 0.95, 0.95]
    belief = believed(*answers, every_s=0.5, rates=LIVELY)
    assert belief.news > SURE
    assert belief.again < 0.05


@pytest.mark.parametrize("yes", [0.0, 1.0])
def test_no_answer_makes_certain(yes: float) -> None:
    assert 0 < after(*[yes] * 50) < 1
