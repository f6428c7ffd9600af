"""The window as a person uses it: the real program with real models on a desktop of its own, and a
real mouse and keyboard."""

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.media import Image, Span
from tests.e2e.window_desktop import Desktop
from tests.e2e.window_driving import Driven
from tests.fakes.program import Program
from tests.fakes.waiting import wait_for

NAME = "Mum"
RATE, LENGTH_S = 10, 100
BIT, BITS = 24, 8
"""The second of the recording stands in its upper left corner, as squares: white is one."""
NEAR = 40
"""How far a colour on the screen may lie from the one it was painted in, in all channels."""


@pytest.fixture(scope="module")
def recording(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person signs, to and fro, for long enough to do all this meanwhile."""
    capture = cv2.VideoCapture(str(real_data / "people" / "asl_student.mkv"))
    frames: list[Image] = []
    while (read := capture.read())[0]:
        frames.append(np.asarray(read[1], np.uint8))
    capture.release()
    frames = frames[::3]
    frames += frames[::-1]
    path = tmp_path_factory.mktemp("recording") / "signing.mp4"
    height, width = frames[0].shape[:2]
    code = cv2.VideoWriter.fourcc(*"mp4v")
    written = cv2.VideoWriter(str(path), code, RATE, (width, height))
    for number in range(RATE * LENGTH_S):
        picture = frames[number % len(frames)].copy()
        for bit in range(BITS):
            white = number // RATE >> bit & 1
            picture[:BIT, bit * BIT : (bit + 1) * BIT] = 255 * white
        written.write(picture)
    written.release()
    return path


@pytest.fixture
def window(nacre: Program, desktop: Desktop) -> Iterator[Driven]:
    with Driven(nacre, desktop) as driven:
        yield driven


def shown_second(window: Driven) -> int:
    """The second of the recording that stands in the preview."""
    picture = window.picture()
    height, width = picture.shape[:2]
    scale = min(width / 640, height / 480)
    left, top = (width - 640 * scale) / 2, (height - 480 * scale) / 2
    y = round(top + BIT * scale / 2)
    xs = [round(left + (bit + 0.5) * BIT * scale) for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(xs) if picture[y, x].mean() > 127)


def is_boxed(picture: Image, colour: str) -> bool:
    """Whether a large box of this colour is drawn: two upright and two level lines."""
    blue, green, red = (int(colour[at : at + 2], 16) for at in (5, 3, 1))
    near = np.abs(picture.astype(int) - (blue, green, red)).max(axis=2) < NEAR
    lines = [np.flatnonzero(near.sum(axis=axis) > 100) for axis in (0, 1)]
    return all(len(found) > 1 and found[-1] - found[0] > 100 for found in lines)


def colour_of_name(nacre: Program) -> str:
    """Known to the memory a moment after it is shown: what is written is written in batches."""
    archive = nacre.archive()
    (concept,) = wait_for(
        lambda: [c for c in archive.concepts() if c.name == NAME], what="the name in the memory"
    )
    return concept.colour


def register(window: Driven) -> None:
    """Three actions: R, a click on a box, a name with Enter."""
    window.key("r")
    window.wait("Proposal 1: person.*", "push button")
    window.desktop.look("person-1-proposals")
    window.click("Proposal 1: person.*", "push button")
    window.wait("Name", "text")
    window.type(NAME, enter=False)
    window.desktop.look("person-2-name")
    window.key("Return")
    window.gone("Name", "text")


def watch(window: Driven, recording: Path) -> None:
    window.open_file(recording)
    window.until(lambda: shown_second(window) > 0, "the recording to play")


def test_a_person_is_named_told_of_and_shown_again(
    window: Driven, nacre: Program, recording: Path
) -> None:
    watch(window, recording)
    register(window)
    window.until(lambda: f"{NAME}" in window.seen_in_picture(), "the name in the picture")
    colour = colour_of_name(nacre)
    window.until(lambda: is_boxed(window.picture(), colour), "a box in the colour of the name")
    before = shown_second(window)
    window.until(lambda: shown_second(window) > before, "later frames")
    window.until(lambda: is_boxed(window.picture(), colour), "the box on later frames")
    window.desktop.look("person-3-named")

    window.say("who is here?")
    window.wait(f"I see .*{NAME}.*", "label")
    window.desktop.look("person-4-answer")
    window.click("Show [0-9]:[0-9]{2}.*", "push button")
    chip = window.wait("Showing .* in the recording. Back to live", "push button")
    told = sum(int(n) * by for n, by in zip(chip.name.split()[1].split(":"), (60, 1), strict=True))
    window.until(lambda: abs(shown_second(window) - told) <= 1, "the kept moment")
    window.desktop.look("person-5-evidence")
    window.click(chip)
    window.gone(chip.name)
    window.until(lambda: shown_second(window) > max(before, told + 1), "the present again")

    window.key("ctrl+2")
    window.until(lambda: colours(window, f"{NAME}: Person .*") > 200, "the picture on the card")
    window.desktop.look("person-6-gallery")
    window.close()


def test_what_was_taught_is_there_after_a_restart(
    nacre: Program, desktop: Desktop, recording: Path
) -> None:
    with Driven(nacre, desktop) as window:
        watch(window, recording)
        register(window)
        window.say(f"tell me when {NAME} appears")
        window.wait(f"I would tell you when {NAME} appears.*", "label")
        window.click("Arm it", "push button")
        window.wait(f"I will tell you when {NAME} appears.*", "label")
        window.close()
    with Driven(nacre, desktop) as window:
        window.wait("Status: watching.*")
        window.key("ctrl+2")
        window.wait(f"{NAME}: Person .*")
        window.key("ctrl+3")
        window.wait(f"When {NAME} appears", "label")
        window.desktop.look("restart-1-alerts")
        window.key("ctrl+1")
        window.open_file(recording)
        window.until(lambda: NAME in window.seen_in_picture(), "the name in the picture")
        window.wait("Remark", "label")
        window.wait(f"{NAME} .*", "label")
        window.desktop.look("restart-2-remark")
        window.close()


def test_nothing_is_looked_at_or_kept_while_paused(
    window: Driven, nacre: Program, recording: Path
) -> None:
    watch(window, recording)
    seen = shown_second(window)
    bright = window.picture().mean()
    window.click("Pause", "push button")
    window.wait("Status: paused")
    paused = time.time_ns()
    window.until(lambda: window.picture().mean() < bright / 3, "the veil")
    window.desktop.look("pause-1-veiled")
    window.until(lambda: time.time_ns() - paused > 4e9, "some seconds of pause")
    rest = Span(start=paused + 500_000_000, end=time.time_ns())
    window.click("Go on watching", "push button")
    window.wait("Status: watching.*")
    window.until(lambda: shown_second(window) > seen, "the recording to go on")
    window.until(
        lambda: any(s.at > rest.end for s in nacre.archive().sightings()),
        "something to be kept again",
    )
    window.close()
    archive = nacre.archive()
    assert [w for w in archive.watched() if w.at.overlaps(rest)] == []
    assert [s for s in archive.sightings() if rest.start < s.at < rest.end] == []


def test_a_screen_is_asked_for_once(window: Driven) -> None:
    window.wait("Status: watching.*")
    window.choose_source("screen 1")
    window.wait("May Nacre watch .screen 1.[?]", "dialog")
    window.desktop.look("consent-1-question")
    window.click("Not now", "push button")
    window.wait("Source: demo clip", "button menu")
    window.choose_source("screen 1")
    window.click("Watch it", "push button")
    window.wait("Source: screen 1", "button menu")
    window.wait("Status: watching.*")
    window.desktop.look("consent-2-screen")
    window.choose_source("Stop watching screen 1")
    window.wait("Source: Choose a source", "button menu")
    window.desktop.look("consent-3-nothing")
    window.choose_source("screen 1")
    window.wait("Source: screen 1", "button menu")
    window.wait("Status: watching.*")
    window.key("ctrl+6")
    window.wait("Screen 1", "label")
    window.desktop.look("consent-4-settings")
    window.close()


def test_a_newcomer_without_models_and_camera(bare: Program, desktop: Desktop) -> None:
    with Driven(bare, desktop) as window:
        window.wait("Source: demo clip", "button menu")
        window.wait("Status: watching.*")
        window.say("tell me when somebody appears")
        window.wait("I would tell you when somebody appears.*", "label")
        window.click("Arm it", "push button")
        window.wait("I will tell you when somebody appears.*", "label")
        window.wait("Remark", "label")
        window.until(lambda: colours(window, "Picture of .*") > 200, "the picture of the remark")
        window.desktop.look("newcomer-1-remark")
        window.click("Show .*", "push button")
        window.click("Showing .* Back to live", "push button")
        window.gone("Showing .* Back to live")
        window.until(lambda: colours(window, "Timeline") > 200, "pictures on the timeline")
        for number, page in enumerate(("Gallery", "Alerts", "Memory", "Models", "Settings"), 2):
            window.key(f"ctrl+{number}")
            window.wait(page, "label")
            window.desktop.look(f"newcomer-{number}-{page.lower()}")
        window.key("ctrl+5")
        window.wait("People.*", "label")
        window.key("ctrl+4")
        window.wait("Remark · demo clip", "label")
        window.click("Search the memory", "text")
        window.type("someone")
        window.gone("Remark · demo clip", "label")
        window.wait("Seen · demo clip", "label")
        window.desktop.look("newcomer-7-found")
        window.click("Picture of Someone.*", "push button")
        window.wait("Showing .* Back to live")
        window.desktop.look("newcomer-8-shown")
        window.close()


def colours(window: Driven, name: str) -> int:
    """How many different colours something shows; drawings have few, pictures many."""
    return len(np.unique(window.pixels(name).reshape(-1, 3), axis=0))
