"""The ear and the voice of this machine, as the engine gets them."""

import os
from collections.abc import Callable
from datetime import tzinfo

from app.settings import Settings
from engine import reports as rep
from engine.config import HearingConfig, SpeakingConfig
from engine.echo import EchoGate
from engine.facts import SourceSpec
from engine.hearing.apart import TranscriberApart
from engine.hearing.ear import Ear, Organs
from engine.hearing.microphone import SoundDeviceMicrophones
from engine.hearing.sphinx import PocketSphinx
from engine.hearing.vad import voice_detector
from engine.parts import Sound
from engine.ports import Clock, Transcriber, Voice
from engine.speaking.echo_path import EchoPath
from engine.speaking.program_voice import ProgramVoice, find_program
from engine.speaking.speaker import Speaker


class NoVoice:
    """Where nothing can be said aloud: it stands in the window."""

    def say(self, text: str) -> None:
        return

    def stop(self) -> None:
        return


def transcriber() -> Transcriber:
    """What makes words of speech here."""
    return TranscriberApart(PocketSphinx)


def voice_of_programs() -> Voice:
    """The voice of a program of this system, where there is one. `NACRE_SPEECH_SINK` sends it to a
    sound device of its own."""
    program = find_program()
    if not program:
        return NoVoice()
    sink = os.environ.get("NACRE_SPEECH_SINK", "")
    return ProgramVoice(program, {"PULSE_SINK": sink} if sink else None)


def sound(
    settings: Settings, clock: Clock, tz: tzinfo, voice: Callable[[], Voice] | None = None
) -> Sound:
    """The microphones, the recogniser and the voice. What `settings` say may change meanwhile."""
    gate, path = EchoGate(), EchoPath()
    spoken = (voice or voice_of_programs)()
    microphones = SoundDeviceMicrophones()
    speakers: list[Speaker] = []

    def hush() -> None:
        for speaker in speakers:
            speaker.stop()

    organs = Organs(
        microphones=microphones,
        detector=voice_detector,
        transcriber=transcriber,
        clock=clock,
        config=lambda: hearing_config(settings),
        gate=gate,
        hush=hush,
    )

    def ear(spec: SourceSpec, run: str, report: Callable[[rep.Report], None]) -> Ear:
        return Ear(organs, spec, run, report)

    def speaker(report: Callable[[rep.Report], None]) -> Speaker:
        made = Speaker(
            spoken,
            gate=gate,
            clock=clock,
            config=lambda: speaking_config(settings),
            tz=tz,
            report=report,
            interruptible=lambda: settings.headphones or path.apart(),
        )
        speakers.append(made)
        return made

    return Sound(ear=ear, speaker=speaker, microphones=microphones.names)


def hearing_config(settings: Settings) -> HearingConfig:
    return HearingConfig(
        keep=settings.keep_speech,
        wake_phrase=settings.wake_phrase,
    )


def speaking_config(settings: Settings) -> SpeakingConfig:
    return SpeakingConfig(
        aloud=settings.aloud,
        quiet_from=settings.quiet_from,
        quiet_until=settings.quiet_until,
        muted=settings.muted,
    )
