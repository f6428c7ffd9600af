"""Whether what the microphone brings may be Nacre's own voice, and whether the user is speaking.

Two threads tell each other here: the one that speaks and the one that hears. Both write single
values and neither waits; what is told is moments of one monotonic clock, in nanoseconds.
"""

from engine.media import nanoseconds

TAIL_NS = nanoseconds(0.4)
"""A room and a sound server go on for so long after the last word."""
USER_PAUSE_NS = nanoseconds(0.6)
"""Between two sentences of one who is still speaking."""


class EchoGate:
    """Closed while Nacre speaks, and a little longer."""

    def __init__(self) -> None:
        self._speaking = False
        self.by_voice = False
        """Whether the user's voice stops what is being said."""
        self._until = 0
        self._user_spoke = -USER_PAUSE_NS

    def began(self, *, by_voice: bool = False) -> None:
        """Nacre begins to speak. `by_voice`: the microphone does not hear it, so that any voice is
        the user's."""
        self.by_voice = by_voice
        self._speaking = True

    def ended(self, now: int) -> None:
        """Nacre has stopped speaking. Where a voice has interrupted it, that one is heard already,
        and nothing of Nacre's comes after."""
        if self._speaking or not self.by_voice:
            self._until = now + TAIL_NS
        self._speaking = False

    def closed(self, now: int) -> bool:
        """Whether what is heard now is not to be taken for the user's words."""
        return self._speaking or now < self._until

    @property
    def speaking(self) -> bool:
        return self._speaking

    def open(self) -> None:
        """The user interrupts: what is heard from now on is theirs."""
        self._speaking = False
        self._until = 0

    def user_spoke(self, now: int) -> None:
        """The user's voice is heard, or the key to talk is down."""
        self._user_spoke = now

    def user_speaks(self, now: int) -> bool:
        """Whether the user is speaking, or has only drawn breath."""
        return now - self._user_spoke < USER_PAUSE_NS
