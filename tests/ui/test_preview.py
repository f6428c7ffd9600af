from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from engine.facts import Overlay
from engine.media import Box
from engine.messages import Tracked
from tests.fakes.household import MOMO, MUM, overlay
from ui.theme import DARK
from ui.watch.preview import Preview

GREY = np.full((200, 400, 3), 60, np.uint8)


@pytest.fixture
def preview(qtbot: QtBot) -> Preview:
    made = Preview(DARK)
    qtbot.addWidget(made)
    made.resize(800, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.show_image(GREY)
    return made


def tracked(*overlays: Overlay) -> Tracked:
    return Tracked(run="r", pts=0, at=0, size=(400, 200), overlays=overlays)


def drawn(preview: Preview, colour: str) -> bool:
    """Whether any pixel has about this colour."""
    image = preview.grab().toImage()
    want = QColor(colour)
    for x in range(image.width()):
        for y in range(0, image.height(), 3):
            c = image.pixelColor(x, y)
            near = abs(c.red() - want.red()) + abs(c.green() - want.green())
            if near + abs(c.blue() - want.blue()) < 24:
                return True
    return False


def test_the_picture_fills_the_room_in_its_own_shape(preview: Preview) -> None:
    assert preview.picture_rect() == QRectF(0, 0, 800, 400)
    preview.resize(800, 600)
    assert preview.picture_rect() == QRectF(0, 100, 800, 400)
    assert preview.grab().toImage().pixelColor(400, 300) == QColor(60, 60, 60)


def test_boxes_map_to_the_view_and_back(preview: Preview) -> None:
    box = Box(40, 20, 100, 60)
    assert preview.to_view(box) == QRectF(80, 40, 200, 120)
    assert preview.to_picture(preview.to_view(box)) == box
    assert preview.to_view(box, (800, 400)) == QRectF(40, 20, 100, 60)


def test_a_dragged_box_ends_at_the_edge_of_the_picture(preview: Preview) -> None:
    assert preview.to_picture(QRectF(700, 300, 500, 500)) == Box(350, 150, 50, 50)


def test_a_known_thing_has_a_box_in_its_colour(preview: Preview) -> None:
    assert not drawn(preview, MOMO.colour)
    preview.show_tracked(tracked(overlay(1, Box(100, 50, 100, 100), MOMO, "sure")))
    assert drawn(preview, MOMO.colour)


def test_unknown_things_are_drawn_only_when_wanted(preview: Preview) -> None:
    plain = preview.grab().toImage()
    preview.show_tracked(tracked(overlay(1, Box(100, 50, 100, 100), None, "unknown")))
    assert preview.grab().toImage() == plain
    preview.show_unknown = True
    preview.update()
    assert preview.grab().toImage() != plain


def test_the_score_is_shown_on_hover(qtbot: QtBot, preview: Preview) -> None:
    preview.show_tracked(tracked(overlay(1, Box(100, 50, 100, 100), MOMO, "sure")))
    before = preview.grab().toImage()
    qtbot.mouseMove(preview, QPoint(300, 200))
    qtbot.waitUntil(lambda: preview.grab().toImage() != before)


def test_how_sure_a_name_is_is_told_in_words(qtbot: QtBot, preview: Preview) -> None:
    momo = replace(overlay(1, Box(100, 50, 100, 100), MOMO, "sure"), score=0.98)
    preview.show_tracked(tracked(momo))
    qtbot.mouseMove(preview, QPoint(5, 5))
    qtbot.mouseMove(preview, QPoint(305, 205))
    qtbot.waitUntil(lambda: preview.toolTip() == "Momo: 98 % likely.")
    preview.show_tracked(tracked(replace(momo, score=0.6)))
    assert "recognised before" in preview.toolTip()
    assert "60 % likely" in preview.toolTip()
    preview.show_tracked(tracked(replace(momo, score=1.0)))
    assert preview.toolTip() == "Momo: you said so."


def test_a_question_tells_how_likely_it_is(preview: Preview) -> None:
    unsure = replace(overlay(7, Box(100, 50, 100, 100), MUM, "maybe"), score=0.61)
    preview.show_tracked(tracked(unsure))
    (chip,) = preview.chips.all()
    assert chip.toolTip() == "Maybe Mum: 61 % likely. From 95 % on it is named."
    preview.show_tracked(tracked(replace(unsure, score=0.7)))
    assert "70 % likely" in chip.toolTip()


def test_an_unsure_name_is_a_question_with_two_answers(qtbot: QtBot, preview: Preview) -> None:
    judged: list[tuple[str | None, bool]] = []
    preview.judged.connect(lambda o, right: judged.append((o.concept, right)))
    unsure = overlay(7, Box(100, 50, 100, 100), MUM, "maybe")
    preview.show_tracked(tracked(unsure))
    (chip,) = preview.chips.all()
    qtbot.mouseClick(chip.no, Qt.MouseButton.LeftButton)
    assert judged == [("mum", False)]
    preview.show_tracked(tracked(unsure))
    assert preview.chips.all() == []


def test_the_question_follows_its_box_and_goes_with_it(preview: Preview) -> None:
    unsure = overlay(7, Box(100, 50, 100, 100), MUM, "maybe")
    preview.show_tracked(tracked(unsure))
    (chip,) = preview.chips.all()
    before = chip.pos()
    preview.show_tracked(tracked(replace(unsure, box=Box(200, 50, 100, 100))))
    assert preview.chips.all() == [chip]
    assert chip.pos() != before
    preview.show_tracked(tracked())
    assert preview.chips.all() == []


def test_the_question_finds_its_box_when_the_picture_comes_later(preview: Preview) -> None:
    preview.resize(800, 600)
    preview.show_image(None)
    preview.show_tracked(tracked(overlay(7, Box(100, 50, 100, 100), MUM, "maybe")))
    (chip,) = preview.chips.all()
    preview.show_image(GREY)
    box = preview.to_view(Box(100, 50, 100, 100))
    assert chip.geometry().bottom() == round(box.top()) - 5


def test_paused_veils_the_picture_and_what_lies_over_it(preview: Preview) -> None:
    known = overlay(1, Box(100, 50, 100, 100), MOMO, "sure")
    preview.show_tracked(tracked(known, overlay(7, Box(10, 50, 50, 50), MUM, "maybe")))
    preview.veil(True)
    assert not drawn(preview, MOMO.colour)
    assert preview.chips.all() == []
    assert preview.grab().toImage().pixelColor(5, 5).red() < 40
