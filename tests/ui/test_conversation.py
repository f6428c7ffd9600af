from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.facts import GalleryChange, Proposal, Scope
from engine.media import Box
from engine.messages import (
    AddAlert,
    AlertsChanged,
    AnswerExtended,
    AnswerFinished,
    AnswerStarted,
    Ask,
    Failed,
    Forgotten,
    GalleryChanged,
    Interrupt,
    NamesLearned,
    Remarked,
    Say,
    TeachConcept,
    UndoCorrection,
    WhichOne,
)
from tests.fakes.household import RUN, Household
from ui.thumbnail import Thumbnail
from ui.watch.conversation import Conversation
from ui.window import MainWindow


def asked(home: Household) -> Ask:
    return [c for c in home.assistant.commands if isinstance(c, Ask)][-1]


def type_in(qtbot: QtBot, conversation: Conversation, text: str) -> None:
    conversation.line.setFocus()
    qtbot.keyClicks(conversation.line, text)
    qtbot.keyClick(conversation.line, Qt.Key.Key_Return)


def test_a_question_is_answered_with_evidence(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    type_in(qtbot, conversation, "when did Mum come in?")
    ask = asked(home)
    assert ask.text == "when did Mum come in?"
    assert conversation.thinking
    answer = home.answer(ask.ref, ask.text, "Mum came in twice.", 42, 186)
    home.assistant.emit(AnswerFinished(answer=answer))
    qtbot.waitUntil(lambda: not conversation.thinking)
    question, reply = conversation.messages
    assert question.text.text() == ask.text
    assert reply.text.text() == "Mum came in twice."
    assert len(reply.findChildren(Thumbnail)) == 2
    qtbot.waitUntil(lambda: not reply.findChildren(Thumbnail)[0].icon().isNull())
    assert watching.watch.caption.text == "Mum came in twice."


def test_a_time_link_shows_the_moment(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    watch = watching.watch
    watch.conversation.submit("when?")
    ask = asked(home)
    home.assistant.emit(AnswerFinished(answer=home.answer(ask.ref, ask.text, "Then.", 42)))
    qtbot.waitUntil(lambda: not watch.conversation.thinking)
    link = watch.conversation.messages[1].findChild(QPushButton)
    live = watch.preview.grab().toImage()
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(watch.live_chip.isVisible)
    qtbot.waitUntil(lambda: watch.preview.grab().toImage() != live)
    assert watch.timeline.marked == home.at(42, 46).start
    qtbot.mouseClick(watch.live_chip, Qt.MouseButton.LeftButton)
    assert not watch.live_chip.isVisible()
    assert watch.timeline.marked is None


def test_what_was_not_seen_is_grey_and_says_what_would_help(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    conversation.submit("who was at the door?")
    ask = asked(home)
    hint = "Let Nacre watch the door."
    answer = home.answer(ask.ref, ask.text, "I have not seen that.", help=hint)
    home.assistant.emit(AnswerFinished(answer=answer))
    qtbot.waitUntil(lambda: not conversation.thinking)
    reply = conversation.messages[1]
    assert reply.text.property("role") == "muted"
    assert hint in [label.text() for label in reply.findChildren(QLabel)]


def test_tell_me_when_is_a_standing_request(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    type_in(qtbot, conversation, "Tell me when Mum comes in")
    (command,) = [c for c in home.assistant.commands if isinstance(c, AddAlert)]
    alerts = tuple(home.alerts())
    home.assistant.emit(AlertsChanged(alerts=alerts, alert="alert-1", ref=command.ref))
    qtbot.waitUntil(lambda: not conversation.thinking)
    assert conversation.messages[1].text.text() == "I will tell you when Mum appears."


def test_escape_stops_and_a_late_answer_is_dropped(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    type_in(qtbot, conversation, "what happened?")
    ask = asked(home)
    qtbot.keyClick(conversation.line, Qt.Key.Key_Escape)
    assert isinstance(home.assistant.commands[-1], Interrupt)
    assert not conversation.thinking
    late = home.answer(ask.ref, ask.text, "Late.", 1)
    home.assistant.emit(AnswerFinished(answer=late), Remarked(remark=home.remark("Now.", 2)))
    qtbot.waitUntil(lambda: len(conversation.messages) == 3)
    assert conversation.messages[1].text.text() == "Stopped."


def test_a_failure_is_said_where_it_was_asked(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    conversation.submit("tell me when the moon sings")
    (command,) = [c for c in home.assistant.commands if isinstance(c, AddAlert)]
    home.assistant.emit(Failed(reason="I cannot hear.", kind="AlertError", ref=command.ref))
    qtbot.waitUntil(lambda: not conversation.thinking)
    assert conversation.messages[1].text.text() == "I cannot hear."
    assert not watching.notices.isVisible()


def test_remarks_come_unasked(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 42)))
    qtbot.waitUntil(lambda: len(watching.watch.conversation.messages) == 1)
    assert watching.watch.caption.text == "◆ Mum came in."


def test_what_was_read_is_never_markup(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    text = "The screen said <b>hello</b> <img src='x'>."
    home.assistant.emit(Remarked(remark=home.remark(text, 42)))
    conversation = watching.watch.conversation
    qtbot.waitUntil(lambda: len(conversation.messages) == 1)
    label = conversation.messages[0].text
    assert label.text() == text
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_forgetting_takes_what_was_said_with_it(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    for s in (42, 186):
        home.assistant.emit(Remarked(remark=home.remark("Mum came in.", s)))
    qtbot.waitUntil(lambda: len(conversation.messages) == 2)
    home.assistant.emit(Forgotten(scope=Scope(at=home.at(180, 200)), ref=""))
    qtbot.waitUntil(lambda: len(conversation.messages) == 1)
    home.assistant.emit(Forgotten(scope=Scope(run="another"), ref=""))
    home.assistant.emit(Forgotten(scope=Scope(run=RUN), ref=""))
    qtbot.waitUntil(lambda: len(conversation.messages) == 0)


def test_one_endless_word_does_not_widen_the_conversation(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    home.assistant.emit(Remarked(remark=home.remark("x" * 3000, 42)))
    qtbot.waitUntil(lambda: len(conversation.messages) == 1)
    message = conversation.messages[0]
    qtbot.waitUntil(lambda: message.text.height() > 100)
    qtbot.waitUntil(lambda: message.width() <= conversation.width())


def test_what_lies_in_one_moment_has_one_link(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    conversation.submit("who is here?")
    ask = asked(home)
    answer = home.answer(ask.ref, ask.text, "Mum, and somebody I do not know.", 42, 42, 186)
    home.assistant.emit(AnswerFinished(answer=answer))
    qtbot.waitUntil(lambda: not conversation.thinking)
    reply = conversation.messages[1]
    links = [b.text() for b in reply.findChildren(QPushButton) if b.text().startswith("▸")]
    assert len(links) == len(set(links)) == 2
    assert len(reply.findChildren(Thumbnail)) == 2


def test_an_answer_takes_one_line_of_the_picture_and_a_remark_two(
    qtbot: QtBot, watching: MainWindow
) -> None:
    caption = watching.watch.caption
    caption.say("Mum.")
    one = caption.height()
    caption.say("Mum was at the door. " * 20)
    assert caption.height() == one
    caption.say("Mum was at the door. " * 20, True)
    assert caption.height() > one
    watching.watch.preview.setFixedHeight(140)
    qtbot.waitUntil(lambda: caption.height() * 4 < 140)
    watching.watch.preview.setFixedHeight(60)
    qtbot.waitUntil(lambda: caption.height() == 0)


def test_an_answer_grows_and_is_read_out_when_it_is_whole(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    type_in(qtbot, conversation, "what is on the table?")
    ask = asked(home)
    home.assistant.emit(AnswerStarted(question=ask.text, ref=ask.ref))
    qtbot.waitUntil(lambda: conversation.messages[1].text.text() == "Looking at it …")
    for piece in (" A red", " mug"):
        home.assistant.emit(AnswerExtended(text=piece, ref=ask.ref))
    qtbot.waitUntil(lambda: conversation.messages[1].text.text() == "A red mug")
    assert watching.watch.caption.text == "A red mug"
    assert conversation.thinking
    answer = home.answer(ask.ref, ask.text, "A red mug.", 42)
    home.assistant.emit(AnswerFinished(answer=answer))
    qtbot.waitUntil(lambda: not conversation.thinking)
    assert conversation.messages[1].text.text() == "A red mug."
    assert watching.watch.caption.text == "A red mug."


def test_what_came_of_a_stopped_answer_stands(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    type_in(qtbot, conversation, "what is on the table?")
    ask = asked(home)
    home.assistant.emit(AnswerExtended(text="A red", ref=ask.ref))
    reply = conversation.messages[1]
    qtbot.waitUntil(lambda: reply.text.text() == "A red")
    qtbot.keyClick(conversation.line, Qt.Key.Key_Escape)
    assert isinstance(home.assistant.commands[-1], Interrupt)
    assert reply.text.text() == "A red"
    assert "Stopped." in [label.text() for label in reply.findChildren(QLabel)]
    home.assistant.emit(AnswerExtended(text=" mug", ref=ask.ref))
    home.assistant.emit(Remarked(remark=home.remark("Now.", 2)))
    qtbot.waitUntil(lambda: len(conversation.messages) == 3)
    assert reply.text.text() == "A red"


def shown(event: GalleryChanged, conversation: Conversation, qtbot: QtBot, home: Household) -> str:
    home.assistant.emit(event)
    qtbot.waitUntil(lambda: not conversation.thinking)
    return conversation.messages[-1].text.text()


def said(home: Household) -> Say:
    return [c for c in home.assistant.commands if isinstance(c, Say)][-1]


def test_a_name_is_said_with_what_is_shown_and_pointed_at(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    watch = watching.watch
    place = watch.preview.picture_rect()
    qtbot.mouseMove(watch.preview, place.center().toPoint())
    qtbot.waitUntil(lambda: watch.preview.pointed is not None)
    type_in(qtbot, watch.conversation, "This is my mum, she has short grey hair")
    command = said(home)
    assert command.text == "This is my mum, she has short grey hair"
    assert command.frame is not None
    assert command.point is not None
    x, y = command.point
    width, height = command.frame.size
    assert abs(x - width / 2) < 4
    assert abs(y - height / 2) < 4

    entry = home.archive.entries[0]
    taught = replace(entry.concept, description="short grey hair")
    change = GalleryChange(id=command.ref, at=0, kind="taught", concept=taught.id, words="…")
    known = GalleryChanged(
        entries=(replace(entry, concept=taught, positives=1),),
        concept=taught.id,
        ref=command.ref,
        change=change,
    )
    text = shown(known, watch.conversation, qtbot, home)
    assert text == f"I know {taught.name} from now on. Noted: short grey hair."
    undo = watch.conversation.messages[-1].findChild(QPushButton)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(home.assistant.commands[-1], UndoCorrection))
    undone = home.assistant.commands[-1]
    assert isinstance(undone, UndoCorrection)
    assert undone.change == command.ref


def test_that_a_new_name_can_only_be_typed_is_said_where_it_was_given(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    """Names that were unspoken before are no news."""
    conversation = watching.watch.conversation
    entry = home.archive.entries[0]
    for name in ("李雷", "Ada"):
        type_in(qtbot, conversation, "this is somebody")
        named = replace(entry.concept, name=name)
        known = GalleryChanged(
            entries=(replace(entry, concept=named),), concept=named.id, ref=said(home).ref
        )
        shown(known, conversation, qtbot, home)
    home.assistant.emit(NamesLearned(unspoken=("Жук", "李雷")))
    words = "This name cannot be said to Nacre, only typed: 李雷. Another name helps."

    def texts(message: QWidget) -> list[str]:
        return [one.text() for one in message.findChildren(QLabel)]

    first, second = (m for m in conversation.messages if m.text.text() == "Done.")
    qtbot.waitUntil(lambda: words in texts(first))
    assert not any("only typed" in text for text in texts(second))
    home.assistant.emit(NamesLearned(unspoken=("李雷",)))
    type_in(qtbot, conversation, "this is Momo")  # What was sent before it has arrived.
    assert texts(first).count(words) == 1


def test_a_name_whose_message_is_gone_is_learned_all_the_same(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    """The ear may be opened long after; by then what was said may have been forgotten."""
    conversation = watching.watch.conversation
    entry = home.archive.entries[0]
    type_in(qtbot, conversation, "this is somebody")
    known = GalleryChanged(entries=(entry,), concept=entry.concept.id, ref=said(home).ref)
    shown(known, conversation, qtbot, home)
    reply = conversation.messages[-1]
    conversation._drop(reply)  # pyright: ignore[reportPrivateUsage]
    with qtbot.waitSignal(reply.destroyed):
        pass
    home.assistant.emit(NamesLearned(unspoken=(entry.concept.name,)))
    card = watching.gallery.cards[entry.concept.id]
    qtbot.waitUntil(lambda: "only typed" in card.accessibleName())


def test_where_it_is_not_clear_a_click_says_which_one(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    watch = watching.watch
    type_in(qtbot, watch.conversation, "this is Ada")
    command = said(home)
    assert command.frame is not None
    waits = TeachConcept(name="Ada", kind="thing", frame=command.frame, ref=command.ref)
    boxes = (
        Proposal(box=Box(40, 40, 80, 80), kind="person", score=0.9),
        Proposal(box=Box(300, 80, 80, 80), kind="thing", score=0.9),
    )
    which = WhichOne(teaching=waits, kind_told=False, proposals=boxes, ref=command.ref)
    home.assistant.emit(which)
    qtbot.waitUntil(lambda: watch.registration.active)
    assert "Which one is Ada?" in watch.conversation.messages[-1].text.text()
    assert not watch.registration.card.isVisible()
    watch.registration.layer.boxes[0].click()
    sent = home.assistant.commands[-1]
    assert isinstance(sent, TeachConcept)
    assert (sent.name, sent.kind, sent.box) == ("Ada", "person", boxes[0].box)
    home.assistant.emit(GalleryChanged(entries=(), ref=sent.ref))
    qtbot.waitUntil(lambda: not watch.registration.active)


def test_what_answers_which_one_is_said_and_not_asked(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation = watching.watch.conversation
    type_in(qtbot, conversation, "this is Ada")
    command = said(home)
    assert command.frame is not None
    waits = TeachConcept(name="Ada", kind="person", frame=command.frame, ref=command.ref)
    home.assistant.emit(WhichOne(teaching=waits, kind_told=False, proposals=(), ref=command.ref))
    qtbot.waitUntil(lambda: watching.watch.registration.active)
    type_in(qtbot, conversation, "the left one")
    assert said(home).text == "the left one"
    type_in(qtbot, conversation, "what happened?")
    assert asked(home).text == "what happened?"


@pytest.mark.parametrize(
    "text", ["call this the morning stretch", "remember this mug as Blue", "Momo is also called Mo"]
)
def test_naming_is_an_order_and_no_question(
    watching: MainWindow, home: Household, text: str
) -> None:
    watching.watch.conversation.submit(text)
    assert said(home).text == text
