"""The only place where adapters are chosen and wired together."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from tzlocal import get_localzone

from app.clock import SystemClock
from app.demo import Demo
from app.eyesight import Eyesight, text_embedder
from app.heap import keep_compact
from app.hearing import sound
from app.language import Language
from app.model_choice import refresh
from app.paths import Paths
from app.settings import Settings
from app.shelf import open_shelf
from engine import reports as rep
from engine.errors import EngineError
from engine.facts import SourceSpec
from engine.inference.store import ModelStore
from engine.memory.opening import open_memory
from engine.memory.writer import StoreWriter
from engine.parts import Parts
from engine.ports.sound import Voice
from engine.ports.sources import Clock, SourceFactory
from engine.runtime import Engine, failed_effect
from engine.session import Session
from engine.sources.factory import Sources
from engine.sources.feed import Feed
from engine.sources.windows import Exclusions

__all__ = ["open_engine", "open_model_store"]


def open_model_store(paths: Paths) -> ModelStore:
    """The models of this installation."""
    return open_shelf(paths)


@contextmanager
def open_engine(
    paths: Paths,
    settings: Settings,
    sources: SourceFactory | None = None,
    voice: Callable[[], Voice] | None = None,
    clock: Clock | None = None,
) -> Generator[Engine]:
    """Open the memory and start the engine; both are closed at the end. `sources` and `clock` None:
    those of this machine; `voice` None: that of a program of the system. What `settings` exclude
    and how much they keep may be changed meanwhile.

    Raises:
        StoreError: the memory cannot be opened; it was left as it is.
    """
    keep_compact()
    clock = clock or SystemClock()
    config = settings.engine_config()
    models = open_model_store(paths)
    machine = Sources(clock, lambda: _exclusions(settings), paths.demo_clip)

    def feed(
        spec: SourceSpec,
        run: str,
        report: Callable[[rep.RunStarted | rep.RunChanged], None],
        failed: Callable[[EngineError], None],
    ) -> Feed:
        return Feed(
            factory=sources or machine,
            spec=spec,
            run=run,
            clock=clock,
            config=config.feed,
            report=report,
            failed=failed,
        )

    memory = open_memory(
        paths.data,
        retention=lambda: settings.engine_config().retention,
        embedder=text_embedder(models),
    )
    demo = Demo(paths)
    memory.archive.lent = demo.crop
    language = Language(
        models, settings, clock, lambda: refresh(paths, settings), demo_model=demo.model
    )
    writer = StoreWriter(memory.store, clock, lambda error: engine.report(failed_effect(error)))
    engine = Engine(
        Parts(
            config=config,
            clock=clock,
            session=Session(config, get_localzone()),
            archive=memory.archive,
            writer=writer,
            feed=feed,
            perceive=Eyesight(
                models, config.seeing, catalogue=paths.catalogue, drawn=demo.eyes
            ).load,
            available=machine.available,
            language=language,
            demo=demo.lent,
            sound=sound(settings, models, clock, get_localzone(), voice),
        )
    )
    try:
        writer.start()
        engine.start()
        yield engine
    finally:
        engine.close()
        language.end()
        memory.close()


def _exclusions(settings: Settings) -> Exclusions:
    return Exclusions(
        applications=tuple(settings.excluded_applications),
        titles=tuple(settings.excluded_titles),
    )
