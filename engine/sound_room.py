"""Where the session's orders about sound are carried out: ears that are opened and closed, what is
said aloud."""

from collections.abc import Callable
from functools import partial

from engine import effects as do
from engine import reports as rep
from engine.parts import EarLike, Sound

SoundEffect = do.Attend | do.KnowNames | do.Say | do.Hush


class SoundRoom:
    """All ears, and the speaker."""

    def __init__(self, sound: Sound | None, report: Callable[[rep.Report], None]) -> None:
        self._sound, self._report = sound, report
        self._ears: dict[str, EarLike] = {}
        self._speaker = None if sound is None else sound.speaker(report)

    def start(self) -> None:
        if self._speaker is not None:
            self._speaker.start()

    def listen(self, effect: do.StartSource, *, held: bool) -> None:
        """Open an ear."""
        if self._sound is None:
            self._report(
                rep.EffectFailed(
                    reason="Nacre cannot listen here. Everything else works.",
                    error="DeviceNotFound",
                    ref=effect.run,
                    run=effect.run,
                )
            )
            return
        ear = self._sound.ear(effect.spec, effect.run, partial(self._heard, effect.run))
        self._ears[effect.run] = ear
        ear.hold(held)
        ear.start()

    def stop(self, run: str) -> None:
        ear = self._ears.get(run)
        if ear is not None:
            ear.stop()

    def hold(self, held: bool) -> None:
        for ear in list(self._ears.values()):
            ear.hold(held)

    def perform(self, effect: SoundEffect) -> None:
        match effect:
            case do.Attend(held=held):
                for ear in list(self._ears.values()):
                    ear.attend(held)
            case do.KnowNames(names=names):
                for ear in list(self._ears.values()):
                    ear.know(names)
            case do.Say(text=text, asked=asked):
                if self._speaker is not None:
                    self._speaker.say(text, asked=asked)
            case do.Hush():
                if self._speaker is not None:
                    self._speaker.stop()

    def mute(self, muted: bool) -> None:
        """Say nothing aloud, at once, or again what is wanted. Safe from any thread."""
        if self._speaker is not None:
            self._speaker.mute(muted)

    def level(self) -> float | None:
        """Of the microphone that was opened last."""
        ear = next(reversed(self._ears.values()), None)
        return None if ear is None else ear.level()

    def microphones(self) -> tuple[str, ...]:
        return () if self._sound is None else self._sound.microphones()

    def close(self, timeout_s: float) -> None:
        ears = list(self._ears.values())
        for ear in ears:
            ear.stop()
        if self._speaker is not None:
            self._speaker.close()
        for ear in ears:
            ear.join(timeout_s)

    def _heard(self, run: str, report: rep.Report) -> None:
        if isinstance(report, rep.RunChanged) and report.state == "ended":
            self._ears.pop(run, None)
        self._report(report)
