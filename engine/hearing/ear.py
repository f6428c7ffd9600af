"""The ear: reads the open microphone in a thread of its own, brings it back when it is gone, cuts
what is heard into utterances and has them written down by a second thread.

Its states follow the sound: a microphone that brings nothing for a second, or reports its end, is
`lost` and tried again twice a second; one that brings exact silence is `stalled`, since that is
what a muted one brings.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Thread

import numpy as np

from engine.config import HearingConfig
from engine.echo import EchoGate
from engine.errors import DeviceLost, SourceError
from engine.facts import Run, SourceSpec, SourceState, Utterance
from engine.hearing.endpoint import Endpointer, Segment, blocks
from engine.hearing.vad import rms
from engine.media import NANOSECONDS, RATE, Samples, Span, nanoseconds
from engine.ports.sound import Microphone, Microphones, Transcriber, VoiceDetector
from engine.ports.sources import Clock
from engine.reports import NamesTaken, RunChanged, RunStarted, UtteranceHeard

log = logging.getLogger(__name__)

SILENT_S = 1.0
"""A microphone that brings nothing for so long is gone."""
FIRST_S = 3.0
"""The first sound may take so long: on a busy machine a sound server needs more than a second."""
READ_S = 0.25
"""Longer than twice this no single reading counts: it was this process that stood still."""
RETRY_S = 0.5
MUTED = blocks(5.0)
QUIETEST_DB = -90.0
BARGES = 2
"""So many blocks of speech in a row interrupt Nacre."""
BARGE_SPEECH = 0.6
WAITING_AT_MOST = 4
"""Utterances that wait to be written down; of those that were said to nobody, more are dropped."""

Report = RunStarted | RunChanged | UtteranceHeard | NamesTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Organs:
    """What the ear is made of."""

    microphones: Microphones
    detector: Callable[[], VoiceDetector]
    transcriber: Callable[[], Transcriber]
    """Loads it; called once, in the thread that writes down."""
    clock: Clock
    config: Callable[[], HearingConfig]
    """What the user wants just now."""
    gate: EchoGate
    hush: Callable[[], None]
    """Stops what Nacre is saying, at once."""


class Ear:
    """Listens to one microphone."""

    def __init__(
        self, organs: Organs, spec: SourceSpec, run: str, report: Callable[[Report], None]
    ) -> None:
        self._organs, self._spec, self._run, self._report = organs, spec, run, report
        self._clock, self._gate = organs.clock, organs.gate
        self._stop = Event()
        self._held = Event()
        self._key = False
        self._down = False
        """The key, as of the sound that is read now."""
        self._endpointer = Endpointer()
        self._scribe = ThreadPoolExecutor(1, thread_name_prefix=f"writing-down-{run}")
        self._transcriber: Transcriber | None = None
        self._waiting = 0
        self._closed = False
        self._thread = Thread(target=self._listen, name=f"hearing-{run}", daemon=True)
        self._level: float | None = None
        self._state: SourceState | None = None
        self._begun = False
        self._origin = 0
        self._blocks = 0
        self._mute = 0
        self._voiced = 0
        self.dropped = 0
        """Utterances that nobody had time for."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give the microphone back; returns at once."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._closed = True
        if self._transcriber is not None:
            self._transcriber.close()
        self._scribe.shutdown(wait=False, cancel_futures=True)

    def hold(self, held: bool) -> None:
        """Pause: the microphone is given back, and nothing that was said is written down."""
        if held:
            self._held.set()
        else:
            self._held.clear()

    def attend(self, held: bool) -> None:
        """The push-to-talk key went down or up."""
        if held:
            self._gate.user_spoke(self._clock.monotonic())
        self._key = held

    def know(self, names: tuple[str, ...]) -> None:
        """The names that may be said."""
        self._at_work(lambda: self._learn(names))

    def level(self) -> float | None:
        """How loud the newest block was, in dB of full scale; None while nothing comes."""
        return self._level

    # --- on the ear's thread ---------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            detector = self._organs.detector()
            while not self._stop.is_set():
                if not self._wanted():
                    self._level, self._state = None, "paused"
                    self._stop.wait(0.05)
                    continue
                try:
                    self._turn(detector)
                except Exception:
                    log.exception("hearing was broken off")
                    self._become("lost", "Hearing was broken off by an error. It is tried again.")
                    self._stop.wait(RETRY_S)
        finally:
            self._level = None
            self._report(
                RunChanged(run=self._run, state="ended", pts=self._pts(), at=self._clock.wall())
            )

    def _wanted(self) -> bool:
        """In a pause nothing is heard but what the user says with the key held: "go on"."""
        return not self._held.is_set() or self._key or self._endpointer.by_key

    def _turn(self, detector: VoiceDetector) -> None:
        """From opening the microphone until it is given back or gone."""
        try:
            microphone = self._organs.microphones.open(self._spec.address)
        except SourceError as error:
            self._become("lost", str(error))
            self._stop.wait(RETRY_S)
            return
        try:
            self._attend_to(microphone, detector)
        except DeviceLost as error:
            self._become("lost", str(error))
        finally:
            self._level = None
            self._endpointer.drop()
            microphone.close()

    def _attend_to(self, microphone: Microphone, detector: VoiceDetector) -> None:
        detector.reset()
        last, silent, most = self._clock.monotonic(), 0, FIRST_S
        while not self._stop.is_set() and self._wanted():
            samples = microphone.read(READ_S)
            now = self._clock.monotonic()
            silent += min(now - last, nanoseconds(2 * READ_S))
            last = now
            if samples is None:
                self._level = None
                if silent > nanoseconds(most):
                    raise DeviceLost(
                        "The microphone brings nothing. What was heard is kept. "
                        "Hearing goes on by itself when it is back."
                    )
                continue
            silent, most = 0, SILENT_S
            # The key is let go in the sound of that moment, not in that which still waits.
            if self._key:
                self._down = True
            elif microphone.waiting == 0:
                self._down = False
            self._take(samples, detector, now)

    def _take(self, samples: Samples, detector: VoiceDetector, now: int) -> None:
        self._blocks += 1
        loud = rms(samples)
        self._level = decibels(loud)
        self._begin(now)
        self._mute = 0 if loud > 0 else self._mute + 1
        if self._mute < MUTED:
            self._become("open")
        elif self._mute == MUTED:
            self._become("stalled", "The microphone brings silence only. Is it muted?")
        speech = detector.judge(samples)
        self._endpointer.hold(self._down)
        if self._down and self._gate.closed(now):
            # Whoever presses the key has stopped Nacre; what came before was its voice.
            self._gate.open()
            self._endpointer.drop()
        if self._gate.closed(now):
            if not self._interrupted(speech):
                self._pass_over(samples)
                return
            self._gate.open()
        # Nobody is talked over who holds the key, or has just let it go.
        if speech >= BARGE_SPEECH or self._endpointer.by_key:
            self._gate.user_spoke(now)
        segment = self._endpointer.hear(samples, speech)
        if segment is not None:
            self._hand_on(segment)

    def _pass_over(self, samples: Samples) -> None:
        """A block in which Nacre speaks. What was said before it began is handed on; what the
        microphone brings now is kept only where that can be nothing of Nacre's, for the first words
        of one who interrupts."""
        segment = self._endpointer.finish() if self._endpointer.hearing else None
        if segment is not None:
            self._hand_on(segment)
        if self._gate.by_voice:
            self._endpointer.keep(samples)
        else:
            self._endpointer.drop()

    def _interrupted(self, speech: float) -> bool:
        """Whether the user's own voice has just stopped Nacre."""
        self._voiced = self._voiced + 1 if speech >= BARGE_SPEECH else 0
        if not self._gate.speaking or not self._gate.by_voice:
            return False
        if self._voiced < BARGES:
            return False
        self._organs.hush()
        return True

    def _begin(self, now: int) -> None:
        """The run begins with the first sound; its time is that of the clock."""
        if not self._begun:
            self._begun = True
            self._origin = now
            opened_at = self._clock.wall()
            self._report(
                RunStarted(
                    run=Run(
                        run=self._run,
                        kind="microphone",
                        label=self._spec.label,
                        identity=self._run,
                        opened_at=opened_at,
                    )
                )
            )

    def _become(self, state: SourceState, reason: str = "") -> None:
        if state == self._state:
            return
        self._state = state
        self._report(
            RunChanged(
                run=self._run, state=state, pts=self._pts(), at=self._clock.wall(), reason=reason
            )
        )

    def _pts(self) -> int:
        return max(self._clock.monotonic() - self._origin, 0) if self._origin else 0

    # --- writing down ----------------------------------------------------------------------------

    def _hand_on(self, segment: Segment) -> None:
        config = self._organs.config()
        if not segment.by_key and not (config.keep or config.wake_phrase):
            return
        if self._waiting >= WAITING_AT_MOST and not segment.by_key:
            self.dropped += 1
            return
        length = len(segment.samples) * NANOSECONDS // RATE
        end = self._pts()
        span = Span(start=max(end - length, 0), end=end)
        at = self._clock.wall()
        self._waiting += 1
        self._at_work(lambda: self._write_down(segment, span, at))

    def _write_down(self, segment: Segment, span: Span, at: int) -> None:
        self._waiting -= 1
        if self._held.is_set() and not segment.by_key:
            return
        config = self._organs.config()
        wake = config.wake_phrase
        if not segment.spoken:
            said = Utterance(run=self._run, span=span, at=at, text="", addressed="key")
            self._report(UtteranceHeard(utterance=said, keep=False))
            return
        transcript = self._ready().transcribe(segment.samples, addressed=segment.by_key, wake=wake)
        called = "name" if transcript.called else ""
        if not transcript.text and not segment.by_key and not called:
            return
        said = Utterance(
            run=self._run,
            span=span,
            at=at,
            text=transcript.text,
            confidence=transcript.confidence,
            addressed="key" if segment.by_key else called,
        )
        keep = config.keep and not self._held.is_set()
        self._report(UtteranceHeard(utterance=said, keep=keep))

    def _learn(self, names: tuple[str, ...]) -> None:
        self._report(NamesTaken(unspoken=self._ready().know(names)))

    def _ready(self) -> Transcriber:
        if self._transcriber is None:
            self._transcriber = self._organs.transcriber()
            if self._closed:  # Nobody would close it any more.
                self._transcriber.close()
        return self._transcriber

    def _at_work(self, work: Callable[[], None]) -> None:
        def do_it() -> None:
            try:
                work()
            except Exception:
                if not self._closed:
                    log.exception("an utterance could not be written down")

        try:
            self._scribe.submit(do_it)
        except RuntimeError:  # It is being closed.
            log.debug("an utterance came too late")


def decibels(level: float) -> float:
    """Of full scale; never under -90."""
    return max(20 * float(np.log10(max(level, 1e-3) / 32768)), QUIETEST_DB)
