"""Search: words, meaning, both together; and what the user types is never syntax."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.effects import EraseScope, Persist
from engine.errors import ModelIncompatible
from engine.facts import Query, Scope
from engine.memory.opening import Memory, open_memory
from engine.memory.search import fuse, match_expression
from tests.fakes.facts import answer, evidence, remark, run, span, wall_span, words
from tests.fakes.keyring import MemoryKeyring

TOPICS = ("meal lunch dinner food pizza", "car engine wheel road", "doctor dentist pain")


class TopicEmbedder:
    """Texts are near when they are about the same topic; those about none are near nothing."""

    name = "topics"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = False

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if self.broken:
            raise ModelIncompatible("broken")
        self.asked += texts
        rows = np.zeros((len(texts), len(TOPICS) + 1), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place, topic in enumerate(TOPICS):
                row[place] = sum(word in topic.split() for word in text.lower().split())
            row[-1] = 0 if row.any() else 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def embedder() -> TopicEmbedder:
    return TopicEmbedder()


@pytest.fixture
def memory(tmp_path: Path, embedder: TopicEmbedder) -> Iterator[Memory]:
    opened = open_memory(tmp_path, keyring=MemoryKeyring(), embedder=embedder)
    opened.store.apply(
        [
            Persist(fact=run()),
            Persist(fact=words("r1", "pizza at seven", 1, 2)),
            Persist(fact=words("r1", "the wheel is loose", 3, 4)),
            Persist(fact=words("r1", "nothing to see", 5, 6)),
        ]
    )
    yield opened
    opened.close()


def asked(memory: Memory, text: str, **given: object) -> list[str]:
    query = Query(intent="search", question=text, words=text, **given)  # pyright: ignore[reportArgumentType]
    return [passage.text for passage in memory.archive.recall(query).passages]


def test_meaning_finds_what_shares_no_word(memory: Memory) -> None:
    assert asked(memory, "dinner") == ["pizza at seven"]
    assert asked(memory, "giraffe") == ["nothing to see"]
    assert asked(memory, "doctor") == []
    assert memory.archive.search("dinner") == ()


def test_what_is_added_and_deleted_later_is_known(memory: Memory) -> None:
    assert asked(memory, "dinner") == ["pizza at seven"]
    memory.store.apply([Persist(fact=words("r1", "lunch box", 8, 9))])
    assert asked(memory, "dinner") == ["pizza at seven", "lunch box"]
    memory.store.apply([EraseScope(ref="", scope=Scope(at=wall_span(1, 2)))])
    assert asked(memory, "dinner") == ["lunch box"]


def test_meaning_stays_inside_the_bounds(memory: Memory) -> None:
    assert asked(memory, "dinner", at=wall_span(3, 9)) == []


def test_both_rankings_together(memory: Memory) -> None:
    memory.store.apply([Persist(fact=words("r1", "dinner talk", 8, 9))])
    query = Query(intent="search", question="", words="dinner")
    passages = memory.archive.recall(query).passages
    assert [passage.text for passage in passages] == ["pizza at seven", "dinner talk"]
    assert passages[1].score > passages[0].score


def test_an_embedder_that_breaks_leaves_the_words(memory: Memory, embedder: TopicEmbedder) -> None:
    embedder.broken = True
    memory.store.apply([Persist(fact=words("r1", "a late dinner", 8, 9))])
    assert asked(memory, "dinner") == ["a late dinner"]


def test_passages_from_before_the_embedder_are_embedded_later(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    memory = open_memory(tmp_path, keyring=keyring)
    memory.store.apply([Persist(fact=words("r1", f"pizza number {n}", n, n)) for n in range(70)])
    memory.close()
    embedder = TopicEmbedder()
    memory = open_memory(tmp_path, keyring=keyring, embedder=embedder)
    for _ in range(4):
        memory.store.apply([])
    assert len(embedder.asked) == 70
    assert len(asked(memory, "lunch", limit=100)) == 70
    memory.close()


def test_an_answer_that_found_nothing_is_not_found_again(memory: Memory) -> None:
    memory.store.apply(
        [
            Persist(fact=answer("I know nothing of unicorns", 5)),
            Persist(fact=answer("The zebra came at two", 5, evidence("r1", 1, 2))),
        ]
    )
    assert memory.archive.search("unicorns") == ()
    assert [hit.kind for hit in memory.archive.search("zebra")] == ["answer"]


def test_all_the_words_come_before_some(memory: Memory) -> None:
    memory.store.apply(
        [
            Persist(fact=words("r1", "wheel " * 9, 7, 8)),
            Persist(fact=words("r1", "a wheel, and far behind it the chair", 8, 9)),
        ]
    )
    found = [hit.text for hit in memory.archive.search("chair wheel")]
    assert found[0] == "a wheel, and far behind it the chair"
    assert len(found) == 3
    assert len(memory.archive.search("chair wheel", limit=1)) == 1
    assert memory.archive.search("wheel", limit=0) == ()


@pytest.mark.parametrize(
    ("text", "asked_for"),
    [
        ("The dentists were calling", "dentist call"),
        ("Café Größe", "cafe grosse größe"),
        ("明日は雨です", "雨"),
        ("party 🎉 tonight", "🎉"),
        ("مرحبا بالعالم", "بالعالم"),
        ("Mum's car", "mum's"),
        ("it is mums", "MUMS"),
    ],
)
def test_words_of_any_script_are_found(memory: Memory, text: str, asked_for: str) -> None:
    memory.store.apply([Persist(fact=words("r1", text, 7, 8))])
    assert text in [hit.text for hit in memory.archive.search(asked_for)]


def test_screen_text_is_listed_by_time_without_words(memory: Memory) -> None:
    memory.store.apply([Persist(fact=remark("Mum came", "r1", 3.5, evidence("r1", 3, 4)))])
    query = Query(intent="screen_text", question="", at=wall_span(2.5, 9))
    passages = memory.archive.recall(query).passages
    assert [(hit.text, hit.span) for hit in passages] == [
        ("the wheel is loose", span(3, 4)),
        ("nothing to see", span(5, 6)),
    ]
    happened = Query(intent="what_happened", question="", at=wall_span(2.5, 4.5))
    assert [hit.kind for hit in memory.archive.recall(happened).passages] == ["text", "remark"]


def test_the_expression_quotes_everything() -> None:
    assert match_expression('say "hi" OR (x)', "AND") == '"say" AND """hi""" AND "OR" AND "(x)"'
    assert match_expression("  🙂 -- * ", "OR") == ""


def test_fusing() -> None:
    first, second, third = (1,), (2,), (3,)
    fused = fuse([[first, second], [second, third]])
    assert [row for row, _ in fused] == [second, first, third]
    assert fuse([[first]]) == [(first, 1.0)]
    assert fuse([]) == []
