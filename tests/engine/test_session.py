"""The session: messages in, events and effects out."""

from dataclasses import replace

import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import (
    ClipRecord,
    Concept,
    Recall,
    Retelling,
    RunState,
    Scope,
    ScreenText,
    Sighting,
)
from engine.media import Box, Span, nanoseconds
from tests.engine.conftest import (
    BODY,
    CAMERA,
    FACE,
    FILE,
    MUM_FACE,
    PICTURE,
    START,
    STRANGE_FACE,
    Driver,
    a_frame,
    a_person,
    a_view,
    unit,
)


def names(driver: Driver) -> list[tuple[str, str, float]]:
    """(event, name, seconds) of every coming and going."""
    return [
        (type(e).__name__, e.name, e.sighting.span.end / 1e9)
        for e in driver.out
        if isinstance(e, msg.Sighted | msg.Left)
    ]


# --- consent


def test_nothing_is_opened_without_consent(driver: Driver) -> None:
    out = driver.give(msg.OpenSource(spec=CAMERA, run="r"))
    (failed,) = out
    assert isinstance(failed, msg.Failed)
    assert (failed.kind, failed.ref) == ("ConsentMissing", "r")
    assert not driver.all(do.StartSource)


def test_consent_is_stored_and_holds_for_the_next_time(driver: Driver) -> None:
    driver.give(msg.OpenSource(spec=CAMERA, run="r", consented=True))
    assert driver.all(do.PersistConsent) == [do.PersistConsent(key="camera:0")]
    again = Driver()
    again.start(consents=frozenset({"camera:0"}))
    again.give(msg.OpenSource(spec=CAMERA, run="r"))
    assert again.all(do.StartSource)


def test_a_live_source_is_open_once_and_can_be_opened_again_while_it_ends(driver: Driver) -> None:
    driver.give(msg.OpenSource(spec=CAMERA, run="first", consented=True))
    (failed,) = driver.give(msg.OpenSource(spec=CAMERA, run="second"))
    assert isinstance(failed, msg.Failed)
    driver.give(msg.CloseSource(run="first"))
    driver.give(msg.OpenSource(spec=CAMERA, run="third"))
    assert [effect.run for effect in driver.all(do.StartSource)] == ["first", "third"]


def test_a_file_that_was_named_needs_no_further_consent(driver: Driver) -> None:
    driver.give(msg.OpenSource(spec=FILE, run="r"))
    assert driver.all(do.StartSource)
    assert not driver.all(do.PersistConsent)


def test_a_camera_is_opened_once(driver: Driver) -> None:
    driver.open(CAMERA, "one")
    out = driver.give(msg.OpenSource(spec=CAMERA, run="two", consented=True))
    assert [type(o) for o in out] == [msg.Failed]


# --- sightings


def test_a_stranger_is_someone(driver: Driver) -> None:
    driver.teach()
    driver.open()
    for n in range(5):
        driver.look(n * 0.5, a_person(face=STRANGE_FACE))
    for n in range(5, 10):
        driver.look(n * 0.5)
    assert names(driver) == [("Sighted", "someone", 0.5), ("Left", "someone", 2.0)]


def test_a_known_face_is_named_after_two_views_and_rides_the_body(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    for n in range(2, 40):
        driver.look(n * 0.5, a_person())
    assert names(driver) == [("Sighted", "Mum", 0.5)]
    drawn = driver.all(msg.Tracked)[-1].overlays[0]
    assert (drawn.name, drawn.certainty) == ("Mum", "sure")


def test_what_is_seen_is_kept_before_it_is_told(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    out = driver.look(0.5, a_person(face=MUM_FACE))
    kinds = [type(o) for o in out]
    assert kinds == [do.Persist, msg.Sighted, msg.Tracked]
    assert isinstance(out[0], do.Persist)
    assert out[0].frame is not None


def test_what_is_still_there_at_the_end_has_not_left(driver: Driver) -> None:
    driver.teach()
    driver.open()
    for n in range(4):
        driver.look(n * 0.5, a_person(face=MUM_FACE))
    out = driver.end(2.0)
    kept = [o.fact for o in out if isinstance(o, do.Persist) and isinstance(o.fact, Sighting)]
    assert [fact.phase for fact in kept] == ["stayed"]
    assert kept[0].span == Span(start=0, end=nanoseconds(1.5))
    assert not driver.all(msg.Left)


def test_a_lost_source_is_no_departure(driver: Driver) -> None:
    driver.teach()
    driver.open(CAMERA)
    for n in range(4):
        driver.look(n * 0.5, a_person(face=MUM_FACE))
    driver.give(rep.RunChanged(run="run", state="lost", pts=nanoseconds(7), at=START))
    driver.give(rep.RunChanged(run="run", state="open", pts=nanoseconds(13), at=START))
    driver.look(13.0)
    driver.look(16.0)
    assert not driver.all(msg.Left)
    assert [e.state for e in driver.all(msg.SourceChanged)] == ["open", "lost", "open"]


def test_nothing_is_kept_while_paused(driver: Driver) -> None:
    driver.open(CAMERA)
    driver.give(msg.Pause())
    assert driver.all(do.HoldSources) == [do.HoldSources(held=True)]
    driver.out.clear()
    for n in range(6):
        driver.look(n * 0.5, a_person())
    assert driver.out == []
    driver.give(msg.Resume())
    assert driver.all(do.HoldSources) == [do.HoldSources(held=False)]


# --- teaching


def test_what_is_taught_from_the_picture_is_known_at_the_next_frame(driver: Driver) -> None:
    driver.open()
    driver.look(0.0, a_person(face=STRANGE_FACE))
    driver.look(0.5, a_person(face=STRANGE_FACE))
    driver.teach(t=0.5)
    driver.look(1.0, a_person(face=STRANGE_FACE))
    assert names(driver)[-1] == ("Sighted", "Mum", 1.0)


def test_a_thing_held_before_a_person_does_not_name_the_person(driver: Driver) -> None:
    driver.open()
    driver.look(0.0, a_person())
    mug = Box(30, 40, 8, 8)
    driver.give(msg.TeachConcept(name="Mug", kind="thing", frame=a_frame(0.0), box=mug, ref="mug"))
    driver.give(rep.Examined(ref="mug", views=(a_view(),)))
    driver.look(0.5, a_person())
    assert driver.all(msg.Tracked)[-1].overlays[0].concept is None


def test_a_bad_name_or_box_changes_nothing(driver: Driver) -> None:
    for name, box in (("", FACE), ("a" * 10_000, FACE), ("Mum", Box(500, 500, 10, 10))):
        out = driver.give(msg.TeachConcept(name=name, kind="person", frame=a_frame(0), box=box))
        assert [type(o) for o in out] == [msg.Failed]
    assert not driver.all(do.Examine)


def test_a_no_is_learned_and_takes_the_name_away(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    judge = msg.Judge(run="run", track=1, right=False)
    driver.give(msg.CorrectConcept(concept="c-mum", correction=judge, ref="no"))
    driver.look(1.0, a_person(face=MUM_FACE))
    assert driver.all(msg.Tracked)[-1].overlays[0].certainty == "unknown"
    (added,) = driver.all(do.PersistConcept)[-1].added
    assert not added.positive


def test_a_moment_that_is_gone_teaches_nothing(driver: Driver) -> None:
    driver.teach()
    judge = msg.Judge(run="gone", track=7, right=True)
    (failed,) = driver.give(msg.CorrectConcept(concept="c-mum", correction=judge, ref="x"))
    assert isinstance(failed, msg.Failed)
    assert failed.kind == "ConceptError"


def judge(driver: Driver, right: bool, concept: str = "c-mum", ref: str = "no") -> None:
    judged = msg.Judge(run="run", track=1, right=right)
    driver.give(msg.CorrectConcept(concept=concept, correction=judged, ref=ref))


def mum_in_view(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))


def shown(driver: Driver) -> str | None:
    overlay = driver.all(msg.Tracked)[-1].overlays[0]
    return overlay.concept if overlay.certainty == "sure" else None


def test_a_no_changes_what_was_seen_before(driver: Driver) -> None:
    mum_in_view(driver)
    judge(driver, False)
    told = driver.all(do.PersistConcept)[-1].retelling
    assert told == Retelling(was="c-mum", concept=None, kind="person", run="run", track=1)
    driver.look(1.0, a_person(face=MUM_FACE))
    driver.end(1.5)
    last = [e.fact for e in driver.all(do.Persist) if isinstance(e.fact, Sighting)][-1]
    assert (last.concept, last.phase) == (None, "stayed")


def test_a_yes_names_what_was_seen_before_and_takes_the_wrong_name_off(driver: Driver) -> None:
    driver.teach("Dad", "c-dad", face=STRANGE_FACE)
    mum_in_view(driver)
    judge(driver, True, "c-dad", "yes")
    changes = [e for e in driver.all(do.PersistConcept) if e.change and e.change.id == "yes"]
    signs = {e.concept.id: [added.positive for added in e.added] for e in changes}
    assert signs == {"c-mum": [False], "c-dad": [True]}
    assert changes[-1].retelling == Retelling(
        was="c-mum", concept="c-dad", kind="person", run="run", track=1
    )
    driver.look(1.0, a_person(face=MUM_FACE))
    assert shown(driver) == "c-dad"
    assert not driver.all(msg.Left)


def restored(driver: Driver, change: str, *concepts: Concept) -> rep.GalleryRestored:
    kept = [x for e in driver.all(do.PersistConcept) for x in e.added]
    exemplars = tuple(x for x in kept if x.positive and not x.id.startswith(change))
    return rep.GalleryRestored(
        ref="undo", change=change, concepts=concepts, exemplars=exemplars, alerts=(), changes=()
    )


def test_undoing_a_no_brings_the_name_back(driver: Driver) -> None:
    mum_in_view(driver)
    judge(driver, False)
    driver.look(1.0, a_person(face=MUM_FACE))
    assert shown(driver) is None
    driver.give(msg.UndoCorrection(ref="undo"))
    assert driver.all(do.UndoChange) == [do.UndoChange(ref="undo", change="no")]
    mum = driver.all(do.PersistConcept)[0].concept
    driver.give(restored(driver, "no", mum))
    assert driver.all(msg.GalleryChanged)[-1].ref == "undo"
    driver.look(1.5, a_person(face=MUM_FACE))
    assert shown(driver) == "c-mum"


def test_there_is_nothing_to_undo_at_first(driver: Driver) -> None:
    (failed,) = driver.give(msg.UndoCorrection(ref="undo"))
    assert isinstance(failed, msg.Failed)
    assert "nothing" in failed.reason


def test_whoever_is_merged_while_in_view_stays_in_view(driver: Driver) -> None:
    driver.teach("Mama", "c-mama", face=unit(1, 0.5, 0))
    mum_in_view(driver)
    merge = msg.MergeInto(concept="c-mama")
    driver.give(msg.CorrectConcept(concept="c-mum", correction=merge, ref="merge"))
    driver.look(1.0, a_person(face=MUM_FACE))
    driver.look(4.0, a_person(face=MUM_FACE))
    assert shown(driver) == "c-mama"
    assert not driver.all(msg.Left)


def test_views_are_split_off_under_a_name_of_their_own(driver: Driver) -> None:
    driver.teach()
    driver.teach(ref="second", face=STRANGE_FACE)
    split = msg.Split(name="Gran", exemplars=("second-0",))
    driver.give(msg.CorrectConcept(concept="c-mum", correction=split, ref="c-gran"))
    effect = driver.all(do.PersistConcept)[-1]
    assert (effect.concept.name, effect.moved) == ("Gran", ("second-0",))
    assert effect.change is not None
    assert effect.change.heir == "c-mum"
    for wrong in (("second-0",), ("c-mum-0",)):
        bad = msg.Split(name="Other", exemplars=wrong)
        (failed,) = driver.give(msg.CorrectConcept(concept="c-mum", correction=bad))
        assert isinstance(failed, msg.Failed)


def test_the_same_picture_is_not_taught_under_two_names(driver: Driver) -> None:
    driver.teach()
    driver.teach("Dad", "c-dad")
    assert [e.concept.name for e in driver.all(do.PersistConcept)] == ["Mum"]
    assert "already" in driver.all(msg.Failed)[-1].reason


def test_only_one_is_me(driver: Driver) -> None:
    driver.teach("Mum", "c-mum")
    driver.teach("Dad", "c-dad", face=STRANGE_FACE)
    for concept in ("c-mum", "c-dad"):
        driver.give(msg.CorrectConcept(concept=concept, correction=msg.MarkMe(is_me=True)))
    entries = driver.all(msg.GalleryChanged)[-1].entries
    assert [entry.concept.name for entry in entries if entry.concept.is_me] == ["Dad"]


def test_a_forgotten_name_is_gone_from_tracks_and_alerts(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.give(msg.AddAlert(text="tell me when Mum appears"))
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    driver.give(msg.ForgetConcept(concept="c-mum"))
    driver.look(1.0, a_person(face=MUM_FACE))
    assert driver.all(msg.Tracked)[-1].overlays[0].name == "someone"
    assert driver.all(msg.AlertsChanged)[-1].alerts == ()
    assert driver.all(do.EraseConcept)[0].names == ("Mum",)


# --- alerts


def test_an_alert_speaks_once_an_event(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.give(msg.AddAlert(text="tell me when Mum appears"))
    for n in range(20):
        driver.look(n * 0.5, a_person(face=MUM_FACE))
    (remarked,) = driver.all(msg.Remarked)
    assert "Mum" in remarked.remark.text
    assert remarked.remark.evidence
    (said,) = driver.all(do.Say)
    assert (said.text, said.asked) == (remarked.remark.text, False)


def test_an_alert_is_told_in_the_ways_that_were_chosen(driver: Driver) -> None:
    driver.teach()
    driver.open()
    text, quiet = "tell me when Mum appears", (60, 120)
    driver.give(msg.AddAlert(text=text, ways=("notification", "sound"), quiet=quiet))
    for n in range(20):
        driver.look(n * 0.5, a_person(face=MUM_FACE))
    (remarked,) = driver.all(msg.Remarked)
    assert remarked.ways == ("notification", "sound")
    assert driver.all(do.Say) == []
    assert driver.all(do.PersistAlert)[0].alert.quiet == quiet


def test_nobody_is_told_of_the_user(driver: Driver) -> None:
    driver.teach("Me", "c-mum")
    driver.give(msg.AddAlert(text="tell me when somebody appears"))
    driver.give(msg.CorrectConcept(concept="c-mum", correction=msg.MarkMe(is_me=True)))
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    assert names(driver) == [("Sighted", "Me", 0.5)]
    assert not driver.all(msg.Remarked)


def test_what_waited_for_a_merged_name_waits_for_the_other(driver: Driver) -> None:
    driver.teach("Mum", "c-mum")
    driver.teach("Mother", "c-mother", face=unit(1, 0.5, 0))
    driver.give(msg.AddAlert(text="tell me when Mum appears", ref="a"))
    merge = msg.MergeInto(concept="c-mother")
    driver.give(msg.CorrectConcept(concept="c-mum", correction=merge))
    (alert,) = driver.all(msg.AlertsChanged)[-1].alerts
    assert alert.condition.concept == "c-mother"
    assert driver.all(do.PersistAlert)[-1].alert == alert
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    assert [r.remark.text for r in driver.all(msg.Remarked)] == ["Mother came in."]


def test_an_alert_that_has_run_out_is_erased(driver: Driver) -> None:
    driver.open()
    expires = START + nanoseconds(1.2)
    driver.give(msg.AddAlert(text="tell me when somebody appears", expires_at=expires, ref="a"))
    driver.look(1.0)
    assert not driver.all(do.EraseAlert)
    driver.look(1.5, a_person())
    driver.look(2.0, a_person())
    assert driver.all(do.EraseAlert) == [do.EraseAlert(alert="a")]
    assert driver.all(msg.AlertsChanged)[-1].alerts == ()
    assert not driver.all(msg.Remarked)


def test_words_on_the_screen_are_told_but_never_nacres_own(driver: Driver) -> None:
    driver.open()
    driver.give(msg.AddAlert(text='tell me when the screen shows "finished"'))

    def read(t: float, words: str) -> None:
        span = Span(start=nanoseconds(t), end=nanoseconds(t))
        text = ScreenText(run="run", span=span, at=START, text=words, box=BODY)
        driver.give(rep.TextRead(text=text))

    read(1.0, "The build has finished")
    driver.look(1.5)
    assert not driver.all(msg.Remarked), "it has not settled yet"
    driver.look(2.0)
    assert len(driver.all(msg.Remarked)) == 1
    read(30.0, driver.all(msg.Remarked)[0].remark.text)
    driver.look(40.0)
    assert len(driver.all(msg.Remarked)) == 1


def test_a_request_that_cannot_be_judged_is_refused(driver: Driver) -> None:
    (failed,) = driver.give(msg.AddAlert(text="tell me when the soup tastes good"))
    assert isinstance(failed, msg.Failed)
    assert failed.kind == "AlertError"


# --- questions


def answer(driver: Driver, ref: str) -> str:
    recall = next(r for r in reversed(driver.all(do.RecallFacts)) if r.ref == ref)
    driver.give(rep.Recalled(ref=ref, recall=Recall(query=recall.query)))
    return driver.all(msg.AnswerFinished)[-1].answer.text


def test_who_is_here_is_answered_from_what_is_in_view(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    driver.give(msg.Ask(text="Who is here?", ref="q"))
    assert "Mum" in answer(driver, "q")


def test_a_question_about_a_later_moment_waits_for_it(driver: Driver) -> None:
    driver.teach()
    driver.give(msg.Ask(text="Who is here?", run="run", pts=nanoseconds(1.0), ref="q"))
    driver.open()
    driver.look(0.5, a_person(face=MUM_FACE))
    driver.look(1.0, a_person(face=MUM_FACE))
    assert not driver.all(do.RecallFacts)
    driver.look(1.5)
    assert "Mum" in answer(driver, "q")


def test_a_question_about_the_end_is_asked_of_what_is_still_in_view(driver: Driver) -> None:
    driver.teach()
    driver.open()
    driver.give(msg.Ask(text="Who is here?", run="run", pts=nanoseconds(1e6), ref="q"))
    driver.look(0.5, a_person(face=MUM_FACE))
    driver.look(1.0, a_person(face=MUM_FACE))
    out = driver.end(1.0)
    kinds = [type(o) for o in out]
    assert kinds.index(do.RecallFacts) < kinds.index(msg.SourceChanged)
    assert "Mum" in answer(driver, "q")


def test_questions_of_a_source_that_never_opened_are_answered_all_the_same(driver: Driver) -> None:
    driver.give(msg.OpenSource(spec=FILE, run="run"))
    driver.give(msg.Ask(text="Who is here?", run="run", pts=0, ref="q"))
    driver.give(
        rep.EffectFailed(reason="No such file.", error="DeviceNotFound", ref="run", run="run")
    )
    assert [r.ref for r in driver.all(do.RecallFacts)] == ["q"]
    assert driver.all(msg.Failed)[0].reason == "No such file."


def test_an_interrupted_question_is_not_answered(driver: Driver) -> None:
    driver.give(msg.Ask(text="Who is here?", ref="q"))
    driver.give(msg.Interrupt())
    query = driver.all(do.RecallFacts)[0].query
    assert driver.give(rep.Recalled(ref="q", recall=Recall(query=query))) == []


# --- forgetting


def test_forgetting_everything_empties_the_session(driver: Driver) -> None:
    driver.teach()
    driver.open(CAMERA)
    driver.look(0.0, a_person(face=MUM_FACE))
    driver.look(0.5, a_person(face=MUM_FACE))
    driver.give(msg.Forget(scope=Scope(), ref="f"))
    assert driver.all(do.EraseScope) == [do.EraseScope(ref="f", scope=Scope())]
    driver.give(rep.ScopeForgotten(ref="f", scope=Scope()))
    assert driver.all(msg.GalleryChanged)[-1].entries == ()
    assert driver.all(msg.Forgotten)
    driver.out.clear()
    driver.look(1.0, a_person(face=MUM_FACE))
    driver.look(1.5, a_person(face=MUM_FACE))
    began = driver.all(msg.Sighted)[0].sighting
    assert began.concept is None
    assert began.span.start == nanoseconds(1.0)


def _clip(start: float, end: float, *key_frames: float) -> rep.ClipClosed:
    return rep.ClipClosed(
        clip=ClipRecord(
            run="run",
            span=Span(start=nanoseconds(start), end=nanoseconds(end)),
            at=START + nanoseconds(end),
            key_frames=tuple((nanoseconds(t), PICTURE) for t in key_frames),
            vector=unit(1, 0),
            embedder="e",
        )
    )


def _words(start: float, end: float, *, gone: bool) -> rep.TextRead:
    text = ScreenText(
        run="run",
        span=Span(start=nanoseconds(start), end=nanoseconds(end)),
        at=START + nanoseconds(end),
        text="The kettle is hot",
        box=BODY,
    )
    return rep.TextRead(text=text, gone=gone)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(run="run"),
        Scope(at=Span(start=START, end=START + nanoseconds(5))),
        Scope(at=Span(start=0, end=2**62)),
    ],
)
def test_what_was_under_way_does_not_come_back_after_forgetting(
    driver: Driver, scope: Scope
) -> None:
    driver.open(CAMERA)
    driver.look(4.5)
    driver.now = START + nanoseconds(5)
    driver.give(rep.ScopeForgotten(ref="f", scope=scope))
    driver.out.clear()
    driver.look(4.8, a_person())
    driver.give(_clip(1.0, 4.9, 1.0, 3.0))
    driver.give(_words(2.0, 4.9, gone=True))
    assert driver.out == []
    driver.give(_clip(1.0, 9.0, 1.0, 6.0))
    driver.give(_words(2.0, 9.0, gone=True))
    driver.give(_clip(9.0, 12.0, 9.0))
    began, read, after = (persist.fact for persist in driver.all(do.Persist))
    assert isinstance(began, ClipRecord)
    assert isinstance(after, ClipRecord)
    assert isinstance(read, ScreenText)
    assert began.span.start == read.span.start == nanoseconds(5) + 1
    assert [pts for pts, _ in began.key_frames] == [nanoseconds(6)]
    assert began.vector is None
    assert began.embedder is None
    assert after.span.start == nanoseconds(9)
    assert after.vector is not None
    assert all(p.frame is None for p in driver.all(do.Persist)), "the frame was forgotten"


def test_forgetting_an_hour_long_ago_takes_nothing_from_now(driver: Driver) -> None:
    driver.open(CAMERA)
    driver.look(4.5)
    driver.now = START + nanoseconds(5)
    hour = Span(start=START - nanoseconds(7200), end=START - nanoseconds(3600))
    driver.give(rep.ScopeForgotten(ref="f", scope=Scope(at=hour)))
    driver.out.clear()
    driver.give(_clip(1.0, 5.0, 1.0))
    (kept,) = driver.all(do.Persist)
    assert isinstance(kept.fact, ClipRecord)
    assert kept.fact.span.start == nanoseconds(1)


def test_a_source_that_breaks_off_keeps_who_was_in_view(driver: Driver) -> None:
    driver.open()
    driver.look(0.0, a_person())
    driver.look(0.5, a_person())
    driver.out.clear()
    driver.give(rep.EffectFailed(reason="It is broken.", error="DeviceLost", run="run"))
    facts = [persist.fact for persist in driver.all(do.Persist)]
    assert [type(fact).__name__ for fact in facts] == ["Sighting", "RunState"]
    assert isinstance(facts[1], RunState)
    assert (facts[1].state, facts[1].pts) == ("ended", nanoseconds(0.5))
    assert type(driver.out[0]) is msg.Failed
    assert type(driver.out[-1]) is msg.SourceChanged


def test_a_forgotten_run_that_goes_on_is_written_anew(driver: Driver) -> None:
    driver.open(CAMERA)
    driver.out.clear()
    driver.give(rep.ScopeForgotten(ref="f", scope=Scope(run="run")))
    assert [type(p.fact).__name__ for p in driver.all(do.Persist)] == ["Run"]


@pytest.mark.parametrize("state", ["open", "stalled", "lost", "ended"])
def test_late_reports_of_a_closed_run_are_dropped(driver: Driver, state: str) -> None:
    driver.open()
    driver.end(1.0)
    driver.out.clear()
    driver.look(2.0, a_person())
    change = rep.RunChanged(run="run", state="open", pts=0, at=0)
    driver.give(replace(change, state=state))
    assert driver.out == []
