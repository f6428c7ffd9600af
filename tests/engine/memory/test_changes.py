"""Undo on the real database: byte for byte, and over restarts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.effects import (
    EraseConcept,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistMerge,
    UndoChange,
)
from engine.facts import GalleryChange, Retelling
from engine.memory.changes import KEPT
from engine.memory.opening import Memory, open_memory
from tests.contract.test_store_contract import CHANGES, alert, change
from tests.fakes.facts import concept, exemplar, run, sighting, wall
from tests.fakes.keyring import MemoryKeyring

TABLES = ("concepts", "exemplars", "alerts", "sightings")


class Home:
    """A memory that is closed and opened again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keyring = MemoryKeyring()
        self.memory: Memory = open_memory(folder, keyring=self.keyring)

    def restart(self) -> None:
        self.memory.close()
        self.memory = open_memory(self.folder, keyring=self.keyring)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every byte of every row of the gallery, and of what was seen of it."""
        with self.memory.archive._reader() as database:  # pyright: ignore[reportPrivateUsage]
            return {t: database.rows(f"SELECT * FROM {t} ORDER BY 1") for t in TABLES}

    def apply(self, *effects: Any) -> None:
        self.memory.store.apply(list(effects))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "data")
    home.apply(
        PersistConcept(
            concept=concept("Mama", "c2"), added=(exemplar("e2", "c2"), exemplar("e3", "c2"))
        ),
        PersistConcept(concept=concept("Mum", "c1"), added=(exemplar("e1", "c1"),)),
        PersistAlert(alert=alert(concept="c2")),
        Persist(fact=run()),
        Persist(fact=sighting("r1", 1, 5, concept="c1")),
        Persist(fact=sighting("r1", 4, 9, concept="c2", track=2)),
    )
    yield home
    home.memory.close()


@pytest.mark.parametrize("kind", CHANGES)
def test_undo_after_a_restart_restores_every_byte(home: Home, kind: str) -> None:
    before = home.rows()
    home.apply(CHANGES[kind])
    after = home.rows()
    assert after != before
    home.restart()
    assert home.rows() == after
    home.apply(UndoChange(ref="r", change="x"))
    assert home.rows() == before
    home.restart()
    assert home.rows() == before
    assert home.memory.archive.changes() == ()


def test_all_of_them_undone_one_after_the_other(home: Home) -> None:
    states: list[dict[str, list[tuple[Any, ...]]]] = []
    effects: list[Any] = [
        PersistConcept(
            concept=concept("Dad", "c3"), added=(exemplar("e4", "c3"),), change=change("t")
        ),
        PersistConcept(
            concept=concept("Mama", "c2"),
            added=(exemplar("e5", "c2", positive=False),),
            retelling=Retelling(was="c2", concept=None, kind="person", run="r1", track=2),
            change=change("n"),
        ),
        PersistMerge(
            source="c3", target=concept("Mum", "c1", aliases=("Dad",)), change=change("m")
        ),
        PersistConcept(concept=concept("Eve", "c4"), moved=("e4",), change=change("s", heir="c1")),
        PersistMerge(source="c2", target=concept("Eve", "c4"), change=change("m2")),
    ]
    for effect in effects:
        states.append(home.rows())
        home.apply(effect)
        home.restart()
    for effect, before in zip(reversed(effects), reversed(states), strict=True):
        home.apply(UndoChange(ref="r", change=effect.change.id))
        home.restart()
        assert home.rows() == before


def test_only_the_newest_are_kept(home: Home) -> None:
    for number in range(KEPT + 5):
        told = GalleryChange(
            id=f"x{number}", at=wall(0), kind="renamed", concept="c1", words=f"To {number}."
        )
        home.apply(PersistConcept(concept=concept(f"Mum {number}", "c1"), change=told))
    kept = home.memory.archive.changes()
    assert (len(kept), kept[0].id) == (KEPT, "x5")


def test_no_change_tells_of_a_forgotten_name(home: Home) -> None:
    home.apply(
        PersistConcept(
            concept=concept("Zoroastra", "c2"),
            change=GalleryChange(
                id="x", at=0, kind="renamed", concept="c2", words="“Mama” was renamed “Zoroastra”."
            ),
        )
    )
    home.apply(EraseConcept(concept="c2", names=("Zoroastra", "Mama")))
    with home.memory.archive._reader() as database:  # pyright: ignore[reportPrivateUsage]
        assert database.rows("SELECT * FROM changes") == []
        assert database.rows("SELECT * FROM change_rows") == []


def test_what_recognising_needs_is_read_without_the_pixels(home: Home):
    whole, lean = home.memory.archive.exemplars(), home.memory.archive.vectors()
    assert [(e.id, e.concept, e.positive, e.at) for e in lean] == [
        (e.id, e.concept, e.positive, e.at) for e in whole
    ]
    for one, other in zip(lean, whole, strict=True):
        assert not one.crop.size
        assert one.vector.tobytes() == other.vector.tobytes()
