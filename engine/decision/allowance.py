"""How often the model may be asked: a token bucket (RFC 2697)."""

from dataclasses import dataclass

from engine.config import JudgingConfig


@dataclass(slots=True)
class Allowance:
    """The looks of one run, shared by all that is waited for in it.

    Each alert that is armed, those that need no model among them, brings `looks_new`, and
    `looks_per_s` as long as it stands; at most `looks_saved` for each are saved. So with `n` alerts
    at most `n * (looks_saved + seconds * looks_per_s)` looks are had in any stretch of the stream
    without an interruption, polls and everything else included, and from the start at most
    `n * (looks_new + seconds * looks_per_s)`. With the figures of `JudgingConfig` that is no more
    than a third of asking about each once a second, in any hour, and from the start after a quarter
    of one.
    """

    config: JudgingConfig
    looks: float = 0.0
    """So many may be had now."""
    _size: int = 0

    def pass_time(self, seconds: float, alerts: int) -> None:
        """Time passes with so many alerts armed. One that is new brings some looks."""
        new, self._size = max(alerts - self._size, 0), alerts
        config = self.config
        grown = self.looks + new * config.looks_new + seconds * config.looks_per_s * alerts
        self.looks = min(grown, config.looks_saved * alerts)

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
