"""What is said about alerts in the middle of a conversation."""

import pytest

from engine.decision.orders import Add, Arm, Change, Context, Hold, Order, Remove, order_of
from engine.errors import AlertError
from engine.facts import Alert, Concept, Condition

MUM = Concept(id="mum", name="Mum", kind="person")
MOMO = Concept(id="momo", name="Momo", kind="pet")
CONCEPTS = (MUM, MOMO)


def alert(name: str, concept: str | None, event: str = "appears", text: str = "") -> Alert:
    return Alert(
        id=name,
        text=text or f"tell me when {concept} {event}",
        condition=Condition(event=event, concept=concept),  # type: ignore[arg-type]
        dwell_s=0.0,
        cooldown_s=3.0,
        created_at=0,
    )


CUP = alert("cup", "mum", "judged", "tell me when Mum drinks from the cup")
CAT = alert("cat", "momo")
BUILD = Alert(
    id="build",
    text="tell me when the screen shows build finished",
    condition=Condition(event="reads", words="build finished"),
    dwell_s=0.0,
    cooldown_s=3.0,
    created_at=0,
)


def say(text: str, current: Alert | None = CAT, *, drafted: bool = False) -> Order | None:
    alerts = (CUP, BUILD) if drafted else (CUP, CAT, BUILD)
    return order_of(
        text, Context(alerts=alerts, concepts=CONCEPTS, current=current, drafted=drafted)
    )


def changed(text: str, current: Alert = CAT, *, drafted: bool = False) -> Alert:
    order = say(text, current, drafted=drafted)
    assert isinstance(order, Change), order
    assert order.alert.id == current.id
    return order.alert


def test_a_new_request() -> None:
    assert say("Tell me when Mum leaves") == Add("Tell me when Mum leaves")
    assert say("could you let me know when Mum leaves?") == Add(
        "could you let me know when Mum leaves?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "what is Momo doing?",
        "where is Mum",
        "tell me when Mum came in",
        "tell me about Momo",
        "who was with Momo when she left",
        "did I close the window",
        "not bad",
        "no idea what this is",
        "is it alone?",
        "when did the cat come in",
        "hello",
        "",
    ],
)
@pytest.mark.parametrize("drafted", [True, False])
def test_a_question_in_between_disturbs_none(text: str, *, drafted: bool) -> None:
    assert say(text, drafted=drafted) is None


@pytest.mark.parametrize(
    "text", ["no, only when he is alone", "only if she is alone", "but only when Momo is alone"]
)
@pytest.mark.parametrize("drafted", [True, False])
def test_only_alone(text: str, *, drafted: bool) -> None:
    assert changed(text, drafted=drafted).condition.alone


def test_terms_are_changed() -> None:
    assert changed("only if it lasts 5 seconds").dwell_s == 5
    assert changed("at most once an hour").cooldown_s == 3600
    assert changed("but not at night").quiet == (1320, 420)
    assert changed("only on the camera").sources == ("camera",)
    assert changed("until 18:00").expires_at is not None


def test_what_is_waited_for_is_changed() -> None:
    assert changed("no, when she leaves").condition == Condition(event="leaves", concept="momo")
    assert changed("I mean when it comes back").condition.event == "returns"
    assert changed("no, Mum").condition.concept == "mum"
    assert changed("no, not Momo, Mum").condition.concept == "mum"


def test_a_change_is_told_in_its_sentence() -> None:
    assert changed("no, only when he is alone").text == (
        "tell me when momo appears, only when he is alone"
    )


def test_a_change_that_cannot_be_judged_is_refused() -> None:
    with pytest.raises(AlertError, match="such a sound"):
        say("no, when she cries")


@pytest.mark.parametrize("text", ["yes", "OK.", "that's right", "arm it"])
def test_the_card_is_right(text: str) -> None:
    assert say(text, drafted=True) == Arm()
    assert say(text) is None


@pytest.mark.parametrize("text", ["no", "never mind", "cancel that", "forget it"])
def test_the_card_is_dropped(text: str) -> None:
    assert say(text, drafted=True) == Remove(("cat",))


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("stop telling me about the cat", "cat"),
        ("Stop telling me about Momo.", "cat"),
        ("don't tell me about Momo any more", "cat"),
        ("stop alerting me when Momo appears", "cat"),
        ("cancel the alert about the build", "build"),
        ("remove the alert on the cup", "cup"),
        ("cancel that alert", "cat"),
        ("stop that", "cat"),
    ],
)
def test_the_one_that_is_meant_ends(text: str, gone: str) -> None:
    assert say(text) == Remove((gone,))


def test_all_of_them_end() -> None:
    assert say("stop telling me about everything") == Remove(("cup", "cat", "build"))


def test_what_is_not_there_cannot_end() -> None:
    with pytest.raises(AlertError, match="no alert about"):
        say("stop telling me about the parrot")
    with pytest.raises(AlertError, match="Which alert"):
        say("cancel the alert", current=None)


def test_pausing() -> None:
    assert say("pause the alert about Momo") == Hold(("cat",), paused=True)
    assert say("resume the alert about Momo") == Hold(("cat",), paused=False)
    assert say("mute that alert") == Hold(("cat",), paused=True)
    assert say("pause") is None, "that stops the watching, and is no matter of alerts"
