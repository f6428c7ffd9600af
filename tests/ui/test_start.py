from time import time_ns

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.facts import SourceSpec
from engine.messages import Failed, OpenSource
from tests.fakes.assistant import FakeAssistant, FakeShelf
from tests.fakes.household import CAMERA, DEMO
from tests.fakes.scene import room
from ui import start
from ui.preferences import Preferences

FILE = SourceSpec(kind="recording", address="a.mp4", label="a")


def playing(assistant: FakeAssistant) -> QTimer:
    """Give every open run a new picture now and then."""

    def feed() -> None:
        for command in assistant.commands:
            if isinstance(command, OpenSource):
                assistant.show(command.run, room(), at=time_ns())

    timer = QTimer(interval=20)
    timer.timeout.connect(feed)
    timer.start()
    return timer


def test_the_application_is_called_nacre(qapp: QApplication) -> None:
    assert start.application() is qapp


def test_smoke_shows_a_picture_and_closes(qtbot: QtBot, monkeypatch) -> None:
    monkeypatch.setattr(start, "SMOKE_SHOWS_MS", 50)
    assistant = FakeAssistant()
    timer = playing(assistant)
    assert start.run(assistant, FakeShelf(), Preferences(), smoke=True, open_first=FILE) == 0
    timer.stop()
    opened = [c for c in assistant.commands if isinstance(c, OpenSource)]
    assert [(c.spec, c.consented) for c in opened] == [(FILE, True)]
    assert assistant.subscribed == 0


def test_smoke_fails_without_a_picture(qtbot: QtBot, monkeypatch) -> None:
    monkeypatch.setattr(start, "SMOKE_WAITS_MS", 50)
    assistant = FakeAssistant()
    assert start.run(assistant, FakeShelf(), Preferences(), smoke=True, open_first=FILE) != 0


def test_the_bundled_clip_plays_when_nothing_else_is_chosen(qtbot: QtBot, monkeypatch) -> None:
    monkeypatch.setattr(start, "SMOKE_SHOWS_MS", 50)
    assistant = FakeAssistant()
    assistant.sources = (CAMERA, DEMO)
    timer = playing(assistant)
    assert start.run(assistant, FakeShelf(), Preferences(), smoke=True) == 0
    timer.stop()
    assert [c.spec for c in assistant.commands if isinstance(c, OpenSource)] == [DEMO]


def test_smoke_does_not_wait_for_a_source_that_was_refused(qtbot: QtBot) -> None:
    assistant = FakeAssistant()
    assistant.answers[OpenSource] = lambda c: (
        Failed(reason="No such file.", kind="DeviceNotFound", ref=c.ref),
    )
    assert start.run(assistant, FakeShelf(), Preferences(), smoke=True, open_first=FILE) == 1
