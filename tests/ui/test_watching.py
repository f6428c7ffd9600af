from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from engine.facts import SourceSpec
from engine.messages import (
    CloseSource,
    CorrectConcept,
    Failed,
    Judge,
    OpenSource,
    Pause,
    Resume,
    SourceChanged,
)
from tests.fakes.household import CAMERA, DEMO, SCREEN, Household
from tests.fakes.scene import room
from ui.dialogs import Question
from ui.watch.sources import spec_of_file, spec_of_url
from ui.window import MainWindow


def opened(home: Household) -> list[OpenSource]:
    return [c for c in home.assistant.commands if isinstance(c, OpenSource)]


def refuse(home: Household, kind: str, reason: str = "No.") -> None:
    home.assistant.answers[OpenSource] = lambda c: (
        () if c.consented else (Failed(reason=reason, kind=kind, ref=c.ref),)
    )


def entries(window: MainWindow) -> list[str]:
    return [a.text() for a in window.watch.picker.menu().actions() if a.text()]


def question(qtbot: QtBot) -> Question:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), Question))
    found = QApplication.activeModalWidget()
    assert isinstance(found, Question)
    return found


def test_nothing_is_watched_before_consent(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    refuse(home, "ConsentMissing")
    window.open_source(CAMERA)
    asked = question(qtbot)
    assert CAMERA.label in asked.windowTitle()
    assert [c.consented for c in opened(home)] == [False]
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert [c.consented for c in opened(home)] == [False, True]
    assert opened(home)[1].spec == CAMERA


def test_no_is_no(qtbot: QtBot, window: MainWindow, home: Household) -> None:
    refuse(home, "ConsentMissing")
    window.open_source(CAMERA)
    qtbot.keyClick(question(qtbot), Qt.Key.Key_Escape)
    assert len(opened(home)) == 1
    assert window.watching.selected is None
    assert window.watch.welcome.isVisible()


def test_a_busy_camera_can_be_tried_again(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    refuse(home, "DeviceBusy", "Another program uses the camera. Close it and press Retry.")
    window.open_source(CAMERA)
    qtbot.waitUntil(window.notices.isVisible)
    assert window.notices.title.text() == "The camera is in use"
    home.assistant.answers.clear()
    qtbot.mouseClick(window.notices.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.watching.selected is not None)
    assert not window.notices.isVisible()


def test_the_picker_offers_what_there_is(qtbot: QtBot, window: MainWindow, home: Household) -> None:
    qtbot.waitUntil(lambda: CAMERA.label in entries(window))
    assert entries(window) == [
        "Desk camera",
        "Screen 1",
        "Demo clip",
        "Screen region…",
        "Window…",
        "Open file…",
        "Open address…",
    ]
    next(a for a in window.watch.picker.menu().actions() if a.text() == "Screen 1").trigger()
    assert opened(home)[-1].spec == SCREEN
    assert "Screen 1" in window.watch.picker.text()


def test_several_sources_are_open_and_one_is_shown(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    camera, demo = window.open_source(CAMERA), window.open_source(DEMO)
    assert window.watching.selected.run == demo
    assert window.open_source(CAMERA) == camera
    assert len(opened(home)) == 2
    assert window.watching.selected.run == camera
    window.watching.close(camera)
    assert home.assistant.commands[-1] == CloseSource(run=camera)
    assert window.watching.selected.run == demo


def test_a_file_is_chosen(
    qtbot: QtBot, window: MainWindow, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/v/The cat.mp4", ""))
    window.watch.picker.open_file()
    expected = SourceSpec(kind="recording", address="/v/The cat.mp4", label="The cat")
    assert opened(home)[-1].spec == expected == spec_of_file("/v/The cat.mp4")


def test_addresses() -> None:
    assert spec_of_url("rtsp://cam.local:554/1").label == "cam.local"
    assert spec_of_url("file:///etc/passwd") is None
    assert spec_of_url("hello") is None


def test_pause_is_immediate_and_visible(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    watch = watching.watch
    qtbot.mouseClick(watch.pause, Qt.MouseButton.LeftButton)
    assert isinstance(home.assistant.commands[-1], Pause)
    assert watch.preview.veiled
    assert watch.light.words == "paused"
    assert not watch.remember.isEnabled()
    qtbot.mouseClick(watch.pause, Qt.MouseButton.LeftButton)
    assert isinstance(home.assistant.commands[-1], Resume)
    assert not watch.preview.veiled


def test_the_light_says_for_how_long_no_picture_came(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    began = watching.watching.now()
    watching.watching.now = lambda: began + 4.2
    qtbot.waitUntil(lambda: watching.watch.light.words == "no signal for 4 s")
    run = watching.watching.selected.run
    reason = "The camera was unplugged."
    lost = SourceChanged(run=run, spec=CAMERA, state="lost", pts=0, at=0, reason=reason)
    home.assistant.emit(lost)
    qtbot.waitUntil(lambda: reason in watching.watch.light.words)
    home.assistant.show(run, room(4.0))
    home.assistant.open(CAMERA, run)
    qtbot.waitUntil(lambda: watching.watch.light.words.startswith("watching"))


def test_one_click_teaches(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    run = watching.watching.selected.run
    home.assistant.emit(replace(home.tracked(3.0), run=run))
    qtbot.waitUntil(lambda: len(watching.watch.preview.chips.all()) == 1)
    (chip,) = watching.watch.preview.chips.all()
    qtbot.mouseClick(chip.yes, Qt.MouseButton.LeftButton)
    command = home.assistant.commands[-1]
    assert isinstance(command, CorrectConcept)
    assert (command.concept, command.correction) == ("mum", Judge(run=run, track=1, right=True))


def test_frames_are_shown_as_they_come(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    before = watching.watch.preview.grab().toImage()
    home.assistant.show(watching.watching.selected.run, room(6.0))
    qtbot.waitUntil(lambda: watching.watch.preview.grab().toImage() != before)


def test_a_source_that_somebody_else_opened_is_shown(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    home.assistant.open(SCREEN, "from-outside")
    qtbot.waitUntil(lambda: window.watching.selected is not None)
    assert window.watching.selected.spec == SCREEN


def test_an_ended_recording_can_be_watched_again(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    first = watching.open_source(DEMO)
    home.assistant.show(first, room(1.0))
    ended = SourceChanged(run=first, spec=DEMO, state="ended", pts=0, at=0)
    home.assistant.emit(ended)
    qtbot.waitUntil(watching.watch.again_chip.isVisible)
    assert watching.watch.light.words == "the recording is over"
    qtbot.mouseClick(watching.watch.again_chip, Qt.MouseButton.LeftButton)
    assert opened(home)[-1].spec == DEMO
    assert watching.watching.selected.run != first
    assert not watching.watch.again_chip.isVisible()


def test_a_pause_from_elsewhere_is_shown(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    run = watching.watching.selected.run
    home.assistant.open(CAMERA, run)
    home.assistant.emit(SourceChanged(run=run, spec=CAMERA, state="paused", pts=0, at=0))
    qtbot.waitUntil(lambda: watching.watch.preview.veiled)
    home.assistant.open(CAMERA, run)
    qtbot.waitUntil(lambda: not watching.watch.preview.veiled)


def test_a_hidden_preview_shows_the_newest_when_it_comes_back(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    before = watching.watch.preview.grab().toImage()
    watching.open_page(1)
    run = watching.watching.selected.run
    home.assistant.show(run, room(6.0))
    qtbot.waitUntil(lambda: watching.watching.selected.newest is home.assistant.frames[run])
    watching.open_page(0)
    assert watching.watch.preview.grab().toImage() != before


def test_r_does_nothing_on_other_pages(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    watching.activateWindow()
    watching.open_page(5)
    watching.rail.setFocus()
    qtbot.keyClick(watching, Qt.Key.Key_R)
    assert not watching.watch.registration.active
