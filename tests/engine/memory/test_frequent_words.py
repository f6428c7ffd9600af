"""Search among very many passages: what nearly everything has is ranked among the newest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.effects import Persist
from engine.facts import Query
from engine.memory.opening import Memory, open_memory
from tests.fakes.facts import run, span, words
from tests.fakes.keyring import MemoryKeyring

MANY = 5
RANKED = 2 * MANY
"""As many as a search looks through for `MANY` that differ."""


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    monkeypatch.setattr("engine.memory.search.RANKED_NEWEST", RANKED)
    opened = open_memory(tmp_path, keyring=MemoryKeyring())
    facts = [words("r1", "file edit sleepbag", 1, 2), words("r1", "file edit tent", 3, 4)]
    facts += [words("r1", f"file edit view {n}", 10 + n, 11 + n) for n in range(4 * MANY)]
    opened.store.apply([Persist(fact=run(kind="recording")), *(Persist(fact=f) for f in facts)])
    yield opened
    opened.close()


def test_a_frequent_word_finds_the_newest(memory: Memory) -> None:
    found = memory.archive.search("file", limit=MANY)
    assert len(found) == MANY
    assert min(p.span.start for p in found) >= span(10 + 4 * MANY - RANKED - 1, 99).start


def test_as_many_are_found_as_there_are(memory: Memory) -> None:
    assert len(memory.archive.search("file", limit=100)) == 4 * MANY + 2


def test_a_rare_word_is_found_among_frequent_ones_however_old(memory: Memory) -> None:
    first = memory.archive.search("where is the file of the sleepbag")[0]
    assert first.text == "file edit sleepbag"


def test_frequent_words_alone_still_find_something(memory: Memory) -> None:
    assert memory.archive.search("file absent", limit=3)


def test_a_frequent_word_is_found_inside_bounds(memory: Memory) -> None:
    query = Query(intent="search", question="file", words="file", pts=span(0, 4))
    found = memory.archive.recall(query).passages
    assert [p.text for p in found] == ["file edit sleepbag", "file edit tent"]
