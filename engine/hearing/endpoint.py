"""Where an utterance begins and ends. Pure: blocks of sound and how surely each is speech go in.

What came shortly before the first block of speech belongs to it, so that no first syllable is lost.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from engine.media import RATE, Samples

BLOCK = 512
"""Samples of one block: 32 ms, what Silero's detector takes at once."""
SPEECH, SILENCE = 0.5, 0.35
"""A block is speech from the one on, and silence below the other."""


def blocks(seconds: float) -> int:
    return round(seconds * RATE / BLOCK)


PRE_ROLL = blocks(0.5)
STARTS_AFTER = 2
ENDS_AFTER = blocks(0.7)
SHORTEST = blocks(0.15)
LONGEST = blocks(20.0)
KEY_TAIL = blocks(0.3)
"""What is still taken in after the key was let go; more, as long as the voice goes on:"""
KEY_TAIL_MOST = blocks(1.5)
"""people let go early."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """One utterance. `began` and `ended` are counts of blocks since hearing began."""

    samples: Samples
    began: int
    ended: int
    by_key: bool
    """Spoken while the push-to-talk key was held."""
    spoken: bool
    """Whether any of it was speech; what was said by key is handed on all the same."""


class Endpointer:
    """Cuts a stream of blocks into utterances."""

    def __init__(self) -> None:
        self._before: deque[Samples] = deque(maxlen=PRE_ROLL)
        self._taken: list[Samples] = []
        self._count = 0
        self._began = 0
        self._voiced = 0
        self._run = 0
        self._silent = 0
        self._held = False
        self._by_key = False
        self._released = 0

    @property
    def hearing(self) -> bool:
        """Whether an utterance is under way."""
        return bool(self._taken)

    @property
    def by_key(self) -> bool:
        """Whether what is under way was begun with the key."""
        return self._by_key

    def hold(self, held: bool) -> None:
        """The push-to-talk key goes down or up. What is under way when it goes down belongs to it:
        people begin to speak a little early."""
        if held and not self._held:
            self._by_key, self._held = True, True
            if not self._taken:
                self._begin()
        elif self._held and not held:
            self._held, self._released = False, 0

    def drop(self) -> None:
        """Forget what is under way and what came before (a pause, Nacre's own voice)."""
        self._before.clear()
        self._end()

    def keep(self, samples: Samples) -> None:
        """A block that begins no utterance; it stands before one that begins soon after."""
        self._count += 1
        self._before.append(samples)

    def finish(self) -> Segment | None:
        """End what is under way, as if silence had come; what came before begins nothing more."""
        segment = self._cut() if self._taken else None
        self._before.clear()
        return segment

    def hear(self, samples: Samples, speech: float) -> Segment | None:
        """Take in one block; the utterance that ended with it, if one did."""
        self._count += 1
        self._run = self._run + 1 if speech >= SPEECH else 0
        if not self._taken and not self._by_key:
            self._before.append(samples)
            if self._run >= STARTS_AFTER:
                self._begin()
                self._voiced = self._run
            return None
        self._taken.append(samples)
        self._voiced += speech >= SPEECH
        self._silent = self._silent + 1 if speech < SILENCE else 0
        return self._cut() if self._is_over() else None

    def _is_over(self) -> bool:
        if len(self._taken) >= LONGEST:
            return True
        if not self._by_key:
            return self._silent >= ENDS_AFTER
        if self._held:
            return False
        self._released += 1
        quiet = self._released >= KEY_TAIL and self._silent >= KEY_TAIL
        return quiet or self._released >= KEY_TAIL_MOST

    def _begin(self) -> None:
        self._taken = list(self._before)
        self._began = self._count - len(self._taken)
        self._before.clear()
        self._silent = self._voiced = 0

    def _cut(self) -> Segment | None:
        spoken = self._voiced >= SHORTEST
        segment = Segment(
            samples=np.concatenate(self._taken),
            began=self._began,
            ended=self._count,
            by_key=self._by_key,
            spoken=spoken,
        )
        for samples in self._taken[-PRE_ROLL:]:
            self._before.append(samples)
        self._end()
        return segment if spoken or segment.by_key else None

    def _end(self) -> None:
        self._taken = []
        self._by_key = self._held
        self._silent = self._voiced = self._run = self._released = 0
