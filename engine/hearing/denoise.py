"""An utterance as a recogniser likes it: with some hiss under it, and without steady noise.

The noise is that of the quietest fifth of the utterance's frames. It is taken out by a Wiener
filter; its a priori signal-to-noise ratio is estimated by the decision-directed rule (Ephraim and
Malah, 1984; Scalart and Vieira Filho, 1996).
"""

import numpy as np

from engine.media import Samples

FRAME, HOP = 512, 128
SMOOTH = 0.98
"""How much of the estimate is that of the frame before."""
FLOOR = 0.1
"""Of the gain: what is taken out whole sounds worse to a recogniser than what is left in."""
QUIET = 0.2
CLEAN_DB = 25.0
"""Where speech lies so far above the noise, the filter would only do harm: of 48 commands it cost
two in clean sound, and brought ten with white noise 20 dB below the voice."""


HISS = 30.0
"""Root mean square of the hiss (-61 dB of full scale): sound from a driver that lets nothing but
speech through is unlike all that the recogniser was trained on."""


def hissing(samples: Samples) -> Samples:
    """The utterance with some hiss under it; the same each time."""
    hiss = np.random.default_rng(len(samples)).normal(0, HISS, len(samples))
    return np.clip(samples + hiss, -32768, 32767).astype(np.int16)


SILENT = 8.0
"""Root mean square (-72 dB of full scale): no microphone is as quiet, only a sound that has not
begun yet, or is over."""


def denoised(samples: Samples) -> Samples:
    """The utterance without its noise; as it was where there is little, or nothing to tell by. Mere
    silence at its ends says nothing of the noise, and stays."""
    whole = samples[: len(samples) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    there = np.flatnonzero(np.square(whole).mean(1) > SILENT**2)
    if not len(there):
        return samples
    start, last = int(there[0]) * FRAME, int(there[-1]) + 1
    end = len(samples) if last == len(whole) else last * FRAME
    return np.concatenate([samples[:start], _filtered(samples[start:end]), samples[end:]])


def _filtered(samples: Samples) -> Samples:
    if len(samples) < 16 * FRAME or headroom_db(samples) >= CLEAN_DB:
        return samples
    window = np.hanning(FRAME + 1)[:-1]
    sound = np.concatenate([np.zeros(FRAME), samples.astype(np.float64), np.zeros(FRAME)])
    starts = range(0, len(sound) - FRAME, HOP)
    spectra = np.stack([np.fft.rfft(sound[at : at + FRAME] * window) for at in starts])
    power = np.abs(spectra) ** 2
    inner = slice(FRAME // HOP, -FRAME // HOP)
    energy = power[inner].sum(1)
    noise = power[inner][energy <= np.quantile(energy, QUIET)].mean(0) + 1e-9
    out, weight = np.zeros(len(sound)), np.full(len(sound), 1e-3)
    before = np.zeros(len(noise))
    for at, spectrum, now in zip(starts, spectra, power / noise, strict=True):
        prior = SMOOTH * before + (1 - SMOOTH) * np.maximum(now - 1, 0)
        gain = np.maximum(prior / (1 + prior), FLOOR)
        before = gain**2 * now
        out[at : at + FRAME] += np.fft.irfft(spectrum * gain) * window
        weight[at : at + FRAME] += window**2
    clean = (out / weight)[FRAME : FRAME + len(samples)]
    return np.clip(clean, -32768, 32767).astype(np.int16)


def headroom_db(samples: Samples) -> float:
    """How far the loud frames lie above the quiet ones."""
    whole = samples[: len(samples) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    level = 10 * np.log10(np.square(whole).mean(1) + 1.0)
    return float(np.quantile(level, 0.9) - np.quantile(level, QUIET / 2))
