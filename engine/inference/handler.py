"""Who handles the orders inside the model's process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.inference import protocol
from engine.media import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A piece of an answer: whole characters, the tokens they are, and the smallest probability
    that one of these had."""

    text: str
    tokens: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How an answer ended, and the stream time of the newest frame that it saw."""

    why: Literal["end", "length"]
    newest_pts: int | None = None


class Handler(Protocol):
    """A loaded model and what it sees. One thread calls it, but `stop` and `progress_count`.

    What raises `native.Stopped` or a `ModelError` has changed nothing. A picture that comes as
    pixels is encoded, kept in the window's process through the factory's `keep`, and decoded from
    what was kept, so that the same comes of it after a restart.
    """

    @property
    def ready(self) -> protocol.Ready: ...

    @property
    def progress_count(self) -> int:
        """Rises while native code makes progress; any thread may ask."""
        ...

    def stand(self, order: protocol.Stand) -> None: ...

    def take(self, order: protocol.Take) -> None: ...

    def clear(self) -> None:
        """Empty the live window."""
        ...

    def ask(self, order: protocol.Ask, tell: Callable[[Told], None]) -> End:
        """Answer greedily. With `said`, go on after those tokens; they are not told again, and
        count among the most tokens."""
        ...

    def judge(self, order: protocol.Judge) -> tuple[tuple[float, ...], ...]: ...

    def weigh(self, order: protocol.Weigh) -> float: ...

    def embed(self, order: protocol.Embed) -> Vector: ...

    def work(self) -> bool:
        """One step of what can wait until there is no order; False when there is nothing to do."""
        ...

    def stop(self) -> None:
        """Have the running work raise `Stopped`, soon. From any thread."""
        ...

    def go_on(self) -> None:
        """Take a `stop` back before the next work."""
        ...


class Factory(Protocol):
    """Loads a model in the model's process: a function of a module, since it is named there."""

    def __call__(
        self,
        load: protocol.Load,
        loading: Callable[[float], bool],
        keep: Callable[[str, protocol.Rows], None],
    ) -> Handler:
        """`loading` is told how far it is, in [0, 1], and returns whether to go on.

        Raises:
            ModelError: the model cannot be loaded.
        """
        ...
