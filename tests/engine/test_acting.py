"""Actions in the session: taught, done, told, counted, corrected."""

from dataclasses import replace

import numpy as np
import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import Body, Motion, MotionClip, Recall, Sighting, View, Visit
from engine.media import Box, Span, nanoseconds
from engine.perception.bodies import described
from tests.engine.conftest import BODY, MUM_FACE, START, Driver, a_person
from tests.engine.decision.test_actions import vector

GLANCE = np.zeros((135, 240), np.uint8)
BOX = Box(100, 100, 80, 160)
CLIP = MotionClip(times=(0, 1), pictures=(GLANCE, GLANCE))


def a_view(seed: int) -> View:
    return View(
        embedder="motion@1",
        vector=vector(seed),
        box=BOX,
        crop=np.zeros((4, 4, 3), np.uint8),
        quality=1.0,
    )


def taught(driver: Driver, name: str = "morning stretch", ref: str = "a1", seed: int = 1) -> None:
    driver.give(msg.TeachAction(name=name, clip=CLIP, ref=ref))
    driver.give(rep.Examined(ref=ref, views=(a_view(seed),)))


def stirred(driver: Driver, t: float, *motions: Motion) -> None:
    driver.give(
        rep.Stirred(
            run="run",
            pts=nanoseconds(t),
            at=START + nanoseconds(t),
            size=(640, 480),
            glance=GLANCE,
            motions=motions,
        )
    )


def done(driver: Driver, start: float, end: float, *, seed: int = 1, box: Box = BOX) -> None:
    """Something is done; a second later it is known."""
    span = Span(start=nanoseconds(start), end=nanoseconds(end))
    stirred(driver, end, Motion(span=span, box=box, vector=vector(seed, end - start, 0.1)))
    for n in range(1, 6):
        stirred(driver, end + n / 5)


def test_what_is_done_again_becomes_a_fact_with_its_evidence(driver: Driver) -> None:
    taught(driver)
    driver.open()
    driver.look(0.0)
    done(driver, 1.0, 3.2)
    (event,) = driver.all(msg.Done)
    assert (event.name, event.actor) == ("morning stretch", "somebody")
    (kept,) = [e for e in driver.all(do.Persist) if isinstance(e.fact, Sighting)]
    assert isinstance(kept.fact, Sighting)
    assert (kept.fact.kind, kept.fact.phase, kept.fact.concept) == ("action", "ended", "a1")
    assert kept.fact.span == Span(start=nanoseconds(1.0), end=nanoseconds(3.2))
    assert kept.fact.at == START + nanoseconds(3.2)
    assert kept.frame is not None


def test_who_is_known_there_did_it(driver: Driver) -> None:
    driver.teach()
    taught(driver)
    driver.open()
    for n in range(8):
        driver.look(n * 0.5, a_person(face=MUM_FACE))
    done(driver, 1.0, 3.2, box=BODY)
    done(driver, 5.0, 7.2, box=Box(BODY.x + BODY.w + 50, BODY.y, 40, 80))
    assert [event.actor for event in driver.all(msg.Done)] == ["Mum", "somebody"]


def test_nothing_is_looked_for_until_an_action_has_a_name(driver: Driver) -> None:
    assert not driver.session.actions_sought
    taught(driver)
    assert driver.session.actions_sought.lengths_s
    assert not driver.session.actions_sought.poses
    driver.give(msg.ForgetConcept(concept="a1"))
    assert not driver.session.actions_sought


POSES = "poses@1"


def posed(seed: int, lasts_s: float = 2.4) -> np.ndarray:
    """(pictures, 2): a movement up and down again, along one of two ways."""
    count = round(lasts_s * 10)
    there = np.clip(4 * np.minimum(np.arange(count), count - 1 - np.arange(count)) / count, 0, 1)
    return np.stack([there * (seed == 1), there * (seed == 2)], axis=1).astype(np.float32)


def shown_by_poses(driver: Driver, name: str = "morning stretch", ref: str = "p1", seed: int = 1,
                   embedder: str = POSES) -> None:  # fmt: skip
    view = replace(a_view(seed), embedder=embedder, vector=described(posed(seed)))
    driver.give(msg.TeachAction(name=name, clip=CLIP, ref=ref))
    driver.give(rep.Examined(ref=ref, views=(view,)))


def stood(driver: Driver, rows: np.ndarray, *, start: float = 0.0, poses: str = POSES,
          box: Box = BOX) -> float:  # fmt: skip
    """Somebody stands so, picture after picture; when it is over."""
    for n, pose in enumerate(rows):
        pts = nanoseconds(start + n / 10)
        body = Body(track=1, box=box, numbers=pose)
        driver.give(
            rep.Stirred(
                run="run", pts=pts, at=START + pts, size=(640, 480), glance=GLANCE,
                bodies=(body,), poses=poses,
            )
        )  # fmt: skip
    return start + len(rows) / 10


def still(lasts_s: float) -> np.ndarray:
    return np.zeros((round(lasts_s * 10), 2), np.float32)


def test_what_was_shown_by_poses_is_known_by_poses(driver: Driver) -> None:
    driver.teach()
    shown_by_poses(driver)
    assert driver.session.actions_sought.poses == {POSES}
    driver.open()
    for n in range(16):
        driver.look(n * 0.5, a_person(face=MUM_FACE))
    stood(driver, np.concatenate([still(1), posed(1, 1.8), posed(1, 3.4), still(2)]), box=BODY)
    told = driver.all(msg.Done)
    assert [event.name for event in told] == ["morning stretch"] * 2
    assert [event.actor for event in told] == ["Mum"] * 2
    assert told[0].sighting.span.start == pytest.approx(nanoseconds(1), abs=nanoseconds(0.4))


def test_poses_of_another_network_are_not_compared(driver: Driver) -> None:
    shown_by_poses(driver)
    driver.open()
    stood(driver, np.concatenate([still(1), posed(1), still(2)]), poses="poses@2")
    assert driver.all(msg.Done) == []


def test_another_action_by_poses_is_told_apart(driver: Driver) -> None:
    shown_by_poses(driver)
    shown_by_poses(driver, "big wave", "p2", 2)
    driver.open()
    stood(driver, np.concatenate([still(1), posed(2), posed(1), still(2)]))
    assert [event.name for event in driver.all(msg.Done)] == ["big wave", "morning stretch"]


def test_what_is_being_done_when_the_run_ends_is_told(driver: Driver) -> None:
    shown_by_poses(driver)
    driver.open()
    over = stood(driver, np.concatenate([still(1), posed(1), still(0.3)]))
    assert driver.all(msg.Done) == []
    driver.end(over)
    assert [event.name for event in driver.all(msg.Done)] == ["morning stretch"]
    assert any(isinstance(kept.fact, Sighting) for kept in driver.all(do.Persist))


def test_an_action_shown_both_ways_is_told_once(driver: Driver) -> None:
    taught(driver)
    shown_by_poses(driver)
    driver.open()
    rows = np.concatenate([still(1), posed(1), still(3)])
    span = Span(start=nanoseconds(1), end=nanoseconds(3.4))
    move = Motion(span=span, box=BOX, vector=vector(1, 2.4, 0.1))
    for n, pose in enumerate(rows):
        pts = nanoseconds(n / 10)
        driver.give(
            rep.Stirred(
                run="run", pts=pts, at=START + pts, size=(640, 480), glance=GLANCE,
                motions=(move,) if n == 34 else (), poses=POSES,
                bodies=(Body(track=1, box=BOX, numbers=pose),),
            )
        )  # fmt: skip
    assert [event.name for event in driver.all(msg.Done)] == ["morning stretch"]


def test_the_last_seconds_are_called_by_a_name_in_conversation(driver: Driver) -> None:
    driver.open()
    for n in range(100):
        stirred(driver, n / 10)
    driver.give(msg.Say(text="call this the morning stretch", ref="s1"))
    (examine,) = driver.all(do.ExamineMotion)
    times = examine.clip.times
    assert (times[0], times[-1]) == (nanoseconds(4.9), nanoseconds(9.9))
    driver.give(rep.Examined(ref="s1", views=(a_view(1),)))
    (changed,) = [e for e in driver.all(msg.GalleryChanged) if e.ref == "s1"]
    assert [entry.concept.name for entry in changed.entries] == ["morning stretch"]


def test_in_the_window_the_seconds_before_the_frozen_picture_are_taken(driver: Driver) -> None:
    driver.open()
    for n in range(150):
        stirred(driver, n / 10)
    driver.give(msg.TeachAction(name="bow", run="run", until=nanoseconds(8.0), lasts_s=3.0))
    (examine,) = driver.all(do.ExamineMotion)
    assert (examine.clip.times[0], examine.clip.times[-1]) == (nanoseconds(5), nanoseconds(8))


def test_without_a_source_nothing_can_be_called_by_a_name(driver: Driver) -> None:
    (failed,) = driver.give(msg.Say(text="call this the morning stretch"))
    assert isinstance(failed, msg.Failed)
    assert "Nothing is being watched" in failed.reason


def test_what_was_seen_before_a_pause_cannot_be_taught_after_it(driver: Driver) -> None:
    driver.open()
    stirred(driver, 1.0)
    driver.give(msg.Pause())
    driver.give(msg.Resume())
    (failed,) = driver.give(msg.TeachAction(name="bow"))
    assert isinstance(failed, msg.Failed)


def test_the_last_seconds_are_bounded(driver: Driver) -> None:
    driver.open()
    for n in range(600):
        stirred(driver, n / 10)
    driver.give(msg.TeachAction(name="bow", lasts_s=60.0))
    (examine,) = driver.all(do.ExamineMotion)
    assert len(examine.clip.times) <= 251


def test_an_alert_tells_of_each_time(driver: Driver) -> None:
    taught(driver)
    driver.open()
    driver.look(0.0)
    driver.give(msg.AddAlert(text="tell me when somebody does the morning stretch", cooldown_s=0))
    done(driver, 1.0, 3.2)
    (event,) = driver.all(msg.Remarked)
    assert event.remark.text == "Somebody did the morning stretch."
    assert event.remark.evidence


def test_an_alert_tells_of_the_third_time_alone(driver: Driver) -> None:
    taught(driver)
    driver.open()
    driver.look(0.0)
    driver.give(msg.AddAlert(text="tell me when I have done three morning stretches"))
    for n in range(3):
        done(driver, 10.0 * n + 1, 10.0 * n + 3.2)
    texts = [event.remark.text for event in driver.all(msg.Remarked)]
    assert texts == ["Somebody did the morning stretch for the 3. time."]


def test_an_alert_for_one_is_silent_of_another(driver: Driver) -> None:
    driver.teach()
    taught(driver)
    driver.open()
    driver.look(0.0)
    driver.give(msg.AddAlert(text="tell me when Mum does the morning stretch"))
    done(driver, 1.0, 3.2)
    assert driver.all(msg.Remarked) == []


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how many morning stretches?", "The morning stretch was done twice: from 0:01 to 0:03"),
        ("how often did somebody do the morning stretch?", "The morning stretch was done twice"),
        ("when was the morning stretch last done?", "Somebody last did the morning stretch"),
        ("did anybody do the morning stretch?", "Yes. The morning stretch was done twice"),
        ("what happened?", "The morning stretch was done twice"),
    ],
)
def test_it_can_be_asked_for(driver: Driver, question: str, said: str) -> None:
    taught(driver)
    driver.give(msg.Ask(text=question, ref="q"))
    (look_up,) = driver.all(do.RecallFacts)
    visit = Visit(
        run="run",
        label="a.mp4",
        recorded=True,
        concept="a1",
        name="morning stretch",
        kind="action",
        span=Span(start=nanoseconds(1), end=nanoseconds(3)),
        at=Span(start=START, end=START + 2),
        open=False,
        score=0.8,
    )
    later = replace(visit, span=Span(start=nanoseconds(9), end=nanoseconds(12)))
    driver.give(rep.Recalled(ref="q", recall=Recall(query=look_up.query, visits=(visit, later))))
    (finished,) = driver.all(msg.AnswerFinished)
    assert finished.answer.text.startswith(said)
    assert finished.answer.evidence


def test_who_came_and_went_is_no_action(driver: Driver) -> None:
    taught(driver)
    driver.give(msg.Ask(text="did you see anything?", ref="q"))
    (look_up,) = driver.all(do.RecallFacts)
    assert not look_up.query.deed


def test_a_late_report_of_a_run_that_has_ended_changes_nothing(driver: Driver) -> None:
    taught(driver)
    stirred(driver, 1.0)
    assert driver.all(msg.Done) == []
