"""The microphone in the window: the key to talk, how loud it is, and how it is doing."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from engine.errors import EngineError
from engine.facts import SourceState, microphone
from engine.messages import (
    CloseSource,
    Failed,
    Heard,
    Interrupt,
    OpenSource,
    SourceChanged,
    SpeakingChanged,
    Talk,
)
from ui.bridge import Bridge
from ui.controls import button, column, label, row
from ui.dialogs import confirm
from ui.icons import Icons
from ui.meter import LEVEL_MS, Meter
from ui.preferences import Preferences
from ui.watch.mute import MUTED, MuteKey

TALK_KEY = Qt.Key.Key_F8
OPENING = "Opening the microphone …"
HINT = "Hold the microphone, or F8, and speak."


class Voice(QWidget):
    """Opens and closes the microphone; holds the key. What was said comes out as `heard`."""

    heard = Signal(Heard)

    def __init__(self, bridge: Bridge, icons: Icons, preferences: Preferences) -> None:
        super().__init__()
        self._bridge, self._preferences = bridge, preferences
        self.run = ""
        self.state: SourceState | None = None
        self._down = self._hears = False
        self._reason = ""
        self.speaking = self._by_voice = False
        self.talk = QToolButton()
        self.talk.setAccessibleName("Hold to talk")
        self.talk.setToolTip("Hold to talk (F8)")
        icons.put(self.talk, "microphone")
        self.talk.pressed.connect(lambda: self.hold(True))
        self.talk.released.connect(lambda: self.hold(False))
        self.mute = MuteKey(bridge, icons, preferences)
        self.mute.changed.connect(self._muted)
        self.level = Meter()
        self.words = label("", "small", wrap=True)
        self.listen = button("Listen", self.toggle, "link", "Listen to the microphone")
        line = row(self.level, self.words, self.listen)
        line.setStretch(1, 1)
        layout = column(spacing=0)
        layout.addLayout(line)
        self.setLayout(layout)
        self._timer = QTimer(self, interval=LEVEL_MS)
        self._timer.timeout.connect(self._measure)
        bridge.source_changed.connect(self._changed)
        bridge.heard.connect(self._heard)
        bridge.speaking.connect(self._speaking)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)
        self._tell()

    def start(self) -> None:
        """Listen from the start, where the user did so last."""
        if self._preferences.listening:
            self.open()

    def open(self, *, consented: bool = False) -> None:
        """Listen to the microphone of the settings; asks for consent first."""
        if self.run:
            return
        command = OpenSource(spec=microphone(self._preferences.microphone), consented=consented)
        self.run = command.run
        self._bridge.request(command, self, failed=self._refused)
        self._tell()

    def close_microphone(self) -> None:
        if self.run:
            self._bridge.send(CloseSource(run=self.run))
            self._bridge.drop(self.run)
            self.run, self.state = "", None
        self._tell()

    def change(self) -> None:
        """Another microphone was chosen: where one is listened to, it is that one from now on."""
        if self.run:
            self.close_microphone()
            self.open()

    def toggle(self) -> None:
        """Listen, or no longer."""
        self._preferences.listening = not self.run
        if self.run:
            self.close_microphone()
        else:
            self.open()
        try:
            self._preferences.save(self._preferences)
        except EngineError as error:
            self.words.setText(str(error))

    def hold(self, down: bool) -> None:
        """The key goes down or up; without a microphone it is opened first."""
        if down and not self.run:
            self.open()
            return
        if down != self._down and self.run:
            self._down = down
            self._bridge.send(Talk(down=down))
            self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if event.type() in kinds and isinstance(event, QKeyEvent):
            down = event.type() == QEvent.Type.KeyPress
            if event.key() == TALK_KEY and self._is_here():
                if not event.isAutoRepeat():
                    self.hold(down)
                return True
            if event.key() == Qt.Key.Key_Escape and down and self.speaking:
                self._bridge.send(Interrupt())
        return super().eventFilter(watched, event)

    def _is_here(self) -> bool:
        return self.window().isActiveWindow()

    def _refused(self, failed: Failed) -> None:
        if failed.ref != self.run:
            return
        self.run, self.state = "", None
        if failed.kind == "ConsentMissing":
            self._ask()
        else:
            self.words.setText(failed.reason)

    def _ask(self) -> None:
        confirm(
            self,
            title="May Nacre listen to the microphone?",
            text="What it hears is kept as text, encrypted, on this computer only; the sound is "
            "not. Nothing has been heard yet. You can pause, stop or forget at any time.",
            yes="Listen",
            no="Not now",
            act=lambda: self.open(consented=True),
        )

    def _changed(self, event: SourceChanged) -> None:
        if event.spec.kind != "microphone":
            return
        if event.state == "ended":
            if event.run == self.run:
                self.run, self.state = "", None
        else:
            self.run, self.state = event.run, event.state
            self._bridge.drop(event.run)
        self._reason = event.reason
        self._tell(event.reason)

    def _heard(self, event: Heard) -> None:
        said = event.utterance
        if said.addressed == "key" and not said.text:
            self.words.setText("I heard nothing. Hold the key while you speak.")
            return
        self.heard.emit(event)

    def _speaking(self, event: SpeakingChanged) -> None:
        self.speaking, self._by_voice = bool(event.text), event.by_voice
        self._tell()

    def _muted(self, refused: str) -> None:
        self._tell(self._reason)
        if refused:
            self.words.setText(refused)

    def _tell(self, reason: str = "") -> None:
        on = bool(self.run)
        self.listen.setText("Stop listening" if on else "Listen")
        self.level.setVisible(on)
        if on and not self._timer.isActive():
            self._timer.start()
        elif not on:
            self._timer.stop()
        told = reason if self.state in ("lost", "stalled") else ""
        self.words.setText(told or self._state_words())

    def _state_words(self) -> str:
        if self.speaking:
            by_voice = ", F8 or your voice" if self._by_voice else " or F8"
            return f"Speaking. Esc{by_voice} stops it."
        if self._down:
            return "Listening to you …" if self._hears else OPENING
        usual = MUTED if self.mute.on else HINT
        if not self.run:
            return usual
        return {None: OPENING, "paused": "Paused."}.get(self.state, usual)

    def _measure(self) -> None:
        level = self._bridge.assistant.level()
        if self._hears != (level is not None):
            self._hears = level is not None
            self._tell(self._reason)
        self.level.show_level(level)
