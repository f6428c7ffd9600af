"""The voice: which microphone, what is kept of what is heard, what is said aloud and when."""

import re
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from engine.messages import NamesLearned
from ui.bridge import Bridge
from ui.controls import check, column, label, row
from ui.meter import LEVEL_MS, Meter
from ui.preferences import Aloud, Preferences
from ui.wording import cannot_be_said

LOOK_MS = 2000
USUAL = "The usual one of this computer"
ALOUD: tuple[tuple[Aloud, str], ...] = (
    ("never", "Nothing"),
    ("asked", "Answers to what I said"),
    ("all", "Answers and remarks"),
)


class VoiceSettings(QWidget):
    """Each change holds at once. Microphones come and go in it while it is shown."""

    microphone_changed = Signal()

    def __init__(self, bridge: Bridge, preferences: Preferences, save: Callable[[], None]) -> None:
        super().__init__()
        self._preferences, self._save = preferences, save
        self._bridge = bridge
        self.microphone = QComboBox()
        self.microphone.setAccessibleName("Microphone")
        self._names: tuple[str, ...] | None = None
        self._asked = False
        self._list((preferences.microphone,) if preferences.microphone else ())
        self.level = Meter()
        self.listens = label("", "small")
        self.keep = self._check("Keep what is said as text in the memory", "keep_speech")
        self.wake = self._check(
            "“Hey Nacre” calls it (what could change anything then waits for a press)",
            "wake_phrase",
        )
        self.headphones = self._check(
            "I use headphones or echo cancellation: my voice may interrupt Nacre",
            "headphones",
        )
        self.aloud = QComboBox()
        self.aloud.setAccessibleName("What is said aloud")
        for value, words in ALOUD:
            self.aloud.addItem(words, value)
        self.aloud.setCurrentIndex([value for value, _ in ALOUD].index(preferences.aloud))
        self.quiet_from = self._time("Quiet from", preferences.quiet_from, "22:00")
        self.quiet_until = self._time("Quiet until", preferences.quiet_until, "07:00")
        self.timed = label("", "danger", wrap=True)
        self.timed.hide()
        self.unspoken = label("", "muted", wrap=True)
        self.unspoken.hide()
        self.microphone.activated.connect(self._microphone_chosen)
        self.aloud.activated.connect(self._chosen)
        inner = column(spacing=8)
        inner.addLayout(row(label("Microphone"), self.microphone, self.level, self.listens, None))
        for box in (self.keep, self.wake, self.headphones):
            inner.addWidget(box)
        inner.addWidget(self.unspoken)
        inner.addLayout(row(label("Said aloud"), self.aloud, None))
        between = label("Nothing aloud between")
        inner.addLayout(row(between, self.quiet_from, label("and"), self.quiet_until, None))
        inner.addWidget(self.timed)
        self.setLayout(inner)
        bridge.names_learned.connect(self._learned)
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._measuring = QTimer(self, interval=LEVEL_MS)
        self._measuring.timeout.connect(self._measure)

    def _check(self, words: str, field: str) -> QCheckBox:
        def changed(on: bool) -> None:
            setattr(self._preferences, field, on)
            self._save()

        return check(words, bool(getattr(self._preferences, field)), changed)

    def _time(self, name: str, value: str, like: str) -> QLineEdit:
        made = QLineEdit(value)
        made.setAccessibleName(name)
        made.setPlaceholderText(like)
        made.setFixedWidth(120)
        made.editingFinished.connect(self._timed)
        return made

    def _timed(self) -> None:
        """Held once both are times of the day, or neither is there."""
        begins, ends = (time_of_day(one.text()) for one in (self.quiet_from, self.quiet_until))
        if begins is None or ends is None:
            reason = "Type a time such as 22:00. The old quiet hours still hold."
        elif bool(begins) != bool(ends):
            reason = "Both times are needed, or none. Until then the old quiet hours hold."
        else:
            reason = ""
            self.quiet_from.setText(begins)
            self.quiet_until.setText(ends)
            self._preferences.quiet_from, self._preferences.quiet_until = begins, ends
            self._save()
        self.timed.setText(reason)
        self.timed.setVisible(bool(reason))

    def _chosen(self) -> None:
        self._preferences.aloud = cast(Aloud, self.aloud.currentData())
        self._save()

    def _microphone_chosen(self) -> None:
        chosen = str(self.microphone.currentData())
        if chosen != self._preferences.microphone:
            self._preferences.microphone = chosen
            self._save()
            self.microphone_changed.emit()

    # --- while the page is open ------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()
        self._measure()
        self._looking.start()
        self._measuring.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looking.stop()
        self._measuring.stop()

    def _look(self) -> None:
        """Which microphones are there now."""
        if not self._asked:
            self._asked = True
            self._bridge.read(
                self._bridge.assistant.microphones, self, self._found, self._not_found
            )

    def _found(self, names: tuple[str, ...]) -> None:
        self._asked = False
        if names != self._names and not self.microphone.view().isVisible():
            self._names = names
            self._list(names)

    def _not_found(self, _: str) -> None:
        self._asked = False

    def _list(self, names: tuple[str, ...]) -> None:
        """Those, and the chosen one though it is not there."""
        chosen = self._preferences.microphone
        self.microphone.clear()
        self.microphone.addItem(USUAL, "")
        for name in names:
            self.microphone.addItem(name, name)
        if chosen and chosen not in names:
            self.microphone.addItem(f"{chosen} (not there)", chosen)
        self.microphone.setCurrentIndex(self.microphone.findData(chosen))

    def _measure(self) -> None:
        level = self._bridge.assistant.level()
        self.level.show_level(level)
        self.listens.setText("Not listening" if level is None else "")

    def _learned(self, event: NamesLearned) -> None:
        self.unspoken.setText(cannot_be_said(event.unspoken) if event.unspoken else "")
        self.unspoken.setVisible(bool(event.unspoken))


def time_of_day(text: str) -> str | None:
    """As the settings keep it; empty stays empty, and None is no time of the day."""
    if not text.strip():
        return ""
    found = re.fullmatch(r"\s*(\d{1,2})(?:[:.h](\d{2}))?\s*", text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
