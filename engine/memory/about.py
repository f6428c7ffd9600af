"""Captions about a concept that a question names: those that have its name, and those that fit what
it is known by, which may have been written before it had a name."""

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.errors import ModelError
from engine.facts import Known, Query
from engine.memory.database import Database, Row
from engine.memory.search import Bounds, MeaningIndex, find_words

CAPTIONS = ("observation",)
ENOUGH_SHARED = 4
"""So many words of a description (all, if it has fewer) must stand in a caption that fits it,"""
ALIKE = 0.55
"""or so near must the question be to it in meaning, the description in the place of the name."""
_TEXT = 5
_EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "with",
        "and",
        "of",
        "in",
        "on",
        "at",
        "to",
        "has",
        "have",
        "is",
        "are",
        "its",
        "his",
        "her",
        "their",
        "very",
    ]
)


def by_name(database: Database, query: Query, bounds: Bounds, limit: int) -> list[Row]:
    """Rows of captions in which a name or alias stands, the best first."""
    bounds = replace(bounds, kinds=CAPTIONS)
    found: dict[int, Row] = {}
    for name in (name for known in query.known for name in known.names):
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.I)
        rows = find_words(database, name, bounds, limit)
        found |= {row[0]: row for row in rows if whole.search(row[_TEXT])}
    return list(found.values())


def by_traits(
    database: Database, query: Query, bounds: Bounds, limit: int, index: MeaningIndex | None
) -> list[tuple[Row, str]]:
    """(row, whose description it fits) of captions, the best first."""
    bounds = replace(bounds, kinds=CAPTIONS)
    found: dict[int, tuple[Row, str]] = {}
    for known in query.known:
        if not known.description:
            continue
        rows = [
            row
            for row in find_words(database, known.description, bounds, limit)
            if _fits(known.description, row[_TEXT])
        ]
        if index is not None:
            text = _reworded(query.question, known)
            rows += _in_meaning(index, database, text, bounds, limit)
        found |= {row[0]: (row, known.names[0]) for row in rows if row[0] not in found}
    return list(found.values())


def _in_meaning(
    index: MeaningIndex, database: Database, text: str, bounds: Bounds, limit: int
) -> list[Row]:
    try:
        return index.find(database, text, bounds, limit, floor=ALIKE)
    except ModelError:
        return []  # The words alone still find what has them.


def _reworded(question: str, known: Known) -> str:
    """The question with the description in the place of the name."""
    names = sorted(known.names, key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda _: known.description, question, flags=re.I)


def _fits(description: str, text: str) -> bool:
    wanted = _words(description)
    return 0 < min(len(wanted), ENOUGH_SHARED) <= len(wanted & _words(text))


def _words(text: str) -> frozenset[str]:
    words: Sequence[str] = re.findall(r"[^\W_]+", text.casefold())
    return frozenset(word.removesuffix("s") for word in words if word not in _EMPTY)
