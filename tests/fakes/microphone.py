"""Microphones that bring what a test puts into them."""

from collections.abc import Iterable
from queue import Empty, Queue

import numpy as np

from engine.errors import DeviceLost, DeviceNotFound, SourceError
from engine.media import Samples
from tests.fakes.waiting import wait_for

BLOCK = 512
SILENCE: Samples = np.zeros(BLOCK, np.int16)
NOISE: Samples = (np.random.default_rng(5).normal(0, 20, BLOCK)).astype(np.int16)
VOICE: Samples = (8000 * np.sin(np.arange(BLOCK) / 5)).astype(np.int16)


class FakeMicrophone:
    def __init__(self, blocks: "Queue[Samples | SourceError]") -> None:
        self._blocks = blocks
        self._readings = 0
        self.closed = False

    def awaited(self) -> None:
        """Wait until the ear has found nothing to hear, once more."""
        before = self._readings
        wait_for(lambda: self._readings >= before + 2)

    def read(self, timeout_s: float) -> Samples | None:
        self._readings += 1
        try:
            block = self._blocks.get(timeout=min(timeout_s, 0.02))
        except Empty:
            return None
        if isinstance(block, SourceError):
            raise block
        return block

    @property
    def waiting(self) -> int:
        return self._blocks.qsize()

    def close(self) -> None:
        self.closed = True


class FakeMicrophones:
    """One device, which can be pulled out."""

    def __init__(self) -> None:
        self.blocks: Queue[Samples | SourceError] = Queue()
        self.there = True
        self.opened: list[FakeMicrophone] = []

    def names(self) -> tuple[str, ...]:
        return ("Desk microphone",) if self.there else ()

    def open(self, device: str) -> FakeMicrophone:
        if not self.there:
            raise DeviceNotFound("There is no microphone.")
        self.opened.append(FakeMicrophone(self.blocks))
        return self.opened[-1]

    def bring(self, *blocks: Samples) -> None:
        for block in blocks:
            self.blocks.put(block)

    def lose(self) -> None:
        self.there = False
        self.blocks.put(DeviceLost("The microphone is gone."))


class LoudVad:
    """A block is speech when it is loud."""

    def judge(self, samples: Samples) -> float:
        if not len(samples):
            raise ValueError("nothing to judge")
        return 1.0 if np.abs(samples).max() > 1000 else 0.0

    def reset(self) -> None:
        return


def many(block: Samples, count: int) -> Iterable[Samples]:
    return [block] * count
