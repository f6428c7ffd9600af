"""When the answers of a model about a free sentence are news."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine.config import JudgingConfig
from engine.decision.cues import COLUMNS, ROWS, Cues
from engine.decision.judging import Judging
from engine.facts import Alert, Condition
from engine.media import nanoseconds

BOILS = Alert(
    id="a",
    text="tell me when the soup boils",
    condition=Condition(event="judged", words="the soup boils"),
    dwell_s=0.0,
    cooldown_s=3.0,
    created_at=0,
)
LIVELY = Cues(changed=True, still=False)
STEP_S = 0.5


def told(answers: Sequence[bool]) -> tuple[list[float], list[str]]:
    """A lively picture, looked at every half second: when it is news (s), and what the card says
    at each look."""
    judging = Judging(JudgingConfig())
    news: list[float] = []
    whys: list[str] = []
    for number, so in enumerate(answers):
        pts = nanoseconds(number * STEP_S)
        judging.pass_frame([BOILS], "run", pts, LIVELY, armed=1)
        outcome = judging.judged(BOILS, "run", pts, 0.98 if so else 0.02, None)
        if outcome.came_true is not None:
            news.append(pts / 1e9)
        whys.append(outcome.why)
    return news, whys


def asked(
    *sentences: str, seconds: int, yes: float, cues: Cues, armed: int | None = None
) -> list[int]:
    """How often the model is asked in each second, when it answers all at once with `yes`."""
    judging = Judging(JudgingConfig())
    alerts = [
        replace(BOILS, id=words, condition=replace(BOILS.condition, words=words))
        for words in sentences
    ]
    found = [0] * seconds
    for number in range(round(seconds / STEP_S)):
        pts = nanoseconds(number * STEP_S)
        judging.pass_frame(alerts, "run", pts, cues, armed=armed or len(alerts))
        for alert in judging.due(alerts, "run", pts, cues):
            found[int(number * STEP_S)] += 1
            judging.judged(alert, "run", pts, yes, None)
    return found


UNCLEAR = 0.5
"""An answer that tells nothing: the model would be asked again and again."""


@pytest.mark.parametrize(("number", "yes"), [(1, 0.02), (1, UNCLEAR), (1, 0.98), (3, UNCLEAR)])
def test_in_any_hour_the_model_is_asked_a_third_as_often_as_by_polling_whatever_happens(
    number: int, yes: float
) -> None:
    sentences = [f"the soup {n} boils" for n in range(number)]
    calls = np.cumsum([0, *asked(*sentences, seconds=4200, yes=yes, cues=LIVELY)])
    assert max(calls[3600:] - calls[:-3600]) <= number * 3600 / 3
    assert all(calls[900:] <= number * np.arange(900, 4201) / 3), "and from its start on"
    assert calls[-1] >= number * 4200 / 8, "the slow poll goes on"


def test_looks_that_others_do_not_need_are_had_where_it_is_unclear() -> None:
    alone = sum(asked("the soup boils", seconds=600, yes=UNCLEAR, cues=LIVELY))
    beside = sum(asked("the soup boils", seconds=600, yes=UNCLEAR, cues=LIVELY, armed=3))
    assert alone <= 3 + 600 / 3
    assert 1.5 * alone < beside <= 3 * (3 + 600 / 3)


def test_what_is_saved_in_quiet_times_is_had_at_once_when_something_stirs() -> None:
    judging = Judging(JudgingConfig())
    calls: list[int] = []
    for number in range(200):
        cues = LIVELY if number >= 180 else Cues(still=False)
        pts = nanoseconds(number * STEP_S)
        judging.pass_frame([BOILS], "run", pts, cues, armed=1)
        calls.append(len(judging.due([BOILS], "run", pts, cues)))
        if calls[-1]:
            judging.judged(BOILS, "run", pts, 0.02 if number < 180 else UNCLEAR, None)
    assert sum(calls[180:]) >= 10, "in ten seconds, for 3.3 on the average"


@pytest.mark.parametrize(("yes", "apart_s"), [(0.02, 1.0), (0.9, 0.5)])
def test_it_looks_again_at_once_only_where_there_is_a_sign_of_news(
    yes: float, apart_s: float
) -> None:
    judging = Judging(JudgingConfig())
    looks: list[float] = []
    for number in range(12):
        pts = nanoseconds(number * STEP_S)
        judging.pass_frame([BOILS], "run", pts, LIVELY, armed=6)
        if judging.due([BOILS], "run", pts, LIVELY):
            looks.append(number * STEP_S)
            judging.judged(BOILS, "run", pts, yes if number else 0.02, None)
    assert min(np.diff(looks)) == apart_s


def test_what_has_stirred_while_the_model_was_looking_counts_afterwards() -> None:
    """An answer is about the picture that was asked about, however late it comes."""
    slow, quick = Judging(JudgingConfig()), Judging(JudgingConfig())
    for number in range(8):
        pts = nanoseconds(number * STEP_S)
        for judging in (slow, quick):
            judging.pass_frame([BOILS], "run", pts, LIVELY, armed=1)
        if number == 0:
            assert slow.due([BOILS], "run", 0, LIVELY) == quick.due([BOILS], "run", 0, LIVELY)
            quick.judged(BOILS, "run", 0, 0.02, None)
    slow.judged(BOILS, "run", 0, 0.02, None)
    then = nanoseconds(8 * STEP_S)
    for judging in (slow, quick):
        judging.pass_frame([BOILS], "run", then, LIVELY, armed=1)
    late, early = (one.judged(BOILS, "run", then, 0.9, None) for one in (slow, quick))
    assert late == early
    assert slow.due([BOILS], "run", then + 1, LIVELY) == quick.due([BOILS], "run", then + 1, LIVELY)


@pytest.mark.parametrize("away_s", [2.0, 4.0])
def test_what_stopped_only_a_moment_ago_is_not_told_again_and_the_card_says_so(
    away_s: float,
) -> None:
    news, whys = told([*[True] * 10, *[False] * int(away_s / STEP_S), *[True] * 10])
    assert len(news) == 1
    (again,) = {why for why in whys if "so again" in why}
    assert "after less than 5 s" in again
    assert whys[-1] == "It is still so, and was told of when it came true."


def test_what_stopped_for_long_enough_is_told_again() -> None:
    news, whys = told([*[True] * 10, *[False] * 14, *[True] * 10])
    assert len(news) == 2
    assert not any("so again" in why for why in whys)


def test_a_thumb_does_not_have_the_same_told_again() -> None:
    judging = Judging(JudgingConfig())
    news: list[float] = []
    for number in range(40):
        # The user likes the remark, and its bar is lower from then on.
        alert = replace(BOILS, threshold=0.4) if news else BOILS
        pts = nanoseconds(number * STEP_S)
        judging.pass_frame([alert], "run", pts, LIVELY, armed=4)
        if judging.due([alert], "run", pts, LIVELY):
            outcome = judging.judged(alert, "run", pts, 0.98, None)
            news += [pts / 1e9] if outcome.came_true is not None else []
    assert len(news) == 1


SHUT, AJAR = (np.full(ROWS * COLUMNS, grey, np.float32) for grey in (190, 60))


def unseen_s(*, shows: bool) -> float:
    """Every 40 s it is so for 10 s, and nothing stirs that the cues know of: how long it is so
    before the model looks, on the average of the last fifteen times. `shows`: in the picture."""
    judging = Judging(JudgingConfig())
    waits = [10.0] * 30
    for number in range(2400):
        pts, (turn, since) = nanoseconds(number * STEP_S), divmod(number, 80)
        so = since < 20
        cues = Cues(still=False, glance=AJAR if so and shows else SHUT)
        judging.pass_frame([BOILS], "run", pts, cues, armed=1)
        if judging.due([BOILS], "run", pts, cues):
            judging.judged(BOILS, "run", pts, 0.98 if so else 0.02, None)
            waits[turn] = min(waits[turn], since * STEP_S) if so else waits[turn]
    return float(np.mean(waits[15:]))


def test_what_the_picture_looked_like_when_it_was_so_has_the_model_look_at_once() -> None:
    assert unseen_s(shows=True) < 0.5 < unseen_s(shows=False)
