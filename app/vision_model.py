"""Which vision-language model is asked on this machine."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.settings import Settings
from engine.errors import ModelError, ModelNotInstalled
from engine.inference.catalogue import CatalogueEntry, Domain
from engine.inference.store import ModelStore

log = logging.getLogger(__name__)

ROLE = "vision-language-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """An installed pair; size and SHA-256 of both files were checked."""

    id: str
    title: str
    model: Path
    projector: Path
    domain: Domain
    context: int
    """Tokens it was trained on."""

    @classmethod
    def of(cls, entry: CatalogueEntry, files: Iterable[Path]) -> "ChosenModel":
        """`files`: the text model and its projector, in this order; not asked for before the kind
        of the entry is known.

        Raises:
            ModelError: the entry is of another kind.
        """
        if entry.vision is None:
            raise ModelError(f"{entry.title} is not a vision-language model. Choose another.")
        model, projector = files
        return cls(
            id=entry.id,
            title=entry.title,
            model=model,
            projector=projector,
            domain=entry.vision.domain,
            context=entry.vision.context,
        )


def chosen_model(store: ModelStore, settings: Settings) -> ChosenModel | None:
    """The model that the settings name; when they name none, the largest that is installed and
    fits this machine's memory (one that knows only the demo's drawn world comes last). Reads the
    files through once: seconds for a large model.

    Raises:
        ModelError: the one that the settings name cannot be used.
    """
    if settings.vision_model:
        return _opened(store, store.catalogue.entry(settings.vision_model))
    for entry in _candidates(store):
        try:
            return _opened(store, entry)
        except ModelError as error:
            log.warning("a vision-language model is passed over: %s", type(error).__name__)
    return None


def likely_model(store: ModelStore, settings: Settings) -> CatalogueEntry | None:
    """The same by the sizes of the files alone: nothing is read through.

    Raises:
        ModelError: the one that the settings name cannot be used.
    """
    if settings.vision_model:
        require_installed(store, settings.vision_model)
        return store.catalogue.entry(settings.vision_model)
    return next(iter(_candidates(store)), None)


def require_installed(store: ModelStore, model: str) -> None:
    """Make sure that a model can be chosen by name.

    Raises:
        ModelError: it is unknown, of another kind, or not here.
    """
    entry = store.catalogue.entry(model)
    if entry.vision is None:
        raise ModelError(
            f"{entry.title} is not a vision-language model. Nothing was changed. Choose another."
        )
    if not any(card.installed for card in store.cards() if card.id == model):
        raise ModelNotInstalled(
            f"{entry.title} is not installed. Nothing was changed. {entry.remedy}"
        )


def _candidates(store: ModelStore) -> list[CatalogueEntry]:
    """Those that are installed and fit this machine's memory, the best first."""
    installed = {card.id for card in store.cards() if card.installed}
    found = [e for e in store.catalogue.entries if e.vision and e.id in installed]
    room = psutil.virtual_memory().total * 0.8
    return sorted((e for e in found if e.size <= room), key=_worth, reverse=True)


def _worth(entry: CatalogueEntry) -> tuple[bool, int]:
    assert entry.vision is not None
    return entry.vision.domain == "general", entry.vision.parameters


def _opened(store: ModelStore, entry: CatalogueEntry) -> ChosenModel:
    return ChosenModel.of(entry, (store.path(entry.id, file.name) for file in entry.files))
