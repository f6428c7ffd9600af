"""The ear and the voice of this machine, as the engine gets them."""

from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from pathlib import Path

from app.features import SPEECH_MODELS
from app.recogniser import recogniser
from app.settings import Settings
from app.voices import voice_of_programs
from engine import reports as rep
from engine.config import HearingConfig, SpeakingConfig
from engine.echo import EchoGate
from engine.errors import ModelError
from engine.facts import SourceSpec
from engine.hearing.apart import TranscriberApart
from engine.hearing.ear import Ear, Organs
from engine.hearing.microphone import SoundDeviceMicrophones
from engine.hearing.vad import voice_detector
from engine.inference.store import ModelStore
from engine.parts import Sound
from engine.ports.sound import Transcriber, Voice
from engine.ports.sources import Clock
from engine.speaking.echo_path import EchoPath
from engine.speaking.speaker import Speaker


def speech_model(store: ModelStore) -> Path | None:
    """The folder of the best speech model that is installed and whole."""
    for model in SPEECH_MODELS:
        try:
            files = [store.path(model, file.name) for file in store.catalogue.entry(model).files]
        except ModelError:
            continue
        return files[0].parent
    return None


def transcriber(store: ModelStore) -> Transcriber:
    """What makes words of speech here."""
    return TranscriberApart(partial(recogniser, speech_model(store)))


def sound(
    settings: Settings,
    store: ModelStore,
    clock: Clock,
    tz: tzinfo,
    voice: Callable[[], Voice] | None = None,
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
        transcriber=partial(transcriber, store),
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
