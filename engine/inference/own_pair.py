"""A vision-language model of the user's own: two files that the catalogue does not list."""

import re
from collections.abc import Sequence
from pathlib import Path

from engine.errors import ModelError
from engine.inference.catalogue import CatalogueEntry, CatalogueFile, VisionSpec
from engine.inference.gguf_check import PairFacts, check_pair
from engine.inference.gguf_file import read_gguf
from engine.inference.gguf_said import is_projector
from engine.inference.intake import sha256, shown

_UNSAFE_IN_FILE = re.compile(r"[^A-Za-z0-9._-]+")
_UNSAFE_IN_ID = re.compile(r"[^a-z0-9]+")


def find_pair(paths: Sequence[Path]) -> tuple[Path, Path]:
    """The text model and the projector, in this order: a folder that holds one of each, or both
    files, whichever is named first.

    Raises:
        ModelError: there are not exactly two, or both are of one kind; `ModelCorrupt` where one is
            no whole GGUF file.
    """
    files = list(paths)
    if len(files) == 1 and files[0].is_dir():
        try:
            files = sorted(one for one in files[0].iterdir() if one.suffix.lower() == ".gguf")
        except OSError as error:
            raise ModelError(f"{shown(paths[0])} cannot be read: {error.strerror}.") from error
        if len(files) != 2:
            raise ModelError(
                f"{shown(paths[0])} holds {len(files)} GGUF files instead of two. Nothing was "
                "changed. Name the text model and its projector."
            )
    if len(files) != 2:
        raise ModelError(
            f"A vision-language model is two files, not {len(files)}. Nothing was changed. Name "
            "the text model and its projector, or a folder that holds both."
        )
    projectors = [is_projector(read_gguf(one)) for one in files]
    if sum(projectors) != 1:
        kind = "projectors" if all(projectors) else "text models"
        raise ModelError(
            f"{shown(files[0].name)} and {shown(files[1].name)} are two {kind}. Nothing was "
            "changed. Name a text model and the projector that belongs to it."
        )
    return (files[1], files[0]) if projectors[0] else (files[0], files[1])


def entry_of(model: Path, projector: Path, name: str = "") -> CatalogueEntry:
    """Look through both files, and put down what is known of them. Reads them whole: seconds for a
    large model.

    Raises:
        ModelError: as `check_pair`; or nothing of the name can be an id.
    """
    hashes = [_hash(one) for one in (model, projector)]
    facts = check_pair(model, projector)
    title = "".join(c for c in name or facts.text.title or model.stem if c.isprintable())[:80]
    names = _file_names(model.name, projector.name)
    return CatalogueEntry(
        id=_id_of(name or model.stem),
        role="vision-language-model",
        title=title.strip() or model.stem,
        files=tuple(
            CatalogueFile(name=one, size=size, sha256=digest)
            for one, (size, digest) in zip(names, hashes, strict=True)
        ),
        licence="licence not known",
        source="files of your own",
        unlocks="Answers open questions about what is seen, in its own words.",
        note="Taken in by you. Nacre does not know what it was trained on.",
        obtainable=False,
        vision=_spec(facts),
    )


def _spec(facts: PairFacts) -> VisionSpec:
    return VisionSpec(
        repository="",
        architecture=facts.text.architecture,
        projector=facts.vision.projector,
        quantization="",
        parameters=max(1, facts.text.parameters),
        vision_parameters=max(1, facts.vision.parameters),
        kv_bytes=max(1, facts.text.cache_bytes),
        context=facts.text.context,
    )


def _hash(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_size, sha256(path)
    except OSError as error:
        raise ModelError(f"{shown(path)} cannot be read: {error.strerror}.") from error


def _id_of(name: str) -> str:
    found = _UNSAFE_IN_ID.sub("-", name.lower()).strip("-")[:50].strip("-")
    if not found:
        raise ModelError(
            f"{shown(name)!r} cannot be the name of a model. Nothing was changed. Choose one with "
            "letters from a to z or digits: --name NAME."
        )
    return found


def _file_names(model: str, projector: str) -> tuple[str, str]:
    first, second = (
        _UNSAFE_IN_FILE.sub("-", one).lstrip("._-")[-80:].lstrip("._-")
        for one in (model, projector)
    )
    first, second = first or "model.gguf", second or "projector.gguf"
    if first.lower() == second.lower():
        second = f"projector-{second}"
    return first, second
