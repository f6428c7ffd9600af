"""What the office needs of an engine, and what its clerks share."""

from typing import Any, Protocol

from engine.errors import ConfigError
from engine.media import Span
from engine.messages import Command, Event
from engine.ports.assistant import Assistant

Reply = dict[str, Any]

END_OF_TIME = 2**62
BACKTEST_WAIT_S = 600.0
MODEL_WAIT_S = 120.0
"""How long a question from the command line waits for a model that is being loaded."""
TOO_SLOW = "This took too long, and was not waited for. It may still be done. Look, and ask again."


class Desk(Assistant, Protocol):
    """An engine that settles a request before it goes on."""

    def request(self, command: Command, timeout_s: float = ...) -> Event:
        """Send, and wait for the event with the same ref.

        Raises:
            EngineError: what was asked for could not be done.
        """
        ...

    def reload(self) -> None:
        """Load the installed models anew, in the background."""
        ...

    @property
    def renewal(self) -> tuple[int, tuple[str, ...]]:
        """How many views of the gallery are still to be looked at with another embedder, and the
        names that need showing again."""
        ...

    def await_model(self, timeout_s: float) -> None:
        """Wait until the vision-language model that is being opened, if any, can answer."""
        ...


def bounds(since: int | None, until: int | None) -> Span | None:
    """The asked span of wall time; None where none was asked for.

    Raises:
        ConfigError: it ends before it starts.
    """
    if since is None and until is None:
        return None
    start = 0 if since is None else since
    end = END_OF_TIME if until is None else until
    if end < start:
        raise ConfigError("The time span ends before it starts. Nothing was done.")
    return Span(start=start, end=end)


def quoted(text: str) -> str:
    """In quotation marks, on one line, and not too long."""
    text = " ".join(text.split())
    return f'"{text if len(text) <= 60 else text[:57] + "…"}"'
