"""The Alerts page."""

from dataclasses import replace
from datetime import datetime
from time import time_ns

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.facts import Fate
from engine.messages import (
    AddAlert,
    AlertDrafted,
    AlertsChanged,
    ArmAlert,
    BacktestAlert,
    Backtested,
    Failed,
    RateAlert,
    RemoveAlert,
)
from tests.fakes.household import Household
from ui.alerts.page import AlertsPage, expiry
from ui.thumbnail import Thumbnail
from ui.window import ALERTS, MainWindow


def opened(qtbot: QtBot, window: MainWindow) -> AlertsPage:
    """The page with the three alerts of the household."""
    window.open_page(ALERTS)
    qtbot.waitUntil(lambda: len(window.alerts.shown) == 3)
    return window.alerts


def press(qtbot: QtBot, home: Household, page: AlertsPage, name: str) -> object:
    """The command that came of it."""
    (found,) = [b for b in page.findChildren(QPushButton) if b.accessibleName() == name]
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)
    return home.assistant.commands[-1]


def test_an_alert_is_made_of_a_sentence(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    page = opened(qtbot, watching)
    qtbot.keyClicks(page.line, "tell me when Momo leaves")
    page.dwell.setCurrentIndex(2)
    page.expiry.setCurrentIndex(1)
    page.quiet.setCurrentIndex(1)
    page.ways.setCurrentIndex(2)
    qtbot.keyClick(page.line, Qt.Key.Key_Return)
    command = home.assistant.commands[-1]
    assert isinstance(command, AddAlert)
    assert (command.text, command.dwell_s) == ("tell me when Momo leaves", 5.0)
    assert command.cooldown_s is None
    assert command.quiet == (22 * 60, 7 * 60)
    assert command.ways == ("notification", "sound")
    assert abs(command.expires_at - time_ns() - 3600 * 10**9) < 60 * 10**9
    assert page.line.text()
    assert not command.armed, "nothing is armed before its card was seen"
    drafted = home.alerts()[0]
    home.assistant.emit(AlertDrafted(alert=drafted, ref=command.ref))
    qtbot.waitUntil(lambda: page.draft == drafted)
    assert page.line.text(), "the sentence stays, to be said better"
    trial = press(qtbot, home, page, "Try on the last 24 h: When Mum appears")
    assert isinstance(trial, BacktestAlert)
    assert trial.alert == drafted.id
    found = (home.remark("Mum came in.", 42),)
    tried = Backtested(alert=drafted, remarks=found, watched_s=60, ref=trial.ref)
    home.assistant.emit(tried)
    qtbot.waitUntil(lambda: any("1 time:" in w.text() for w in page.findChildren(QLabel)))
    assert len(page.findChildren(Thumbnail)) == 1
    (arm,) = [b for b in page.findChildren(QPushButton) if b.text() == "Arm it"]
    qtbot.mouseClick(arm, Qt.MouseButton.LeftButton)
    armed = home.assistant.commands[-1]
    assert isinstance(armed, ArmAlert)
    home.assistant.emit(AlertsChanged(alerts=tuple(home.alerts()[:2]), ref=armed.ref))
    qtbot.waitUntil(lambda: page.line.text() == "")
    assert page.draft is None
    assert len(page.shown) == 2


def test_the_card_says_how_it_is_judged_and_told_and_what_has_spoken_is_rated(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    page = opened(qtbot, watching)
    names = [b.accessibleName() for b in page.findChildren(QPushButton)]
    assert "Good to know: When Mum appears" not in names
    spoke = Fate(at=home.now, fired=True, why="Mum came in.")
    first = replace(page.shown[0], last=spoke, ways=("speech",), sources=("camera",))
    home.assistant.emit(AlertsChanged(alerts=(first, *page.shown[1:])))
    words = "Judged by who is in view · on camera only · told in the window, aloud"
    qtbot.waitUntil(lambda: words in [w.text() for w in page.findChildren(QLabel)])
    for name, up in (("Good to know", True), ("Not this", False)):
        rated = press(qtbot, home, page, f"{name}: When Mum appears")
        assert isinstance(rated, RateAlert)
        assert (rated.alert, rated.up) == ("alert-1", up)


def test_an_alert_that_was_not_understood_keeps_the_sentence(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    watching.open_page(ALERTS)
    page = watching.alerts
    qtbot.keyClicks(page.line, "moon")
    qtbot.keyClick(page.line, Qt.Key.Key_Return)
    command = home.assistant.commands[-1]
    reason = "I did not understand whom to look out for."
    home.assistant.emit(Failed(reason=reason, kind="AlertError", ref=command.ref))
    qtbot.waitUntil(lambda: page.error == reason)
    assert page.line.text() == "moon"


def test_an_alert_is_removed(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    watching.open_page(ALERTS)
    qtbot.waitUntil(lambda: len(watching.alerts.shown) == 3)
    buttons = watching.alerts.findChildren(QPushButton)
    remove = next(b for b in buttons if b.accessibleName() == "Remove: When Mum appears")
    qtbot.mouseClick(remove, Qt.MouseButton.LeftButton)
    command = home.assistant.commands[-1]
    assert isinstance(command, RemoveAlert)
    assert command.alert == "alert-1"


def test_the_card_of_an_alert_that_did_not_change_keeps_the_focus(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    page = opened(qtbot, watching)
    first, second, third = page.shown
    pause = next(
        b for b in page.findChildren(QPushButton) if b.accessibleName().startswith("Pause: ")
    )
    pause.setFocus()
    held = replace(third, paused=not third.paused)
    home.assistant.emit(AlertsChanged(alerts=(second, first, held)))
    qtbot.waitUntil(lambda: page.shown == (second, first, held))
    assert pause.isVisible()
    assert pause.hasFocus()

    def buttons(word: str) -> int:
        named = [b.accessibleName() for b in page.findChildren(QPushButton) if b.isVisible()]
        return sum(name.startswith(word) for name in named)

    qtbot.waitUntil(lambda: (buttons("Remove: "), buttons("Go on: ")) == (3, 1))


def test_until_midnight() -> None:
    now = datetime(2026, 3, 5, 22, 30).astimezone()
    end = expiry("today", now)
    assert datetime.fromtimestamp(end / 1e9).strftime("%d %H:%M") == "06 00:00"
    assert expiry("", now) is None
