"""Names given in the conversation by typing: to who is in view, and to what was just done."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.bootstrap import open_engine, open_model_store
from app.paths import Paths
from app.settings import Settings
from engine.facts import SourceSpec
from engine.media import seconds
from engine.messages import Done, Event
from tests.e2e.test_window import recording, shown_second, watch
from tests.e2e.window_desktop import Desktop
from tests.e2e.window_driving import Driven
from tests.fakes.acts import shown_and_done_again
from tests.fakes.program import Program
from ui.preferences import Preferences
from ui.window import MainWindow

__all__ = ["recording"]  # A fixture.
LIMIT_MS = 60_000


def test_this_is_my_mum_is_known_described_and_can_be_taken_back(
    nacre: Program, desktop: Desktop, recording: Path
) -> None:
    with Driven(nacre, desktop) as window:
        watch(window, recording)
        window.until(lambda: shown_second(window) > 1, "some seconds of the recording")
        window.say("This is my mum, she has short grey hair")
        window.wait("I know Mum from now on. Noted: short grey hair.", "label")
        window.until(lambda: "Mum" in window.seen_in_picture(), "the name in the picture")
        window.desktop.look("naming-1-known")
        window.say("who is here?")
        window.wait("I see .*Mum.*", "label")
        listed = nacre.do("concepts", "show", "Mum", "--json").json
        assert (listed["kind"], listed["description"]) == ("person", "short grey hair")

        window.say("Mum is also called Maria")
        window.wait(".*is also called .Maria.*", "label")
        # A command says the same to the Nacre that is watching.
        told = nacre.do("ask", "this is Maria").out
        assert told.startswith("Known now: Mum, person, 2 views")
        window.close()


def test_what_was_just_done_is_called_the_bow_and_known_when_done_again(
    qtbot: QtBot, tmp_path: Path
) -> None:
    video = shown_and_done_again(tmp_path / "acts.mp4")
    paths = Paths.locate(tmp_path / "data")
    events: list[Event] = []
    with open_engine(paths, Settings()) as engine:
        engine.subscribe(events.append)
        window = MainWindow(engine, open_model_store(paths), Preferences(theme="dark"))
        qtbot.addWidget(window)
        window.show()
        run = window.open_source(
            SourceSpec(kind="recording", address=str(video), label=video.name), consented=True
        )

        def shown_s() -> float:
            frame = engine.newest(run)
            return 0.0 if frame is None else seconds(frame.pts)

        line = window.watch.conversation.line
        line.setFocus()
        qtbot.keyClicks(line, "call this the deep bow")
        qtbot.waitUntil(lambda: shown_s() >= 5.0, timeout=LIMIT_MS)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        messages = window.watch.conversation.messages
        qtbot.waitUntil(
            lambda: messages[-1].text.text() == "I know deep bow from now on.", timeout=LIMIT_MS
        )
        qtbot.waitUntil(lambda: any(isinstance(e, Done) for e in events), timeout=LIMIT_MS)
        (done,) = [event for event in events if isinstance(event, Done)]
        assert done.name == "deep bow"
        assert done.sighting.span.start > 13_000_000_000
        window.close()
