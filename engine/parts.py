"""What the engine is made of: chosen and wired in `app/bootstrap.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine import reports as rep
from engine.config import EngineConfig
from engine.errors import EngineError
from engine.facts import Feature, SourceSpec
from engine.media import Frame
from engine.ports.language import VisionLanguageModel
from engine.ports.memory import Archive, StoreEffect
from engine.ports.seeing import Perception
from engine.ports.sources import Clock
from engine.prompts import ModelStatus
from engine.session import Session


class Feed(Protocol):
    """One supervised source (engine/sources/feed.py)."""

    def start(self) -> None: ...
    def frames(self) -> Iterable[Frame]: ...
    def newest(self) -> Frame | None: ...
    def hold(self, held: bool) -> None: ...
    def stop(self) -> None: ...


class FeedFactory(Protocol):
    """Makes the feed of a run; `report` and `failed` are called from the feed's thread."""

    def __call__(
        self,
        spec: SourceSpec,
        run: str,
        report: Callable[[rep.RunStarted | rep.RunChanged], None],
        failed: Callable[[EngineError], None],
    ) -> Feed: ...


class EarLike(Protocol):
    """One open microphone, listened to (engine/hearing/ear.py)."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def join(self, timeout_s: float) -> None: ...
    def hold(self, held: bool) -> None: ...
    def attend(self, held: bool) -> None: ...
    def know(self, names: tuple[str, ...]) -> None: ...
    def level(self) -> float | None: ...


class SpeakerLike(Protocol):
    """Says things aloud (engine/speaking/speaker.py)."""

    def start(self) -> None: ...
    def say(self, text: str, *, asked: bool) -> None: ...
    def mute(self, muted: bool) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The ears and the voice of a machine."""

    ear: Callable[[SourceSpec, str, Callable[[rep.Report], None]], EarLike]
    speaker: Callable[[Callable[[rep.Report], None]], SpeakerLike]
    microphones: Callable[[], tuple[str, ...]]


class Writer(Protocol):
    """The store's writing thread (engine/memory/writer.py)."""

    def put(self, effect: StoreEffect) -> None: ...
    def flush(self, timeout_s: float = ...) -> bool: ...
    def perform(self, effects: Sequence[StoreEffect], timeout_s: float = ...) -> None: ...
    def close(self) -> None: ...


class LanguageModels(Protocol):
    """Chooses and opens the vision-language model."""

    def __call__(
        self,
        current: VisionLanguageModel | None,
        changed: Callable[[ModelStatus], None],
        *,
        demo: bool = False,
    ) -> VisionLanguageModel | None:
        """The model to use from now on: `current` where the choice has not changed, None where
        there is none. `changed` is told of its states, from any thread. `demo`: the demo is shown,
        whose own model answers where there is no other."""
        ...


def no_language_model(
    current: VisionLanguageModel | None,
    changed: Callable[[ModelStatus], None],
    *,
    demo: bool = False,
) -> VisionLanguageModel | None:
    """There is none."""
    return current


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the engine is made of; chosen in `app/bootstrap.py`."""

    config: EngineConfig
    clock: Clock
    session: Session
    archive: Archive
    writer: Writer
    feed: FeedFactory
    perceive: Callable[[], tuple[Perception, tuple[Feature, ...]]]
    """Loads the models that are installed, slowly, in the background. Called again after a model
    was installed or removed: the same perception then sees with the new ones."""
    available: Callable[[], tuple[SourceSpec, ...]]
    language: LanguageModels = no_language_model
    """Opens the chosen vision-language model; called again after one was installed or removed."""
    demo: Callable[[], rep.DemoLent] = rep.DemoLent
    """What the demo brings along."""
    sound: Sound | None = None
    """None: nothing is heard, and nothing is said aloud."""
