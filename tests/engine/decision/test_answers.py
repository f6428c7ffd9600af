"""What is answered, word for word, from what the memory brought."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.decision.answers import Present, compose
from engine.decision.questions import understand
from engine.facts import Answer, Concept, Feature, Passage, Recall, Visit, Watched
from engine.media import NANOSECONDS, Span, nanoseconds

BERLIN = ZoneInfo("Europe/Berlin")
CONCEPTS = (
    Concept(id="mum", name="Mum", kind="person"),
    Concept(id="momo", name="Momo", kind="pet"),
    Concept(id="keys", name="keys", kind="thing"),
)
NAMES = {concept.id: concept.name for concept in CONCEPTS}
CLIP = "clip.mp4"


def wall(clock: str, day: int = 14) -> int:
    hour, minute, second = map(int, clock.split(":"))
    then = datetime(2026, 3, day, hour, minute, second, tzinfo=BERLIN)
    return round(then.timestamp()) * NANOSECONDS


NOW = wall("16:30:00")


def live(
    who: str | None, start: str, end: str, *, day: int = 14, label: str = "Camera", **more: object
) -> Visit:
    """A visit seen by a camera that was opened at noon of that day."""
    opened = wall("12:00:00", day)
    at = Span(start=wall(start, day), end=wall(end, day))
    return _visit(who, Span(start=at.start - opened, end=at.end - opened), at, label, **more)


def recorded(who: str | None, start: float, end: float, **more: object) -> Visit:
    """A visit in a recording that was watched from 16:00 on."""
    span = Span(start=round(start * NANOSECONDS), end=round(end * NANOSECONDS))
    opened = wall("16:00:00")
    at = Span(start=opened + span.start, end=opened + span.end)
    return _visit(who, span, at, CLIP, recorded=True, **more)


def _visit(
    who: str | None,
    span: Span,
    at: Span,
    label: str,
    *,
    recorded: bool = False,
    open: bool = False,  # noqa: A002
    kind: str = "person",
    score: float = 0.8,
) -> Visit:
    kinds = {concept.id: concept.kind for concept in CONCEPTS}
    return Visit(
        run=f"run of {label}",
        label=label,
        recorded=recorded,
        concept=who,
        name=NAMES.get(who or "", "someone"),
        kind=kinds.get(who or "", kind),  # type: ignore[arg-type]
        span=span,
        at=at,
        open=open,
        score=score,
    )


def watched(*stretches: tuple[str, str], label: str = "Camera", day: int = 14) -> list[Watched]:
    opened = wall("12:00:00", day)
    return [
        Watched(
            run=f"run of {label}",
            label=label,
            recorded=False,
            span=Span(start=wall(a, day) - opened, end=wall(b, day) - opened),
            at=Span(start=wall(a, day), end=wall(b, day)),
        )
        for a, b in stretches
    ]


def watched_clip(seconds: float = 139) -> list[Watched]:
    visit = recorded(None, 0, seconds)
    return [Watched(run=visit.run, label=CLIP, recorded=True, span=visit.span, at=visit.at)]


def text(said: str, start: str, end: str, *, label: str = "Screen", kind: str = "text") -> Passage:
    at = Span(start=wall(start), end=wall(end))
    opened = wall("12:00:00")
    return Passage(
        run=f"run of {label}",
        label=label,
        recorded=False,
        kind=kind,  # type: ignore[arg-type]
        text=said,
        span=Span(start=at.start - opened, end=at.end - opened),
        at=at,
        score=1.0,
    )


def present(who: str | None, since: str, *, kind: str = "person", label: str = "Camera") -> Present:
    visit = live(who, since, "16:30:00", label=label, kind=kind)
    return Present(
        concept=who,
        kind=visit.kind,
        run=visit.run,
        label=label,
        span=visit.span,
        at=NOW,
        score=0.9,
    )


ALL_DAY = watched(("12:00:00", "16:30:00"))
SIX = [
    recorded(None, 6.0, 19.5),
    recorded(None, 23.0, 44.5),
    recorded(None, 50.5, 70.0),
    recorded(None, 74.5, 86.5),
    recorded(None, 92.5, 119.5),
    recorded(None, 123.5, 136.0),
]


def answer(
    question: str,
    *,
    visits: Sequence[Visit] = (),
    passages: Sequence[Passage] = (),
    watching: Sequence[Watched] = ALL_DAY,
    here: Sequence[Present] = (),
    is_open: bool = True,
    features: Sequence[Feature] = (),
    concepts: Sequence[Concept] = CONCEPTS,
) -> Answer:
    query = understand(question, concepts=concepts, now_at=NOW, now_pts=None, tz=BERLIN)
    recall = Recall(
        query=query, visits=tuple(visits), passages=tuple(passages), watched=tuple(watching)
    )
    return compose(
        query,
        recall,
        present=here,
        watching=is_open,
        name=lambda concept: NAMES[concept],
        ref="ref",
        run="run",
        pts=7,
        at=NOW,
        tz=BERLIN,
        features=features,
    )


MUM_TWICE = [live("mum", "12:10:00", "12:20:05"), live("mum", "14:05:12", "14:20:03")]

SAID = [
    ("when did Mum come in", MUM_TWICE, "Mum came in twice: at 12:10:00 and at 14:05:12."),
    ("when did Mum leave?", MUM_TWICE, "Mum left twice: at 12:20:05 and at 14:20:03."),
    ("when did Mum come in", MUM_TWICE[:1], "Mum came in at 12:10:00."),
    (
        "when was Mum here",
        MUM_TWICE,
        "I saw Mum twice: from 12:10:00 to 12:20:05 and from 14:05:12 to 14:20:03.",
    ),
    ("was Mum here today?", MUM_TWICE[:1], "Yes. I saw Mum from 12:10:00 to 12:20:05."),
    ("Nacre, did Mum come in?", MUM_TWICE[:1], "Yes. Mum came in at 12:10:00."),
    ("when was Mum last here", MUM_TWICE, "I last saw Mum from 14:05:12 to 14:20:03."),
    ("when did Mum last leave", MUM_TWICE, "Mum last left at 14:20:03."),
    (
        "where did I put my keys",
        [live("keys", "14:05:12", "14:20:03")],
        "I last saw keys from 14:05:12 to 14:20:03. The picture shows where.",
    ),
    (
        "how long was Mum here",
        MUM_TWICE,
        "I saw Mum for 24 minutes 56 seconds altogether, in 2 visits: from 12:10:00 to 12:20:05 "
        "and from 14:05:12 to 14:20:03.",
    ),
    (
        "how long was Mum here between 12:00 and 12:15",
        MUM_TWICE[:1],
        "I saw Mum for 5 minutes, from 12:10:00 to 12:20:05.",
    ),
    (
        "how often was Mum here",
        MUM_TWICE,
        "I saw Mum twice: from 12:10:00 to 12:20:05 and from 14:05:12 to 14:20:03.",
    ),
    ("how often did Mum leave", MUM_TWICE[:1], "Mum left once: at 12:20:05."),
    (
        "when did Momo come yesterday",
        [live("momo", "14:05:12", "14:20:03", day=13)],
        "Momo came in yesterday at 14:05:12.",
    ),
    (
        "when was Momo here",
        [live("momo", "23:58:00", "23:59:00", day=9)],
        "I saw Momo on 9 March from 23:58:00 to 23:59:00.",
    ),
    ("when did something move", [live(None, "14:05:12", "14:05:12", kind="thing")],
     "I saw something at 14:05:12."),
    (
        "what happened",
        [*MUM_TWICE, live(None, "15:00:00", "15:01:00")],
        "I saw Mum twice: from 12:10:00 to 12:20:05 and from 14:05:12 to 14:20:03. "
        "I saw somebody I do not know from 15:00:00 to 15:01:00.",
    ),
    (
        "who was here?",
        [*MUM_TWICE[:1], live(None, "15:00:00", "15:01:00")],
        "I saw Mum from 12:10:00 to 12:20:05. "
        "I saw somebody I do not know from 15:00:00 to 15:01:00.",
    ),
    (
        "was a stranger here?",
        [*MUM_TWICE, live(None, "15:00:00", "15:01:00")],
        "Yes. I saw somebody from 15:00:00 to 15:01:00.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("question", "visits", "said"), SAID)
def test_visits_are_told(question: str, visits: list[Visit], said: str) -> None:
    told = answer(question, visits=visits)
    assert told.text == said
    assert told.confidence == pytest.approx(0.8)
    assert told.evidence
    assert {e.kind for e in told.evidence} == {"sighting"}


def test_the_answer_carries_the_moment_of_asking() -> None:
    told = answer("is Mum here?")
    assert (told.ref, told.question, told.run, told.pts, told.at) == (
        "ref",
        "is Mum here?",
        "run",
        7,
        NOW,
    )


def test_six_visits_in_a_recording() -> None:
    told = answer("how many times did somebody appear?", visits=SIX, watching=watched_clip())
    assert told.text == (
        "Somebody appeared 6 times: from 0:06 to 0:19, from 0:23 to 0:44, from 0:50 to 1:10, "
        "from 1:14 to 1:26, from 1:32 to 1:59 and from 2:03 to 2:16 of clip.mp4."
    )
    assert [e.span for e in told.evidence] == [visit.span for visit in SIX]
    assert {e.label for e in told.evidence} == {CLIP}


def test_the_last_of_a_recording_whose_beginning_was_watched_again() -> None:
    first, *rest = (replace(visit, recording="file:1") for visit in SIX)
    later = Span(start=first.at.start + nanoseconds(900), end=first.at.end + nanoseconds(900))
    visits = [replace(first, at=later), *rest]
    told = answer("when did somebody last appear?", visits=visits, watching=watched_clip())
    assert told.text == "I last saw somebody from 2:03 to 2:16 of clip.mp4."


def test_the_last_of_six() -> None:
    told = answer("when did somebody last appear?", visits=SIX, watching=watched_clip())
    assert told.text == "I last saw somebody from 2:03 to 2:16 of clip.mp4."
    assert [e.span for e in told.evidence] == [SIX[-1].span]


def test_people_are_counted_as_visits_not_as_persons() -> None:
    told = answer("how many people came in?", visits=SIX, watching=watched_clip())
    assert told.text.endswith("I cannot tell whether these were different people.")


def test_more_than_ten_are_counted() -> None:
    many = [recorded(None, 10 * n, 10 * n + 5) for n in range(12)]
    told = answer("how often did somebody appear?", visits=many, watching=watched_clip())
    assert "12 times" in told.text
    assert told.text.endswith("of clip.mp4, and 2 more.")
    assert len(told.evidence) == 12


def test_sources_are_named_when_there_are_several() -> None:
    visits = [live("mum", "12:10:00", "12:20:05"), recorded("mum", 6, 20)]
    told = answer("when was Mum here", visits=visits, watching=[*ALL_DAY, *watched_clip()])
    assert told.text == (
        "I saw Mum twice: from 12:10:00 to 12:20:05 (Camera); from 0:06 to 0:20 of clip.mp4."
    )


def test_two_concepts_are_answered_one_after_the_other() -> None:
    told = answer("when did Mum and Momo come?", visits=MUM_TWICE[:1])
    assert told.text == "Mum came in at 12:10:00. I have not seen Momo come."
    assert told.confidence == pytest.approx(0.8)


NOBODY = [
    ("when did Momo come in", "I have not seen Momo come."),
    ("when was Momo here between 12:00 and 12:30", "I have not seen Momo between 12:00 and 12:30."),
    ("how long was Momo here today", "I have not seen Momo today."),
    ("how often did somebody appear?", "I have not seen anybody come."),
    ("when did somebody last leave", "I have not seen anybody leave."),
    ("who was here since 15:00", "I have not seen anybody since 15:00."),
    ("when did something move", "I have not seen anything."),
    ("what did the screen say about glove", "I have not read anything about “glove” on a screen."),
    ("when did the build finish", "I have not read anything about “build finish”."),
]


@pytest.mark.parametrize(("question", "said"), NOBODY)
def test_what_was_not_seen_is_said_to_be_so(question: str, said: str) -> None:
    told = answer(question)
    # "Today" began before the camera was opened; what was watched is then said too.
    assert told.text.startswith(said)
    assert (told.confidence, told.evidence) == (0, ())


def test_nothing_watched() -> None:
    told = answer("when was Mum here?", watching=(), is_open=False)
    assert (told.text, told.confidence) == ("Nothing was watched yet.", 0)
    assert told.help.startswith("Open a camera")
    then = answer("what happened yesterday?", watching=(), is_open=False)
    assert then.text == "Nothing was watched yesterday."


def test_only_a_part_of_the_time_was_watched() -> None:
    told = answer(
        "was Mum here between 12:00 and 14:00?", watching=watched(("12:30:00", "13:00:00"))
    )
    assert told.text == (
        "I have not seen Mum between 12:00 and 14:00. I watched from 12:30:00 to 13:00:00."
    )


def test_an_interruption_inside_the_time_asked_about_is_told() -> None:
    pieces = watched(("12:00:00", "13:00:00"), ("13:02:00", "16:30:00"))
    inside = answer("when was Mum here today", visits=MUM_TWICE[:1], watching=pieces)
    outside = answer(
        "when was Mum here between 12:05 and 12:30", visits=MUM_TWICE[:1], watching=pieces
    )
    assert inside.text.endswith("Watching was interrupted from 13:00:00 to 13:02:00.")
    assert "interrupted" not in outside.text
    three = watched(("12:00:00", "13:00:00"), ("13:02:00", "14:00:00"), ("14:01:00", "16:30:00"))
    often = answer("was Momo here today?", watching=three)
    assert "Watching was interrupted 2 times, for 3 minutes altogether." in often.text


def test_nothing_happened() -> None:
    told = answer("what happened?")
    assert told.text == ("Nobody and nothing came or went. I watched from 12:00:00 to 16:30:00.")
    assert [e.kind for e in told.evidence] == ["source"]
    assert 0 < told.confidence < 1


def test_what_happened_quotes_the_screen() -> None:
    told = answer("what happened", passages=[text("Build finished", "14:05:12", "14:05:17")])
    assert told.text == ("The screen said “Build finished” from 14:05:12 to 14:05:17 (Screen).")


# --- now ------------------------------------------------------------------------------------------


NOW_SAID = [
    ("is Mum here?", [present("mum", "16:05:12")], "Yes: I see Mum (since 16:05:12)."),
    ("who is here?", [present("mum", "16:05:12"), present("momo", "16:10:00")],
     "I see Mum (since 16:05:12) and Momo (since 16:10:00)."),
    ("who is here?", [present(None, "16:10:00"), present("mum", "16:05:12")],
     "I see Mum (since 16:05:12) and somebody I do not know (since 16:10:00)."),
    ("is anybody there?", [present(None, "16:10:00"), present(None, "16:11:00")],
     "I see 2 people I do not know (since 16:10:00)."),
    ("how many people are here now?", [present("mum", "16:05:12"), present(None, "16:10:00")],
     "2: I see Mum (since 16:05:12) and somebody I do not know (since 16:10:00)."),
    ("are Mum and Momo here?", [present("mum", "16:05:12")],
     "I see Mum (since 16:05:12). I do not see Momo."),
    ("is anybody there?", [present("momo", "16:05:12")], "I see nobody now."),
    ("is Mum here?", [present("momo", "16:05:12")], "I do not see Mum now."),
    ("who is here?", [], "I see nobody now."),
    ("what do you see?", [], "I see nobody and nothing I know now."),
    ("when was Mum last here?", [present("mum", "16:05:12")], "I see Mum (since 16:05:12)."),
]  # fmt: skip


@pytest.mark.parametrize(("question", "here", "said"), NOW_SAID)
def test_now(question: str, here: list[Present], said: str) -> None:
    told = answer(question, here=here)
    assert told.text == said
    assert told.evidence
    assert told.confidence > 0


def test_absent_now_but_seen_before() -> None:
    told = answer("is Mum here?", visits=MUM_TWICE)
    assert told.text == "I do not see Mum now. I last saw Mum from 14:05:12 to 14:20:03."


def test_nothing_is_watched_now() -> None:
    told = answer("who is here?", is_open=False)
    assert told.text == "Nothing is being watched now."
    assert (told.confidence, told.evidence) == (0, ())
    assert told.help


def test_a_visit_that_goes_on() -> None:
    going = live("mum", "16:05:12", "16:05:12", open=True)
    here = [present("mum", "16:05:12")]
    long = answer("how long has Mum been here?", visits=[going], here=here)
    assert long.text == "I saw Mum for 24 minutes 48 seconds so far, since 16:05:12."
    broken_off = answer("when was Mum here?", visits=[going])
    assert broken_off.text == "I saw Mum at 16:05:12."


def test_who_is_here_now_is_no_answer_about_yesterday() -> None:
    told = answer(
        "when was Mum last here yesterday?",
        here=[present("mum", "16:05:12")],
        visits=[live("mum", "14:05:12", "14:20:03", day=13)],
    )
    assert told.text == "I last saw Mum yesterday from 14:05:12 to 14:20:03."


# --- words ----------------------------------------------------------------------------------------


def test_the_screen_is_quoted_with_its_time() -> None:
    told = answer(
        "what did the screen say about contraption?",
        passages=[text("A strange contraption", "14:05:12", "14:05:17")],
        watching=watched(("12:00:00", "16:30:00"), label="Screen"),
    )
    assert told.text == "The screen said “A strange contraption” from 14:05:12 to 14:05:17."
    assert [e.kind for e in told.evidence] == ["text"]
    assert told.confidence == pytest.approx(0.9)


def test_earlier_answers_are_no_evidence() -> None:
    told = answer(
        "what did the screen say about contraption?",
        passages=[text("The screen said “contraption”.", "14:05:12", "14:05:12", kind="answer")],
    )
    assert (told.evidence, told.confidence) == ((), 0)


def test_the_same_words_are_quoted_once() -> None:
    told = answer(
        "what did that error say?",
        passages=[
            text("Error 5: disk full", "14:05:12", "14:05:17"),
            text("error 5:  disk full", "14:06:12", "14:06:17"),
        ],
    )
    assert told.text.count("disk full") == 1


def test_what_a_question_about_words_finds() -> None:
    told = answer(
        "when did the build finish?",
        passages=[text("Build finished", "14:05:12", "14:05:17")],
        visits=MUM_TWICE,
    )
    assert told.text.startswith("The screen said “Build finished” from 14:05:12")
    assert {e.kind for e in told.evidence} == {"text"}


def test_an_open_question_needs_a_model() -> None:
    told = answer("why is the sky blue?")
    assert (told.text, told.confidence) == ("This needs a vision-language model.", 0)
    assert "vision-language model" in told.help


def test_an_open_question_is_shown_what_fits() -> None:
    told = answer("what colour is Mum's shirt?", visits=MUM_TWICE[1:])
    assert told.text == (
        "This needs a vision-language model. What fits: I last saw Mum from 14:05:12 to 14:20:03."
    )
    assert told.evidence
    assert told.confidence == 0


def test_words_that_are_nowhere() -> None:
    assert answer("find the glove").text == "I have found nothing about “glove”."


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("when did Bob come?", "I do not know anyone called Bob."),
        ("is Bob here?", "I do not know anyone called Bob."),
        ("where are my glasses?", "I do not know anything called glasses."),
        ("when did I come in?", "I do not know which person is you."),
    ],
)
def test_a_name_that_nobody_has_is_not_answered_for_somebody_else(question: str, said: str) -> None:
    told = answer(question, visits=MUM_TWICE, here=[present("mum", "16:05:12")])
    assert told.text == said
    assert (told.evidence, told.confidence) == ((), 0)
    assert told.help.startswith("Register")


def test_what_is_missing_on_the_machine_is_said() -> None:
    off = [Feature(name="faces", on=False, reason="The face models are not installed.")]
    assert answer("when was Mum here?", features=off).help == "The face models are not installed."


def test_the_future() -> None:
    assert answer("was Mum here tomorrow?").text == "That is still to come."


def test_who_is_still_there_has_not_left() -> None:
    going = replace(live("mum", "16:05:12", "16:20:00"), open=True)
    here = [present("mum", "16:05:12"), present("momo", "16:10:00", kind="pet")]
    told = answer("when did Mum leave?", visits=[*MUM_TWICE, going], here=here)
    assert told.text == "Mum left twice: at 12:20:05 and at 14:20:03."
    for question in ("when did Mum leave?", "when did Mum last leave?", "how often did Mum leave?"):
        told = answer(question, visits=[going], here=here)
        assert told.text == "Still here. I see Mum (since 16:05:12)."
        assert len(told.evidence) == 1
    gone = answer("when did Mum leave?", visits=[going], here=here[1:])
    assert gone.text == "Mum left at 16:20:00."
