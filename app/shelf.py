"""Opens the model store of this installation."""

import os

from app import settings
from app.paths import Paths
from engine.inference.catalogue import load_catalogue
from engine.inference.store import ModelStore

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
