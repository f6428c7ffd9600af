"""Quiet hours, thumbs, duplicates and the budget of remarks."""

from dataclasses import replace
from datetime import UTC

import pytest

from engine.decision.alerts import Alerts
from engine.decision.manners import Budget, Manners, explained, in_quiet_hours, weighed
from engine.facts import Alert
from engine.media import nanoseconds
from tests.engine.decision.test_alerts import EPOCH, MOMO, MUM, alert, came, left, line, texts, tick

HOUR = 3_600 * 10**9
MIDNIGHT = 1_798_243_200 * 10**9
"""2026-12-26, 00:00 UTC."""


def of(*armed: Alert, **manners: object) -> Alerts:
    return Alerts(armed, (MUM, MOMO), Manners(**manners))  # type: ignore[arg-type]


@pytest.mark.parametrize(("hour", "quiet"), [(21, False), (22, True), (3, True), (7, False)])
def test_quiet_hours_go_over_midnight(hour: int, *, quiet: bool) -> None:
    assert in_quiet_hours((22 * 60, 7 * 60), MIDNIGHT + hour * HOUR, UTC) == quiet
    assert in_quiet_hours(None, MIDNIGHT, UTC) is False


def test_an_alert_is_silent_in_its_quiet_hours_and_says_so() -> None:
    state = of(alert("appears", "mum", quiet=(0, 24 * 60)))
    assert not state.on_sighted(came("mum", 1))
    (card,) = state.changed()
    assert card.last is not None
    assert (card.last.fired, card.last.why) == (False, "It came true in the quiet hours.")


def test_the_card_tells_that_it_spoke() -> None:
    state = of(alert("appears", "mum"))
    state.on_sighted(came("mum", 1))
    (card,) = state.changed()
    assert card.last is not None
    assert (card.last.fired, card.last.why) == (True, "Mum came in.")
    assert not state.changed(), "told once"


def test_the_same_is_not_said_by_two_alerts() -> None:
    state = of(alert("appears", "mum"), alert("appears", "somebody", id="two"))
    assert texts(state.on_sighted(came("mum", 1))) == ["Mum came in."]
    assert "just said the same" in [a.last.why for a in state.changed() if a.last][1]


def test_no_more_than_so_many_remarks_within_an_hour() -> None:
    state = of(alert("appears", "somebody", cooldown_s=0.0), per_hour=3)
    fired: list[str] = []
    for number in range(10):
        start = number * 20.0
        fired += texts(state.on_sighted(came(None, start, track=number)))
        state.on_left(left(None, start, start + 5, track=number))
    assert len(fired) == 3
    start = 3700.0
    assert state.on_sighted(came(None, start, track=99)), "an hour later it speaks again"


def test_the_budget_keeps_no_more_than_it_needs() -> None:
    budget = Budget(Manners(per_hour=4))
    for number in range(1000):
        budget.say(f"remark {number}", "r", number, number)
    assert "4 remarks" in budget.why_not("one more", "r", 2000, 2000)


def test_two_thumbs_down_in_a_row_pause_and_one_can_be_taken_back() -> None:
    assert weighed(()).threshold == 0.5
    assert weighed((False,)).threshold == 0.7
    assert not weighed((False,)).paused
    assert weighed((False, False)).paused
    assert not weighed((False, True, False)).paused
    assert weighed((True,) * 9).threshold == pytest.approx(0.3)
    disliked = replace(alert("appears", "mum"), thumbs=(False,), threshold=0.7)
    assert "at least 70% sure" in explained(disliked)


def test_a_raised_bar_holds_back_what_is_not_so_sure() -> None:
    state = of(alert("appears", "mum", threshold=0.9))
    assert not state.on_sighted(came("mum", 1))
    (card,) = state.changed()
    assert card.last is not None
    assert card.last.why == "It was 80% sure; since your thumbs 90% is asked for."


def test_a_paused_alert_is_silent() -> None:
    state = of(alert("appears", "mum", paused=True))
    assert not state.on_sighted(came("mum", 1))


def test_an_alert_listens_to_its_kind_of_source_alone() -> None:
    state = of(alert("appears", "mum", sources=("camera",)))
    state.watch("r", label="clip", live=False, kind="recording")
    state.watch("c", label="camera", live=True, kind="camera")
    assert not state.on_sighted(came("mum", 1))
    assert state.on_sighted(came("mum", 1, run="c"))


def test_who_was_lost_from_sight_for_a_moment_has_not_come_anew() -> None:
    state = of(alert("appears", "mum", cooldown_s=0.0), again_s=5.0)
    assert state.on_sighted(came("mum", 1))
    state.on_left(left("mum", 1, 10))
    assert not state.on_sighted(came("mum", 14))
    state.on_left(left("mum", 14, 20))
    assert state.on_sighted(came("mum", 25))


# --- further conditions --------------------------------------------------------------------------


def test_together_whoever_comes_second() -> None:
    armed = alert("together", "mum")
    armed = replace(armed, condition=replace(armed.condition, other="momo"))
    state = of(armed)
    assert not state.on_sighted(came("momo", 1, track=1))
    assert texts(state.on_sighted(came("mum", 2, track=2))) == ["Mum is with Momo."]
    state.on_left(left("momo", 1, 9, track=1))
    assert texts(state.on_sighted(came("momo", 20, track=3))) == ["Mum is with Momo."]


def test_together_must_last_for_the_dwell() -> None:
    armed = alert("together", "mum", dwell_s=5.0)
    state = of(replace(armed, condition=replace(armed.condition, other="momo")))
    state.on_sighted(came("momo", 1, track=1))
    state.on_sighted(came("mum", 2, track=2))
    state.on_left(left("momo", 1, 4, track=1))
    assert not tick(state, 20)


def test_so_many_people_at_once() -> None:
    armed = alert("counts", "somebody")
    state = of(replace(armed, condition=replace(armed.condition, count=3)))
    assert not state.on_sighted(came("mum", 1, track=1))
    assert not state.on_sighted(came(None, 2, track=2))
    assert texts(state.on_sighted(came(None, 3, track=3))) == ["3 people are there."]
    assert not state.on_sighted(came(None, 4, track=4))


def test_so_many_visits() -> None:
    armed = alert("counts", "momo", cooldown_s=0.0)
    state = of(replace(armed, condition=replace(armed.condition, count=2)))
    said: list[str] = []
    for start in (0, 20, 40, 60):
        said += texts(state.on_sighted(came("momo", start)))
        state.on_left(left("momo", start, start + 5))
    assert said == ["Momo came for the 2. time."] * 2


def test_nothing_happens_for_a_while_is_told_once_a_silence() -> None:
    armed = alert("nothing", "something")
    state = of(replace(armed, condition=replace(armed.condition, after_s=60.0)))
    said = [text for second in range(200) for text in tick(state, second)]
    assert said == ["Nothing happened for 1 minute."]
    state.on_tick("r", nanoseconds(201), EPOCH + nanoseconds(201), changed=True)
    assert [text for second in range(202, 300) for text in tick(state, second)] == said


def test_nobody_was_there_for_a_while() -> None:
    armed = alert("nothing", "somebody")
    state = of(replace(armed, condition=replace(armed.condition, after_s=60.0)))
    tick(state, 0)
    state.on_sighted(came("mum", 30))
    for second in range(31, 100):
        assert not tick(state, second), "somebody is there"
    state.on_left(left("mum", 30, 100))
    assert not tick(state, 155)
    assert tick(state, 161) == ["Nobody was there for 1 minute."]


def test_only_alone() -> None:
    armed = alert("appears", "momo")
    state = of(replace(armed, condition=replace(armed.condition, alone=True)))
    state.on_sighted(came("mum", 1, track=1))
    assert not state.on_sighted(came("momo", 2, track=2))
    state.on_left(left("mum", 1, 10, track=1))
    state.on_left(left("momo", 2, 10, track=2))
    assert texts(state.on_sighted(came("momo", 30, track=3))) == ["Momo came in."]


def test_words_heard_whatever_they_came_through() -> None:
    from engine.media import Span

    state = of(alert("hears", "somebody", words="dinner"))
    span = Span(start=nanoseconds(1), end=nanoseconds(2))
    assert not state.on_heard("the cat sleeps", run="microphone", span=span, at=EPOCH)
    fired = state.on_heard("Dinner, everybody!", run="microphone", span=span, at=EPOCH)
    assert texts(fired) == ["Somebody said “Dinner, everybody!”."]


# --- text that grows -----------------------------------------------------------------------------


def test_a_line_that_grows_is_told_of_once_it_has_settled() -> None:
    state = of(alert("reads", words="done"), settle_s=1.0)
    words = ["The", "work", "is", "done", "now", "since", "all", "the", "tests", "have", "passed"]
    said: list[str] = []
    standing = ""
    for number in range(3, len(words) + 1):
        second = number * 0.5
        if standing:
            said += texts(state.on_text(line(standing, second - 0.5, second), gone=True))
        standing = " ".join(words[:number])
        said += texts(state.on_text(line(standing, second)))
        said += tick(state, second + 0.25)
    assert said == [], "it still grows"
    second = len(words) * 0.5
    for step in range(20):
        said += tick(state, second + 0.5 + step / 2)
    assert said == [f"The screen says “{standing}”."]


def test_an_address_on_a_screen_is_never_said() -> None:
    state = of(alert("reads", words="click"))
    (fired,) = state.on_text(line("Click https://evil.example/x or www.evil.example now", 1))
    assert fired.text == "The screen says “Click (a link) or (a link) now”."
