"""Remarks without being asked: little, never twice, taken back when untrue, gone when disliked."""

from datetime import UTC

import pytest

from engine import messages as msg
from engine.config import AlertConfig, EngineConfig, Remarks
from engine.session import Session
from tests.engine.conftest import MUM_FACE, Driver, a_person


def a_driver(remarks: Remarks) -> Driver:
    driver = Driver()
    driver.session = Session(EngineConfig(alerts=AlertConfig(remarks=remarks)), UTC)
    driver.start()
    driver.teach("Mum")
    driver.open()
    return driver


def visit(driver: Driver, start: float, track: int) -> None:
    for step in range(8):
        driver.look(start + step / 2, a_person(track=track, face=MUM_FACE))
    for step in range(8, 28):
        driver.look(start + step / 2)


def test_known_people_are_told_of_and_withdrawn_when_they_leave() -> None:
    driver = a_driver("sparse")
    visit(driver, 0.0, 1)
    assert [one.remark.text for one in driver.all(msg.Remarked)] == ["Mum came in."]
    (withdrawn,) = driver.all(msg.Withdrawn)
    assert (withdrawn.said, withdrawn.reason) == ("Mum came in.", "Mum has left since.")


def test_the_same_is_not_said_twice_within_an_hour_and_nothing_when_off() -> None:
    driver = a_driver("sparse")
    for number in range(5):
        visit(driver, number * 300.0, number + 1)
    assert len(driver.all(msg.Remarked)) == 1
    silent = a_driver("off")
    visit(silent, 0.0, 1)
    assert not silent.all(msg.Remarked)


@pytest.mark.parametrize("remarks", ["sparse", "lively"])
def test_who_dislikes_a_kind_of_remark_sees_it_at_most_twice_more(remarks: Remarks) -> None:
    driver = a_driver(remarks)
    seen = 0
    for number in range(8):
        before = len(driver.all(msg.Remarked))
        visit(driver, number * 4000.0, number + 1)
        for one in driver.all(msg.Remarked)[before:]:
            if one.remark.text == "Mum came in.":
                seen += 1
                driver.give(msg.RateAlert(alert=one.remark.alert, up=False))
    assert 1 <= seen <= 3


def test_what_was_said_of_somebody_else_is_taken_back() -> None:
    driver = a_driver("sparse")
    for step in range(8):
        driver.look(step / 2, a_person(track=1, face=MUM_FACE))
    assert [one.remark.text for one in driver.all(msg.Remarked)] == ["Mum came in."]
    (mum,) = {one.sighting.concept for one in driver.all(msg.Sighted) if one.sighting.concept}
    wrong = msg.Judge(run="run", track=1, right=False)
    driver.give(msg.CorrectConcept(concept=mum, correction=wrong))
    (withdrawn,) = driver.all(msg.Withdrawn)
    assert (withdrawn.said, withdrawn.reason) == ("Mum came in.", "You said that it was not so.")


def test_how_much_is_said_unasked_can_be_chosen_on_the_way() -> None:
    driver = a_driver("off")
    visit(driver, 0.0, 1)
    assert not driver.all(msg.Remarked)
    driver.give(msg.ChooseRemarks(remarks="lively"))
    visit(driver, 300.0, 2)
    assert {"Mum came in.", "Mum left."} & {one.remark.text for one in driver.all(msg.Remarked)}
    driver.give(msg.ChooseRemarks(remarks="off"))
    before = len(driver.all(msg.Remarked))
    visit(driver, 9000.0, 3)
    assert len(driver.all(msg.Remarked)) == before
