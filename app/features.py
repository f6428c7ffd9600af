"""What this machine can do with the models that are installed."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from app.bundled import own_embedder
from engine.errors import EngineError, ModelError
from engine.facts import Feature
from engine.inference.store import ModelStore

FeatureName = Literal[
    "faces", "people", "things", "text on screen", "semantic search", "free speech"
]

OWN_LIMITS = (
    "Things, pets and places are known by Nacre's own small network: as they were shown, and "
    "less surely elsewhere. Of 100 photos of a thing in other places it named 27 for sure and 50 "
    "as a “maybe”, after three photos each (9 and 30 after one); in 428 looks at strangers nobody "
    "got a name for sure. MobileNetV2 knows them better."
)
"""As `nacre eval own-embedder` measured (docs/benchmarks.md)."""
BY_MOTION = (
    "Without YOLOX-nano only what moves, or what a box is drawn around, is looked at; what has "
    "lain still for some seconds is not found."
)
BY_LOOKS = (
    "Until then somebody is known by looks alone: a “maybe” at most, and not in other clothes."
)
NEEDS: Mapping[FeatureName, tuple[str, ...]] = {
    "faces": ("yunet", "mobilefacenet"),
    "people": ("yolox-nano",),
    "things": ("mobilenet-v2", "yolox-nano"),
    "text on screen": (),
    "semantic search": ("minilm-l6-v2",),
    "free speech": (),
}
"""Ids of the catalogue; all of them are needed."""
SPEECH_MODELS = ("whisper-small", "whisper-base")
"""Of the catalogue, the best first; one is enough."""
NO_SPEECH_MODEL = (
    "No speech model is installed: all but Nacre's own commands is often misheard. "
    "`nacre models get whisper-base` gets it."
)


def features(store: ModelStore, catalogue: Path) -> tuple[Feature, ...]:
    """Each ability, on or off, with the reason, or with its limits. Model files are checked by
    SHA-256, once; beside `catalogue` lies what comes with the program."""
    return tuple(_feature(store, catalogue, name) for name in NEEDS)


def lacking(store: ModelStore, name: FeatureName) -> list[tuple[str, ModelError]]:
    """(model id, why) for every model that the feature needs and cannot use."""
    missing: list[tuple[str, ModelError]] = []
    for model in NEEDS[name]:
        try:
            for file in store.catalogue.entry(model).files:
                store.path(model, file.name)
        except ModelError as error:
            missing.append((model, error))
    return missing


def ocr_models() -> list[Path]:
    """The networks that the text reader carries in its own package, smallest first."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(next(iter(spec.submodule_search_locations)), "models")
    return sorted(folder.glob("*.onnx"), key=lambda path: path.stat().st_size)


def _feature(store: ModelStore, catalogue: Path, name: FeatureName) -> Feature:
    if name == "text on screen":
        on = bool(ocr_models())
        reason = "" if on else "The text reader is missing: this installation is incomplete."
        return Feature(name=name, on=on, reason=reason)
    if name == "free speech":
        # Their bytes are checked when the microphone is opened: reading them all takes seconds.
        there = any(card.installed for card in store.cards() if card.id in SPEECH_MODELS)
        return Feature(name=name, on=there, reason="" if there else NO_SPEECH_MODEL)
    missing = lacking(store, name)
    if missing and name == "things" and _embeds(store, catalogue):
        models = [model for model, _ in missing]
        limits = (OWN_LIMITS, "mobilenet-v2"), (BY_MOTION, "yolox-nano")
        reason = " ".join(words for words, model in limits if model in models)
        return Feature(name=name, on=True, reason=reason)
    reasons = [str(error) for _, error in missing]
    if missing and name == "faces" and _embeds(store, catalogue):
        reasons.append(BY_LOOKS)
    return Feature(name=name, on=not reasons, reason=" ".join(reasons))


def _embeds(store: ModelStore, catalogue: Path) -> bool:
    """Whether anything at all can be known by its looks."""
    try:
        store.path("mobilenet-v2")
    except ModelError:
        try:
            own_embedder(catalogue)
        except EngineError:
            return False
    return True
