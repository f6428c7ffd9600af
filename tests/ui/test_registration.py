"""Remembering in at most three actions, with real keys and clicks."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.facts import Proposal
from engine.messages import Failed, GalleryChanged, Propose, Proposed, TeachConcept
from tests.fakes.household import Household
from tests.fakes.scene import CAT, person_box, room
from ui.watch.registration import Registration, beside
from ui.window import MainWindow

FOUND = (
    Proposal(box=person_box(3.0), kind="person", score=0.93),
    Proposal(box=CAT, kind="pet", score=0.88),
)


def offering(home: Household, found: tuple[Proposal, ...] = FOUND) -> None:
    home.assistant.answers[Propose] = lambda c: (Proposed(ref=c.ref, proposals=found),)


def taught(home: Household) -> list[TeachConcept]:
    return [c for c in home.assistant.commands if isinstance(c, TeachConcept)]


def press(qtbot: QtBot, text: str) -> None:
    """Type into whatever has the focus."""
    for letter in text:
        qtbot.keyClick(QApplication.focusWidget(), letter)


def begin(qtbot: QtBot, window: MainWindow, offers: int = 2) -> Registration:
    registration = window.watch.registration
    window.activateWindow()
    window.watch.preview.setFocus()
    qtbot.keyClick(window.watch.preview, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: registration.active and len(registration.layer.boxes) == offers)
    return registration


def test_press_r_click_a_box_type_the_name(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    offering(home)
    registration = begin(qtbot, watching)
    frame = watching.watching.selected.newest
    where = watching.watch.preview.to_view(CAT).center().toPoint()
    qtbot.mouseClick(registration.layer, Qt.MouseButton.LeftButton, pos=where)
    press(qtbot, "Momo")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    (command,) = taught(home)
    assert (command.name, command.kind, command.box) == ("Momo", "pet", CAT)
    assert command.frame is frame
    home.assistant.emit(GalleryChanged(entries=(), concept="momo", ref=command.ref))
    qtbot.waitUntil(lambda: not registration.active)
    assert watching.watch.caption.text == "I know Momo from now on."


def test_a_box_is_dragged(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    offering(home, ())
    registration = begin(qtbot, watching, 0)
    layer, preview = registration.layer, watching.watch.preview
    area = preview.to_view(CAT)
    qtbot.mousePress(layer, Qt.MouseButton.LeftButton, pos=area.topLeft().toPoint())
    qtbot.mouseMove(layer, area.center().toPoint())
    qtbot.mouseMove(layer, area.bottomRight().toPoint())
    qtbot.mouseRelease(layer, Qt.MouseButton.LeftButton, pos=area.bottomRight().toPoint())
    press(qtbot, "chair cat")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    (command,) = taught(home)
    assert command.box is not None
    assert command.box.overlap(CAT) > 0.95
    assert command.kind == "thing"


def test_the_keyboard_alone_is_enough(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    offering(home)
    registration = begin(qtbot, watching)
    assert QApplication.focusWidget() is registration.layer.boxes[0]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is registration.layer.boxes[1]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    press(qtbot, "Momo")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert [c.box for c in taught(home)] == [CAT]


def test_the_picture_stands_still(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    offering(home)
    begin(qtbot, watching)
    before = watching.watch.preview.grab().toImage()
    run = watching.watching.selected.run
    home.assistant.show(run, room(9.0))
    qtbot.waitUntil(lambda: watching.watching.selected.newest is home.assistant.frames[run])
    assert watching.watch.preview.grab().toImage() == before


def test_an_error_is_said_in_the_card_and_nothing_is_lost(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    offering(home)
    reason = "No face shows in the box. Nothing was saved. Choose another picture."
    home.assistant.answers[TeachConcept] = lambda c: (
        Failed(reason=reason, kind="ConceptError", ref=c.ref),
    )
    registration = begin(qtbot, watching)
    registration.layer.take(registration.layer.boxes[0])
    press(qtbot, "Mum")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: registration.card.error == reason)
    assert registration.active
    assert registration.card.name.text() == "Mum"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert len(taught(home)) == 2


def test_a_name_is_needed(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    offering(home)
    registration = begin(qtbot, watching)
    registration.layer.take(registration.layer.boxes[0])
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert registration.card.error
    assert taught(home) == []


def test_escape_goes_back_to_live(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    offering(home)
    registration = begin(qtbot, watching)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not registration.active
    registration = begin(qtbot, watching)
    registration.layer.take(registration.layer.boxes[0])
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not registration.active
    assert taught(home) == []
    run = watching.watching.selected.run
    home.assistant.show(run, room(9.0))
    picture = watching.watch.preview.grab().toImage()
    qtbot.waitUntil(lambda: watching.watch.preview.grab().toImage() != picture)


def test_r_typed_into_the_conversation_is_a_letter(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    line = watching.watch.conversation.line
    line.setFocus()
    qtbot.keyClick(line, "r")
    assert line.text() == "r"
    assert not watching.watch.registration.active


def test_a_click_beside_every_box_chooses_nothing(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    offering(home)
    registration = begin(qtbot, watching)
    corner = watching.watch.preview.picture_rect().topLeft().toPoint() + QPoint(3, 3)
    qtbot.mouseClick(registration.layer, Qt.MouseButton.LeftButton, pos=corner)
    assert not registration.card.isVisible()


def test_a_card_that_has_no_room_beside_the_box_covers_little_of_it() -> None:
    room, card = QRect(0, 0, 540, 330), QRect(0, 0, 352, 152)
    for box in (QRect(346, 180, 90, 60), QRect(104, 180, 90, 60)):
        place = QRect(beside(box, card, room), card.size())
        assert room.contains(place)
        assert place.intersected(box).width() < box.width() / 2
