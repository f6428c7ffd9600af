"""What the model is shown and asked, and what becomes of its answers: messages in, outputs out."""

from dataclasses import replace

import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import (
    Answer,
    ClipRecord,
    Observation,
    Passage,
    Query,
    Recall,
    Scope,
    SourceSpec,
    Visit,
)
from engine.media import NANOSECONDS, Span, nanoseconds
from engine.prompts import ModelStatus, Outcome
from tests.engine.conftest import (
    CAMERA,
    MUM_FACE,
    PICTURE,
    START,
    Driver,
    a_frame,
    a_person,
    unit,
)

READY = ModelStatus(model="Small", state="ready", backend="CPU")
DEMO = replace(READY, model="Demo", demo=True)
DEMO_CLIP = SourceSpec(kind="demo", address="demo", label="the demo clip")
DONE = Outcome(why="end", tokens=3, weakest=0.7, first_token_s=0.25, newest_pts=nanoseconds(2))


@pytest.fixture
def thinking(driver: Driver) -> Driver:
    driver.give(rep.ModelStatusChanged(status=READY))
    driver.open(CAMERA)
    return driver


def marks(driver: Driver) -> list[str]:
    return [shown.mark for shown in driver.all(do.ShowModel)]


def ask(driver: Driver, text: str, recall: Recall | None = None, ref: str = "q") -> None:
    """Put a question, with what the memory brings for it."""
    driver.give(msg.Ask(text=text, ref=ref))
    (wanted,) = [r for r in driver.all(do.RecallFacts) if r.ref == ref]
    recall = recall or Recall(query=wanted.query)
    driver.give(rep.Recalled(ref=ref, recall=replace(recall, query=wanted.query)))


def a_visit(start: float, end: float, name: str = "Mum") -> Visit:
    return Visit(
        run="old", label="camera 0", recorded=False, concept=None, name=name, kind="person",
        span=Span(start=nanoseconds(start), end=nanoseconds(end)),
        at=Span(start=START + nanoseconds(start), end=START + nanoseconds(end)),
        open=False, score=0.9,
    )  # fmt: skip


def test_without_a_model_nothing_is_shown_and_an_open_question_says_what_it_needs(
    driver: Driver,
) -> None:
    driver.open(CAMERA)
    driver.look(1)
    ask(driver, "Why is the cat on the table?")
    assert not driver.all(do.ShowModel)
    (answered,) = driver.all(msg.AnswerFinished)
    assert "needs a vision-language model" in answered.answer.text


def test_one_changed_frame_a_second_comes_into_the_window(thinking: Driver) -> None:
    for tenths in range(0, 35, 5):
        thinking.look(tenths / 10)
    assert marks(thinking) == ["[00:00:00]", "[00:00:01]", "[00:00:02]", "[00:00:03]"]


def test_a_still_scene_costs_nothing(thinking: Driver) -> None:
    for second in range(20):
        still = rep.Perceived(frame=a_frame(second), tracks=(), changed=second == 0)
        thinking.give(still)
    assert len(thinking.all(do.ShowModel)) == 1


def test_times_of_a_recording_are_those_of_the_stream(driver: Driver) -> None:
    driver.give(rep.ModelStatusChanged(status=READY))
    driver.open()
    driver.look(65)
    assert marks(driver) == ["[1:05]"]


def test_frames_of_a_recording_that_is_watched_fast_are_not_left_out(driver: Driver) -> None:
    driver.give(rep.ModelStatusChanged(status=READY))
    driver.open()
    driver.look(1)
    driver.open(replace(DEMO_CLIP, realtime=True), run="demo")
    driver.look(1, run="demo")
    assert [shown.paced for shown in driver.all(do.ShowModel)] == [False, True]


def test_a_slow_model_answers_about_what_it_had_taken(thinking: Driver) -> None:
    for second in range(30):
        thinking.look(second)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="A mug."))
    late = replace(DONE, newest_pts=nanoseconds(20))
    thinking.give(rep.GenerationEnded(ref="q", outcome=late))
    (seen,) = thinking.all(msg.AnswerFinished)[0].answer.evidence
    assert (seen.span.start, seen.span.end) == (nanoseconds(17), nanoseconds(20))


def test_only_the_newest_run_is_shown(thinking: Driver) -> None:
    other = replace(CAMERA, address="1", label="camera 1")
    thinking.open(other, run="second")
    thinking.look(1)
    thinking.look(1, run="second")
    assert [shown.frame.run for shown in thinking.all(do.ShowModel)] == ["second"]


def test_the_demo_model_sees_the_demo_clip_alone(driver: Driver) -> None:
    driver.give(rep.ModelStatusChanged(status=DEMO))
    driver.open(CAMERA)
    driver.look(1)
    ask(driver, "What is he holding?")
    assert not driver.all(do.ShowModel)
    assert not driver.all(do.Generate)
    driver.end(2)
    driver.open(DEMO_CLIP, run="demo")
    driver.look(1, run="demo")
    ask(driver, "What is he holding?", ref="again")
    assert driver.all(do.ShowModel)
    assert [g.ref for g in driver.all(do.Generate)] == ["again"]
    assert driver.all(do.StandBefore)[-1].prefix.system == "Answer from what is seen."


def test_nothing_is_shown_while_paused(thinking: Driver) -> None:
    thinking.give(msg.Pause())
    thinking.look(1)
    assert not thinking.all(do.ShowModel)


def test_concepts_in_sight_stand_before_everything(thinking: Driver) -> None:
    thinking.teach()
    before = len(thinking.all(do.StandBefore))
    for tenths in range(0, 40, 5):
        thinking.look(tenths / 10, a_person(face=MUM_FACE))
    (stood,) = thinking.all(do.StandBefore)[before:]
    (card,) = stood.prefix.cards
    assert card.name == "Mum"
    assert card.picture is not None


def test_an_open_question_is_answered_by_the_model_in_pieces(thinking: Driver) -> None:
    for second in range(3):
        thinking.look(second)
    ask(thinking, "What is on the table?")
    (started,) = thinking.all(msg.AnswerStarted)
    (generate,) = thinking.all(do.Generate)
    assert (started.question, generate.ref) == ("What is on the table?", "q")
    assert generate.prompt.window
    assert not generate.moments
    assert generate.prompt.priority == "question"
    for piece in ("A red ", "mug."):
        thinking.give(rep.Generated(ref="q", text=piece))
    assert [e.text for e in thinking.all(msg.AnswerExtended)] == ["A red ", "mug."]
    thinking.give(rep.GenerationEnded(ref="q", outcome=DONE))
    (finished,) = thinking.all(msg.AnswerFinished)
    answer = finished.answer
    assert (answer.text, answer.confidence, answer.first_token_s) == ("A red mug.", 0.7, 0.25)
    (seen,) = answer.evidence
    assert seen.kind == "clip"
    assert (seen.span.start, seen.span.end) == (0, nanoseconds(2))
    kept = [p.fact for p in thinking.all(do.Persist) if isinstance(p.fact, Answer)]
    assert kept == [answer]


def test_what_memory_answers_is_not_asked_of_the_model(thinking: Driver) -> None:
    thinking.look(1)
    for n, text in enumerate(("Who is here?", "When did somebody last come in?", "How often?")):
        ask(thinking, text, ref=f"q{n}")
    assert not thinking.all(do.Generate)


def test_a_question_about_the_past_takes_what_was_recalled(thinking: Driver) -> None:
    thinking.look(100)
    visits = tuple(a_visit(10 * n, 10 * n + 4) for n in range(6))
    recall = Recall(query=Query(intent="search", question=""), visits=visits)
    ask(thinking, "What was on the table earlier?", recall)
    (generate,) = thinking.all(do.Generate)
    assert [moment.mark for moment in generate.moments] == [
        "[00:00:22]", "[00:00:32]", "[00:00:42]", "[00:00:52]",
    ]  # fmt: skip
    assert generate.prompt.notes[0] == "[00:00:00] Mum came."
    assert generate.prompt.notes[-1] == "[00:00:54] Mum left."


def test_what_was_read_is_quoted_and_earlier_answers_are_no_evidence(thinking: Driver) -> None:
    thinking.look(1)
    passage = Passage(
        run="run", label="screen", recorded=False, kind="text", text="Build  finished",
        span=Span(start=0, end=0), at=Span(start=START, end=START), score=1,
    )  # fmt: skip
    said = replace(passage, kind="answer", text="I guess so.")
    seen = replace(passage, kind="observation", text="A progress bar fills.")
    recall = Recall(query=Query(intent="search", question=""), passages=(passage, said, seen))
    ask(thinking, "Why does the build take so long?", recall)
    (generate,) = thinking.all(do.Generate)
    assert generate.prompt.notes == (
        "[00:00:00] On the screen: “Build finished”",
        "[00:00:00] A progress bar fills.",
    )


def test_without_any_evidence_it_has_not_been_seen(driver: Driver) -> None:
    driver.give(rep.ModelStatusChanged(status=READY))
    ask(driver, "What was on the table yesterday?")
    assert not driver.all(do.Generate)
    (finished,) = driver.all(msg.AnswerFinished)
    assert (finished.answer.text, finished.answer.confidence) == ("I have not seen that.", 0)


def test_who_asks_before_a_frame_has_come_is_answered_from_the_one_in_view(driver: Driver) -> None:
    driver.open(CAMERA)
    driver.look(1)
    driver.give(rep.ModelStatusChanged(status=READY))
    assert not driver.all(do.ShowModel)
    ask(driver, "What is on the table?")
    (shown,), (generate,) = driver.all(do.ShowModel), driver.all(do.Generate)
    assert shown.frame.pts == nanoseconds(1)
    assert generate.prompt.window
    driver.give(rep.ScopeForgotten(ref="f", scope=Scope()))
    ask(driver, "What is on the table?", ref="again")
    assert len(driver.all(do.ShowModel)) == 1, "what is forgotten is not shown"


@pytest.mark.parametrize("said", ["I have not seen that.", "Sorry, I have not seen that", " "])
def test_an_answer_without_evidence_shows_none(thinking: Driver, said: str) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text=said))
    thinking.give(rep.GenerationEnded(ref="q", outcome=DONE))
    (finished,) = thinking.all(msg.AnswerFinished)
    assert finished.answer.text == "I have not seen that."
    assert finished.answer.evidence == ()
    assert finished.answer.confidence == 0


def test_an_unsure_answer_says_so(thinking: Driver) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="A mug."))
    thinking.give(rep.GenerationEnded(ref="q", outcome=replace(DONE, weakest=0.05)))
    (finished,) = thinking.all(msg.AnswerFinished)
    assert finished.answer.help == "The model is not sure of this."


def test_a_model_that_fails_is_replaced_by_the_memory(thinking: Driver) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="A re"))
    thinking.give(rep.GenerationEnded(ref="q", outcome=None, reason="The model has crashed."))
    (finished,) = thinking.all(msg.AnswerFinished)
    assert finished.answer.help == "The model has crashed."
    assert "A re" not in finished.answer.text


def test_turning_to_something_else_ends_the_answer(thinking: Driver) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="A red"))
    thinking.give(msg.Interrupt())
    assert [stop.ref for stop in thinking.all(do.StopGenerating)] == ["q"]
    (finished,) = thinking.all(msg.AnswerFinished)
    assert (finished.answer.text, finished.answer.help) == ("A red", "Stopped.")
    late = thinking.give(rep.Generated(ref="q", text=" mug"))
    late += thinking.give(rep.GenerationEnded(ref="q", outcome=DONE))
    assert late == []
    assert not [p for p in thinking.all(do.Persist) if isinstance(p.fact, Answer)]


def a_clip(start: float = 0, end: float = 4, run: str = "run") -> ClipRecord:
    return ClipRecord(
        run=run, span=Span(start=nanoseconds(start), end=nanoseconds(end)),
        at=START + nanoseconds(end), key_frames=((nanoseconds(start), PICTURE),),
        vector=None, embedder=None,
    )  # fmt: skip


def describe(driver: Driver, clip: ClipRecord, text: str) -> list[object]:
    driver.look(clip.span.end / NANOSECONDS)
    driver.give(rep.ClipClosed(clip=clip))
    ref = driver.all(do.Generate)[-1].ref
    driver.give(rep.Generated(ref=ref, text=text))
    return list(driver.give(rep.GenerationEnded(ref=ref, outcome=DONE)))


def test_a_closed_clip_is_described_when_there_is_time(thinking: Driver) -> None:
    thinking.look(1)
    words = " ".join(f"word{n}" for n in range(60))
    kept, told = describe(thinking, a_clip(), f"{words}\n")
    (generate,) = thinking.all(do.Generate)
    assert generate.prompt.priority == "idle"
    assert not generate.prompt.window
    assert [picture.mark for picture in generate.prompt.pictures] == ["[00:00:00]"]
    assert isinstance(kept, do.Persist)
    assert isinstance(told, msg.Observed)
    assert isinstance(kept.fact, Observation)
    assert told.observation == kept.fact
    assert len(kept.fact.text.split()) == 40
    assert kept.fact.span == a_clip().span


def test_nothing_is_described_twice(thinking: Driver) -> None:
    thinking.look(1)
    assert describe(thinking, a_clip(), "A cat sleeps.")
    assert not describe(thinking, a_clip(5, 9), "a cat sleeps")
    assert describe(thinking, a_clip(10, 14), "The cat wakes.")


def test_a_clip_of_what_stood_still_is_not_described(thinking: Driver) -> None:
    thinking.look(1)
    assert describe(thinking, a_clip(), "A cat sleeps.")
    for second in (5, 6, 7):
        thinking.give(rep.Perceived(frame=a_frame(second), tracks=(), changed=False))
    assert [type(one) for one in thinking.give(rep.ClipClosed(clip=a_clip(5, 9)))] == [do.Persist]
    assert len(thinking.all(do.Generate)) == 1


def test_what_was_described_is_shown_with_the_next_clip_so_that_only_news_is_told(
    thinking: Driver,
) -> None:
    thinking.look(1)
    for n, text in enumerate(("A cat sleeps.", "It wakes.", "It eats.", "It plays.")):
        describe(thinking, a_clip(5 * n, 5 * n + 4), text)
    first, *_, last = [one.prompt for one in thinking.all(do.Generate)]
    assert (first.notes, "new" in first.question) == ((), False)
    assert last.notes == ("A cat sleeps.", "It wakes.", "It eats.")
    assert last.question.endswith("Tell only what is new: leave out what is noted above.")


def test_only_the_newest_clip_waits_to_be_described(thinking: Driver) -> None:
    thinking.look(1)
    thinking.give(rep.ClipClosed(clip=a_clip()))
    thinking.look(6)
    thinking.give(rep.ClipClosed(clip=a_clip(5, 9)))
    first, second = thinking.all(do.Generate)
    assert [stop.ref for stop in thinking.all(do.StopGenerating)] == [first.ref]
    assert not thinking.give(rep.GenerationEnded(ref=first.ref, outcome=DONE))
    thinking.give(rep.Generated(ref=second.ref, text="A cat."))
    assert thinking.give(rep.GenerationEnded(ref=second.ref, outcome=DONE))


def test_a_description_is_no_answer(thinking: Driver) -> None:
    thinking.look(1)
    thinking.give(rep.ClipClosed(clip=a_clip()))
    ref = thinking.all(do.Generate)[-1].ref
    thinking.give(rep.Generated(ref=ref, text="A cat."))
    thinking.give(rep.GenerationEnded(ref=ref, outcome=replace(DONE, why="cancelled")))
    assert not thinking.all(msg.AnswerExtended)
    assert not thinking.all(msg.Observed)


def test_forgetting_empties_the_window(thinking: Driver) -> None:
    thinking.look(1)
    thinking.give(rep.ScopeForgotten(ref="f", scope=Scope()))
    assert thinking.all(do.ClearModel)
    thinking.give(rep.Perceived(frame=a_frame(5), tracks=(), changed=False))
    assert len(thinking.all(do.ShowModel)) == 2, "the window begins anew"


def test_what_a_camera_showed_last_does_not_stay_in_view(thinking: Driver) -> None:
    thinking.look(1)
    thinking.end(2)
    assert thinking.all(do.ClearModel)


def test_a_recording_can_be_asked_about_when_it_is_over(driver: Driver) -> None:
    driver.give(rep.ModelStatusChanged(status=READY))
    driver.open()
    driver.look(1)
    driver.give(msg.Ask(text="What is on the table?", run="run", pts=nanoseconds(5), ref="q"))
    driver.end(2)
    (wanted,) = driver.all(do.RecallFacts)
    driver.give(rep.Recalled(ref="q", recall=Recall(query=wanted.query)))
    (generate,) = driver.all(do.Generate)
    assert generate.prompt.window
    assert not driver.all(do.ClearModel)


def test_the_state_of_the_model_is_told(driver: Driver) -> None:
    loading = replace(READY, state="loading", progress=0.5)
    for status in (loading, READY, None):
        driver.give(rep.ModelStatusChanged(status=status))
    told = [event.model for event in driver.all(msg.ModelChanged)[-3:]]
    assert told == [loading, READY, None]
    assert len(driver.all(do.StandBefore)) == 1


def test_a_model_that_gave_up_is_not_asked_and_can_be_tried_again(thinking: Driver) -> None:
    failed = replace(READY, state="failed", reason="It crashed too often.")
    thinking.give(rep.ModelStatusChanged(status=failed))
    thinking.look(1)
    ask(thinking, "What is on the table?")
    assert not thinking.all(do.Generate)
    assert thinking.give(msg.RetryModel()) == [do.RetryModel()]


ALIKE = Passage(
    run="old",
    label="camera 0",
    recorded=False,
    kind="observation",
    text="A woman with short grey hair waters the plants",
    span=Span(start=0, end=nanoseconds(4)),
    at=Span(start=START, end=START + nanoseconds(4)),
    score=0.5,
    fits="Mum",
)


def asked_about_mum(driver: Driver) -> Query:
    driver.teach()
    described = msg.Describe(description="short grey hair")
    driver.give(msg.CorrectConcept(concept="c-mum", correction=described))
    driver.give(msg.CorrectConcept(concept="c-mum", correction=msg.CallAlso(alias="Mama")))
    driver.give(msg.Ask(text="What did Mama do?", ref="q"))
    return driver.all(do.RecallFacts)[-1].query


def test_a_question_is_looked_up_with_names_and_description(thinking: Driver) -> None:
    query = asked_about_mum(thinking)
    (known,) = query.known
    assert known.names == ("Mum", "Mama")
    assert known.description == "short grey hair"
    recall = Recall(query=query, passages=(ALIKE,))
    thinking.give(rep.Recalled(ref="q", recall=recall))
    (generate,) = [one for one in thinking.all(do.Generate) if one.ref == "q"]
    assert any(
        "waters the plants (by the looks, this may be Mum)" in n for n in generate.prompt.notes
    )


def test_what_merely_fits_is_quoted_as_such(driver: Driver) -> None:
    driver.open(CAMERA)
    query = asked_about_mum(driver)
    driver.give(rep.Recalled(ref="q", recall=Recall(query=query, passages=(ALIKE,))))
    answer = driver.all(msg.AnswerFinished)[-1].answer
    assert "By their looks these may be about Mum" in answer.text
    assert "waters the plants" in answer.text
    assert answer.confidence < 0.5
    assert answer.evidence


NEARLY_MUM = unit(0.48, 0.877, 0)


def nearly(driver: Driver, *seconds: float) -> None:
    for second in seconds:
        driver.look(second, a_person(face=NEARLY_MUM))


def test_a_maybe_is_shown_to_the_model_beside_an_exemplar(thinking: Driver) -> None:
    thinking.teach()
    nearly(thinking, 1, 1.5, 2)
    (compare,) = thinking.all(do.Compare)
    assert compare.probe.question == "Do both pictures show the same person?"
    assert [picture.mark for picture in compare.probe.pictures] == ["Picture 1:", "Picture 2:"]
    assert not compare.probe.window
    assert not [s for s in thinking.all(msg.Sighted) if s.name == "Mum"]
    thinking.give(rep.Compared(run="run", track=compare.track, concept=compare.concept, yes=0.97))
    nearly(thinking, 2.5, 3, 3.5)
    assert [s for s in thinking.all(msg.Sighted) if s.name == "Mum"]


def test_only_one_maybe_is_asked_about_at_a_time_and_once(thinking: Driver) -> None:
    thinking.teach()
    nearly(thinking, *(1 + n / 2 for n in range(20)))
    (compare,) = thinking.all(do.Compare)
    thinking.give(rep.Compared(run="run", track=compare.track, concept=compare.concept, yes=0.5))
    nearly(thinking, *(11 + n / 2 for n in range(20)))
    assert len(thinking.all(do.Compare)) == 1


def test_a_comparison_that_came_to_nothing_is_tried_again_later(thinking: Driver) -> None:
    thinking.teach()
    nearly(thinking, 1, 1.5)
    (compare,) = thinking.all(do.Compare)
    thinking.give(rep.Compared(run="run", track=compare.track, concept=compare.concept, yes=None))
    nearly(thinking, 2)
    assert len(thinking.all(do.Compare)) == 1
    nearly(thinking, 5)
    assert len(thinking.all(do.Compare)) == 2


def test_the_demo_model_is_not_asked_who_somebody_is(driver: Driver) -> None:
    driver.give(rep.ModelStatusChanged(status=DEMO))
    driver.teach()
    driver.open(DEMO_CLIP)
    nearly(driver, 1, 1.5, 2)
    assert not driver.all(do.Compare)


# --- forgetting -----------------------------------------------------------------------------------


def test_an_answer_on_its_way_does_not_outlive_forgetting(thinking: Driver) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="Secret."))
    thinking.give(rep.ScopeForgotten(ref="f", scope=Scope()))
    assert [stop.ref for stop in thinking.all(do.StopGenerating)] == ["q"]
    (told,) = thinking.all(msg.AnswerFinished)
    assert (told.answer.text, told.answer.help) == ("", "Stopped.")
    assert thinking.give(rep.GenerationEnded(ref="q", outcome=DONE)) == []
    assert not [p for p in thinking.all(do.Persist) if isinstance(p.fact, Answer)]


def test_a_forgotten_concept_is_forgotten_by_the_model(thinking: Driver) -> None:
    thinking.teach()
    for tenths in range(0, 40, 5):
        thinking.look(tenths / 10, a_person(face=MUM_FACE))
    assert thinking.all(do.StandBefore)[-1].prefix.cards
    thinking.give(rep.ClipClosed(clip=a_clip()))
    ask(thinking, "What is Mum holding?")
    thinking.give(msg.ForgetConcept(concept="c-mum"))
    assert thinking.all(do.ClearModel)
    assert thinking.all(do.StandBefore)[-1].prefix.cards == ()
    assert {stop.ref for stop in thinking.all(do.StopGenerating)} >= {"q"}
    thinking.give(rep.Generated(ref="q", text="Mum holds a cup."))
    assert thinking.give(rep.GenerationEnded(ref="q", outcome=DONE)) == []


def test_forgetting_everything_leaves_no_card(thinking: Driver) -> None:
    thinking.teach()
    for tenths in range(0, 40, 5):
        thinking.look(tenths / 10, a_person(face=MUM_FACE))
    thinking.give(rep.ScopeForgotten(ref="f", scope=Scope()))
    assert thinking.all(do.StandBefore)[-1].prefix.cards == ()


def test_a_cancelled_answer_is_not_kept(thinking: Driver) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="A c"))
    thinking.give(rep.GenerationEnded(ref="q", outcome=replace(DONE, why="cancelled")))
    (told,) = thinking.all(msg.AnswerFinished)
    assert (told.answer.text, told.answer.help, told.answer.evidence) == ("A c", "Stopped.", ())
    assert not [p for p in thinking.all(do.Persist) if isinstance(p.fact, Answer)]


def test_an_answer_that_saw_nothing_is_none(thinking: Driver) -> None:
    thinking.look(1)
    ask(thinking, "What is on the table?")
    thinking.give(rep.Generated(ref="q", text="A mug."))
    thinking.give(rep.GenerationEnded(ref="q", outcome=replace(DONE, newest_pts=None)))
    (told,) = thinking.all(msg.AnswerFinished)
    assert (told.answer.text, told.answer.evidence) == ("I have not seen that.", ())


def test_the_note_that_an_answer_rests_on_is_its_evidence(thinking: Driver) -> None:
    thinking.look(1)
    passage = Passage(
        run="run", label="camera 0", recorded=False, kind="observation",
        text="Mum puts the keys into the drawer.", span=Span(start=0, end=0),
        at=Span(start=START, end=START), score=1,
    )  # fmt: skip
    recall = Recall(query=Query(intent="search", question=""), passages=(passage,))
    ask(thinking, "Which drawer holds the keys?", recall)
    (generate,) = thinking.all(do.Generate)
    assert generate.prompt.notes
    thinking.give(rep.Generated(ref="q", text="In the drawer."))
    thinking.give(rep.GenerationEnded(ref="q", outcome=DONE))
    kinds = [one.kind for one in thinking.all(msg.AnswerFinished)[0].answer.evidence]
    assert kinds == ["observation", "clip"]


def test_who_is_named_and_not_in_sight_goes_with_the_question(thinking: Driver) -> None:
    thinking.teach()
    thinking.look(1)
    ask(thinking, "Why would Mum like this?")
    (asked,) = thinking.all(do.Generate)
    assert [picture.mark for picture in asked.prompt.pictures] == ["Mum:"]
    for tenths in range(15, 60, 5):
        thinking.look(tenths / 10, a_person(face=MUM_FACE))
    thinking.give(rep.GenerationEnded(ref="q", outcome=DONE))
    ask(thinking, "Why would Mum like this?", ref="r")
    assert thinking.all(do.Generate)[-1].prompt.pictures == (), "the card stands already"


def test_a_model_of_the_same_name_that_was_opened_anew_is_told_everything(thinking: Driver) -> None:
    before = len(thinking.all(do.StandBefore))
    thinking.give(rep.ModelStatusChanged(status=READY))
    assert len(thinking.all(do.StandBefore)) == before
    thinking.give(rep.ModelStatusChanged(status=READY, opened=True))
    assert len(thinking.all(do.StandBefore)) == before + 1
