"""Gallery, alerts, memory and settings."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QDateTime, QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from engine.facts import GalleryChange, Scope
from engine.messages import (
    CallAlso,
    ChooseRemarks,
    CorrectConcept,
    Describe,
    DescribeByLook,
    Failed,
    Forget,
    ForgetConcept,
    Forgotten,
    GalleryChanged,
    MarkMe,
    MergeInto,
    NamesLearned,
    RejectPicture,
    Rename,
    Sighted,
    TeachConcept,
    UndoCorrection,
)
from tests.fakes.dialog import question
from tests.fakes.facts import sighting
from tests.fakes.household import MUM, Household
from ui.dialogs import Question
from ui.gallery.card import DRAGGED, ConceptCard
from ui.memory.hits import Search, find
from ui.memory.span import SpanQuestion
from ui.pictures import Moment
from ui.theme import DARK, LIGHT
from ui.thumbnail import Thumbnail
from ui.window import ALERTS, GALLERY, MEMORY, SETTINGS, MainWindow


def pick(card: ConceptCard, text: str) -> None:
    next(a for a in card.menu.actions() if a.text() == text).trigger()


@pytest.fixture
def card(qtbot: QtBot, watching: MainWindow) -> ConceptCard:
    watching.open_page(GALLERY)
    return watching.gallery.cards["mum"]


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the file dialog returns."""
    file = tmp_path / "mum.png"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    return file


def test_cards_say_what_is_known(card: ConceptCard) -> None:
    assert card.name.text() == "Mum"
    assert card.accessibleName() == "Mum: Person · 4 views · 1 “not this” · named last: 98 % likely"


def test_the_newest_change_is_taken_back(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    page = watching.gallery
    assert page.undo.isHidden()
    change = GalleryChange(
        id="x", at=0, kind="merged", concept="mum", words="“Anna” was merged into “Mum”."
    )
    entries = tuple(home.archive.entries)
    home.assistant.emit(GalleryChanged(entries=entries, change=change))
    qtbot.waitUntil(lambda: not page.undo.isHidden())
    assert "merged into “Mum”" in page.undo.accessibleName()
    page.undo.click()
    command = home.assistant.commands[-1]
    assert isinstance(command, UndoCorrection)
    assert command.change == "x"
    home.assistant.emit(GalleryChanged(entries=entries, ref=command.ref))
    qtbot.waitUntil(page.undo.isHidden)


def test_rename(qtbot: QtBot, card: ConceptCard, home: Household) -> None:
    pick(card, "Rename…")
    line = question(qtbot).findChild(QLineEdit)
    assert line.text() == "Mum"
    line.selectAll()
    qtbot.keyClicks(line, "Mother")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    command = home.assistant.commands[-1]
    assert isinstance(command, CorrectConcept)
    assert command.correction == Rename(name="Mother")
    reason = "Another concept is called Mother. Nothing was changed. Choose another name."
    home.assistant.emit(Failed(reason=reason, kind="ConceptError", ref=command.ref))
    qtbot.waitUntil(lambda: card.said == reason)


def test_this_is_me(card: ConceptCard, home: Household) -> None:
    pick(card, "This is me")
    assert home.assistant.commands[-1].correction == MarkMe(is_me=True)


def test_merge(qtbot: QtBot, card: ConceptCard, home: Household) -> None:
    pick(card, "Merge into…")
    asked = question(qtbot)
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert home.assistant.commands[-1].correction == MergeInto(concept="momo")


def held_over(card: ConceptCard, concept: str) -> tuple[QMimeData, QDragEnterEvent, QDropEvent]:
    """What comes when another card is dragged here and let go. Qt does not keep alive what is
    carried."""
    data = QMimeData()
    data.setData(DRAGGED, concept.encode())
    move, left, none = (
        Qt.DropAction.MoveAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    centre = card.rect().center()
    entered = QDragEnterEvent(centre, move, data, left, none)
    dropped = QDropEvent(centre.toPointF(), move, data, left, none)
    return data, entered, dropped


def test_a_card_dropped_on_another_is_merged_when_that_is_confirmed(
    qtbot: QtBot, card: ConceptCard, home: Household
) -> None:
    _data, entered, dropped = held_over(card, "momo")
    QApplication.sendEvent(card, entered)
    assert entered.isAccepted()
    assert card.property("role") == "card-marked"
    QApplication.sendEvent(card, dropped)
    assert card.property("role") == "card"
    asked = question(qtbot)
    assert "Merge “Momo” into “Mum”?" in asked.windowTitle()
    assert not any(isinstance(c, CorrectConcept) for c in home.assistant.commands)
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    command = home.assistant.commands[-1]
    assert isinstance(command, CorrectConcept)
    assert (command.concept, command.correction) == ("momo", MergeInto(concept="mum"))


def test_a_card_is_not_dropped_on_itself(card: ConceptCard) -> None:
    _data, entered, _ = held_over(card, "mum")
    entered.ignore()
    QApplication.sendEvent(card, entered)
    assert card.property("role") == "card"


def test_what_it_is_known_by_and_also_called(
    qtbot: QtBot, card: ConceptCard, home: Household
) -> None:
    pick(card, "Known by…")
    line = question(qtbot).findChild(QLineEdit)
    qtbot.keyClicks(line, "short grey hair")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert home.assistant.commands[-1].correction == Describe(description="short grey hair")
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    pick(card, "Also called…")
    line = question(qtbot).findChild(QLineEdit)
    qtbot.keyClicks(line, "Maria")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert home.assistant.commands[-1].correction == CallAlso(alias="Maria")


def test_the_model_is_asked_what_it_is_known_by(
    qtbot: QtBot, card: ConceptCard, home: Household
) -> None:
    pick(card, "Have the model describe it")
    command = home.assistant.commands[-1]
    assert isinstance(command, DescribeByLook)
    assert command.concept == "mum"
    assert "looking" in card.said
    home.assistant.emit(Failed(reason="No model.", kind="ConceptError", ref=command.ref))
    qtbot.waitUntil(lambda: card.said == "No model.")


def test_a_card_tells_how_sure_its_name_was_given_last(
    qtbot: QtBot, card: ConceptCard, home: Household
) -> None:
    seen = sighting("r1", 4, concept="mum")
    home.assistant.emit(Sighted(sighting=replace(seen, score=0.972), name="Mum"))
    qtbot.waitUntil(lambda: "named last: 97 % likely" in card.accessibleName())


def test_views_and_what_it_is_not_are_shown(qtbot: QtBot, card: ConceptCard) -> None:
    shown = [one.accessibleName() for one in card.findChildren(QLabel) if one.accessibleName()]
    assert shown == ["A view of Mum", "A view of Mum", "Not Mum"]


def test_how_far_it_is_under_another_model_is_said(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    watching.open_page(GALLERY)
    entries = tuple(replace(e, unseen=len(e.exemplars)) for e in home.archive.entries)
    home.assistant.emit(GalleryChanged(entries=entries, waiting=12))
    page = watching.gallery
    qtbot.waitUntil(lambda: "12 views are being looked at anew" in page.under.text())
    assert "needs showing again" in page.cards["mum"].accessibleName()
    home.assistant.emit(GalleryChanged(entries=tuple(home.archive.entries)))
    qtbot.waitUntil(lambda: "anew" not in page.under.text())


def test_removing_asks_first(
    qtbot: QtBot, watching: MainWindow, card: ConceptCard, home: Household
) -> None:
    pick(card, "Remove…")
    asked = question(qtbot)
    assert not any(isinstance(c, ForgetConcept) for c in home.assistant.commands)
    assert asked.no.isDefault()
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert home.assistant.commands[-1].concept == "mum"
    rest = tuple(e for e in home.archive.entries if e.concept.id != "mum")
    home.assistant.emit(GalleryChanged(entries=rest))
    qtbot.waitUntil(lambda: "mum" not in watching.gallery.cards)


@pytest.mark.parametrize("wish", ["view", "reject"])
def test_a_picture_from_a_file(
    qtbot: QtBot, card: ConceptCard, home: Household, chosen: Path, wish: str
) -> None:
    image = np.full((20, 30, 3), (10, 200, 30), np.uint8)
    chosen.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    before = len(home.assistant.commands)
    card.wanted.emit(wish)
    qtbot.waitUntil(lambda: len(home.assistant.commands) > before)
    command = home.assistant.commands[-1]
    if wish == "view":
        assert isinstance(command, TeachConcept)
        assert (command.name, command.kind) == ("Mum", "person")
        assert np.array_equal(command.frame.image, image)
    else:
        assert isinstance(command.correction, RejectPicture)
        assert np.array_equal(command.correction.frame.image, image)


def test_a_file_that_is_no_picture(qtbot: QtBot, card: ConceptCard, chosen: Path) -> None:
    chosen.write_text("no")
    card.wanted.emit("view")
    qtbot.waitUntil(lambda: "not a picture" in card.said)


def test_a_card_says_that_its_name_can_only_be_typed(
    qtbot: QtBot, card: ConceptCard, home: Household
) -> None:
    home.assistant.emit(NamesLearned(unspoken=("Mum",)))
    qtbot.waitUntil(lambda: "only typed" in card.accessibleName())
    assert any("only typed" in one.toolTip() for one in card.findChildren(QLabel))
    home.assistant.emit(NamesLearned(unspoken=()))
    qtbot.waitUntil(lambda: "only typed" not in card.accessibleName())


def test_the_gallery_is_sifted_by_name(qtbot: QtBot, watching: MainWindow) -> None:
    watching.open_page(GALLERY)
    qtbot.keyClicks(watching.gallery.filter, "anna")
    shown = [c.name.text() for c in watching.gallery.cards.values() if c.isVisible()]
    assert shown == ["Mum"]


def test_search_finds_visits_and_words(home: Household) -> None:
    everything = find(home.archive, Search())
    assert {h.kind for h in everything} == {"visit", "text", "remark", "answer"}
    assert [h.moment.at for h in everything] == sorted(h.moment.at for h in everything)[::-1]
    assert {h.title for h in find(home.archive, Search(text="mum", kind="visit"))} == {
        "Mum",
        "Mum is here",
    }
    assert [h.title for h in find(home.archive, Search(text="plumber"))] == [
        "Reminder: call the plumber at 17:30"
    ]
    assert [h.title for h in find(home.archive, Search(text="someone"))] == ["Someone"]
    early = Search(at=home.at(0, 50), kind="remark")
    assert len(find(home.archive, early)) == 1
    assert find(home.archive, Search(text="zebra")) == ()


def test_a_hit_leads_to_its_moment(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    watching.open_page(MEMORY)
    page = watching.memory
    qtbot.keyClicks(page.line, "plumber")
    qtbot.waitUntil(lambda: len(page.results.hits) == 1)

    def links() -> list[QPushButton]:
        buttons = page.results.findChildren(QPushButton)
        return [b for b in buttons if b.isVisible() and "plumber" in b.accessibleName()]

    qtbot.waitUntil(lambda: bool(links()))
    qtbot.mouseClick(links()[0], Qt.MouseButton.LeftButton)
    assert watching.stack.currentIndex() == 0
    qtbot.waitUntil(watching.watch.live_chip.isVisible)
    assert watching.watch.timeline.marked == home.at(150, 153).start


def test_the_same_hits_stay_under_the_pointer(qtbot: QtBot, watching: MainWindow) -> None:
    """A press must not fall between two lists that read the same."""
    watching.open_page(MEMORY)
    results = watching.memory.results
    qtbot.waitUntil(lambda: bool(results.findChildren(Thumbnail)))
    before = results.findChildren(Thumbnail)
    results.show_hits(tuple(results.hits), searched=False)
    assert results.findChildren(Thumbnail) == before
    results.show_hits(results.hits[:1], searched=True)
    assert len(results.hits) == 1
    qtbot.waitUntil(lambda: not set(results.findChildren(Thumbnail)) & set(before))


def test_what_belongs_to_no_source_has_no_moment(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    home.archive.passages.append(replace(home.passage("answer", 260, "zebra"), run="", label=""))
    watching.open_page(MEMORY)
    page = watching.memory
    qtbot.keyClicks(page.line, "zebra")
    qtbot.waitUntil(lambda: len(page.results.hits) == 1)
    names = [b.accessibleName() for b in page.results.findChildren(QPushButton)]
    assert not any("zebra" in name for name in names)


def test_storage_is_a_visible_budget(qtbot: QtBot, watching: MainWindow) -> None:
    watching.open_page(MEMORY)
    storage = watching.memory.storage
    qtbot.waitUntil(lambda: storage.used.text() == "1.3 GB of 5 GB")
    assert storage.bar.value() == 267


def forget(qtbot: QtBot, window: MainWindow, which: str) -> Question:
    window.open_page(MEMORY)
    buttons = window.memory.storage.findChildren(QPushButton)
    button = next(b for b in buttons if b.text() == which)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return question(qtbot)


def test_forgetting_ten_minutes_asks_first(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    asked = forget(qtbot, watching, "The last 10 minutes…")
    assert not any(isinstance(c, Forget) for c in home.assistant.commands)
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    command = home.assistant.commands[-1]
    assert isinstance(command, Forget)
    assert command.scope.at.seconds == 600
    home.assistant.emit(Forgotten(scope=command.scope, ref=command.ref))
    qtbot.waitUntil(lambda: watching.memory.storage.said.text() == "It is gone.")


def test_forgetting_everything(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    asked = forget(qtbot, watching, "Everything…")
    assert asked.no.isDefault()
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    assert home.assistant.commands[-1].scope == Scope()


def test_forgetting_one_source(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    asked = forget(qtbot, watching, "One source…")
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    sure = question(qtbot)
    qtbot.mouseClick(sure.yes, Qt.MouseButton.LeftButton)
    assert home.assistant.commands[-1].scope == Scope(run=home.archive.runs[0].run)


def test_forgetting_a_span(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    asked = forget(qtbot, watching, "A span of time…")
    assert isinstance(asked, SpanQuestion)
    asked.start.setDateTime(QDateTime(2026, 3, 5, 14, 5, 0))
    asked.end.setDateTime(QDateTime(2026, 3, 5, 14, 4, 0))
    assert not asked.yes.isEnabled()
    assert asked.said.text() == "It ends before it begins."
    asked.end.setDateTime(QDateTime(2026, 3, 5, 14, 20, 0))
    assert "14:05 – 14:20 (16 min)" in asked.said.text()
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not isinstance(question(qtbot), SpanQuestion))
    sure = question(qtbot)
    assert sure.no.isDefault()
    assert not any(isinstance(c, Forget) for c in home.assistant.commands)
    qtbot.mouseClick(sure.yes, Qt.MouseButton.LeftButton)
    forgotten = home.assistant.commands[-1].scope.at
    began = datetime(2026, 3, 5, 14, 5).astimezone().timestamp()
    assert forgotten.start == int(began) * 10**9
    assert forgotten.end - forgotten.start == 16 * 60 * 10**9


def test_the_time_that_is_searched_is_offered_for_forgetting(
    qtbot: QtBot, watching: MainWindow
) -> None:
    watching.memory.times.setCurrentIndex(2)
    asked = forget(qtbot, watching, "A span of time…")
    assert asked.start.time().toString("HH:mm") == "00:00"
    assert asked.start.date() == QDateTime.currentDateTime().date()


def test_settings_hold_at_once_and_are_saved(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    saved: list[tuple[str, bool]] = []
    watching.preferences.save = lambda p: saved.append((p.theme, p.show_unknown))
    watching.open_page(SETTINGS)
    page = watching.settings
    chips = {b.text(): b for b in page.findChildren(QPushButton)}
    qtbot.mouseClick(chips["Light"], Qt.MouseButton.LeftButton)
    assert watching.colours.surface == LIGHT.surface
    assert LIGHT.surface in QApplication.instance().styleSheet()
    page.unknown.click()
    assert saved == [("light", False), ("light", True)]
    assert watching.watch.preview.show_unknown
    qtbot.mouseClick(chips["Dark"], Qt.MouseButton.LeftButton)
    assert watching.colours.surface == DARK.surface


def test_the_conversation_survives_a_change_of_theme(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    watching.watch.conversation.say("Hello.")
    watching.preferences.theme = "light"
    watching.dress()
    assert len(watching.watch.conversation.messages) == 1


def test_pages_by_keyboard(qtbot: QtBot, watching: MainWindow) -> None:
    for number in range(6):
        key = Qt.Key(Qt.Key.Key_1.value + number)
        qtbot.keyClick(watching, key, Qt.KeyboardModifier.ControlModifier)
        assert watching.stack.currentIndex() == number


def test_gallery_changes_reach_the_timeline(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    entry = home.archive.entries[0]
    blue = replace(entry, concept=replace(entry.concept, colour="#0000FF"))
    home.assistant.emit(GalleryChanged(entries=(blue,)))
    qtbot.waitUntil(lambda: watching.watch.timeline.concept_colours == {"mum": "#0000FF"})


def test_nameless_ones_that_were_there_together_are_one_hit(home: Household) -> None:
    spans = ((60, 74), (60, 70), (90, 95))
    home.archive.visits[:] = [home.visit(None, start, end) for start, end in spans]
    home.archive.visits.append(home.visit(MUM, 60, 74))
    assert [h.title for h in find(home.archive, Search(text="someone"))] == ["Someone", "Someone"]
    assert len(find(home.archive, Search(kind="visit"))) == 3


def test_a_moment_of_a_trial_is_shown(watching: MainWindow, home: Household) -> None:
    watching.open_page(ALERTS)
    moment = Moment(run="r1", pts=0, at=home.at(0, 50).start)
    watching.alerts.moment_wanted.emit(moment)
    assert watching.stack.currentWidget() is watching.watch


def test_what_is_said_unasked_holds_at_once(watching: MainWindow, home: Household) -> None:
    watching.open_page(SETTINGS)
    unasked = watching.settings.unasked
    unasked.remarks.setCurrentIndex(2)
    unasked.remarks.activated.emit(2)
    assert home.assistant.commands[-1] == ChooseRemarks(remarks="lively")
    assert watching.preferences.remarks == "lively"
