"""The voice of the desktop, by QtTextToSpeech, where that module is there and has an engine."""

from threading import Event, Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal

from engine.errors import DeviceLost

if TYPE_CHECKING:
    from PySide6.QtTextToSpeech import QTextToSpeech

LOAD_S = 10.0
"""speech-dispatcher is started where it does not run yet."""
BEGIN_S = 5.0
"""An engine that has not begun to speak after so long will not."""
SILENT = "mock"
"""Qt's own engine for tests; it makes no sound."""
NONE = "Qt has no voice here. It stands in the window."


class QtVoice:
    """Has a thread of its own with Qt's events in it, for the engines tell by events when they have
    ended, and the window's thread may be busy when they are to stop.

    Raises:
        DeviceLost: there is no engine, or it cannot be started.
    """

    def __init__(self, engine: str = "") -> None:
        """`engine`: by name; empty: the usual one."""
        self._ready = Event()
        self._inside: _Inside | None = None
        self._thread = Thread(target=self._run, args=(engine,), name="qt-voice", daemon=True)
        self._thread.start()
        self._ready.wait(LOAD_S)
        if self._inside is None:
            raise DeviceLost(NONE)

    def say(self, text: str) -> None:
        """Raises:
        DeviceLost: it cannot be said.
        """
        inside = self._inside
        if inside is None or not text.strip():
            return
        said = _Said(text)
        inside.wanted.emit(said)
        if not said.begun.wait(BEGIN_S):
            inside.unwanted.emit()
            raise DeviceLost(NONE)
        said.ended.wait()
        if said.failed:
            raise DeviceLost(NONE)

    def stop(self) -> None:
        if self._inside is not None:
            self._inside.unwanted.emit()

    def close(self) -> None:
        """End its thread; nothing can be said any more."""
        inside, self._inside = self._inside, None
        if inside is not None:
            inside.finished.emit()
            self._thread.join(LOAD_S)

    def _run(self, engine: str) -> None:
        try:
            from PySide6.QtTextToSpeech import QTextToSpeech
        except ImportError:
            self._ready.set()
            return
        engines = [name for name in QTextToSpeech.availableEngines() if name != SILENT]
        chosen = engine or next(iter(engines), "")
        speech = QTextToSpeech(chosen) if chosen else None
        if speech is None or speech.state() == QTextToSpeech.State.Error:
            self._ready.set()
            return
        loop = QEventLoop()
        inside = _Inside(speech)
        inside.finished.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        self._inside = inside
        self._ready.set()
        loop.exec()


class _Said:
    """Something that is being said, and how it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.begun, self.ended = Event(), Event()
        self.failed = False

    def end(self) -> None:
        self.ended.set()
        self.begun.set()


class _Inside(QObject):
    """What lives in that thread; its first three signals are emitted from others."""

    wanted = Signal(_Said)
    unwanted = Signal()
    finished = Signal()

    def __init__(self, speech: "QTextToSpeech") -> None:
        super().__init__()
        self._speech = speech
        self._states = type(speech).State
        self._said: _Said | None = None
        speech.stateChanged.connect(self._changed)
        self.wanted.connect(self._say, Qt.ConnectionType.QueuedConnection)
        self.unwanted.connect(self._stop, Qt.ConnectionType.QueuedConnection)

    def _say(self, said: _Said) -> None:
        self._said = said
        self._speech.say(said.text)

    def _stop(self) -> None:
        if self._said is not None:
            self._speech.stop()
            self._end()

    def _changed(self, state: object) -> None:
        said = self._said
        if said is None:
            return
        if state == self._states.Speaking:
            said.begun.set()
        elif state == self._states.Error:
            said.failed = True
            self._end()
        elif state == self._states.Ready and said.begun.is_set():
            self._end()

    def _end(self) -> None:
        said, self._said = self._said, None
        if said is not None:
            said.end()
