"""How often the model may be asked: a token bucket (RFC 2697)."""

from dataclasses import dataclass

from engine.config import JudgingConfig


@dataclass(slots=True)
class Allowance:
    """The looks of one run, shared by all that is waited for in it.

    With `n` alerts armed, those that need no model among them, at most
    `n * (looks_saved + seconds * looks_per_s)` looks are had in any stretch of the stream without
    an interruption, polls and everything else included: with the figures of `JudgingConfig`, in any
    hour at most a third of what asking about each alert once a second takes.
    """

    config: JudgingConfig
    looks: float = 0.0
    """So many may be had now."""
    _size: int = 0

    def pass_time(self, seconds: float, alerts: int) -> None:
        """Time passes with so many alerts armed. One that is new brings what it may save."""
        new, self._size = max(alerts - self._size, 0), alerts
        saved = self.config.looks_saved
        grown = self.looks + new * saved + seconds * self.config.looks_per_s * alerts
        self.looks = min(grown, saved * alerts)

    @property
    def fill(self) -> float:
        """What is left, as a share of what can be saved: 0 to 1."""
        return self.looks / max(self.config.looks_saved * self._size, 1.0)

    def take(self) -> bool:
        """Whether a look may be had; then it is taken."""
        if self.looks < 1:
            return False
        self.looks -= 1
        return True
