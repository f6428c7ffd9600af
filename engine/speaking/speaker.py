"""The speaker: a thread that says what is to be said, one thing after the other.

It waits while the user speaks, is silent in the quiet hours, and stops at once when told to.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from queue import Empty, SimpleQueue
from threading import Event, Thread

from engine.config import SpeakingConfig
from engine.echo import EchoGate
from engine.errors import EngineError
from engine.media import NANOSECONDS
from engine.ports.sound import Voice
from engine.ports.sources import Clock
from engine.reports import Spoken

log = logging.getLogger(__name__)

STALE_S = 15.0
"""What could not be said for so long, because the user went on speaking or something else was being
said, is not news any more."""
LONGEST = 400
"""Characters that are said aloud; the rest is read."""


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    asked: bool
    at: int


class Speaker:
    """Says things by one voice."""

    def __init__(
        self,
        voice: Voice,
        *,
        gate: EchoGate,
        clock: Clock,
        config: Callable[[], SpeakingConfig],
        tz: tzinfo,
        report: Callable[[Spoken], None],
        interruptible: Callable[[], bool] = lambda: False,
    ) -> None:
        """`interruptible`: whether the microphone does not hear the loudspeaker (headphones, echo
        cancellation), so that the user's voice may stop it; asked before each thing is said."""
        self._voice, self._gate, self._clock = voice, gate, clock
        self._config, self._tz, self._report = config, tz, report
        self._interruptible = interruptible
        self._queue: SimpleQueue[_Said | None] = SimpleQueue()
        self._turn = 0
        self._muted = config().muted
        self._closed = Event()
        self._thread = Thread(target=self._work, name="speaking", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def say(self, text: str, *, asked: bool) -> None:
        """Have it said, unless the user wants no such thing said aloud now; returns at once."""
        config = self._config()
        wanted = config.aloud == "all" or (config.aloud == "asked" and asked)
        if wanted and text.strip() and not self._muted and not self.quiet():
            self._queue.put(_Said(shortened(text), asked, self._clock.monotonic()))

    def stop(self) -> None:
        """Be silent, and forget what was to be said. Safe from any thread."""
        self._turn += 1
        while True:
            try:
                if self._queue.get_nowait() is None:
                    self._queue.put(None)
                    break
            except Empty:
                break
        self._voice.stop()

    def mute(self, muted: bool) -> None:
        """Be silent at once and until told otherwise. Safe from any thread."""
        self._muted = muted
        if muted:
            self.stop()

    def close(self, timeout_s: float = 3.0) -> None:
        self._closed.set()
        self.stop()
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def quiet(self) -> bool:
        """Whether it is a quiet hour."""
        config = self._config()
        now = datetime.fromtimestamp(self._clock.wall() / NANOSECONDS, self._tz).time()
        return within(now, config.quiet_from, config.quiet_until)

    def _work(self) -> None:
        while (said := self._queue.get()) is not None:
            try:
                self._say(said)
            except EngineError:
                log.warning("something could not be said aloud")
            except Exception:
                log.exception("saying something aloud failed")

    def _say(self, said: _Said) -> None:
        turn = self._turn
        if not said.asked and self._is_stale(said):
            return
        while self._gate.user_speaks(self._clock.monotonic()):
            if self._is_stale(said):
                return
            if turn != self._turn or self._closed.wait(0.05):
                return
        if turn != self._turn:
            return
        by_voice = self._interruptible()
        self._gate.began(by_voice=by_voice)
        self._report(Spoken(text=said.text, by_voice=by_voice))
        try:
            if turn == self._turn:
                self._voice.say(said.text)
        finally:
            self._gate.ended(self._clock.monotonic())
            self._report(Spoken(text=""))

    def _is_stale(self, said: _Said) -> bool:
        return self._clock.monotonic() - said.at > STALE_S * NANOSECONDS


def shortened(text: str) -> str:
    """What of a long text is said: whole sentences, as long as they fit."""
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    cut = text[:LONGEST]
    end = max(cut.rfind(". "), cut.rfind("? "), cut.rfind("! "))
    return cut[: end + 1] if end > 0 else cut.rsplit(" ", 1)[0]


def within(now: time, begins: str, ends: str) -> bool:
    """Whether a time of the day lies between two others; the night goes over midnight."""
    try:
        start, end = time.fromisoformat(begins), time.fromisoformat(ends)
    except ValueError:
        return False
    if start <= end:
        return start <= now < end
    return now >= start or now < end
