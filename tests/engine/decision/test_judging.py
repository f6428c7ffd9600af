"""When the answers of a model about a free sentence are news."""

from collections.abc import Sequence

import pytest

from engine.config import JudgingConfig
from engine.decision.judging import Cues, Judging
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
        judging.due(BOILS, "run", pts, LIVELY)
        outcome = judging.judged(BOILS, "run", pts, 0.98 if so else 0.02, None)
        if outcome.came_true is not None:
            news.append(pts / 1e9)
        whys.append(outcome.why)
    return news, whys


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
