"""Captions that a question about somebody brings: by name, and by what they are known by."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.effects import Persist
from engine.facts import Known, Observation, Passage, Query
from engine.memory.opening import Memory, open_memory
from tests.engine.memory.test_search import TopicEmbedder
from tests.fakes.facts import run, span, wall, words
from tests.fakes.keyring import MemoryKeyring

MOMO = Known(names=("Momo", "Mo"), description="small grey cat with white paws")
CAPTIONS = (
    "A small grey cat with white paws sleeps on the sofa",
    "A brown dog eats from a bowl",
    "Momo jumps on the table",
    "Mo looks out of the window",
    "A mother reads; most of the room is dark",
    "The walls are grey and the paws of the table are white",
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    opened = open_memory(tmp_path, keyring=MemoryKeyring())
    opened.store.apply([Persist(fact=run())])
    opened.store.apply(
        [
            Persist(fact=Observation(run="r1", span=span(n, n + 1), at=wall(n + 1), text=text))
            for n, text in enumerate(CAPTIONS)
        ]
    )
    yield opened
    opened.close()


def asked(memory: Memory, *known: Known, question: str = "What did Momo do?") -> list[Passage]:
    query = Query(
        intent="search", question=question, concepts=("c1",), subject="concept", known=known
    )
    return list(memory.archive.recall(query).passages)


def test_captions_with_a_name_or_an_alias_are_found(memory: Memory) -> None:
    found = asked(memory, Known(names=("Momo", "Mo")))
    assert [one.text for one in found] == [CAPTIONS[2], CAPTIONS[3]]
    assert not any(one.fits for one in found)


def test_captions_written_before_the_name_are_found_by_the_description(memory: Memory) -> None:
    found = asked(memory, MOMO)
    assert [(one.text, one.fits) for one in found] == [
        (CAPTIONS[0], "Momo"),
        (CAPTIONS[2], ""),
        (CAPTIONS[3], ""),
    ]


def test_the_question_is_looked_up_with_the_description_in_the_place_of_the_name(
    tmp_path: Path,
) -> None:
    opened = open_memory(tmp_path, keyring=MemoryKeyring(), embedder=TopicEmbedder())
    told = ("lunch food", "the wheel of a car")
    opened.store.apply([Persist(fact=run()), Persist(fact=words("r1", "pizza", 30, 31))])
    opened.store.apply(
        [
            Persist(fact=Observation(run="r1", span=span(n, n + 1), at=wall(n + 1), text=text))
            for n, text in enumerate(told)
        ]
    )
    cook = Known(names=("Ada",), description="meal dinner")
    found = asked(opened, cook, question="What did Ada do?")
    opened.close()
    assert [(one.text, one.fits, one.kind) for one in found] == [
        ("lunch food", "Ada", "observation")
    ]


def test_nothing_is_looked_up_for_whom_nothing_is_told(memory: Memory) -> None:
    assert asked(memory) == []
    assert asked(memory, Known(names=("Ada",))) == []
