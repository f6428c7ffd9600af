"""Questions as people ask them, and what is looked up for each."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.decision.questions import understand
from engine.facts import Concept, Query
from engine.media import NANOSECONDS

BERLIN = ZoneInfo("Europe/Berlin")
NOW = round(datetime(2026, 3, 14, 16, 30, tzinfo=BERLIN).timestamp()) * NANOSECONDS
CONCEPTS = (
    Concept(id="mum", name="Mum", kind="person", aliases=("Mother", "Mum dear")),
    Concept(id="momo", name="Momo", kind="pet", aliases=("the cat",)),
    Concept(id="keys", name="keys", kind="thing"),
    Concept(id="me", name="Ada", kind="person", is_me=True),
    Concept(id="star", name="🌟", kind="thing"),
    Concept(id="noor", name="نور", kind="person"),
    Concept(id="may", name="May", kind="person"),
    Concept(id="sunday", name="Sunday", kind="pet"),
    Concept(id="mumsmug", name="Mum's mug", kind="thing"),
)


def ask(text: str, concepts: tuple[Concept, ...] = CONCEPTS) -> Query:
    return understand(text, concepts=concepts, now_at=NOW, now_pts=None, tz=BERLIN)


NOW_QUESTIONS = [
    ("is Mum here", ("mum",), "concept"),
    ("Is Mum here now?", ("mum",), "concept"),
    ("is mum still there?", ("mum",), "concept"),
    ("Nacre, is my cat Momo in the room?", ("momo",), "concept"),
    ("are my keys on the table?", ("keys",), "concept"),
    ("do you see Momo?", ("momo",), "concept"),
    ("can you see my keys right now", ("keys",), "concept"),
    ("am I here?", ("me",), "concept"),
    ("do you see me", ("me",), "concept"),
    ("who is here", (), "somebody"),
    ("who's there?", (), "somebody"),
    ("Who is in the room?", (), "somebody"),
    ("who is that", (), "somebody"),
    ("who do you see?", (), "somebody"),
    ("what do you see now", (), "anything"),
    ("what can you see?", (), "anything"),
    ("is anybody there?", (), "somebody"),
    ("is there anyone here", (), "somebody"),
    ("is there somebody at the door?", (), "somebody"),
    ("is something there", (), "something"),
    ("how many people are here now?", (), "somebody"),
    ("what is happening", (), "anything"),
    ("is 🌟 here?", ("star",), "concept"),
    ("is نور here?", ("noor",), "concept"),
    ("is Mum's mug there?", ("mumsmug",), "concept"),
]

WHEN_QUESTIONS = [
    ("when did Mum come in", "when", ("mum",), "concept", "came"),
    ("When did my Mum arrive?", "when", ("mum",), "concept", "came"),
    ("tell me when Mum came in", "when", ("mum",), "concept", "came"),
    ("Can you tell me when Mother left?", "when", ("mum",), "concept", "left"),
    ("when did Momo leave the room", "when", ("momo",), "concept", "left"),
    ("at what time did Mum and Momo appear?", "when", ("mum", "momo"), "concept", "came"),
    ("when was Mum here", "when", ("mum",), "concept", "any"),
    ("did Mum come in yesterday?", "when", ("mum",), "concept", "came"),
    ("was Momo here today?", "when", ("momo",), "concept", "any"),
    ("has anybody been here?", "when", (), "somebody", "any"),
    ("did you see Momo this morning", "when", ("momo",), "concept", "any"),
    ("have you seen my keys?", "when", ("keys",), "concept", "any"),
    ("did anyone come while I was out", "when", (), "somebody", "came"),
    ("who was here yesterday", "what_happened", (), "somebody", "any"),
    ("who came in?", "what_happened", (), "somebody", "any"),
    ("who has left", "what_happened", (), "somebody", "any"),
    ("when did somebody appear", "when", (), "somebody", "came"),
    ("when did something move?", "when", (), "something", "any"),
    ("when did she come?", "when", (), "somebody", "came"),
    ("when did May come?", "when", ("may",), "concept", "came"),
    ("when was Sunday here?", "when", ("sunday",), "concept", "any"),
    ("when did I come in?", "when", ("me",), "concept", "came"),
    ("when did you last see my keys", "when_last", ("keys",), "concept", "any"),
    ("when was Momo last here?", "when_last", ("momo",), "concept", "any"),
    ("when did somebody last appear", "when_last", (), "somebody", "came"),
    ("when was the last time you saw Mum", "when_last", ("mum",), "concept", "any"),
    ("when did Mum last leave", "when_last", ("mum",), "concept", "left"),
    ("where did I put my keys?", "when_last", ("keys",), "concept", "any"),
    ("where are my keys", "when_last", ("keys",), "concept", "any"),
    ("where's Momo?", "when_last", ("momo",), "concept", "any"),
    ("how long ago was Mum here?", "when_last", ("mum",), "concept", "any"),
    ("how long has it been since Momo was here", "when_last", ("momo",), "concept", "any"),
    ("when was I last here?", "when_last", ("me",), "concept", "any"),
    ("how long was Momo here", "how_long", ("momo",), "concept", "any"),
    ("How long did Mum stay yesterday?", "how_long", ("mum",), "concept", "any"),
    ("how much time was I at the desk today", "how_long", ("me",), "concept", "any"),
    ("how long was somebody there", "how_long", (), "somebody", "any"),
    ("since when is Mum here?", "how_long", ("mum",), "concept", "any"),
    ("how many times did somebody appear", "how_often", (), "somebody", "came"),
    ("how many times did somebody appear?", "how_often", (), "somebody", "came"),
    ("how often did Momo come in today", "how_often", ("momo",), "concept", "came"),
    ("how often was Mum here?", "how_often", ("mum",), "concept", "any"),
    ("how many people came in yesterday?", "how_often", (), "somebody", "came"),
    ("how many times did Mum leave?", "how_often", ("mum",), "concept", "left"),
    ("how many visits were there between 10:00 and 10:30", "how_often", (), "somebody", "any"),
    ("how many times did something move", "how_often", (), "something", "any"),
]

HAPPENED = [
    "what happened",
    "What happened between 10:00 and 10:30?",
    "what happened today",
    "what did I miss?",
    "what have I missed",
    "did I miss anything?",
    "did anything happen while I was out",
    "has something happened?",
    "what has changed",
    "what was going on this morning?",
    "what's new?",
    "give me a summary of today",
    "summarise the last hour",
    "what did you see yesterday?",
    "please tell me what happened in the last five minutes",
]

SCREEN = [
    ("what did the screen say about contraption", "contraption"),
    ("What did the screen say about the build?", "build"),
    ("what did that error say", "error"),
    ("what did that error say before I closed it?", "error"),
    ("what was the error message?", "error message"),
    ("what was on the screen at 3 pm", ""),
    ("what did the screen say", ""),
    ("what is on my screen?", ""),
    ("which error was shown on the screen?", "error"),
    ("what does it say about “disk full”?", "disk full"),
    ("did the screen say 'build finished'?", "build finished"),
    ("when did the screen show contraption", "contraption"),
    ("what did you read", ""),
    ("what did the terminal say about tests", "tests"),
    ("what text was on the screen about the glove", "glove"),
]

SEARCH = [
    ("contraption", "contraption"),
    ("find the invoice", "invoice"),
    ("why is the sky blue", "sky blue"),
    ("what colour is Mum's shirt?", "colour shirt"),
    ("search for glove", "glove"),
    ("what did Mum do?", ""),
    ("", ""),
    ("?!", ""),
]

STRANGERS = [
    ("when did Bob come", "Bob"),
    ("When did Bob last come?", "Bob"),
    ("is Bob here?", "Bob"),
    ("was Bob here yesterday", "Bob"),
    ("how long was Bob here", "Bob"),
    ("how often did Bob come in?", "Bob"),
    ("when did you last see Bob?", "Bob"),
    ("have you seen Bob", "Bob"),
    ("do you see Bob?", "Bob"),
    ("where are my glasses?", "glasses"),
    ("where did I put my phone", "phone"),
    ("when was the dog last here", "dog"),
    ("tell me when Bob came in", "Bob"),
    ("did bob leave?", "bob"),
    ("when did Mary Ann come?", "Mary Ann"),
    ("how long ago was Bob here?", "Bob"),
    ("who is Bob?", "Bob"),
]

NO_STRANGER = [
    "when did the build finish",
    "when did the download finish?",
    "who is here",
    "is anybody there?",
    "was anyone at the door?",
    "when did somebody last appear",
    "did the screen say hello",
    "what happened when Mum came in",
    "is there anything new",
    "why is the sky blue",
    "how many people came in yesterday",
    "when was the last time somebody was here",
    "did it stop",
    "were there people here?",
]


@pytest.mark.parametrize(("text", "concepts", "subject"), NOW_QUESTIONS)
def test_about_now(text: str, concepts: tuple[str, ...], subject: str) -> None:
    query = ask(text)
    assert (query.intent, query.concepts, query.subject) == ("now", concepts, subject)
    assert query.unknown_name == ""


@pytest.mark.parametrize(("text", "intent", "concepts", "subject", "event"), WHEN_QUESTIONS)
def test_about_visits(
    text: str, intent: str, concepts: tuple[str, ...], subject: str, event: str
) -> None:
    query = ask(text)
    assert (query.intent, query.concepts, query.subject, query.event) == (
        intent,
        concepts,
        subject,
        event,
    )
    assert query.unknown_name == ""


@pytest.mark.parametrize("text", HAPPENED)
def test_what_happened(text: str) -> None:
    query = ask(text)
    assert (query.intent, query.concepts, query.words) == ("what_happened", (), "")
    assert query.unknown_name == ""


@pytest.mark.parametrize(("text", "words"), SCREEN)
def test_what_the_screen_said(text: str, words: str) -> None:
    query = ask(text)
    assert (query.intent, query.words) == ("screen_text", words)
    assert query.unknown_name == ""


@pytest.mark.parametrize(("text", "words"), SEARCH)
def test_anything_else_is_a_search(text: str, words: str) -> None:
    query = ask(text)
    assert (query.intent, query.words) == ("search", words)


@pytest.mark.parametrize(("text", "name"), STRANGERS)
def test_a_name_that_nobody_has_is_kept_apart(text: str, name: str) -> None:
    query = ask(text)
    assert (query.unknown_name, query.words, query.concepts) == (name, name, ())
    assert query.subject == "anything"


@pytest.mark.parametrize("text", NO_STRANGER)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert ask(text).unknown_name == ""


def test_times_are_resolved_and_taken_out() -> None:
    query = ask("what did the screen say about glove between 10:00 and 10:30?")
    assert query.words == "glove"
    assert query.at is not None
    assert query.at.seconds == 1800
    assert query.pts is not None
    assert query.pts.start == 600 * NANOSECONDS


def test_a_search_for_what_finished() -> None:
    query = ask("when did the build finish")
    assert (query.intent, query.words, query.subject) == ("when", "build finish", "anything")


def test_the_longest_name_wins() -> None:
    assert ask("is Mum dear here").concepts == ("mum",)
    assert ask("when was Mum's mug last here").concepts == ("mumsmug",)


def test_either_apostrophe_will_do() -> None:
    query = ask("when was Mum’s mug last here")
    assert (query.concepts, query.question) == (("mumsmug",), "when was Mum’s mug last here")


def test_a_name_is_a_whole_word() -> None:
    assert ask("what about mummies").concepts == ()
    assert ask("is 🌟\u200d🔥 here").concepts == ()


def test_every_concept_of_the_name_is_meant() -> None:
    twins = (
        Concept(id="1", name="Sam", kind="person"),
        Concept(id="2", name="sam", kind="pet"),
    )
    assert ask("is SAM here", twins).concepts == ("1", "2")


def test_names_with_marks_of_direction_and_other_cases() -> None:
    assert ask("is \u200fنور\u200f here?").concepts == ("noor",)
    stroke = (Concept(id="o", name="Ødegård", kind="person"),)
    assert ask("when did ØDEGÅRD come", stroke).concepts == ("o",)
    composed = (Concept(id="e", name="Zoe\u0308", kind="person"),)
    assert ask("is Zo\u00eb here", composed).concepts == ("e",)


def test_a_very_long_name_does_no_harm() -> None:
    long = (Concept(id="l", name="x" * 10_000, kind="thing"),)
    assert ask(f"is {'x' * 10_000} here", long).concepts == ("l",)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "words",
    ["what error text ", "is Mum here ", "between 1 and ", "what ", "1:", "at ", "did you see "],
)
def test_a_pasted_page_does_not_hold_up_the_engine(words: str) -> None:
    assert ask(words * 2000).intent


def test_i_am_the_concept_that_is_me() -> None:
    assert ask("when did I come in").concepts == ("me",)
    assert ask("when did I last see my keys").concepts == ("keys",)
    nobody = ask("when did I come in", CONCEPTS[:2])
    assert (nobody.concepts, nobody.unknown_name) == ((), "me")


def test_a_stranger_beside_a_known_name() -> None:
    query = ask("when did Bob and Mum come")
    assert query.concepts == ("mum",)
