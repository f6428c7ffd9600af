"""Forgetting somebody takes the pictures of every time when they were there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.effects import EraseConcept, Persist, PersistConcept
from engine.facts import Fact
from engine.memory.opening import Memory, open_memory
from tests.fakes.facts import clip, concept, exemplar, picture, run, sighting
from tests.fakes.keyring import MemoryKeyring

FACTS: tuple[Fact, ...] = (
    run("r1"),
    run("r2"),
    clip("r1", 0, 8, picture(10)),
    sighting("r1", 10, concept="c1"),
    clip("r1", 8, 16, picture(20), picture(21), picture(22)),
    sighting("r1", 10, 20, concept="c1"),
    clip("r1", 24, 32, picture(40)),
    clip("r2", 0, 8, picture(50)),
    sighting("r2", 10, concept="c1"),
    clip("r2", 12, 20, picture(60)),
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    memory = open_memory(tmp_path, keyring=MemoryKeyring())
    memory.store.apply(
        [
            PersistConcept(concept=concept(), added=(exemplar(),)),
            *(Persist(fact=fact) for fact in FACTS),
        ]
    )
    yield memory
    memory.close()


def greys(memory: Memory, run: str) -> set[int]:
    """What the kept pictures of a run look like."""
    kept: set[int] = set()
    for entry in memory.archive.clips(run=run):
        for pts in entry.key_frames:
            image = memory.archive.picture(run, pts)
            if image is not None:
                kept.add(round(float(image.mean())))
    return kept


def test_pictures_of_the_times_when_they_were_there_go(memory: Memory) -> None:
    assert greys(memory, "r1") == {10, 20, 21, 22, 40}
    memory.store.apply([EraseConcept(concept="c1", names=("Mum",))])
    # The clip from 8 to 16 s has pictures of 8, 9 and 10 s; the visit began at 10.
    assert greys(memory, "r1") == {10, 20, 21, 40}


def test_a_coming_without_a_going_lasts_to_the_end_of_the_run(memory: Memory) -> None:
    assert greys(memory, "r2") == {50, 60}
    memory.store.apply([EraseConcept(concept="c1", names=("Mum",))])
    assert greys(memory, "r2") == {50}


def test_what_was_made_of_those_pictures_goes_too(memory: Memory) -> None:
    memory.store.apply([EraseConcept(concept="c1", names=("Mum",))])
    rows = memory.store._database.rows(
        "SELECT run, started / 1000000000, vector IS NULL, embedder IS NULL FROM clips"
    )
    assert sorted(rows) == [
        ("r1", 0, 0, 0),
        ("r1", 8, 1, 1),
        ("r1", 24, 0, 0),
        ("r2", 0, 0, 0),
        ("r2", 12, 1, 1),
    ]
