# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false
"""A gallery as one encrypted file, to be carried elsewhere: SQLCipher under a passphrase.

What is read is not trusted: only two plain tables, within bounds, every value checked, new ids, and
no path anywhere. Nothing of a file that fails any of it is used.
"""

import json
import os
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, get_args

import numpy as np
from sqlcipher3 import dbapi2

from engine.errors import ConceptError
from engine.facts import Concept, ConceptKind, Exemplar
from engine.memory.gallery import COLOURS, valid_description, valid_name
from engine.memory.pictures import to_image
from engine.memory.rows import (
    CONCEPT_COLUMNS,
    EXEMPLAR_COLUMNS,
    concept_row,
    exemplar_row,
    exemplar_vector,
    places,
)

FILE_BYTES_MAX = 512 * 1024**2
CONCEPTS_MAX, EXEMPLARS_MAX, ALIASES_MAX = 10_000, 100_000, 100
VECTOR_BYTES_MAX, CROP_BYTES_MAX, CROP_SIDE_MAX = 256 * 1024, 4 * 1024**2, 2600
PASSPHRASE_MIN = 8
_FORMAT = "nacre gallery 2"
_COLUMNS = {_FORMAT: CONCEPT_COLUMNS, "nacre gallery 1": "id, name, kind, aliases, is_me, colour"}
_TABLES = {"about", "concepts", "exemplars"}


def write_gallery(
    path: Path, passphrase: str, concepts: Iterable[Concept], exemplars: Iterable[Exemplar]
) -> None:
    """Write a new file that only its owner may read.

    Raises:
        ConceptError: there is a file already, the folder cannot be written, or the passphrase is
            too short. Nothing was left behind.
    """
    _check(passphrase)
    part = path.with_name(path.name + ".part")
    try:
        if path.exists():
            raise ConceptError(f"“{path.name}” is there already. It was left as it is.")
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            with closing(_open(part, passphrase)) as database:
                _fill(database, concepts, exemplars)
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except (OSError, dbapi2.Error) as error:
        why = getattr(error, "strerror", None) or "it cannot be written"
        raise ConceptError(f"“{path.name}”: {why}. Nothing was exported.") from error


def read_gallery(path: Path, passphrase: str) -> tuple[tuple[Concept, ...], tuple[Exemplar, ...]]:
    """Concepts and exemplars under the ids of the file.

    Raises:
        ConceptError: no such file, too large, another passphrase, or anything in it that an export
            would not have written.
    """
    _check(passphrase)
    try:
        if not path.is_file():
            raise ConceptError(f"There is no file “{path.name}”. Nothing was changed.")
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ConceptError(
                f"“{path.name}” is larger than {FILE_BYTES_MAX // 1024**2} MB, as no gallery is. "
                "Nothing was changed."
            )
        with closing(_open(path, passphrase, reads=True)) as database:
            return _read(database)
    except dbapi2.Error as error:
        raise ConceptError(
            f"“{path.name}” cannot be opened: the passphrase is another, or it is no exported "
            "gallery, or it is damaged. Nothing was changed."
        ) from error
    except OSError as error:
        raise ConceptError(f"“{path.name}”: {error.strerror}. Nothing was changed.") from error


def _check(passphrase: str) -> None:
    if len(passphrase) < PASSPHRASE_MIN or "\0" in passphrase:
        raise ConceptError(
            f"The passphrase needs at least {PASSPHRASE_MIN} characters. Nothing was done."
        )


def _open(path: Path, passphrase: str, *, reads: bool = False) -> Any:
    where = f"{path.absolute().as_uri()}?mode={'ro&immutable=1' if reads else 'rw'}"
    database = dbapi2.connect(where, uri=True, isolation_level=None)
    try:
        database.execute("PRAGMA cipher_log_level = NONE")
        quoted = passphrase.replace("'", "''")
        database.execute(f"PRAGMA key = '{quoted}'")
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        if reads:
            database.execute("PRAGMA query_only = ON")
        database.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except BaseException:
        database.close()
        raise
    return database


def _fill(database: Any, concepts: Iterable[Concept], exemplars: Iterable[Exemplar]) -> None:
    database.execute("BEGIN")
    for table, columns in (
        ("about", "format"),
        ("concepts", CONCEPT_COLUMNS),
        ("exemplars", EXEMPLAR_COLUMNS),
    ):
        database.execute(f"CREATE TABLE {table} ({columns})")
    database.execute("INSERT INTO about VALUES (?)", (_FORMAT,))
    for concept in concepts:
        database.execute(
            f"INSERT INTO concepts VALUES ({places(CONCEPT_COLUMNS)})", concept_row(concept)
        )
    for exemplar in exemplars:
        database.execute(
            f"INSERT INTO exemplars VALUES ({places(EXEMPLAR_COLUMNS)})", exemplar_row(exemplar)
        )
    database.execute("COMMIT")


def _read(database: Any) -> tuple[tuple[Concept, ...], tuple[Exemplar, ...]]:
    found = database.execute("SELECT type, name FROM sqlite_master").fetchall()
    if set(found) != {("table", name) for name in _TABLES} or len(found) != len(_TABLES):
        raise _poisoned("it holds other tables than a gallery")
    about = database.execute("SELECT format FROM about").fetchall()
    columns = _COLUMNS.get(about[0][0]) if len(about) == 1 else None
    if columns is None:
        raise _poisoned("it is of another version")
    for table, most in (("concepts", CONCEPTS_MAX), ("exemplars", EXEMPLARS_MAX)):
        if database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > most:
            raise _poisoned(f"it holds more than {most:,} {table}")
    if database.execute(
        "SELECT count(*) FROM exemplars WHERE length(vector) > ? OR length(crop) > ?",
        (VECTOR_BYTES_MAX, CROP_BYTES_MAX),
    ).fetchone()[0]:
        raise _poisoned("a view in it is too large")
    try:
        concepts = tuple(
            _concept(row) for row in database.execute(f"SELECT {columns} FROM concepts")
        )
        known = {concept.id for concept in concepts}
        exemplars = tuple(
            _exemplar(row, known)
            for row in database.execute(f"SELECT {EXEMPLAR_COLUMNS} FROM exemplars")
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise _poisoned("a row in it is not as an export writes it") from error
    names = [n.casefold() for c in concepts for n in (c.name, *c.aliases)]
    if len(known) != len(concepts) or len(set(names)) != len(names):
        raise _poisoned("a name in it stands for two")
    return concepts, exemplars


def _concept(row: tuple[Any, ...]) -> Concept:
    concept, name, kind, aliases, is_me, _, *told = row
    description = told[0] if told else ""
    others: list[Any] = json.loads(aliases)
    texts = all(isinstance(text, str) for text in (concept, name, description, *others))
    if not texts or kind not in get_args(ConceptKind) or len(others) > ALIASES_MAX:
        raise ValueError
    return Concept(
        id=concept,
        name=valid_name(name),
        kind=kind,
        aliases=tuple(valid_name(alias) for alias in others),
        is_me=bool(is_me),
        colour=COLOURS[0],
        description=valid_description(description),
    )


def _exemplar(row: tuple[Any, ...], known: set[str]) -> Exemplar:
    exemplar, concept, embedder, vector, crop, positive, at, parts = row
    texts = isinstance(exemplar, str) and isinstance(embedder, str) and len(embedder) <= 200
    numbers = all(isinstance(one, int) for one in (positive, at, parts))
    if concept not in known or not texts or not numbers or not 0 <= parts <= 64:
        raise ValueError
    values = exemplar_vector(vector, parts)
    lengths = np.linalg.norm(np.atleast_2d(values).astype(np.float32), axis=1)
    if not values.size or not np.isfinite(lengths).all() or np.abs(lengths - 1).max() > 0.05:
        raise ValueError
    image = to_image(crop)
    if image is None or max(image.shape[:2]) > CROP_SIDE_MAX:
        raise ValueError
    return Exemplar(
        id=exemplar,
        concept=concept,
        embedder=embedder,
        vector=values,
        crop=image,
        positive=bool(positive),
        at=at,
    )


def _poisoned(why: str) -> ConceptError:
    return ConceptError(f"The file was not taken in: {why}. Nothing was changed.")
