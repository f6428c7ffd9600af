"""The demo: whom it knows and what it looks out for, lent to the session while it is shown."""

from dataclasses import replace

import numpy as np

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import (
    Alert,
    Concept,
    ConceptKind,
    Condition,
    Exemplar,
    MotionClip,
    SourceSpec,
)
from tests.engine.conftest import (
    CAMERA,
    FACE,
    MUM_FACE,
    PICTURE,
    Driver,
    a_frame,
    a_person,
    a_view,
    unit,
)
from tests.engine.decision.test_actions import vector

DEMO = SourceSpec(kind="demo", address="demo", label="demo clip")
OTHER_FACE = unit(0, 0, 1)


def lent_mum(face: str = "face") -> rep.DemoLent:
    mum = Concept(id="demo:mum", name="Mum", kind="person", demo=True)
    view = Exemplar(
        id="demo:mum/1", concept=mum.id, embedder=face, vector=MUM_FACE, crop=PICTURE[:16, :16],
        positive=True, at=0,
    )  # fmt: skip
    alert = Alert(
        id="demo:comes-in", text="tell me when Mum comes in",
        condition=Condition(event="appears", concept=mum.id),
        dwell_s=0.0, cooldown_s=3.0, created_at=0, sources=("demo",), demo=True,
    )  # fmt: skip
    return rep.DemoLent(concepts=(mum,), exemplars=(view,), alerts=(alert,))


def shown(driver: Driver) -> list[bool]:
    return [one.on for one in driver.all(do.ShowDemo)]


def test_actions_shown_in_it_are_described_anew_by_its_newer_network(driver: Driver) -> None:
    def known(*embedders: str) -> tuple[tuple[ConceptKind, str], ...]:
        return tuple(("action", one) for one in embedders)

    views = {"old": ("demo-poses@1", np.eye(3, dtype=np.float32)), "moved": ("motion@1", vector(1))}
    clip = MotionClip(times=(0, 1), pictures=(PICTURE[:, :, 0], PICTURE[:, :, 0]))
    for name, (embedder, made) in views.items():
        driver.give(msg.TeachAction(name=name, clip=clip, ref=name))
        view = replace(a_view(MUM_FACE), embedder=embedder, vector=made)
        driver.give(rep.Examined(ref=name, views=(view,)))
    driver.give(rep.FeaturesChanged(features=(), embedders=known("motion@1")))
    assert driver.all(do.EmbedAgain) == [], "it is not known by motion, and stays as it is"
    driver.open(DEMO, run="demo")
    driver.give(rep.DemoLent(embedders=known("demo-poses@2")))
    (again,) = driver.all(do.EmbedAgain)
    assert again.exemplars == (("old-0", "action", "demo-poses@2"),)
    driver.give(
        rep.EmbeddedAgain(
            ref=again.ref,
            vectors=(("old-0", "demo-poses@2", np.eye(4, dtype=np.float32)),),
            lost=(),
        )
    )
    (kept,) = driver.all(do.PersistVectors)
    assert [one[:2] for one in kept.vectors] == [("old-0", "demo-poses@2")]
    assert driver.session.actions_sought.poses == {"demo-poses@2"}


def names(driver: Driver) -> list[str]:
    return [entry.concept.name for entry in driver.all(msg.GalleryChanged)[-1].entries]


def watch(driver: Driver, *, run: str = "demo") -> None:
    driver.open(DEMO, run=run)
    driver.give(lent_mum())


def test_it_is_shown_until_something_else_is(driver: Driver) -> None:
    watch(driver)
    driver.look(1, run="demo")
    assert driver.all(do.ShowDemo) == [do.ShowDemo(on=True, paced=True)]
    driver.end(2, run="demo")
    assert shown(driver) == [True]
    driver.open(CAMERA)
    assert shown(driver) == [True, False]


def test_it_is_over_when_it_is_closed(driver: Driver) -> None:
    watch(driver)
    driver.give(msg.CloseSource(run="demo"))
    assert shown(driver) == [True, False]
    assert names(driver) == []


def test_a_microphone_beside_it_changes_nothing(driver: Driver) -> None:
    watch(driver)
    driver.open(SourceSpec(kind="microphone", address="", label="microphone"), run="ear")
    assert shown(driver) == [True]


def test_whom_it_knows_is_named_and_waited_for_and_nothing_of_it_is_kept(driver: Driver) -> None:
    watch(driver)
    for second in (1, 2, 3, 4):
        driver.look(second, a_person(face=MUM_FACE), run="demo")
    assert names(driver) == ["Mum"]
    assert [sighted.name for sighted in driver.all(msg.Sighted)][-1] == "Mum"
    (remark,) = driver.all(msg.Remarked)
    assert "Mum" in remark.remark.text
    assert driver.all(msg.AlertsChanged)[-1].alerts[0].last is not None
    driver.give(msg.HoldAlert(alert="demo:comes-in", paused=True))
    driver.give(msg.RemoveAlert(alert="demo:comes-in"))
    assert not driver.all(do.PersistConcept)
    assert not driver.all(do.PersistAlert)
    assert not driver.all(do.EraseAlert)


def test_afterwards_it_is_nobody_known(driver: Driver) -> None:
    watch(driver)
    driver.give(msg.CloseSource(run="demo"))
    driver.end(1, run="demo")
    driver.open(CAMERA)
    for second in (1, 2, 3, 4):
        driver.look(second, a_person(face=MUM_FACE))
    assert driver.all(msg.Tracked)[-1].overlays[0].certainty == "unknown"
    assert driver.all(msg.AlertsChanged)[-1].alerts == ()


def test_what_the_user_calls_somebody_goes_first(driver: Driver) -> None:
    driver.teach(face=OTHER_FACE)
    watch(driver)
    assert names(driver) == ["Mum", "Mum (demo)"]
    driver.teach(name="Kiko", ref="c-kiko", face=MUM_FACE)
    assert [entry.concept.id for entry in driver.all(msg.GalleryChanged)[-1].entries] == [
        "c-kiko", "c-mum", "demo:mum",
    ]  # fmt: skip
    for second in (1, 2, 3, 4):
        driver.look(second, a_person(face=MUM_FACE), run="demo")
    (overlay,) = driver.all(msg.Tracked)[-1].overlays
    assert (overlay.name, overlay.certainty) == ("Kiko", "sure")


def test_what_it_lends_cannot_be_changed(driver: Driver) -> None:
    watch(driver)
    for correction in (msg.Rename(name="Me"), msg.MarkMe(is_me=True)):
        driver.give(msg.CorrectConcept(concept="demo:mum", correction=correction))
    driver.give(msg.ForgetConcept(concept="demo:mum"))
    reasons = [failed.reason for failed in driver.all(msg.Failed)]
    assert reasons == ["Mum belongs to the demo and stays as it is. Nothing was changed."] * 3


def test_a_name_of_the_demo_can_be_taught_as_ones_own(driver: Driver) -> None:
    watch(driver)
    teach = msg.TeachConcept(name="Mum", kind="person", frame=a_frame(0), box=FACE, ref="mine")
    driver.give(teach)
    driver.give(rep.Examined(ref="mine", views=(a_view(OTHER_FACE),)))
    (kept,) = driver.all(do.PersistConcept)
    assert (kept.concept.id, kept.concept.demo) == ("mine", False)
    assert names(driver) == ["Mum", "Mum (demo)"]
