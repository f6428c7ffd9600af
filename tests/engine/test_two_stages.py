"""Free sentences: cheap cues, then the model; and what it costs while nothing happens."""

import numpy as np
import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import Track
from engine.media import Box, Frame, nanoseconds
from engine.prompts import ModelStatus
from tests.engine.conftest import FILE, START, Driver, a_person

READY = ModelStatus(model="Scripted", state="ready")
PLAIN = np.full((96, 128, 3), 90, np.uint8)


def a_driver(*sentences: str) -> Driver:
    driver = Driver()
    driver.start()
    driver.give(rep.ModelStatusChanged(status=READY))
    for sentence in sentences:
        assert not any(
            isinstance(out, msg.Failed) for out in driver.give(msg.AddAlert(text=sentence))
        )
    driver.open(FILE)
    return driver


def look(
    driver: Driver, t: float, *tracks: Track, yes: float = 0.0, changed: bool = False
) -> list[do.Verify]:
    """One watched frame; whatever the model is asked it answers with `yes`."""
    frame = Frame(image=PLAIN, pts=nanoseconds(t), at=START + nanoseconds(t), run="run")
    out = driver.give(rep.Perceived(frame=frame, tracks=tracks, changed=changed))
    asked = [one for one in out if isinstance(one, do.Verify)]
    for one in asked:
        answers = tuple(yes for _ in one.alerts)
        driver.give(
            rep.Verified(run=one.run, pts=one.pts, at=one.at, alerts=one.alerts, yes=answers)
        )
    return asked


def test_with_twenty_alerts_a_still_scene_costs_the_poll_and_nothing_more() -> None:
    driver = a_driver(*(f"tell me when the pot number {n} boils over" for n in range(20)))
    look(driver, 0.0, changed=True)
    calls = [one for second in range(1, 601) for one in look(driver, float(second))]
    # The slow poll of a still picture: one batch in 16 s, all alerts together.
    assert len(calls) <= 600 / 16 + 1
    assert {len(one.alerts) for one in calls} == {20}


def test_alerts_that_were_last_asked_at_different_times_fall_into_step_in_a_still_picture() -> None:
    sentences = [f"tell me when the pot number {n} boils over" for n in range(6)]
    driver = a_driver()
    for number, sentence in enumerate(sentences):
        # Each is asked for the first time when it is armed: five seconds apart.
        driver.give(msg.AddAlert(text=sentence))
        look(driver, number * 5.0, changed=number == 0)
    calls = [one for second in range(26, 626) for one in look(driver, float(second))]
    assert {len(one.alerts) for one in calls[3:]} == {6}
    assert len(calls) <= 600 / 16


def test_all_that_are_due_are_asked_in_one_batch() -> None:
    driver = a_driver("tell me when the soup boils", "tell me when the bread is brown")
    (asked,) = look(driver, 0.0, changed=True)
    assert len(asked.alerts) == 2
    assert [probe.window for probe in asked.probes] == [True, True]
    questions = " ".join(probe.question for probe in asked.probes)
    assert "the soup boils" in questions
    assert "the bread is brown" in questions
    assert asked.waits, "a recording that is watched as fast as it goes waits for the answer"


def test_two_of_three_answers_must_agree() -> None:
    driver = a_driver("tell me when the soup boils")
    look(driver, 0.0, changed=True, yes=0.98)
    assert not driver.all(msg.Remarked), "one yes is none"
    look(driver, 1.0, yes=0.4)
    look(driver, 2.0, yes=0.98)
    (remarked,) = driver.all(msg.Remarked)
    assert remarked.remark.text == "The soup boils."
    (evidence,) = remarked.remark.evidence
    assert (evidence.span.start, evidence.span.end) == (0, nanoseconds(2.0))


def test_it_is_told_once_as_long_as_it_is_so() -> None:
    driver = a_driver("tell me when the soup boils")
    for second in range(60):
        look(driver, float(second), changed=True, yes=0.9)
    assert len(driver.all(msg.Remarked)) == 1
    for second in range(60, 80):
        look(driver, float(second), changed=True, yes=0.1)
    for second in range(80, 100):
        look(driver, float(second), changed=True, yes=0.9)
    assert len(driver.all(msg.Remarked)) == 2


def test_somebody_who_moves_is_a_cue() -> None:
    driver = a_driver("tell me when somebody waves a flag")
    look(driver, 0.0, changed=True)
    for second in range(1, 5):
        look(driver, float(second))
    assert look(driver, 6.0, a_person(box=Box(10, 10, 40, 70)), changed=True)


def test_its_card_tells_why_it_did_not_speak() -> None:
    driver = a_driver("tell me when the soup boils")
    look(driver, 0.0, changed=True)
    (card,) = driver.all(msg.AlertsChanged)[-1].alerts
    assert card.last is not None
    assert (card.last.fired, card.last.why) == (False, "The model looked, and it was not so.")


def test_without_a_model_it_says_so() -> None:
    driver = a_driver("tell me when the soup boils")
    driver.give(rep.ModelStatusChanged(status=None))
    look(driver, 0.0, changed=True)
    (card,) = driver.all(msg.AlertsChanged)[-1].alerts
    assert card.last is not None
    assert "No model" in card.last.why
    assert not driver.all(do.Verify)


def test_a_model_that_fails_is_asked_again() -> None:
    driver = a_driver("tell me when the soup boils")
    frame = Frame(image=PLAIN, pts=0, at=START, run="run")
    driver.give(rep.Perceived(frame=frame, tracks=(), changed=True))
    (asked,) = driver.all(do.Verify)
    driver.give(rep.Verified(run="run", pts=0, at=START, alerts=asked.alerts, yes=None))
    assert [len(look(driver, float(second), changed=True)) for second in range(1, 9)].count(1) >= 1


# --- a conversation ------------------------------------------------------------------------------


def say(driver: Driver, text: str) -> list[object]:
    return list(driver.give(msg.Say(text=text)))


def test_a_card_is_shown_corrected_and_then_armed() -> None:
    driver = a_driver()
    driver.teach("Mum")
    (drafted,) = say(driver, "tell me when Mum comes in")
    assert isinstance(drafted, msg.AlertDrafted)
    assert not driver.all(do.PersistAlert), "nothing is armed before it was seen"
    assert [type(one) for one in say(driver, "who is here?")] == [do.RecallFacts]
    (drafted,) = say(driver, "no, only when she is alone")
    assert isinstance(drafted, msg.AlertDrafted)
    assert drafted.alert.condition.alone
    say(driver, "yes")
    (alert,) = driver.all(msg.AlertsChanged)[-1].alerts
    assert alert.condition.alone
    assert driver.all(do.PersistAlert)[-1].alert == alert
    say(driver, "at most once an hour")
    assert driver.all(msg.AlertsChanged)[-1].alerts[0].cooldown_s == 3600
    say(driver, "what did Mum do?")
    say(driver, "stop telling me about Mum")
    assert driver.all(msg.AlertsChanged)[-1].alerts == ()
    assert driver.all(do.EraseAlert) == [do.EraseAlert(alert=alert.id)]


def test_thumbs_are_kept_explained_and_taken_back() -> None:
    driver = a_driver("tell me when somebody appears")
    alert = driver.all(msg.AlertsChanged)[-1].alerts[0].id
    driver.give(msg.RateAlert(alert=alert, up=False))
    driver.give(msg.RateAlert(alert=alert, up=False))
    kept = driver.all(do.PersistAlert)[-1].alert
    assert (kept.paused, kept.thumbs) == (True, (False, False))
    assert kept.last is not None
    assert "paused" in kept.last.why
    driver.give(msg.RateAlert(alert=alert, up=None))
    kept = driver.all(do.PersistAlert)[-1].alert
    assert (kept.paused, kept.thumbs, kept.threshold) == (False, (False,), 0.7)


KINDS = (
    "tell me when somebody appears",
    "tell me when somebody leaves",
    "tell me when somebody waves a flag",
)


@pytest.mark.parametrize("sentence", KINDS)
def test_a_user_who_dislikes_a_kind_of_remark_sees_it_at_most_twice_more(sentence: str) -> None:
    assert 1 <= remarks_seen(sentence, up=False) <= 3


@pytest.mark.parametrize("sentence", KINDS)
@pytest.mark.parametrize("up", [True, None])
def test_who_does_not_dislike_it_sees_it_at_every_visit(sentence: str, *, up: bool | None) -> None:
    assert remarks_seen(sentence, up=up) == VISITS


VISITS = 8


def remarks_seen(sentence: str, *, up: bool | None) -> int:
    """Somebody comes, waves a flag and leaves, again and again, and the user shows this thumb to
    each remark (None: neither): how many there were."""
    driver = a_driver(sentence)
    alert = driver.all(msg.AlertsChanged)[-1].alerts[0].id
    seen = 0
    for visit in range(VISITS):
        for step in range(60):
            there = (a_person(track=visit + 1),) if step < 16 else ()
            look(driver, visit * 30.0 + step / 2, *there, yes=0.98 if there else 0.02, changed=True)
            for _ in driver.all(msg.Remarked)[seen:]:
                seen += 1
                if up is not None:
                    driver.give(msg.RateAlert(alert=alert, up=up))
    return seen


def test_what_several_alerts_wait_for_is_asked_and_told_once() -> None:
    driver = a_driver("tell me when the soup boils", "tell me when the soup boils")
    asked = [one for second in range(4) for one in look(driver, float(second), yes=0.98)]
    assert {len(one.alerts) for one in asked} == {1}
    assert [one.remark.text for one in driver.all(msg.Remarked)] == ["The soup boils."]
    whys = [card.last.why for card in driver.all(msg.AlertsChanged)[-1].alerts if card.last]
    assert whys == ["The soup boils.", "Another alert had just said the same."]
    first = driver.all(msg.AlertsChanged)[-1].alerts[0].id
    driver.give(msg.RemoveAlert(alert=first))
    for second in range(4, 40):
        look(driver, float(second), changed=True, yes=0.98)
    assert len(driver.all(msg.Remarked)) == 1, "it has been so all the time"
