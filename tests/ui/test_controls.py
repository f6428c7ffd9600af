"""A label of several lines is as high as Qt's own, and is laid out only when it has changed."""

import pytest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.controls import Words, label, scrolling

LONG = "what was asked, answered and remarked " * 8


@pytest.fixture
def both(qtbot: QtBot) -> tuple[QLabel, QLabel]:
    """Ours and Qt's, with the same text."""
    ours, plain = label(LONG, wrap=True, select=True), QLabel(LONG)
    assert isinstance(ours, Words)
    plain.setWordWrap(True)
    plain.setTextInteractionFlags(ours.textInteractionFlags())
    for one in (ours, plain):
        qtbot.addWidget(one)
        one.show()
    return ours, plain


def test_it_is_as_high_as_qts_whatever_changes(both: tuple[QLabel, QLabel]) -> None:
    ours, plain = both

    def heights() -> list[int]:
        found = [one.heightForWidth(w) for one in both for w in (120, 240, 480)]
        assert found[:3] == found[3:]
        return found[:3]

    first = heights()
    assert first[0] > first[1] > first[2]
    for one in both:
        one.setText(LONG * 2)
    longer = heights()
    assert longer[0] > first[0]
    for one in both:
        one.setText(LONG)
        font = one.font()
        font.setPixelSize(40)
        one.setFont(font)
    larger = heights()
    assert larger[0] > first[0]
    for one in both:
        one.setStyleSheet("QLabel { padding: 20px; font-size: 40px; }")
    assert heights()[0] > larger[0]
    assert {ours.heightForWidth(w) for w in range(50, 80)} == {
        plain.heightForWidth(w) for w in range(50, 80)
    }


def test_one_that_grows_does_not_lay_the_others_out(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = QWidget()
    column = QVBoxLayout(inside)
    house = scrolling(inside, "lines")
    qtbot.addWidget(house)
    lines = [label(LONG, wrap=True) for _ in range(20)]
    for line in lines:
        column.addWidget(line)
    house.resize(300, 200)
    with qtbot.waitExposed(house):
        house.show()
    laid_out: list[QLabel] = []
    laying = QLabel.heightForWidth

    def counted(self: QLabel, width: int) -> int:
        laid_out.append(self)
        return laying(self, width)

    monkeypatch.setattr(QLabel, "heightForWidth", counted)
    height = lines[-1].height()
    lines[-1].setText(LONG * 3)
    qtbot.waitUntil(lambda: lines[-1].height() > height)
    assert set(laid_out) == {lines[-1]}
