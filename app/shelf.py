"""Opens the model store of this installation."""

import os
from collections.abc import Callable
from pathlib import Path

from app import settings
from app.paths import Paths
from engine.inference.catalogue import load_catalogue
from engine.inference.store import ModelStore
from engine.ports.shelf import ModelCard, ModelShelf, Progress

MIRROR_VARIABLE = "NACRE_MODEL_MIRROR"


def open_shelf(paths: Paths, mirror: str | None = None) -> ModelStore:
    """The store in the data folder. Models come from `mirror`, else from the one named in the
    environment, else from the one in the settings, else from their public addresses.

    Raises:
        ConfigError: the catalogue cannot be read.
    """
    chosen = mirror or os.environ.get(MIRROR_VARIABLE)
    if not chosen:
        chosen = settings.load(paths.settings).settings.mirror
    return ModelStore(paths.models, load_catalogue(paths.catalogue), mirror=chosen or None)


class TellingShelf:
    """A `ModelShelf` that calls `changed` whenever what is installed may be another than before."""

    def __init__(self, shelf: ModelShelf, changed: Callable[[], None]) -> None:
        self._shelf, self._changed = shelf, changed

    @property
    def folder(self) -> Path:
        return self._shelf.folder

    def cards(self) -> tuple[ModelCard, ...]:
        return self._shelf.cards()

    def get(
        self,
        model: str,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._shelf.get(model, progress, cancelled)
        self._changed()

    def add(self, path: Path) -> tuple[str, ...]:
        try:
            return self._shelf.add(path)
        finally:
            self._changed()

    def remove(self, model: str) -> None:
        self._shelf.remove(model)
        self._changed()
