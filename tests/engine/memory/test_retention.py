"""The budget: old pictures go first, then old facts; the gallery stays."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.config import RetentionConfig
from engine.effects import Persist, PersistConcept, PersistConsent
from engine.facts import Observation
from engine.media import Image, nanoseconds
from engine.memory.opening import Memory, open_memory
from engine.memory.retention import used_bytes
from tests.fakes.facts import clip, concept, exemplar, run, sighting, span, state, wall, words
from tests.fakes.keyring import MemoryKeyring

DAY = 86_400


def noise(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (200, 300, 3), np.uint8)


def opened(folder: Path, **budget: float) -> Memory:
    memory = open_memory(
        folder,
        keyring=MemoryKeyring(),
        retention=lambda: RetentionConfig(**budget),  # pyright: ignore[reportArgumentType]
    )
    memory.store.apply(
        [
            PersistConcept(concept=concept(), added=(exemplar(),)),
            PersistConsent(key="camera:0"),
            Persist(fact=run()),
            Persist(fact=state("r1", 0, "open")),
        ]
    )
    return memory


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Memory]:
    """A memory with a budget of 2 MB, and 60 clips with noisy pictures in it."""
    memory = opened(tmp_path, max_bytes=2_000_000, max_days=30)
    for number in range(60):
        memory.store.apply([Persist(fact=clip("r1", number * 10, number * 10 + 5, noise(number)))])
    yield memory
    memory.close()


def _used(memory: Memory) -> int:
    return used_bytes(memory.store._database)  # pyright: ignore[reportPrivateUsage]


def test_the_oldest_pictures_go_first(small: Memory) -> None:
    before = small.archive.stats().bytes
    assert _used(small) > 2_000_000
    small.store.enforce_retention(wall(700))
    assert _used(small) <= 2_000_000
    assert small.archive.stats().bytes < before
    assert len(small.archive.clips()) == 60
    newest = small.archive.picture("r1", nanoseconds(590))
    assert newest is not None
    assert float(np.abs(newest.astype(int) - noise(59)).mean()) < 60
    assert small.archive.clips()[0].key_frames == ()
    assert small.archive.clips()[-1].key_frames == (nanoseconds(590),)
    assert small.archive.crop("e1") is not None


def test_within_the_budget_nothing_goes(tmp_path: Path) -> None:
    memory = opened(tmp_path, max_bytes=10_000_000, max_days=30)
    memory.store.apply([Persist(fact=clip("r1", 0, 5, noise(1)))])
    before = memory.archive.stats()
    memory.store.enforce_retention(wall(700))
    assert memory.archive.stats().facts == before.facts
    assert memory.archive.picture("r1", 0) is not None
    memory.close()


def test_a_smaller_budget_holds_without_opening_again(tmp_path: Path) -> None:
    budget = [RetentionConfig()]
    memory = open_memory(tmp_path, keyring=MemoryKeyring(), retention=lambda: budget[0])
    memory.store.apply([Persist(fact=run()), Persist(fact=clip("r1", 0, 5, noise(1)))])
    memory.store.enforce_retention(wall(700))
    assert memory.archive.picture("r1", 0) is not None
    budget[0] = RetentionConfig(max_days=500 / DAY)
    memory.store.enforce_retention(wall(700))
    assert memory.archive.picture("r1", 0) is None
    memory.close()


def test_old_facts_go(tmp_path: Path) -> None:
    memory = opened(tmp_path, max_days=2)
    memory.store.apply(
        [
            Persist(fact=sighting("r1", 10, 20)),
            Persist(fact=words("r1", "yesterday's news", 10, 20)),
            Persist(fact=Observation(run="r1", span=span(10, 20), at=wall(20), text="Old news.")),
            Persist(fact=clip("r1", 10, 15, noise(1))),
            Persist(fact=run("r2", opened=3 * DAY)),
            Persist(fact=sighting("r2", 0, 5, opened=3 * DAY)),
            Persist(fact=words("r2", "today's news", 0, 5, opened=3 * DAY)),
        ]
    )
    memory.store.enforce_retention(wall(3 * DAY))
    archive = memory.archive
    assert [seen.run for seen in archive.sightings()] == ["r2"]
    assert [hit.text for hit in archive.search("news")] == ["today's news"]
    assert archive.clips() == ()
    assert archive.picture("r1", 0) is None
    assert [part.run for part in archive.watched()] == ["r2"]
    assert len(archive.gallery()) == len(archive.consents()) == 1
    memory.close()


def test_when_there_are_no_pictures_the_oldest_facts_go(tmp_path: Path) -> None:
    memory = opened(tmp_path, max_bytes=740_000)
    for number in range(2000):
        memory.store.apply(
            [Persist(fact=words("r1", f"line {number} " + "words " * 40, number, number + 1))]
        )
    memory.store.enforce_retention(wall(3000))
    assert _used(memory) <= 740_000
    assert memory.archive.search("1999") != ()
    assert memory.archive.search("line 3") != memory.archive.search("line 1999")
    assert 0 < memory.archive.stats().facts < 2000
    memory.close()


def test_a_budget_that_cannot_be_met_ends(tmp_path: Path) -> None:
    memory = opened(tmp_path, max_bytes=1)
    memory.store.apply([Persist(fact=sighting("r1", 1, 2))])
    memory.store.enforce_retention(wall(3))
    assert memory.archive.sightings() == ()
    assert len(memory.archive.gallery()) == 1
    memory.close()
