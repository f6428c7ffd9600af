"""Weights that come with the program, beside the catalogue that pins them."""

from pathlib import Path

from engine.errors import ModelNotInstalled
from engine.inference.catalogue import BundledEntry, CatalogueEntry, load_catalogue
from engine.inference.intake import check

DEMO = "demo"
"""The folder of the demo's language model, which is listed among the others."""
OWN_EMBEDDER = "nacre-glance"


def bundled_files(catalogue: Path, entry: CatalogueEntry) -> list[Path]:
    """The files of an entry of this catalogue, in its order, checked.

    Raises:
        ModelNotInstalled: they did not come with this program.
        ModelCorrupt: they are not the ones that the catalogue pins.
    """
    folder = entry.folder if isinstance(entry, BundledEntry) else DEMO
    places = [catalogue.parent / folder / file.name for file in entry.files]
    try:
        for place, file in zip(places, entry.files, strict=True):
            check(place, file)
    except FileNotFoundError as error:
        raise ModelNotInstalled(f"{entry.title} did not come with this program.") from error
    return places


def own_embedder(catalogue: Path) -> tuple[Path, str]:
    """Nacre's own small image embedder and its SHA-256.

    Raises:
        ModelNotInstalled, ModelCorrupt: as above.
        ConfigError: the catalogue cannot be read.
    """
    entry = load_catalogue(catalogue).part(OWN_EMBEDDER)
    return bundled_files(catalogue, entry)[0], entry.files[0].sha256
