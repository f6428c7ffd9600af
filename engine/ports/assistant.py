"""The running engine, as its users see it."""

from collections.abc import Callable
from typing import Protocol

from engine.facts import Feature, SourceSpec
from engine.media import Frame
from engine.messages import Command, Event
from engine.ports.memory import Archive
from engine.prompts import ModelStatus


class Assistant(Protocol):
    """The running engine, as the window and the command line see it."""

    @property
    def archive(self) -> Archive: ...

    def send(self, command: Command) -> None:
        """Put a command into the inbox; returns at once. Safe from any thread."""
        ...

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Have every event from now on; called on the engine thread, so it must return at once.
        Returns a function that ends the subscription."""
        ...

    def newest(self, run: str) -> Frame | None:
        """The newest frame of an open run, for the preview. Never blocks."""
        ...

    def level(self) -> float | None:
        """How loud the newest 32 ms of the open microphone were, in dB of full scale (-90 to 0);
        None while nothing comes. Never blocks."""
        ...

    def microphones(self) -> tuple[str, ...]:
        """The names of the microphones of this machine, the usual one first. May take a second."""
        ...

    @property
    def features(self) -> tuple[Feature, ...]:
        """What this machine can do, as last told by `ModelChanged`; empty until the models have
        been looked at."""
        ...

    @property
    def model(self) -> ModelStatus | None:
        """How the vision-language model is doing, as last told by `ModelChanged`."""
        ...

    def available_sources(self) -> tuple[SourceSpec, ...]:
        """Cameras, screens and the bundled clip of this machine. May take a second."""
        ...
