"""Names given in conversation to what is in view."""

from dataclasses import replace

import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import ConceptKind, Proposal, Run, Track, Utterance, microphone
from engine.media import Box, Span
from tests.engine.conftest import (
    CAMERA,
    FACE,
    MUM_FACE,
    START,
    STRANGE_FACE,
    Driver,
    a_frame,
    a_person,
    a_view,
    unit,
)

MUG = Box(110, 60, 20, 20)
OTHER_BODY = Box(100, 10, 40, 70)
OTHER_FACE = Box(112, 12, 16, 16)


def seen(kind: ConceptKind, box: Box) -> Proposal:
    return Proposal(box=box, kind=kind, score=0.9)


def say(driver: Driver, text: str, *proposals: Proposal, **shown: object) -> list[object]:
    """Say it; where it is looked for, these can be found."""
    command = replace(msg.Say(text=text, ref=f"say-{len(driver.out)}"), **shown)  # pyright: ignore
    out = driver.give(command)
    if any(isinstance(one, do.FindProposals) for one in out):
        out += driver.give(rep.ProposalsFound(ref=command.ref, proposals=proposals))
    return list(out)


def taught(driver: Driver, face: object = MUM_FACE) -> do.PersistConcept:
    """What is embedded is known."""
    examined = driver.all(do.Examine)[-1]
    driver.give(rep.Examined(ref=examined.ref, views=(a_view(face),)))  # pyright: ignore
    return driver.all(do.PersistConcept)[-1]


def test_the_only_person_in_view_gets_the_name_and_the_description(driver: Driver) -> None:
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    say(
        driver,
        "This is my mum, she has short grey hair",
        seen("person", FACE),
        seen("thing", MUG),
    )
    (examined,) = driver.all(do.Examine)
    assert (examined.box, examined.kind) == (FACE, "person")
    kept = taught(driver)
    assert (kept.concept.name, kept.concept.description) == ("Mum", "short grey hair")
    drawn = driver.look(1.0, a_person())[-1]
    assert isinstance(drawn, msg.Tracked)
    assert drawn.overlays[0].name == "Mum"


def test_who_has_no_name_yet_is_meant(driver: Driver) -> None:
    driver.teach()
    driver.open()
    for n in range(3):
        both = a_person(1, MUM_FACE), a_person(2, STRANGE_FACE, OTHER_BODY)
        driver.look(n / 2, *both)
    say(driver, "this is Ada", seen("person", FACE), seen("person", OTHER_FACE))
    assert driver.all(do.Examine)[-1].box == OTHER_FACE


def test_what_has_just_come_is_meant(driver: Driver) -> None:
    driver.open()
    for n in range(20):
        driver.look(n / 2, a_person(1, STRANGE_FACE))
    newcomer = a_person(2, unit(0, 0, 1), OTHER_BODY)
    driver.look(10.0, a_person(1, STRANGE_FACE), newcomer)
    say(driver, "this is Ada", seen("person", FACE), seen("person", OTHER_FACE))
    assert driver.all(do.Examine)[-1].box == OTHER_FACE


def test_what_is_pointed_at_or_drawn_goes_before_all_else(driver: Driver) -> None:
    driver.open()
    driver.look(0.0)
    things = seen("person", FACE), seen("thing", MUG)
    say(driver, "this is Blue", *things, point=(115, 70))
    assert driver.all(do.Examine)[-1].box == MUG
    drawn = Box(50, 50, 9, 9)
    say(driver, "remember this mug as Blue", *things, box=drawn, point=(115, 70))
    examined = driver.all(do.Examine)[-1]
    assert (examined.box, examined.kind) == (drawn, "thing")


def test_where_it_is_not_clear_it_is_asked_and_answered(driver: Driver) -> None:
    driver.open()
    driver.look(0.0)
    both = seen("person", OTHER_FACE), seen("person", FACE)
    (which,) = [o for o in say(driver, "This is my mum", *both) if isinstance(o, msg.WhichOne)]
    assert [one.box for one in which.proposals] == [FACE, OTHER_FACE]
    assert not driver.all(do.Examine)
    say(driver, "the right one")
    examined = driver.all(do.Examine)[-1]
    assert (examined.box, examined.kind) == (OTHER_FACE, "person")
    assert taught(driver).concept.name == "Mum"
    say(driver, "the right one")
    assert driver.all(do.RecallFacts), "nothing is asked any more, so it is a question"


def test_nothing_found_is_asked_for_too_and_another_sentence_drops_it(driver: Driver) -> None:
    driver.open()
    driver.look(0.0)
    (which,) = [o for o in say(driver, "this is Ada") if isinstance(o, msg.WhichOne)]
    assert which.proposals == ()
    say(driver, "who is here?")
    assert driver.all(do.RecallFacts)
    assert not driver.all(do.Examine)


def test_a_place_is_the_whole_picture(driver: Driver) -> None:
    driver.open()
    driver.look(0.0)
    say(driver, "this is the kitchen")
    examined = driver.all(do.Examine)[-1]
    assert (examined.box, examined.kind) == (None, "place")


def test_other_names_and_who_the_user_is(driver: Driver) -> None:
    driver.open()
    driver.look(0.0)
    say(driver, "this is me", seen("person", FACE))
    assert taught(driver).concept.is_me
    say(driver, "This is my mum, also called Maria", seen("person", FACE))
    kept = taught(driver, STRANGE_FACE)
    assert (kept.concept.name, kept.concept.aliases) == ("Mum", ("Maria",))
    say(driver, "Mum is also called Mutti")
    assert driver.all(do.PersistConcept)[-1].concept.aliases == ("Maria", "Mutti")


def test_that_is_not_mum_corrects_who_is_in_view(driver: Driver) -> None:
    driver.teach()
    driver.open()
    for n in range(3):
        driver.look(n / 2, a_person(face=MUM_FACE))
    say(driver, "that is not Mum")
    kept = driver.all(do.PersistConcept)[-1]
    assert [e.positive for e in kept.added] == [False]
    driver.look(2.0)
    driver.look(9.0)
    (failed,) = say(driver, "that is not Mum")
    assert isinstance(failed, msg.Failed)
    assert "nothing was changed" in failed.reason


@pytest.mark.parametrize("text", ["this is Ada", "this is the kitchen", "this is Mum"])
def test_nothing_is_taught_while_nothing_is_watched_or_it_is_paused(
    driver: Driver, text: str
) -> None:
    driver.teach()
    before = len(driver.all(do.Examine))
    assert isinstance(say(driver, text)[0], msg.Failed)
    driver.open(CAMERA)
    driver.look(0.0)
    driver.give(msg.Pause())
    failed = say(driver, text, seen("person", FACE))[0]
    assert isinstance(failed, msg.Failed)
    assert "paused" in failed.reason
    assert len(driver.all(do.Examine)) == before


def test_a_name_of_another_kind_is_refused_before_anything_is_looked_for(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0)
    (failed,) = say(driver, "remember this mug as Mum")
    assert isinstance(failed, msg.Failed)
    assert "already the name of a person" in failed.reason


@pytest.mark.parametrize("addressed", ["", "name"])
@pytest.mark.parametrize(
    "words", ["this is my mum", "call this Blue", "remember this mug as Blue", "that is not Mum"]
)
def test_what_is_heard_teaches_nothing(driver: Driver, words: str, addressed: str) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    mic = Run(run="m", kind="microphone", label="mic", identity="m", opened_at=START)
    driver.give(msg.OpenSource(spec=microphone(), run="m", consented=True))
    driver.give(rep.RunStarted(run=mic))
    driver.out.clear()
    said = Utterance(
        run="m",
        span=Span(start=0, end=9),
        at=START + 1,
        text=words,
        addressed=addressed,  # pyright: ignore
    )
    driver.give(rep.UtteranceHeard(utterance=said))
    (heard,) = driver.all(msg.Heard)
    assert heard.confirm or not heard.deed, "it waits for a hand on the screen, or is nothing"
    driver.give(msg.Ask(text=words))
    assert not driver.all(do.FindProposals)
    assert not driver.all(do.Examine)
    assert not driver.all(do.PersistConcept)


def test_a_description_loses_a_name_that_is_forgotten(driver: Driver) -> None:
    driver.teach("Mum")
    driver.teach("Ada", "c-ada", face=STRANGE_FACE)
    told = msg.Describe(description="taller than Mum")
    driver.give(msg.CorrectConcept(concept="c-ada", correction=told))
    assert driver.all(do.PersistConcept)[-1].concept.description == "taller than Mum"
    driver.give(msg.ForgetConcept(concept="c-mum"))
    (ada,) = driver.all(msg.GalleryChanged)[-1].entries
    assert ada.concept.description == "taller than …"


def test_a_description_is_not_without_end(driver: Driver) -> None:
    driver.teach("Mum")
    long = msg.Describe(description="x" * 301)
    (failed,) = driver.give(msg.CorrectConcept(concept="c-mum", correction=long))
    assert isinstance(failed, msg.Failed)
    assert "Nothing was changed" in failed.reason


def test_the_picture_that_is_shown_is_the_one_that_is_taught(driver: Driver) -> None:
    driver.open()
    driver.look(0.0)
    frame = a_frame(3.0)
    say(driver, "this is Ada", seen("person", FACE), frame=frame)
    assert driver.all(do.Examine)[-1].frame is frame


def test_the_only_thing_that_moves_is_meant_where_nothing_is_detected(driver: Driver) -> None:
    driver.open()
    moving = Track(id=1, kind="motion", box=MUG, score=0.4, view=None)
    driver.look(0.0, moving)
    driver.look(0.5, moving)
    offered = Proposal(box=MUG, kind="thing", score=0.0, anybody=True)
    say(driver, "remember this mug as Blue", offered)
    assert driver.all(do.FindProposals)[-1].moving == (MUG,)
    examined = driver.all(do.Examine)[-1]
    assert (examined.box, examined.kind) == (MUG, "thing")
    say(driver, "This is my mum", offered)
    examined = driver.all(do.Examine)[-1]
    assert (examined.box, examined.kind) == (MUG, "person"), "nobody can tell that it is none"


def test_what_moves_beside_a_face_model_is_nobody(driver: Driver) -> None:
    driver.open()
    driver.look(0.0, Track(id=1, kind="motion", box=MUG, score=0.4, view=None))
    offered = Proposal(box=MUG, kind="thing", score=0.0)
    assert any(isinstance(one, msg.WhichOne) for one in say(driver, "This is my mum", offered))
