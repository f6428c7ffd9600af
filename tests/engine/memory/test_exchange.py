"""The gallery as an encrypted file, and files that are not one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import ConceptError
from engine.memory import exchange
from engine.memory.exchange import read_gallery, write_gallery
from tests.fakes.facts import concept, exemplar, unit

SECRET = "correct horse's battery"
MUM = concept("Mum", "c1", aliases=("Mama",))
VIEWS = (
    exemplar("e1", "c1"),
    replace(exemplar("e2", "c1"), vector=np.stack([unit(1, 2), unit(2, 1)])),
    exemplar("e3", "c1", positive=False),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gallery.nacre"
    write_gallery(path, SECRET, [MUM], VIEWS)
    return path


def test_what_was_written_is_read(file: Path) -> None:
    concepts, exemplars = read_gallery(file, SECRET)
    assert [(c.name, c.kind, c.aliases) for c in concepts] == [("Mum", "person", ("Mama",))]
    assert [(e.id, e.positive, e.vector.shape) for e in exemplars] == [
        ("e1", True, (3,)),
        ("e2", True, (2, 2)),
        ("e3", False, (3,)),
    ]
    np.testing.assert_array_equal(exemplars[0].crop, VIEWS[0].crop)
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Mum" not in file.read_bytes()
    assert list(file.parent.iterdir()) == [file]


def test_another_passphrase_opens_nothing(file: Path) -> None:
    with pytest.raises(ConceptError, match="passphrase"):
        read_gallery(file, SECRET + "!")
    with pytest.raises(ConceptError, match="at least 8"):
        read_gallery(file, "short")


def test_a_file_that_is_there_is_not_written_over(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(ConceptError, match="already"):
        write_gallery(file, SECRET, [], [])
    assert file.read_bytes() == before


def test_damage_and_size(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    broken = tmp_path / "broken"
    broken.write_bytes(data)
    (tmp_path / "noise").write_bytes(b"\1" * 9000)
    for path in (broken, tmp_path / "noise", tmp_path / "missing", tmp_path):
        with pytest.raises(ConceptError, match="Nothing was changed"):
            read_gallery(path, SECRET)
    monkeypatch.setattr(exchange, "FILE_BYTES_MAX", 1000)
    with pytest.raises(ConceptError, match="larger than"):
        read_gallery(file, SECRET)


POISON: dict[str, Callable[[Any], object]] = {
    "table": lambda d: d.execute("CREATE TABLE more (x)"),
    "view": lambda d: d.execute("CREATE VIEW v AS SELECT 1"),
    "trigger": lambda d: d.execute("CREATE TRIGGER t INSERT ON about BEGIN SELECT 1; END"),
    "version": lambda d: d.execute("UPDATE about SET format = 'nacre gallery 9'"),
    "kind": lambda d: d.execute("UPDATE concepts SET kind = 'god'"),
    "name": lambda d: d.execute("UPDATE concepts SET name = ?", ("x" * 10_000,)),
    "control": lambda d: d.execute("UPDATE concepts SET name = ?", ("a\n../../etc/passwd",)),
    "number": lambda d: d.execute("UPDATE concepts SET name = 7"),
    "aliases": lambda d: d.execute("UPDATE concepts SET aliases = '{'"),
    "double": lambda d: d.execute("UPDATE concepts SET aliases = '[\"mum\"]'"),
    "owner": lambda d: d.execute("UPDATE exemplars SET concept = 'other'"),
    "vector": lambda d: d.execute("UPDATE exemplars SET vector = ?", (b"\xff" * 12,)),
    "odd": lambda d: d.execute("UPDATE exemplars SET vector = ?", (b"\1" * 7,)),
    "empty": lambda d: d.execute("UPDATE exemplars SET vector = NULL"),
    "huge": lambda d: d.execute("UPDATE exemplars SET vector = zeroblob(1000000)"),
    "crop": lambda d: d.execute("UPDATE exemplars SET crop = x'00'"),
    "parts": lambda d: d.execute("UPDATE exemplars SET parts = -1"),
}


@pytest.mark.parametrize("kind", POISON)
def test_a_poisoned_file_is_refused_whole(file: Path, kind: str) -> None:
    database = exchange._open(file, SECRET)  # pyright: ignore[reportPrivateUsage]
    POISON[kind](database)
    database.close()
    with pytest.raises(ConceptError, match="othing was changed"):
        read_gallery(file, SECRET)
