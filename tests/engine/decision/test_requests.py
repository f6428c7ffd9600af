"""Standing requests: which are understood, and as what."""

import pytest

from engine.decision.alerts import is_standing_request, parse_alert
from engine.decision.requests import Abilities, normalised, read_request
from engine.errors import AlertError
from engine.facts import Concept, Condition

CONCEPTS = (
    Concept(id="mum", name="Mum", kind="person", aliases=("Mother",)),
    Concept(id="momo", name="Momo", kind="pet"),
    Concept(id="keys", name="keys", kind="thing"),
    Concept(id="me", name="Ada", kind="person", is_me=True),
    Concept(id="star", name="🌟", kind="thing"),
    Concept(id="noor", name="نور", kind="person"),
)


def of(event: str, who: str) -> Condition:
    subject = who if who in ("somebody", "something") else "concept"
    return Condition(
        event=event,  # type: ignore[arg-type]
        concept=who if subject == "concept" else None,
        subject=subject,  # type: ignore[arg-type]
    )


def reads(words: str) -> Condition:
    return Condition(event="reads", words=words)


UNDERSTOOD = [
    ("tell me when Mum comes in", of("appears", "mum")),
    ("Tell me when Mum comes in.", of("appears", "mum")),
    ("tell me when mum comes", of("appears", "mum")),
    ("please tell me when MUM appears", of("appears", "mum")),
    ("Let me know when Mother arrives, please", of("appears", "mum")),
    ("let me know if Mum is here", of("appears", "mum")),
    ("Nacre, tell me as soon as Mum walks in", of("appears", "mum")),
    ("hey nacre, can you tell me when Mum shows up?", of("appears", "mum")),
    ("could you please notify me when Mum enters the room", of("appears", "mum")),
    ("when Mum comes into the room", of("appears", "mum")),
    ("Mum appears", of("appears", "mum")),
    ("tell me when Mum is at the door", of("appears", "mum")),
    ("tell me when you see Mum", of("appears", "mum")),
    ("tell me when my cat Momo comes", of("appears", "momo")),
    ("watch for Momo", of("appears", "momo")),
    ("look out for my keys", of("appears", "keys")),
    ("alert me every time Momo comes home", of("appears", "momo")),
    ("tell me whenever 🌟 appears", of("appears", "star")),
    ("tell me when نور comes in", of("appears", "noor")),
    ("tell me when Mum leaves", of("leaves", "mum")),
    ("tell me when Mum leaves the room", of("leaves", "mum")),
    ("notify me once Momo goes out", of("leaves", "momo")),
    ("tell me when Mum goes away", of("leaves", "mum")),
    ("tell me when Mum has left", of("leaves", "mum")),
    ("tell me when Mum is gone", of("leaves", "mum")),
    ("tell me if my keys disappear", of("leaves", "keys")),
    ("tell me when Mum is no longer here", of("leaves", "mum")),
    ("tell me when Momo comes back", of("returns", "momo")),
    ("tell me when Mum returns", of("returns", "mum")),
    ("tell me when Mum is back", of("returns", "mum")),
    ("tell me when Mum gets back home", of("returns", "mum")),
    ("tell me when Momo appears again", of("returns", "momo")),
    ("tell me when somebody appears", of("appears", "somebody")),
    ("tell me when someone comes in", of("appears", "somebody")),
    ("tell me if anybody is at the door", of("appears", "somebody")),
    ("warn me when a person enters", of("appears", "somebody")),
    ("tell me when there is somebody at the door", of("appears", "somebody")),
    ("tell me when anyone leaves", of("leaves", "somebody")),
    ("tell me when something appears", of("appears", "something")),
    ("tell me when something moves", of("appears", "something")),
    ("let me know if anything happens", of("appears", "something")),
    ("tell me when something disappears", of("leaves", "something")),
    ("tell me when the screen shows build finished", reads("build finished")),
    ("tell me when the screen says “Build finished!”", reads("build finished")),
    ('tell me when the screen shows "Build  finished"', reads("build finished")),
    ("tell me when my screen reads error", reads("error")),
    ("tell me when the word contraption appears on the screen", reads("contraption")),
    ("tell me when the word 'contraption' appears", reads("contraption")),
    ("tell me when the text download complete is shown on the screen", reads("download complete")),
    ("tell me when “Mum” appears on the screen", reads("mum")),
    ("tell me when it says ready on the screen", reads("ready")),
    ("tell me when you read the word glove", reads("glove")),
    ("let me know when the terminal says done", reads("done")),
    ("tell me when the screen says 'it was done'", reads("it was done")),
]

REFUSED = [
    ("tell me when Bob comes in", "does not know “Bob”"),
    ("tell me when the dog comes in", "does not know “dog”"),
    ("tell me when Mum or Momo comes in", "one for each"),
    ("tell me when Mum smiles", "cannot judge"),
    ("tell me when the soup boils over", "cannot judge"),
    ("tell me when Mum comes in after 6 pm", "cannot judge"),
    ("tell me when Ada comes in", "is you"),
    ("tell me when the screen shows ...", "cannot judge"),
    ("", "cannot judge"),
    ("tell me a joke", "cannot judge"),
    ("tell me when the screen shows " + "word " * 500, "too long"),
]

QUESTIONS = [
    "tell me when Mum came in",
    "tell me when Mum left",
    "tell me when you last saw my keys",
    "tell me when somebody appeared",
    "Can you tell me when Momo was here?",
    "tell me what happened",
    "when did Mum come in",
    "when does Mum come in",
    "who is here",
    "tell me about Momo",
    "what did the screen say about tell me when",
]


@pytest.mark.parametrize(("text", "condition"), UNDERSTOOD)
def test_understood(text: str, condition: Condition) -> None:
    assert parse_alert(text, CONCEPTS) == condition


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_refused_with_a_sentence(text: str, why: str) -> None:
    with pytest.raises(AlertError, match=why) as refusal:
        parse_alert(text, CONCEPTS)
    assert "No alert was set" in str(refusal.value)


def test_two_of_one_name_are_not_guessed_between() -> None:
    twins = (
        Concept(id="1", name="Sam", kind="person"),
        Concept(id="2", name="sam", kind="pet"),
    )
    with pytest.raises(AlertError, match="2 concepts are called Sam"):
        parse_alert("tell me when Sam comes in", twins)


@pytest.mark.parametrize("text", [t for t, _ in UNDERSTOOD if t.split()[0] not in ("when", "Mum")])
def test_recognised_as_a_standing_request(text: str) -> None:
    assert is_standing_request(text)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_no_standing_request(text: str) -> None:
    assert not is_standing_request(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Build  FINISHED!", "build finished"),
        ("ﬁnished", "finished"),
        ("“Ready”…", "ready"),
        ("error: 0x80", "error 0x80"),
        ("١٢ نور", "١٢ نور"),
        ("!!!", ""),
    ],
)
def test_text_is_compared_without_case_spacing_or_punctuation(text: str, same: str) -> None:
    assert normalised(text) == same


BOTH = Condition(event="together", concept="mum", other="momo")
FURTHER = [
    ("tell me when Mum is with Momo", Condition(event="together", concept="mum", other="momo")),
    (
        "tell me when Mum and Momo are here",
        Condition(event="together", concept="mum", other="momo"),
    ),
    ("tell me when there are three people", Condition(event="counts", subject="somebody", count=3)),
    (
        "tell me when more than two people are in the room",
        Condition(event="counts", subject="somebody", count=3),
    ),
    ("tell me when Momo comes in three times", Condition(event="counts", concept="momo", count=3)),
    (
        "tell me when nothing happens for ten minutes",
        Condition(event="nothing", subject="something", after_s=600),
    ),
    (
        "tell me if nobody is here for an hour",
        Condition(event="nothing", subject="somebody", after_s=3600),
    ),
    (
        "tell me when Momo is not seen for 2 hours",
        Condition(event="nothing", concept="momo", after_s=7200),
    ),
    (
        "tell me when somebody says “dinner is ready”",
        Condition(event="hears", subject="somebody", words="dinner is ready"),
    ),
    (
        "tell me when you hear the word Momo",
        Condition(event="hears", subject="somebody", words="momo"),
    ),
    ("tell me when someone speaks", Condition(event="hears", subject="somebody")),
    (
        "tell me when Mum picks up my cup",
        Condition(event="judged", concept="mum", words="Mum picks up my cup"),
    ),
    ("tell me when the soup boils over", Condition(event="judged", words="the soup boils over")),
]


@pytest.mark.parametrize(("text", "condition"), FURTHER)
def test_further_forms(text: str, condition: Condition) -> None:
    everything = Abilities(hears=True, model=True)
    assert read_request(text, CONCEPTS, everything).condition == condition


NOW = 1_798_279_200 * 10**9
"""2026-12-26, 10:00 UTC."""
MINUTE = 60 * 10**9
TERMS = [
    ("for 5 seconds", {"dwell_s": 5.0}),
    ("for at least two minutes", {"dwell_s": 120.0}),
    ("at most once an hour", {"cooldown_s": 3600.0}),
    ("but not more than once every 10 minutes", {"cooldown_s": 600.0}),
    ("but not between 22:00 and 7:00", {"quiet": (1320, 420)}),
    ("but never at night", {"quiet": (1320, 420)}),
    ("only between 9 am and 5 pm", {"quiet": (1020, 540)}),
    ("until 11:30", {"expires_at": NOW + 90 * MINUTE}),
    ("for the next two hours", {"expires_at": NOW + 120 * MINUTE}),
    ("only on the screen", {"sources": ("screen",)}),
    ("only when she is alone", {"alone": True}),
]


@pytest.mark.parametrize(("said", "terms"), TERMS)
def test_terms_at_the_end_of_the_sentence(said: str, terms: dict[str, object]) -> None:
    wanted = read_request(f"tell me when Mum comes in, {said}", CONCEPTS, now=NOW)
    assert wanted.condition.concept == "mum"
    found = {name: getattr(wanted.terms, name) for name in terms}
    assert found == terms
    assert wanted.condition.alone == terms.get("alone", False)


def test_several_terms_in_one_sentence() -> None:
    text = "tell me when Mum comes in for 5 seconds, once an hour, but not at night, until 11:30"
    terms = read_request(text, CONCEPTS, now=NOW).terms
    assert (terms.dwell_s, terms.cooldown_s, terms.quiet) == (5.0, 3600.0, (1320, 420))
    assert terms.expires_at == NOW + 90 * MINUTE


def test_terms_between_quotation_marks_are_words() -> None:
    wanted = read_request("tell me when the screen shows “wait for 5 seconds”", CONCEPTS)
    assert wanted.condition.words == "wait for 5 seconds"
    assert wanted.terms.empty


def test_a_name_is_never_read_as_a_term() -> None:
    odd = (Concept(id="odd", name="Ada for 5 seconds", kind="person"),)
    wanted = read_request("tell me when Ada for 5 seconds comes in", odd)
    assert (wanted.condition.concept, wanted.terms.empty) == ("odd", True)
    wanted = read_request("tell me when you see Ada for 5 seconds", odd)
    assert (wanted.condition.concept, wanted.terms.empty) == ("odd", True)


@pytest.mark.parametrize(
    ("text", "why", "can"),
    [
        ("tell me if the baby cries", "such a sound", Abilities(model=True, hears=True)),
        ("tell me when the doorbell rings", "such a sound", Abilities(model=True)),
        ("tell me when the dog barks", "such a sound", Abilities(model=True)),
        ("tell me when somebody says dinner", "does not hear words", Abilities(model=True)),
        ("tell me when the screen shows done", "cannot read text", Abilities(reads=False)),
        ("tell me when I have done ten squats", "cannot count", Abilities(model=True)),
        ("tell me when Mum is sad", "cannot be seen", Abilities(model=True)),
        ("tell me when nothing happens", "For how long", Abilities(model=True)),
        ("tell me when the soup boils over", "cannot judge", Abilities()),
        ("a story about the soup", "cannot judge", Abilities(model=True)),
        ("tell me when Bob comes in", "does not know", Abilities(model=True)),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(text: str, why: str, can: Abilities) -> None:
    with pytest.raises(AlertError, match=why) as refusal:
        read_request(text, CONCEPTS, can)
    assert "No alert was set" in str(refusal.value)
