"""Sentences as sound, in as much noise as is wanted, and the utterances that the ear cuts out."""

from pathlib import Path
from typing import Any

import numpy as np

from app.eval.commands import HELD_OUT, VOICES
from app.eval.sound_server import RATE, samples_of, spoken
from engine.hearing.endpoint import BLOCK, Endpointer, Segment
from engine.hearing.vad import voice_detector
from engine.media import Samples

PAUSE_S = 0.5


def noisy(samples: Samples, noise_db: float | None, seed: int) -> tuple[Samples, int]:
    """Half a second of noise, the words in noise, half a second of it; where the words begin."""
    words = samples.astype(np.float64)
    first = int(np.flatnonzero(np.abs(samples) > np.abs(samples).max() / 50)[0])
    pause = np.zeros(round(PAUSE_S * RATE))
    sound = np.concatenate([pause, words, pause])
    if noise_db is not None:
        loud = np.abs(words) > np.abs(words).max() / 20
        level = np.sqrt(np.square(words[loud]).mean())
        sound = sound + pink(len(sound), seed) * level / 10 ** (noise_db / 20)
    return np.clip(sound, -32768, 32767).astype(np.int16), len(pause) + first


def pink(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Noise that falls by 3 dB an octave; its mean square is one."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    spectrum[0] = 0
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, count)
    return noise / np.sqrt(np.square(noise).mean())


def as_sound(text: str, voice: str, noise_db: float | None, folder: Path) -> tuple[Samples, int]:
    """The words in noise, by one of flite's voices, and where they begin."""
    seed = sum(map(ord, text)) + 1000 * (*VOICES, HELD_OUT).index(voice)
    return noisy(samples_of(spoken(text, folder / "speech.wav", voice)), noise_db, seed)


def cut(sound: Samples) -> list[Segment]:
    """The utterances in a sound, as the ear finds them."""
    detector, endpointer = voice_detector(), Endpointer()
    whole = np.concatenate([sound, np.zeros(2 * RATE, np.int16)])
    found: list[Segment] = []
    for at in range(0, len(whole) - BLOCK + 1, BLOCK):
        block = whole[at : at + BLOCK]
        segment = endpointer.hear(block, detector.judge(block))
        if segment is not None and segment.spoken:
            found.append(segment)
    return found
