"""Weights that come with the program, beside the catalogue that pins them."""

from pathlib import Path

from engine.errors import ModelNotInstalled
from engine.inference.catalogue import CatalogueEntry
from engine.inference.intake import check

FOLDER = "demo"


def bundled_files(catalogue: Path, entry: CatalogueEntry) -> list[Path]:
    """The files of an entry of this catalogue, in its order, checked.

    Raises:
        ModelNotInstalled: they did not come with this program.
        ModelCorrupt: they are not the ones that the catalogue pins.
    """
    places = [catalogue.parent / FOLDER / file.name for file in entry.files]
    try:
        for place, file in zip(places, entry.files, strict=True):
            check(place, file)
    except FileNotFoundError as error:
        raise ModelNotInstalled(f"{entry.title} did not come with this program.") from error
    return places
