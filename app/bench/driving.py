"""The real engine, driven by a benchmark: open a source, wait for what comes of it."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from time import perf_counter

from app.bootstrap import open_engine
from app.paths import Paths
from app.settings import Settings
from engine.errors import EngineError
from engine.facts import SourceSpec
from engine.messages import CloseSource, Event, Failed, OpenSource, SourceChanged, Tracked
from engine.ports.sources import Clock, SourceFactory
from engine.runtime import Engine, failure

LOADING_S = 60.0


@dataclass
class Heard:
    """The events that the engine told, counted; safe to read from any thread."""

    counts: Counter[str] = field(default_factory=Counter[str])
    overlays: int = 0
    """How many boxes were drawn over the picture."""
    named: int = 0
    """How many of them bore a name for sure."""
    """How many overlays were drawn."""
    states: dict[str, str] = field(default_factory=dict[str, str])
    failed: Failed | None = None
    _changed: Condition = field(default_factory=Condition)

    def listen(self, event: Event) -> None:
        with self._changed:
            self.counts[type(event).__name__] += 1
            match event:
                case Tracked():
                    self.overlays += len(event.overlays)
                    self.named += sum(o.certainty == "sure" for o in event.overlays)
                case SourceChanged():
                    self.states[event.run] = event.state
                case Failed():
                    self.failed = self.failed or event
                case _:
                    pass
            self._changed.notify_all()

    def wait(self, done: Callable[[], bool], limit_s: float) -> None:
        """Wait until `done`, which may look at what was heard.

        Raises:
            EngineError: something failed meanwhile, or it took too long.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: done() or self.failed is not None, limit_s):
                raise EngineError(f"Nothing came within {limit_s:.0f} s. Nothing was measured.")
        if self.failed is not None:
            raise failure(self.failed)


@dataclass(frozen=True)
class Driven:
    """An open engine and what was heard from it."""

    engine: Engine
    heard: Heard

    def open(self, spec: SourceSpec, limit_s: float = 30.0) -> str:
        """Open a source and wait for its first picture; the run."""
        command = OpenSource(spec=spec, consented=True)
        self.engine.send(command)
        self.heard.wait(lambda: command.run in self.heard.states, limit_s)
        return command.run

    def close(self, run: str, limit_s: float = 30.0) -> None:
        self.engine.send(CloseSource(run=run))
        self.heard.wait(lambda: self.heard.states.get(run) == "ended", limit_s)

    def watch(self, spec: SourceSpec, limit_s: float = 3600.0) -> float:
        """Watch a recording to its end; the wall time it took, in seconds."""
        begin = perf_counter()
        run = self.open(spec)
        self.heard.wait(lambda: self.heard.states[run] == "ended", limit_s)
        return perf_counter() - begin


@contextmanager
def driven(
    home: Paths, sources: SourceFactory | None = None, clock: Clock | None = None
) -> Generator[Driven]:
    """The engine on this data folder, its models loaded."""
    heard = Heard()
    with open_engine(home, Settings(), sources, clock=clock) as engine:
        end = engine.subscribe(heard.listen)
        engine.perception(LOADING_S)
        try:
            yield Driven(engine, heard)
        finally:
            end()
