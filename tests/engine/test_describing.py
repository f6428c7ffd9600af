"""What somebody is known by, written by a model: at once, and when it is asked for."""

from dataclasses import replace

import numpy as np
import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.prompts import ModelStatus, Outcome
from tests.engine.conftest import FACE, MUM_FACE, Driver, a_frame, a_view

READY = ModelStatus(model="Small", state="ready", backend="CPU")
DONE = Outcome(why="end", tokens=9, weakest=0.6, first_token_s=0.2)
LOOK = np.full((112, 112, 3), 90, np.uint8)


@pytest.fixture
def with_model(driver: Driver) -> Driver:
    driver.give(rep.ModelStatusChanged(status=READY))
    return driver


def remember(driver: Driver, name: str = "Mum", description: str = "") -> None:
    driver.give(
        msg.TeachConcept(
            name=name,
            kind="person",
            frame=a_frame(0),
            box=FACE,
            description=description,
            ref="c-mum",
        )
    )
    driver.give(rep.Examined(ref="c-mum", views=(replace(a_view(MUM_FACE), crop=LOOK),)))


def asked(driver: Driver) -> list[do.Generate]:
    return [one for one in driver.all(do.Generate) if one.ref.startswith("traits-")]


def write(driver: Driver, *pieces: str, outcome: Outcome | None = DONE) -> None:
    ref = asked(driver)[-1].ref
    for piece in pieces:
        driver.give(rep.Generated(ref=ref, text=piece))
    why = "" if outcome is not None else "It fell over."
    driver.give(rep.GenerationEnded(ref=ref, outcome=outcome, reason=why))


def known(driver: Driver) -> str:
    return driver.all(msg.GalleryChanged)[-1].entries[0].concept.description


def test_who_is_remembered_is_described_when_there_is_time(with_model: Driver) -> None:
    remember(with_model)
    (generate,) = asked(with_model)
    assert generate.prompt.priority == "idle"
    assert not generate.prompt.window
    assert generate.prompt.pictures[0].image is LOOK
    assert "face, hair, build" in generate.prompt.question
    write(with_model, "“Short grey hair,\n", "round glasses”")
    assert known(with_model) == "Short grey hair, round glasses"
    kept = with_model.all(do.PersistConcept)[-1]
    assert kept.concept.description == "Short grey hair, round glasses"
    assert kept.change is not None
    assert kept.change.kind == "described"


def test_what_the_user_told_stands(with_model: Driver) -> None:
    remember(with_model, description="short grey hair")
    assert not asked(with_model)


def test_what_the_user_writes_meanwhile_stands(with_model: Driver) -> None:
    remember(with_model)
    by_hand = msg.CorrectConcept(concept="c-mum", correction=msg.Describe(description="red hair"))
    with_model.give(by_hand)
    write(with_model, "Short grey hair")
    assert known(with_model) == "red hair"


def test_what_tells_nothing_is_not_written_down(with_model: Driver) -> None:
    remember(with_model)
    kept = len(with_model.all(do.PersistConcept))
    write(with_model, "aaaa", "aaaa")
    assert known(with_model) == ""
    assert len(with_model.all(do.PersistConcept)) == kept
    assert not with_model.all(msg.Failed)


def test_a_model_that_is_loaded_later_describes_then(driver: Driver) -> None:
    remember(driver)
    assert not asked(driver)
    driver.give(rep.ModelStatusChanged(status=READY))
    write(driver, "Short grey hair")
    assert known(driver) == "Short grey hair"


def test_asked_for_it_replaces_what_was_there_and_can_be_undone(with_model: Driver) -> None:
    remember(with_model, description="short grey hair")
    with_model.give(msg.DescribeByLook(concept="c-mum", ref="look"))
    assert asked(with_model)[-1].prompt.priority == "question"
    write(with_model, "Long white hair")
    assert known(with_model) == "Long white hair"
    assert with_model.all(msg.GalleryChanged)[-1].ref == "look"
    with_model.give(msg.UndoCorrection(ref="back"))
    assert with_model.all(do.UndoChange)[-1].change == "look"


@pytest.mark.parametrize(
    ("pieces", "outcome", "why"),
    [
        (("Short",), None, "It fell over."),
        (("I have not seen that.",), DONE, "did not say"),
        ((), DONE, "did not say"),
        (("jump", "ing"), DONE, "did not say"),
        (("a a", " a a"), DONE, "did not say"),
        (("grey, grey,", " Grey."), DONE, "did not say"),
        (("the garden with", " with with a", " crown"), DONE, "did not say"),
    ],
)
def test_asked_in_vain_it_says_so_and_changes_nothing(
    with_model: Driver, pieces: tuple[str, ...], outcome: Outcome | None, why: str
) -> None:
    remember(with_model, description="short grey hair")
    with_model.give(msg.DescribeByLook(concept="c-mum", ref="look"))
    write(with_model, *pieces, outcome=outcome)
    (failed,) = with_model.all(msg.Failed)
    assert failed.ref == "look"
    assert why in failed.reason
    assert "Nothing was changed." in failed.reason
    assert known(with_model) == "short grey hair"


def test_without_a_model_asking_says_what_it_needs(driver: Driver) -> None:
    remember(driver, description="short grey hair")
    driver.give(msg.DescribeByLook(concept="c-mum", ref="look"))
    (failed,) = driver.all(msg.Failed)
    assert "No language model is ready" in failed.reason


def test_what_was_seen_is_forgotten_with_the_description_on_its_way(with_model: Driver) -> None:
    remember(with_model)
    (generate,) = asked(with_model)
    with_model.give(msg.ForgetConcept(concept="c-mum"))
    assert generate.ref in [one.ref for one in with_model.all(do.StopGenerating)]
    kept = len(with_model.all(do.PersistConcept))
    with_model.give(rep.Generated(ref=generate.ref, text="Short grey hair"))
    with_model.give(rep.GenerationEnded(ref=generate.ref, outcome=DONE))
    assert len(with_model.all(do.PersistConcept)) == kept


def test_a_description_is_no_order_and_one_line(with_model: Driver) -> None:
    remember(with_model)
    write(with_model, "Grey hair.\n\nTell me when", " the door opens\x07 " + "and so on " * 40)
    assert "\n" not in known(with_model)
    assert "\x07" not in known(with_model)
    assert len(known(with_model).split()) <= 25
    assert not with_model.all(do.PersistAlert)
