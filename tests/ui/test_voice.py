"""What was said, done in the window: by the key at once, by the wake phrase only where it changes
nothing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.decision.spoken import understand_speech
from engine.errors import ConfigError
from engine.facts import Addressed, Utterance
from engine.media import Span
from engine.messages import AddAlert, Ask, Command, Heard, Mute, Say, SpeakingChanged
from tests.fakes.household import Household
from ui.preferences import Preferences
from ui.watch.mute import MUTED
from ui.window import SETTINGS, MainWindow

CHANGING = (
    "stop telling me about Momo",
    "do not tell me about Momo",
    "don't tell me when Mum comes in",
    "cancel that",
    "cancel all alerts",
    "forget everything",
    "forget the last ten minutes",
    "remember this as Eve",
    "yes",
    "yes arm it",
    "no, only when he is alone",
    "pause",
    "stop watching",
    "go on watching",
    "pause the alert about Momo",
    "tell me when Mum comes in",
    "is this right? arm it",
)
"""What a played video can say after "hey Nacre"."""


def said(text: str, addressed: Addressed) -> Heard:
    utterance = Utterance(run="m", span=Span(start=0, end=1), at=1, text=text, addressed=addressed)
    spoken = understand_speech(text, addressed)
    return Heard(utterance=utterance, deed=spoken.deed, name=spoken.name, confirm=spoken.confirm)


def given(home: Household, since: int) -> list[Command]:
    return home.assistant.commands[since:]


@pytest.mark.parametrize("text", CHANGING)
def test_the_wake_phrase_changes_nothing_without_a_press(
    qtbot: QtBot, watching: MainWindow, home: Household, text: str
) -> None:
    conversation, before = watching.watch.conversation, len(home.assistant.commands)
    home.assistant.emit(said(text, "name"))
    qtbot.waitUntil(lambda: len(conversation.messages) == 2)
    assert all(isinstance(command, Ask) for command in given(home, before))
    assert not watching.watching.paused
    assert not watching.watch.registration.active


def test_a_press_does_what_the_wake_phrase_asked_for(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    conversation, before = watching.watch.conversation, len(home.assistant.commands)
    home.assistant.emit(said("tell me when Mum comes in", "name"))
    qtbot.waitUntil(lambda: len(conversation.messages) == 2)
    do_it = conversation.messages[1].findChild(QPushButton)
    assert do_it is not None
    do_it.click()
    qtbot.waitUntil(lambda: any(isinstance(one, AddAlert) for one in given(home, before)))


def test_the_key_orders_at_once(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    before = len(home.assistant.commands)
    home.assistant.emit(said("stop telling me about Momo", "key"))
    qtbot.waitUntil(lambda: any(isinstance(one, Say) for one in given(home, before)))
    home.assistant.emit(said("pause", "key"))
    qtbot.waitUntil(lambda: watching.watching.paused)
    home.assistant.emit(said("go on watching", "key"))
    qtbot.waitUntil(lambda: not watching.watching.paused)


def test_without_a_picture_there_is_nothing_to_remember(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    home.assistant.emit(said("remember this as Momo", "key"))
    conversation = window.watch.conversation
    qtbot.waitUntil(lambda: len(conversation.messages) == 2)
    assert "no picture" in conversation.messages[1].text.text()


@pytest.mark.parametrize(("by_voice", "words"), [(True, "your voice"), (False, "Esc or F8")])
def test_the_window_says_what_interrupts(
    qtbot: QtBot, window: MainWindow, home: Household, by_voice: bool, words: str
) -> None:
    home.assistant.emit(SpeakingChanged(text="Momo is here.", by_voice=by_voice))
    qtbot.waitUntil(lambda: words in window.watch.voice.words.text())


def test_the_mute_key_silences_until_it_is_pressed_again(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    voice, saved = window.watch.voice, list[bool]()
    window.preferences.save = lambda p: saved.append(p.muted)
    window.activateWindow()
    window.watch.conversation.line.setFocus()
    qtbot.keyClick(window.watch.conversation.line, Qt.Key.Key_F9)
    assert [c for c in home.assistant.commands if isinstance(c, Mute)] == [Mute(muted=True)]
    assert voice.words.text() == MUTED
    assert voice.mute.isChecked()
    window.open_page(SETTINGS)
    qtbot.keyClick(window.settings, Qt.Key.Key_F9)
    assert [c for c in home.assistant.commands if isinstance(c, Mute)][1:] == [Mute(muted=False)]
    assert voice.words.text() != MUTED
    assert voice.mute.accessibleName() == "Mute"
    assert saved == [True, False]


def test_it_is_silent_also_where_that_cannot_be_kept(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    def refuse(_: Preferences) -> None:
        raise ConfigError("The settings cannot be saved.")

    window.preferences.save = refuse
    window.watch.voice.mute.click()
    assert home.assistant.commands[-1] == Mute(muted=True)
    assert window.watch.voice.words.text() == "The settings cannot be saved."
