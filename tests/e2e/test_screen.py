"""What stood on a screen for a while can be asked about afterwards, and is told of once; what Nacre
itself shows, and what is private, is neither read nor kept."""

import re
import shutil
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from engine.perception.rapid_ocr import RapidOcr
from tests.fakes.hands import Hands
from tests.fakes.program import Line, Program, Started
from tests.fakes.waiting import wait_for
from tests.fakes.xvfb import WindowProgram

SENTENCE = "compilation halted at marmalade"
WORD = "marmalade"
PRIVATE = "orchard gate is seven"
STOOD_S = 5.0
PLACE = (40, 820, 1000, 120)
"""Below Nacre's window, which lies in the corner of the display."""


@pytest.fixture
def screen(bare: Program, display: str) -> Program:
    """The program on a display; what it reads with comes with it."""
    bare.display = display
    bare.do("alerts", "add", f'tell me when the screen shows "{WORD}"')
    return bare


@pytest.fixture
def other(display: str) -> Iterator[WindowProgram]:
    with WindowProgram(display, "editor") as program:
        yield program


def read(watching: Started, word: str) -> list[Line]:
    return [line for line in watching.events("read") if word in line["text"].lower()]


def open_screen(screen: Program) -> Started:
    return screen.start("watch", "screen", "--yes", "--realtime", "--json")


def stand(other: WindowProgram, watching: Started, title: str, text: str, word: str) -> None:
    """Show a text in a window until it has stood for some seconds after it was read; then close
    it."""
    watching.until(lambda w: w.states() == ["open"], "the screen is watched")
    other.show(title, PLACE, "white", text=text)
    watching.until(lambda w: read(w, word), f"{word!r} is read")
    began = time.monotonic()
    wait_for(lambda: time.monotonic() - began >= STOOD_S, what="it has stood long enough")
    other.close(title)


def test_a_sentence_that_stood_for_five_seconds(screen: Program, other: WindowProgram) -> None:
    before = time.time()
    with open_screen(screen) as watching:
        stand(other, watching, "build.log", SENTENCE, WORD)
        closed = time.time()
        # Once more, so that it is known that the first one is gone.
        stand(other, watching, "next.log", "tidings of elderberry", "elderberry")
        assert watching.stop() == 130
        assert len(watching.events("remarked")) == 1, "an alert on a word fires once"
        assert WORD in watching.events("remarked")[0]["text"]

    answer = screen.ask(f"what did the screen say about {WORD}?")
    assert SENTENCE in answer["text"].lower()
    (evidence,) = answer["evidence"]
    assert evidence["kind"] == "text"
    # Screens are looked at some times a second: the last look was a little before the end.
    assert evidence["to"] - evidence["from"] >= STOOD_S - 1.5
    start, end = (time_of(text) for text in evidence["at"])
    assert before <= start <= end <= closed + 1
    at = time.strftime("%H:%M", time.localtime(start))
    assert at in answer["text"], "the answer tells its time"
    hits = screen.do("memory", "search", WORD, "--json").json
    assert [hit["kind"] for hit in hits].count("text") == 1
    assert [hit["kind"] for hit in hits].count("remark") == 1


def time_of(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def test_its_own_answer_is_neither_read_nor_told_of(screen: Program, other: WindowProgram) -> None:
    with open_screen(screen) as watching:
        stand(other, watching, "build.log", SENTENCE, WORD)
        watching.until(lambda w: w.events("remarked"), "the alert fires")
        assert watching.stop() == 130

    # The real window, on the same display and with the same memory, is asked and answers.
    asked = Program(screen.home.parent / "asked", display=screen.display)
    asked.home.mkdir()
    shutil.copytree(screen.data, asked.data, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    with (
        Hands(screen.display) as hands,
        asked.start() as window,
        open_screen(screen) as watching,
    ):
        watching.until(lambda w: w.states() == ["open"], "the screen is watched")
        ask_in_window(hands, window, f"what did the screen say about {WORD}\n")
        reader = RapidOcr()
        wait_for(lambda: times_seen(hands, reader) >= 2, limit_s=60, what="the answer is shown")
        # Whatever had been read of it would have been read before this.
        stand(other, watching, "next.log", "tidings of elderberry", "elderberry")
        assert times_seen(hands, reader) >= 2, "the answer still stands there"
        assert watching.stop() == 130
        assert read(watching, WORD) == []
        assert watching.events("remarked") == []
        assert window.stop() == 0


def ask_in_window(hands: Hands, window: Started, question: str) -> None:
    found = window.until(lambda _: hands.window("nacre"), "the window is there")
    shown, box = found
    # The line to type in lies at the lower right, above what is said of the microphone.
    hands.click(shown, box.x + box.w - 200, box.y + box.h - 57)
    hands.write(question)


def times_seen(hands: Hands, reader: RapidOcr) -> int:
    """How often the word stands on the display."""
    lines = [text for _, text in reader.read(hands.look())]
    return len(re.findall(WORD, " ".join(lines).lower()))


def test_private_windows_are_neither_read_nor_kept(
    screen: Program, other: WindowProgram, display: str
) -> None:
    titles = ("Diary - InPrivate", "New tab (Incognito)")
    with (
        open_screen(screen) as watching,
        WindowProgram(display, "keepassxc") as vault,
    ):
        watching.until(lambda w: w.states() == ["open"], "the screen is watched")
        for number, title in enumerate(titles):
            other.show(title, (40, 100 + 150 * number, 800, 120), "white", text=PRIVATE)
        vault.show("Passwords", (40, 400, 800, 120), "white", text=PRIVATE)
        stand(other, watching, "open.log", SENTENCE, WORD)
        assert watching.stop() == 130
        assert read(watching, "orchard") == []
        assert read(watching, WORD)
    assert screen.do("memory", "search", "orchard", "--json").json == []
    assert screen.do("memory", "search", WORD, "--json").json != []


def test_nothing_is_captured_before_consent(screen: Program) -> None:
    refused = screen.run("watch", "screen", "--json", code=1)
    assert re.fullmatch(r"nacre: .*allowed.*--yes.*\n", refused.err)
    assert [line["event"] for line in refused.lines] == ["failed"]
    assert screen.do("memory", "stats", "--json").json["facts"] == 0
