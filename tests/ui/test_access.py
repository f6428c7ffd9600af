"""Everything that takes the focus has a name, and nothing is cut off at the smallest size."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.fakes.household import Household
from ui.rail import PAGES
from ui.window import MainWindow


def takes_focus(widget: QWidget) -> bool:
    return (
        widget.isVisible()
        and widget.isEnabled()
        and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and not isinstance(widget, QScrollBar)
    )


@pytest.mark.parametrize("page", range(6), ids=PAGES)
def test_every_control_has_a_name(
    qtbot: QtBot, watching: MainWindow, home: Household, page: int
) -> None:
    watching.watch.conversation.submit("what happened?")
    watching.open_page(page)
    qtbot.waitUntil(lambda: len(watching.models.rows) == 4 or page != 4)
    nameless = [
        f"{type(w).__name__} {getattr(w, 'text', str)()!r}"
        for w in watching.findChildren(QWidget)
        if takes_focus(w) and not w.accessibleName() and w.focusProxy() is None
    ]
    assert nameless == []


@pytest.mark.parametrize("page", range(6), ids=PAGES)
def test_no_button_is_cut_off(
    qtbot: QtBot, watching: MainWindow, home: Household, page: int
) -> None:
    watching.open_page(page)
    watching.resize(QSize(960, 600))
    qtbot.waitUntil(lambda: len(watching.models.rows) == 4 or page != 4)
    narrow = [
        f"{w.accessibleName()}: {w.width()} < {w.minimumSizeHint().width()}"
        for w in watching.findChildren(QAbstractButton)
        if w.isVisible() and w.width() < w.minimumSizeHint().width()
    ]
    assert narrow == []
    assert watching.size() == QSize(960, 600)
    sideways = [
        f"{area.accessibleName()}: {area.widget().width()} > {area.viewport().width()}"
        for area in watching.findChildren(QScrollArea)
        if area.isVisible() and area.widget().width() > area.viewport().width()
    ]
    assert sideways == []
    lines = [w for w in watching.findChildren(QLineEdit) if w.isVisible()]
    assert all(w.width() >= 120 for w in lines if not isinstance(w.parent(), QAbstractSpinBox))


def test_tab_reaches_the_conversation(qtbot: QtBot, watching: MainWindow) -> None:
    watching.activateWindow()
    watching.watch.preview.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(60):
        qtbot.keyClick(watching.focusWidget(), Qt.Key.Key_Tab)
        seen.append(watching.focusWidget())
        if watching.focusWidget() is watching.watch.conversation.line:
            break
    assert watching.watch.conversation.line in seen
    assert watching.watch.timeline in seen
