"""A part of the screen, and a window, as sources."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from engine.messages import OpenSource
from engine.sources.address import parse_source
from tests.fakes.dialog import question
from tests.fakes.household import Household
from ui.watch.region import Frozen, RegionQuestion, freeze
from ui.window import MainWindow


def frozen(left: int, top: int, width: int, height: int) -> Frozen:
    picture = QPixmap(width, height)
    picture.fill(QColor("#336699"))
    return Frozen("Screen", QRect(left, top, width, height), picture)


def pick(window: MainWindow, text: str) -> None:
    menu = window.watch.picker.findChild(QMenu)
    next(a for a in menu.actions() if a.text() == text).trigger()


def opened(home: Household) -> list[object]:
    return [c.spec for c in home.assistant.commands if isinstance(c, OpenSource)]


def test_a_region_is_drawn(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    asked = RegionQuestion(watching, [frozen(100, 50, 1600, 800)])
    asked.ask(watching.watching.open)
    picture = asked.picture
    scale = 1600 / picture.width()
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(200, 120))
    qtbot.mouseMove(picture, QPoint(60, 40))
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
    wanted = [100 + 60 * scale, 50 + 40 * scale, 140 * scale, 80 * scale]
    values = [asked.left.value(), asked.top.value(), asked.across.value(), asked.down.value()]
    assert values == pytest.approx(wanted, abs=1)
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert opened(home)[-1] == parse_source(f"screen:{','.join(map(str, values))}")


def test_a_region_is_typed(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    asked = RegionQuestion(watching, [frozen(0, 0, 1600, 800)])
    asked.ask(watching.watching.open)
    wanted = (10, 20, 300, 200)
    for box, value in zip((asked.left, asked.top, asked.across, asked.down), wanted, strict=True):
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, str(value))
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert opened(home)[-1] == parse_source("screen:10,20,300,200")


def test_a_click_is_no_region(qtbot: QtBot, watching: MainWindow) -> None:
    asked = RegionQuestion(watching, [frozen(0, 0, 1600, 800)])
    asked.ask(print)
    before = asked.area
    qtbot.mouseClick(asked.picture, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert asked.area == before == QRect(400, 200, 800, 400)
    qtbot.mouseClick(asked.no, Qt.MouseButton.LeftButton)


def test_nothing_lies_over_the_numbers(qtbot: QtBot, watching: MainWindow) -> None:
    asked = RegionQuestion(watching, [frozen(0, 0, 900, 900)])
    asked.ask(print)
    qtbot.waitUntil(asked.isVisible)
    assert asked.picture.geometry().bottom() < asked.left.geometry().top() - 10
    assert asked.left.geometry().bottom() < asked.yes.geometry().top()
    asked.reject()


def test_another_screen_is_chosen(qtbot: QtBot, watching: MainWindow) -> None:
    asked = RegionQuestion(watching, [frozen(0, 0, 1600, 800), frozen(1600, 0, 800, 600)])
    asked.ask(print)
    assert asked.choice.isVisible()
    asked.choice.setCurrentIndex(1)
    assert asked.area == QRect(1800, 150, 400, 300)
    asked.reject()


def test_without_a_picture_there_are_the_numbers(qtbot: QtBot, watching: MainWindow) -> None:
    asked = RegionQuestion(watching, [Frozen("Screen 1", QRect(0, 0, 800, 600), QPixmap())])
    asked.ask(print)
    assert not asked.picture.isVisible()
    assert asked.left.isVisible()
    asked.reject()


def test_this_desktop_is_frozen(qapp: object) -> None:
    screens = freeze()
    assert screens[0].name == "Screen 1"
    assert screens[0].area.width() > 0


def test_the_window_steps_aside_for_the_picture(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    pick(watching, "Screen region…")
    assert not watching.isVisible()
    asked = question(qtbot)
    assert isinstance(asked, RegionQuestion)
    assert watching.isVisible()
    asked.reject()
    assert len(opened(home)) == 1


def test_a_window_is_watched_by_its_title(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    pick(watching, "Window…")
    line = question(qtbot).findChild(QLineEdit)
    qtbot.keyClicks(line, "Build log")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert opened(home)[-1] == parse_source("window:Build log")
