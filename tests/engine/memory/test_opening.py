"""Opening: private files, one writer, and nothing overwritten when it cannot be opened."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.effects import Persist
from engine.errors import StoreError, StoreFull, StoreLocked
from engine.memory.database import DATABASE_FILE
from engine.memory.migrations import MIGRATIONS, migrate
from engine.memory.opening import open_archive, open_memory
from tests.fakes.facts import clip, picture, run, sighting, words
from tests.fakes.keyring import MemoryKeyring


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


def _write(folder: Path, keyring: MemoryKeyring) -> None:
    memory = open_memory(folder, keyring=keyring)
    memory.store.apply([Persist(fact=run()), Persist(fact=sighting("r1", 1, 2))])
    memory.close()


def test_the_files_are_private(tmp_path: Path, keyring: MemoryKeyring) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    memory = open_memory(folder, keyring=keyring)
    memory.store.apply([Persist(fact=run())])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {DATABASE_FILE, DATABASE_FILE + "-wal", DATABASE_FILE + "-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}
    memory.close()


def test_nothing_in_the_file_is_plain(tmp_path: Path, keyring: MemoryKeyring) -> None:
    memory = open_memory(tmp_path / "data", keyring=keyring)
    memory.store.apply([Persist(fact=words("r1", "a very secret sentence"))])
    for path in (tmp_path / "data").iterdir():
        assert b"secret" not in path.read_bytes()
        assert b"SQLite format" not in path.read_bytes()
    memory.close()


def test_a_second_writer_is_refused_and_a_reader_is_not(
    tmp_path: Path, keyring: MemoryKeyring
) -> None:
    memory = open_memory(tmp_path, keyring=keyring)
    with pytest.raises(StoreLocked, match="Another Nacre"):
        open_memory(tmp_path, keyring=keyring)
    memory.store.apply([Persist(fact=sighting("r1", 1, 2))])
    reader = open_archive(tmp_path, keyring=keyring)
    assert len(reader.sightings()) == 1
    memory.store.apply([Persist(fact=sighting("r1", 3, 4))])
    assert len(reader.sightings()) == 2
    reader.close()
    memory.close()
    memory.close()
    open_memory(tmp_path, keyring=keyring).close()


def test_a_reader_cannot_write(tmp_path: Path, keyring: MemoryKeyring) -> None:
    memory = open_memory(tmp_path, keyring=keyring)
    with (
        pytest.raises(StoreError),
        memory.archive._pool.reader() as database,  # pyright: ignore[reportPrivateUsage]
    ):
        database.run("DELETE FROM runs")
    memory.close()
    with pytest.raises(StoreError, match="closed"):
        memory.archive.sightings()


def test_there_is_nothing_to_read_yet(tmp_path: Path, keyring: MemoryKeyring) -> None:
    with pytest.raises(StoreError):
        open_archive(tmp_path, keyring=keyring)


@pytest.mark.parametrize("damage", ["wrong key", "text file", "short file", "torn page", "cut"])
def test_a_file_that_cannot_be_read_is_left_as_it_is(
    tmp_path: Path, keyring: MemoryKeyring, damage: str
) -> None:
    _write(tmp_path, keyring)
    path = tmp_path / DATABASE_FILE
    content = bytearray(path.read_bytes())
    if damage == "wrong key":
        for entry in keyring.passwords:
            keyring.passwords[entry] = "00" * 32
    if damage == "text file":
        content = bytearray(b"Dear diary, " * 2000)
    if damage == "short file":
        content = content[:100]
    if damage == "torn page":
        content[4096 + 50] ^= 255
        content[50] ^= 255
    if damage == "cut":
        content = content[:5000]
    path.write_bytes(bytes(content))
    with pytest.raises(StoreError, match="left as it is"):
        open_memory(tmp_path, keyring=keyring)
    assert path.read_bytes() == bytes(content)


def test_integrity_is_checked_page_by_page(tmp_path: Path, keyring: MemoryKeyring) -> None:
    memory = open_memory(tmp_path, keyring=keyring)
    memory.store.apply([Persist(fact=clip("r1", 0, 3, picture(height=600, width=800)))])
    assert memory.store.check_integrity() == ()
    memory.close()
    path = tmp_path / DATABASE_FILE
    content = bytearray(path.read_bytes())
    content[-2000] ^= 255
    path.write_bytes(bytes(content))
    memory = open_memory(tmp_path, keyring=keyring)
    assert memory.store.check_integrity() != ()
    memory.close()


def test_a_newer_memory_is_refused(tmp_path: Path, keyring: MemoryKeyring) -> None:
    memory = open_memory(tmp_path, keyring=keyring)
    database = memory.store._database  # pyright: ignore[reportPrivateUsage]
    migrate(database, (*MIGRATIONS, ("CREATE TABLE more (x)",)))
    memory.close()
    with pytest.raises(StoreError, match="newer Nacre"):
        open_memory(tmp_path, keyring=keyring)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, keyring: MemoryKeyring) -> None:
    memory = open_memory(tmp_path, keyring=keyring)
    database = memory.store._database  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(StoreError):
        migrate(database, (*MIGRATIONS, ("CREATE TABLE more (x)", "CREATE NONSENSE")))
    assert database.row("SELECT 1 FROM sqlite_schema WHERE name = 'more'") is None
    memory.close()
    open_memory(tmp_path, keyring=keyring).close()


def test_runs_of_a_killed_process_end_where_they_were_last_heard_of(
    tmp_path: Path, keyring: MemoryKeyring
) -> None:
    memory = open_memory(tmp_path, keyring=keyring)
    memory.store.apply([Persist(fact=run()), Persist(fact=sighting("r1", 4))])
    memory.close()
    memory = open_memory(tmp_path, keyring=keyring)
    (stretch,) = memory.archive.watched()
    assert stretch.span.seconds == 4
    memory.close()
    again = open_memory(tmp_path, keyring=keyring)
    assert again.archive.stats().facts == 3
    again.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this account may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_is_over_when_there_is_room(
    small_disk: Path, keyring: MemoryKeyring
) -> None:
    folder = small_disk / "data"
    memory = open_memory(folder, keyring=keyring)
    memory.store.apply([Persist(fact=words("r1", "kept before"))])
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * (os.statvfs(small_disk).f_bavail * 4096 - 200_000))
    big = [Persist(fact=words("r1", f"{number} " + "long text " * 2000)) for number in range(40)]
    with pytest.raises(StoreFull, match="disk is full"):
        memory.store.apply(big)
    assert len(memory.archive.search("kept")) == 1
    assert memory.archive.search("long") == ()
    ballast.unlink()
    memory.store.apply([Persist(fact=words("r1", "kept after"))])
    assert len(memory.archive.search("kept")) == 2
    assert memory.store.check_integrity() == ()
    memory.close()


def test_a_read_only_disk_is_told(small_disk: Path, keyring: MemoryKeyring) -> None:
    folder = small_disk / "data"
    _write(folder, keyring)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreError, match="cannot be"):
        open_memory(folder, keyring=keyring)
    with pytest.raises(StoreError, match="cannot be"):
        open_memory(small_disk / "other", keyring=keyring)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
