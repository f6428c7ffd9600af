"""Noise taken out of an utterance, and hiss put under it."""

import numpy as np

from engine.hearing.denoise import FRAME, HISS, denoised, headroom_db, hissing
from engine.hearing.vad import rms
from engine.media import RATE, Samples

QUIET = np.zeros(RATE // 2)


def tone() -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.concatenate([QUIET, 6000 * np.sin(np.arange(RATE) / 4), QUIET])


def in_noise(level: float) -> Samples:
    noise = np.random.default_rng(3).normal(0, level, 2 * RATE)
    return (tone() + noise).astype(np.int16)


def test_noise_is_taken_out_and_the_voice_stays() -> None:
    noisy = in_noise(1500)
    clean = denoised(noisy)
    assert len(clean) == len(noisy)
    assert headroom_db(clean) > headroom_db(noisy) + 6
    inside = slice(RATE // 2 + 2000, RATE * 3 // 2 - 2000)
    alike = np.corrcoef(clean[inside].astype(float), tone()[inside])[0, 1]
    assert alike > 0.95


def test_clean_sound_and_what_is_too_short_stay_as_they_are() -> None:
    clean, short = in_noise(20), in_noise(1500)[:1000]
    assert np.array_equal(denoised(clean), clean)
    assert np.array_equal(denoised(short), short)


def test_the_same_hiss_lies_under_the_same_sound() -> None:
    silence = np.zeros(RATE, np.int16)
    hiss = hissing(silence)
    assert np.array_equal(hiss, hissing(silence))
    assert abs(np.sqrt(np.square(hiss.astype(float)).mean()) - HISS) < 2
    assert hissing(np.full(RATE, 32767, np.int16)).max() == 32767


def test_silence_at_its_ends_says_nothing_of_the_noise() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 400, 3 * RATE)
    voice = np.zeros(3 * RATE)
    voice[RATE : 2 * RATE] = 6000 * np.sin(np.arange(RATE) / 4)
    noisy = (voice + noise).astype(np.int16)
    silence = np.zeros(20 * FRAME, np.int16)
    alone = denoised(noisy)
    among = denoised(np.concatenate([silence, noisy, silence]))
    assert np.array_equal(among[: len(silence)], silence)
    inner = slice(4 * FRAME, RATE // 2)
    assert rms(alone[inner]) < rms(noisy[inner]) / 3
    assert rms(among[len(silence) :][inner]) < rms(noisy[inner]) / 3
    assert np.array_equal(denoised(silence), silence)
