"""The voice: which microphone, what is kept of what is heard, what is said aloud and when."""

from collections.abc import Callable
from typing import cast

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from engine.messages import NamesLearned
from ui.bridge import Bridge
from ui.controls import column, label, row
from ui.preferences import Aloud, Preferences

USUAL = "The usual one of this computer"
ALOUD: tuple[tuple[Aloud, str], ...] = (
    ("never", "Nothing"),
    ("asked", "Answers to what I said"),
    ("all", "Answers and remarks"),
)


class VoiceSettings(QWidget):
    """Each change holds at once."""

    def __init__(self, bridge: Bridge, preferences: Preferences, save: Callable[[], None]) -> None:
        super().__init__()
        self._preferences, self._save = preferences, save
        self.microphone = QComboBox()
        self.microphone.setAccessibleName("Microphone")
        self.microphone.addItem(USUAL, "")
        if preferences.microphone:
            self.microphone.addItem(preferences.microphone, preferences.microphone)
            self.microphone.setCurrentIndex(1)
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
        self.unspoken = label("", "muted", wrap=True)
        self.unspoken.hide()
        self.microphone.activated.connect(self._chosen)
        self.aloud.activated.connect(self._chosen)
        inner = column(spacing=8)
        inner.addLayout(row(label("Microphone"), self.microphone, None))
        for check in (self.keep, self.wake, self.headphones):
            inner.addWidget(check)
        inner.addWidget(self.unspoken)
        inner.addLayout(row(label("Said aloud"), self.aloud, None))
        between = label("Nothing aloud between")
        inner.addLayout(row(between, self.quiet_from, label("and"), self.quiet_until, None))
        self.setLayout(inner)
        bridge.names_learned.connect(self._learned)
        bridge.read(bridge.assistant.microphones, self, self._show)

    def _check(self, words: str, field: str) -> QCheckBox:
        made = QCheckBox(words)
        made.setAccessibleName(words)
        made.setChecked(bool(getattr(self._preferences, field)))

        def changed(on: bool) -> None:
            setattr(self._preferences, field, on)
            self._save()

        made.toggled.connect(changed)
        return made

    def _time(self, name: str, value: str, like: str) -> QLineEdit:
        made = QLineEdit(value)
        made.setAccessibleName(name)
        made.setPlaceholderText(like)
        made.setFixedWidth(120)
        made.editingFinished.connect(self._timed)
        return made

    def _timed(self) -> None:
        begins, ends = self.quiet_from.text().strip(), self.quiet_until.text().strip()
        if bool(begins) == bool(ends):
            self._preferences.quiet_from, self._preferences.quiet_until = begins, ends
            self._save()

    def _chosen(self) -> None:
        self._preferences.microphone = str(self.microphone.currentData())
        self._preferences.aloud = cast(Aloud, self.aloud.currentData())
        self._save()

    def _show(self, names: tuple[str, ...]) -> None:
        for name in names:
            if self.microphone.findData(name) < 0:
                self.microphone.addItem(name, name)

    def _learned(self, event: NamesLearned) -> None:
        names = ", ".join(event.unspoken)
        words = f"These names cannot be said to Nacre, only typed: {names}. Another name helps."
        self.unspoken.setText(words if names else "")
        self.unspoken.setVisible(bool(names))
