"""The demo in the window, as a newcomer without any model meets it, and what they type into it."""

import pytest

from app.eval.world.showcase import Showcase
from engine.inference.devices import find_devices
from tests.e2e.window_desktop import Desktop
from tests.e2e.window_driving import Driven
from tests.fakes.program import Program

NAME = "Pip"
LOADS_S = 120
"""A machine with much else to do takes its time to open a model."""
CLIP_S = 60
"""The clip has 32 seconds."""
MUM_CAME = "Show 0:05"
"""The other remark's evidence, by the name of its button."""
JUMPING = {
    f"Show 0:{second:02}"
    for acts in Showcase().plan().acts
    for act in acts
    if act.deed == "jump"
    for second in range(int(act.start_s), int(act.end_s) + 1)
}


@pytest.fixture(autouse=True)
def engine() -> None:
    """The language model needs llama.cpp."""
    assert find_devices()


def test_a_newcomer_sees_names_an_alert_and_an_answer(bare: Program, desktop: Desktop) -> None:
    with Driven(bare, desktop) as window:
        window.wait("Source: demo clip", "button menu")
        window.until(lambda: "Momo" in window.seen_in_picture(), "Momo in the picture")
        window.wait("Mum came in.*", "label")
        window.until(
            lambda: {"Momo", "Mum"} <= set(words(window.seen_in_picture())), "both in the picture"
        )
        window.say("who is here?")
        window.wait("I see Momo .*Mum .*", "label")
        window.desktop.look("demo-1-names")
        window.wait("This is a demo: a small drawn world.*", "label", LOADS_S)
        window.say("What colour is the one with the crown?")
        window.wait("yellow", "label", LOADS_S)
        window.say("Which word is on the board?")
        window.wait("HELLO", "label", LOADS_S)
        window.desktop.look("demo-2-answer")
        window.key("ctrl+2")
        window.wait("Momo: Person .* part of the demo.*")
        window.desktop.look("demo-3-gallery")
        window.key("ctrl+3")
        window.wait("Part of the demo", "label")
        window.desktop.look("demo-4-alerts")
        window.close()
    archive = bare.archive()
    assert archive.concepts() == ()
    assert archive.alerts() == ()


def test_a_free_sentence_is_judged_by_the_demo_model(bare: Program, desktop: Desktop) -> None:
    with Driven(bare, desktop) as window:
        window.wait("This is a demo: a small drawn world.*", "label", LOADS_S)
        window.say("tell me when somebody is jumping")
        window.wait("I would tell you when the model sees “somebody is jumping”.*", "label")
        window.click("Arm it", "push button")
        window.wait("I will tell you when the model sees “somebody is jumping”.*", "label")
        window.click("Watch again", "push button")
        window.wait("Somebody is jumping.*", "label", CLIP_S)
        window.desktop.look("demo-6-judged")
        told = {one.name for one in window.every("Show 0:.*", "push button")} - {MUM_CAME}
        assert told
        assert told <= JUMPING
        window.close()


def test_a_figure_is_defined_by_typing_and_known_from_then_on(
    bare: Program, desktop: Desktop
) -> None:
    with Driven(bare, desktop) as window:
        window.until(lambda: "Momo" in window.seen_in_picture(), "the first figure")
        window.key("r")
        window.click("Proposal 1: person.*", "push button")
        window.wait("Name", "text")
        window.type(NAME)
        window.gone("Name", "text")
        window.until(lambda: NAME in window.seen_in_picture(), "the new name in the picture")
        window.say(f"was {NAME} here?")
        window.wait(f"Yes.*{NAME}.*|.*{NAME} was.*|.*{NAME} is.*", "label")
        window.click("Watch again", "push button")
        window.until(lambda: NAME in window.seen_in_picture(), "the name, when it is watched again")
        window.desktop.look("demo-5-taught")
        window.key("ctrl+2")
        window.wait(f"{NAME}: Person .*")
        window.close()
    assert [concept.name for concept in bare.archive().concepts()] == [NAME]


def words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()
