"""What can be changed in the settings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from engine.errors import ConfigError
from engine.messages import BystandersChanged, CloseSource, Command, OpenSource, SpareBystanders
from tests.fakes.dialog import question
from tests.fakes.household import Household
from ui.preferences import Preferences
from ui.settings.exclusions import ExcludedWindows, entries
from ui.settings.keeping import GIGABYTE, Amount
from ui.settings.page import SettingsPage
from ui.settings.voice import USUAL, VoiceSettings, time_of_day
from ui.window import SETTINGS, MainWindow


@pytest.fixture
def page(watching: MainWindow) -> SettingsPage:
    watching.open_page(SETTINGS)
    return watching.settings


@pytest.fixture
def saved(watching: MainWindow) -> list[tuple[float, float]]:
    """(gigabytes, days) of each saving."""
    done: list[tuple[float, float]] = []
    watching.preferences.save = lambda p: done.append(
        (p.retention_bytes / GIGABYTE, p.retention_days)
    )
    return done


def type_amount(qtbot: QtBot, amount: Amount, text: str) -> None:
    amount.setFocus()
    amount.selectAll()
    qtbot.keyClicks(amount, text)


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_more_is_kept_at_once(
    qtbot: QtBot, page: SettingsPage, saved: list[tuple[float, float]]
) -> None:
    keeping = page.keeping
    assert (keeping.days.text(), keeping.gigabytes.text()) == ("30 days", "5 GB")
    assert not keeping.keep.isEnabled()
    type_amount(qtbot, keeping.days, "90")
    type_amount(qtbot, keeping.gigabytes, "7.5")
    press(qtbot, keeping.keep)
    assert saved == [(7.5, 90.0)]
    assert keeping.said.text() == "Saved. It holds within ten minutes."
    assert not keeping.keep.isEnabled()


def test_keeping_less_asks_first(
    qtbot: QtBot, page: SettingsPage, saved: list[tuple[float, float]]
) -> None:
    type_amount(qtbot, page.keeping.days, "3")
    press(qtbot, page.keeping.keep)
    asked = question(qtbot)
    assert asked.no.isDefault()
    press(qtbot, asked.no)
    assert saved == []
    press(qtbot, page.keeping.keep)
    press(qtbot, question(qtbot).yes)
    assert saved == [(5.0, 3.0)]


@pytest.mark.parametrize(("typed", "held"), [("0", 1.0), ("99999", 3650.0)])
def test_days_have_bounds(page: SettingsPage, typed: str, held: float) -> None:
    page.keeping.days.setValue(float(typed))
    assert page.keeping.days.value() == held


def test_a_bound_set_by_hand_is_shown_as_it_is(qtbot: QtBot) -> None:
    amount = Amount(0.25, 1.0, 10.0, 1, " days")
    qtbot.addWidget(amount)
    assert amount.text() == "0.25 days"


def test_what_could_not_be_saved_does_not_hold(
    qtbot: QtBot, page: SettingsPage, watching: MainWindow
) -> None:
    def refuse(_: Preferences) -> None:
        raise ConfigError("The settings cannot be saved. The old ones still hold.")

    watching.preferences.save = refuse
    type_amount(qtbot, page.keeping.days, "40")
    press(qtbot, page.keeping.keep)
    assert page.keeping.said.text().endswith("The old ones still hold.")
    assert watching.preferences.retention_days == 30.0
    assert page.keeping.keep.isEnabled()
    page.unknown.click()
    assert page.said.isVisible()
    page.excluded.titles.setPlainText("Bank")
    press(qtbot, page.excluded.keep)
    assert watching.preferences.excluded_titles == ()


def test_entries_are_lines() -> None:
    assert entries(" Bank \n\n  my   diary\nBank\n") == ("Bank", "my diary")


@pytest.fixture
def lists(qtbot: QtBot) -> tuple[ExcludedWindows, Preferences]:
    mine = Preferences(
        excluded_applications=("keepass",),
        excluded_titles=("(private)",),
        usual_applications=("keepass", "bitwarden"),
        usual_titles=("(private)",),
    )
    made = ExcludedWindows(mine, lambda: "")
    qtbot.addWidget(made)
    made.show()
    return made, mine


def test_a_list_holds_only_once_it_is_saved(
    qtbot: QtBot, lists: tuple[ExcludedWindows, Preferences]
) -> None:
    made, mine = lists
    assert made.programs.toPlainText() == "keepass"
    assert not made.keep.isEnabled()
    made.titles.selectAll()
    qtbot.keyClicks(made.titles, "Bank")
    assert mine.excluded_titles == ("(private)",)
    assert made.said.text() == "Not saved yet."
    press(qtbot, made.keep)
    assert mine.excluded_titles == ("Bank",)
    assert "next look" in made.said.text()


def test_the_usual_lists_come_back(
    qtbot: QtBot, lists: tuple[ExcludedWindows, Preferences]
) -> None:
    made, mine = lists
    press(qtbot, made.usual)
    assert made.programs.toPlainText() == "keepass\nbitwarden"
    press(qtbot, made.keep)
    assert mine.excluded_applications == ("keepass", "bitwarden")
    assert not made.usual.isEnabled()


def test_tab_leaves_a_list(qtbot: QtBot, page: SettingsPage) -> None:
    page.window().activateWindow()
    page.excluded.programs.setFocus()
    qtbot.keyClick(page.excluded.programs, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.excluded.titles


def test_with_less_motion_captions_go_at_once(
    qtbot: QtBot, watching: MainWindow, page: SettingsPage
) -> None:
    caption = watching.watch.caption
    watching.open_page(0)
    caption.say("Mum came in.")
    caption.rest_is_over()
    assert caption.isVisible()
    page.appearance.still.click()
    caption.say("Mum came in.")
    caption.rest_is_over()
    assert not caption.isVisible()


def test_people_without_a_name_are_spared_by_one_switch(
    qtbot: QtBot, window: MainWindow, home: Household
) -> None:
    page = window.settings
    page.bystanders.setChecked(True)
    assert home.assistant.commands[-1] == SpareBystanders(on=True)
    sent = len(home.assistant.commands)
    home.assistant.emit(BystandersChanged(spared=False))
    qtbot.waitUntil(lambda: not page.bystanders.isChecked())
    assert len(home.assistant.commands) == sent


def listed(voice: VoiceSettings) -> list[str]:
    return [voice.microphone.itemText(n) for n in range(voice.microphone.count())]


def test_the_microphones_are_those_that_are_there_now(
    qtbot: QtBot, page: SettingsPage, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = page.voice
    qtbot.waitUntil(lambda: listed(voice) == [USUAL, "Desk microphone"])
    voice.microphone.activated.emit(0)
    voice.microphone.setCurrentIndex(1)
    voice.microphone.activated.emit(1)
    both = ("Headset", "Desk microphone")
    monkeypatch.setattr(home.assistant, "microphones", lambda: both)
    qtbot.waitUntil(lambda: listed(voice) == [USUAL, *both])
    assert voice.microphone.currentText() == "Desk microphone"
    monkeypatch.setattr(home.assistant, "microphones", lambda: ("Headset",))
    gone = [USUAL, "Headset", "Desk microphone (not there)"]
    qtbot.waitUntil(lambda: listed(voice) == gone)
    assert voice.microphone.currentData() == "Desk microphone"


def test_who_listens_listens_to_the_other_one_at_once(
    qtbot: QtBot, watching: MainWindow, page: SettingsPage, home: Household
) -> None:
    watching.watch.voice.open(consented=True)
    qtbot.waitUntil(lambda: page.voice.microphone.count() == 2)
    before = len(home.assistant.commands)
    page.voice.microphone.setCurrentIndex(1)
    page.voice.microphone.activated.emit(1)
    given: list[Command] = home.assistant.commands[before:]
    assert [type(one) for one in given] == [CloseSource, OpenSource]
    assert isinstance(given[1], OpenSource)
    assert given[1].spec.address == "Desk microphone"


def test_the_level_is_shown_while_something_is_heard(
    qtbot: QtBot, page: SettingsPage, home: Household
) -> None:
    assert page.voice.listens.text() == "Not listening"
    home.assistant.loudness = -12.4
    qtbot.waitUntil(lambda: page.voice.level.value() == -12)
    assert page.voice.listens.text() == ""


def test_quiet_hours_hold_once_they_are_times(qtbot: QtBot, page: SettingsPage) -> None:
    kept: list[tuple[str, str]] = []
    mine = page.voice._preferences  # pyright: ignore[reportPrivateUsage]
    mine.save = lambda p: kept.append((p.quiet_from, p.quiet_until))
    begins, ends, told = page.voice.quiet_from, page.voice.quiet_until, page.voice.timed

    def type_in(line: QLineEdit, text: str) -> None:
        line.setText(text)
        line.editingFinished.emit()

    type_in(begins, "25:00")
    assert "such as 22:00" in told.text()
    assert told.isVisible()
    type_in(begins, "22")
    assert "Both times" in told.text()
    assert kept == []
    type_in(ends, "7.30")
    assert kept == [("22:00", "07:30")]
    assert (begins.text(), ends.text(), told.isVisible()) == ("22:00", "07:30", False)
    type_in(begins, "")
    type_in(ends, "")
    assert kept[1:] == [("", "")]


@pytest.mark.parametrize(
    ("typed", "held"),
    [("", ""), (" 9 ", "09:00"), ("23:59", "23:59"), ("24:00", None), ("7:60", None), ("x", None)],
)
def test_times_of_the_day(typed: str, held: str | None) -> None:
    assert time_of_day(typed) == held
