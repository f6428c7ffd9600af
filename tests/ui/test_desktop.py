"""Notifications over a real session bus, and the tray's message where there is none."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from jeepney import new_signal
from jeepney.io.threading import open_dbus_connection
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from engine.facts import Remark, Scope, SourceSpec
from engine.media import Image, nanoseconds
from engine.messages import Forgotten, Mute, RateAlert, Remarked, Withdrawn
from tests.fakes.household import CAMERA, DEMO, RUN, Household
from tests.fakes.notifications import WHERE, NotificationServer, session_bus
from tests.fakes.scene import room
from ui.desktop.announcer import HEIGHT, LONGEST, WIDTH
from ui.pixels import thumbnail
from ui.window import MainWindow


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def server(bus: str) -> Iterator[NotificationServer]:
    made = NotificationServer(bus)
    yield made
    made.close()


@pytest.fixture
def behind(server: NotificationServer, watching: MainWindow) -> MainWindow:
    """The window, behind others."""
    return put_behind(watching)


def put_behind(window: MainWindow) -> MainWindow:
    window.announcer._in_front = lambda: False  # pyright: ignore[reportPrivateUsage]
    return window


def picture_in(hints: dict[str, object]) -> Image:
    width, height, stride, alpha, bits, channels, data = hints["image-data"]  # pyright: ignore
    assert (alpha, bits, channels) == (False, 8, 3)
    rows = np.frombuffer(bytes(data), np.uint8).reshape(height, stride)
    return rows[:, : width * 3].reshape(height, width, 3)[:, :, ::-1]


def test_a_remark_comes_with_its_picture_and_what_can_be_done(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    home.assistant.emit(Remarked(remark=home.remark("Mum <b>came</b> in.", 42)))
    qtbot.waitUntil(lambda: len(server.shown) == 1)
    (shown,) = server.shown
    assert shown.title == "Mum <b>came</b> in."
    assert shown.actions == {"default": "Show", "not-this": "Not this"}
    assert shown.hints["desktop-entry"] == "nacre"
    assert shown.hints["suppress-sound"] is True
    picture = picture_in(shown.hints)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    kept = thumbnail(room(42), WIDTH, HEIGHT)
    centre = kept.pixelColor(WIDTH // 2, HEIGHT // 2)
    assert tuple(picture[HEIGHT // 2, WIDTH // 2]) == (centre.blue(), centre.green(), centre.red())


def test_it_comes_with_a_sound_where_that_was_chosen(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    remark = home.remark("Mum came in.", 42)
    home.assistant.emit(Remarked(remark=remark, ways=("notification", "sound")))
    qtbot.waitUntil(lambda: len(server.shown) == 1)
    assert server.shown[0].hints["sound-name"] == "message-new-instant"
    assert "suppress-sound" not in server.shown[0].hints


def test_not_this_on_it_is_a_thumb_down_as_in_the_conversation(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
    qtbot.waitUntil(lambda: len(behind.announcer.shown) == 1)
    server.press(server.shown[0].id, "not-this")
    qtbot.waitUntil(lambda: isinstance(home.assistant.commands[-1], RateAlert))
    rated = home.assistant.commands[-1]
    assert isinstance(rated, RateAlert)
    assert (rated.alert, rated.up) == ("alert-1", False)
    assert behind.announcer.shown == {}


def test_only_who_shows_it_can_say_that_it_was_pressed(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household, bus: str
) -> None:
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
    qtbot.waitUntil(lambda: len(behind.announcer.shown) == 1)
    number = server.shown[0].id
    with open_dbus_connection(bus) as other:
        other.send(new_signal(WHERE, "ActionInvoked", "us", (number, "not-this")))
    server.press(number, "default")
    qtbot.waitUntil(behind.watch.live_chip.isVisible)
    assert not any(isinstance(c, RateAlert) for c in home.assistant.commands)


def test_a_press_on_it_shows_the_moment(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    behind.open_page(3)
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
    qtbot.waitUntil(lambda: len(behind.announcer.shown) == 1)
    server.press(server.shown[0].id, "default")
    qtbot.waitUntil(behind.watch.live_chip.isVisible)
    assert behind.stack.currentWidget() is behind.watch


def test_what_is_forgotten_or_no_longer_so_is_taken_back(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    for text in ("Mum came in.", "Momo left."):
        home.assistant.emit(Remarked(remark=home.remark(text, 42)))
    qtbot.waitUntil(lambda: len(behind.announcer.shown) == 2)
    numbers = {shown.title: shown.id for shown in server.shown}
    gone = Withdrawn(said="Momo left.", reason="It was Mum.", run=RUN, pts=0, at=home.now)
    home.assistant.emit(gone)
    qtbot.waitUntil(lambda: server.closed == [numbers["Momo left."]])
    home.assistant.emit(Forgotten(scope=Scope(), ref="f"))
    qtbot.waitUntil(lambda: server.closed[1:] == [numbers["Mum came in."]])
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
    qtbot.waitUntil(lambda: len(behind.announcer.shown) == 1)
    behind.close()
    assert server.closed[2:] == [server.shown[-1].id]


def test_the_newest_picture_stands_for_what_is_not_kept_yet(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    home.archive.pictures = lambda run, pts: None
    run = next(iter(behind.watching.runs))
    home.assistant.show(run, room(7.0), pts=nanoseconds(42.5))
    home.assistant.emit(Remarked(remark=replace(home.remark("Mum came in.", 42), run=run)))
    home.assistant.emit(Remarked(remark=replace(home.remark("Long ago.", 20), run=run)))
    qtbot.waitUntil(lambda: len(server.shown) == 2)
    hints = {shown.title: shown.hints for shown in server.shown}
    assert "image-data" in hints["Mum came in."]
    assert "image-data" not in hints["Long ago."]
    assert all(shown.text.endswith(CAMERA.label) for shown in server.shown)


def a_remark_of(window: MainWindow, home: Household, spec: SourceSpec) -> Remark:
    run = window.open_source(spec)
    return replace(home.remark("Of the clip.", 42), run=run)


def test_nothing_is_shown_that_stands_before_the_eyes_or_was_not_asked_for(
    qtbot: QtBot, behind: MainWindow, server: NotificationServer, home: Household
) -> None:
    announcer = behind.announcer
    home.assistant.emit(Remarked(remark=a_remark_of(behind, home, DEMO)))
    announcer._in_front = lambda: True  # pyright: ignore[reportPrivateUsage]
    home.assistant.emit(Remarked(remark=home.remark("In front.", 42)))
    qtbot.waitUntil(lambda: len(behind.watch.conversation.messages) == 2)
    put_behind(behind)
    behind.settings.unasked.notifications.click()
    home.assistant.emit(Remarked(remark=home.remark("Switched off.", 42)))
    qtbot.waitUntil(lambda: len(behind.watch.conversation.messages) == 3)
    behind.settings.unasked.notifications.click()
    quietly = Remarked(remark=home.remark("Said only.", 42), ways=("speech",))
    home.assistant.emit(quietly)
    qtbot.waitUntil(lambda: len(behind.watch.conversation.messages) == 4)
    unasked = replace(home.remark("word " * 100, 42), alert="")
    home.assistant.emit(Remarked(remark=unasked))
    qtbot.waitUntil(lambda: len(server.shown) == 1)
    (shown,) = server.shown
    assert len(shown.title) == LONGEST
    assert shown.actions == {"default": "Show"}


@pytest.mark.parametrize("there", [True, False], ids=["a bus without a server", "no bus"])
def test_without_them_the_tray_says_it(  # noqa: PLR0917
    qtbot: QtBot,
    watching: MainWindow,
    home: Household,
    bus: str,
    monkeypatch: pytest.MonkeyPatch,
    there: bool,
) -> None:
    if not there:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    put_behind(watching)
    said: list[tuple[str, bool]] = []

    def say(title: str, text: str, picture: QIcon) -> bool:
        said.append((title, picture.isNull()))
        return True

    monkeypatch.setattr(watching.tray, "say", say)
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
    qtbot.waitUntil(lambda: said == [("Mum came in.", False)])
    watching.tray.message_pressed.emit()
    qtbot.waitUntil(watching.watch.live_chip.isVisible)


def test_it_comes_again_after_the_bus_has_gone(
    qtbot: QtBot, watching: MainWindow, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_behind(watching)
    for _ in range(2):
        with session_bus() as address:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
            server = NotificationServer(address)
            home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
            qtbot.waitUntil(lambda server=server: len(server.shown) == 1)
            server.close()


def test_the_tray_does_what_the_buttons_do(
    qtbot: QtBot, watching: MainWindow, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray, voice = watching.tray, watching.watch.voice
    tray.appear()
    assert tray.icon is None
    assert not tray.say("Mum came in.", "", QIcon())
    voice.mute.click()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    tray.appear()
    assert tray.icon is not None
    assert tray.menu is not None
    assert tray.mute.text() == "Speak again"
    tray.mute.trigger()
    assert home.assistant.commands[-1] == Mute(muted=False)
    assert (tray.mute.text(), voice.mute.on) == ("Mute", False)
    tray.pause.trigger()
    assert watching.watching.paused
    assert tray.pause.text() == "Go on watching"
    closing = tray.menu.actions()[-1]
    closing.trigger()
    assert not watching.isVisible()
