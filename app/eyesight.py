"""The models that are installed, loaded as the engine's eyes."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from app.bundled import own_embedder
from app.features import features
from app.heap import set_aside
from engine.config import SeeingConfig
from engine.errors import EngineError, ModelError
from engine.facts import Feature
from engine.inference.store import ModelStore
from engine.perception.finding import Eyes
from engine.perception.glance import Glance
from engine.perception.minilm import MiniLm
from engine.perception.mobilefacenet import MobileFaceNet
from engine.perception.mobilenet import MobileNet
from engine.perception.rapid_ocr import RapidOcr
from engine.perception.seeing import Watcher
from engine.perception.yolox import YoloX
from engine.perception.yunet import YuNet
from engine.ports.seeing import TextEmbedder

log = logging.getLogger(__name__)

Model = TypeVar("Model")

TEXT_MODEL = "minilm-l6-v2"


class Eyesight:
    """One perception for the life of the engine; loading again lets it see with what is installed
    now."""

    def __init__(
        self,
        store: ModelStore,
        config: SeeingConfig,
        *,
        catalogue: Path,
        drawn: Callable[[], Eyes | None] = lambda: None,
    ) -> None:
        """`catalogue`: beside it lies what comes with the program; `drawn`: the eyes for the
        demo."""
        self._store = store
        self._catalogue = catalogue
        self._watcher = Watcher(Eyes(), config, drawn=drawn)

    def load(self) -> tuple[Watcher, tuple[Feature, ...]]:
        """Load every model that is installed and whole; what is not switches its feature off."""
        self._watcher.eyes = load_eyes(self._store, self._catalogue)
        set_aside()
        return self._watcher, features(self._store, self._catalogue)


def load_eyes(store: ModelStore, catalogue: Path) -> Eyes:
    """The detectors and embedders of the installed models, and the text reader. What is known by
    its looks is known by Nacre's own small embedder, unless a larger one is installed."""
    return Eyes(
        faces=_loaded(store, "yunet", lambda path, _: YuNet(path)),
        face_embedder=_loaded(
            store, "mobilefacenet", lambda path, digest: MobileFaceNet(path, digest=digest)
        ),
        objects=_loaded(store, "yolox-nano", lambda path, _: YoloX(path)),
        image_embedder=_loaded(
            store, "mobilenet-v2", lambda path, digest: MobileNet(path, digest=digest)
        )
        or _own(catalogue),
        text_reader=RapidOcr(),
    )


class InstalledMiniLm:
    """The model for searching by meaning, loaded when it is first used: opening the memory must not
    wait for it."""

    def __init__(self, store: ModelStore) -> None:
        """Raises:
        ModelNotInstalled, ModelCorrupt
        """
        self._path = store.path(TEXT_MODEL)
        self._tokenizer = store.path(TEXT_MODEL, "tokenizer.json")
        self._digest = store.digest(TEXT_MODEL)
        self._loading = Lock()
        self._model: MiniLm | None = None

    @property
    def name(self) -> str:
        return self._loaded().name

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._loaded().embed(texts)

    def _loaded(self) -> MiniLm:
        with self._loading:
            if self._model is None:
                self._model = MiniLm(self._path, self._tokenizer, digest=self._digest)
            return self._model


def text_embedder(store: ModelStore) -> TextEmbedder | None:
    """The model for searching by meaning; None when it is not installed."""
    try:
        return InstalledMiniLm(store)
    except ModelError as error:
        log.info("search by meaning is off: %s", type(error).__name__)
        return None


def _own(catalogue: Path) -> Glance | None:
    try:
        path, digest = own_embedder(catalogue)
        return Glance(path, digest=digest)
    except EngineError as error:
        log.warning("the own embedder is not used: %s", type(error).__name__)
        return None


def _loaded(store: ModelStore, model: str, load: Callable[[Path, str], Model]) -> Model | None:
    try:
        return load(store.path(model), store.digest(model))
    except ModelError as error:
        log.info("the model %s is not used: %s", model, type(error).__name__)
        return None
