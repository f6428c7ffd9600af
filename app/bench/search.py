"""`search_p95_ms`: how long a search takes among 100,000 stored facts.

A real encrypted memory is filled with lines read on a screen. Their words are drawn as in a natural
language (Zipf's law), and the searches are drawn from what was stored, so that frequent words are
searched for frequently. `recall_p95_ms` is the same for what a question looks up, which also
compares meanings where the text model is installed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from app.bench.curves import draw
from app.bench.home import borrowed_home
from app.bench.lines import line
from app.eyesight import text_embedder
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.effects import Persist
from engine.facts import Query, Run, ScreenText
from engine.media import Box, Span, nanoseconds
from engine.memory.opening import open_archive, open_memory
from engine.ports.seeing import TextEmbedder

FACTS = 100_000
WORDS, WORDS_A_LINE = 12_000, 8
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ter",
    "san",
    "ve",
    "ru",
    "pol",
    "ni",
    "da",
    "gre",
    "ti",
    "mo",
    "shu",
)
SEARCHES, QUICK_SEARCHES = 600, 120
BATCH, BATCH_WITH_VECTORS = 2000, 32
"""The store embeds 32 texts after each batch."""
LENGTH = 384
GOALS = (Goal(metric="search_p95_ms", relation="<", goal=50),)


class Drawn:
    """Vectors drawn at random under the name of the real embedder: comparing them costs the same,
    and embedding 100,000 texts would take many minutes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._random = np.random.default_rng(3)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        drawn = self._random.standard_normal((len(texts), LENGTH)).astype(np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Times:
    """How long every search took, and how much was found."""

    ms: npt.NDArray[np.float64]
    found: npt.NDArray[np.int64]

    @property
    def p95(self) -> float:
        return float(np.percentile(self.ms, 95))


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """Searches of one to three words. When `quick`, fewer of them, and no meanings are compared:
    storing their vectors takes too long."""
    count = QUICK_SEARCHES if quick else SEARCHES
    embedder = None if quick else text_embedder(open_shelf(paths))
    lines = _lines()
    texts = _searches(lines, count)
    with borrowed_home(paths) as home:
        stored = _fill(home.data, lines, embedder)
        archive = open_archive(home.data, embedder=embedder)
        try:
            searched = _timed(texts, lambda text: len(archive.search(text)))
            archive.recall(_query(texts[0]))  # the vectors are read by the first question
            asked = _timed(texts, lambda text: len(archive.recall(_query(text)).passages))
        finally:
            archive.close()
    meanings = "words and meaning" if embedder else "words alone"
    rows = [
        line("search", "stored facts", stored, "facts", "lines read on a screen"),
        *_rows("a search", searched, "words"),
        *_rows("what a question looks up", asked, meanings),
    ]
    draw(
        out,
        f"A search among {stored:,} facts",
        ("share of searches, %", "ms"),
        {"search": _curve(searched), "question": _curve(asked)},
    )
    return Measurement(
        name="search",
        metrics={"search_p95_ms": searched.p95, "recall_p95_ms": asked.p95},
        goals=GOALS,
        rows=rows,
    )


def _lines() -> list[str]:
    """100,000 lines of words, of which the nth most frequent comes with a probability of 1/n."""
    random = np.random.default_rng(1)
    made = {"".join(random.choice(SYLLABLES, random.integers(2, 5))) for _ in range(2 * WORDS)}
    words = np.array(sorted(made))
    random.shuffle(words)
    words = words[:WORDS]
    chances = 1 / np.arange(1, len(words) + 1)
    drawn = random.choice(words, (FACTS, WORDS_A_LINE), p=chances / chances.sum())
    return [" ".join(row) for row in drawn]


def _searches(lines: Sequence[str], count: int) -> list[str]:
    """One to three words of a stored line each."""
    random = np.random.default_rng(2)
    chosen = random.integers(0, len(lines), count)
    return [
        " ".join(_some_of(lines[int(place)], 1 + number % 3, random))
        for number, place in enumerate(chosen)
    ]


def _some_of(text: str, count: int, random: np.random.Generator) -> list[str]:
    words = text.split()
    return [words[place] for place in random.permutation(len(words))[:count]]


def _fill(folder: Path, lines: Sequence[str], embedder: TextEmbedder | None) -> int:
    """Store the lines through the real store; how many facts the memory then holds of them."""
    memory = open_memory(folder, embedder=None if embedder is None else Drawn(embedder.name))
    batch = BATCH if embedder is None else BATCH_WITH_VECTORS
    try:
        run = Run(run="bench", kind="screen", label="screen", identity="bench", opened_at=0)
        memory.store.apply([Persist(fact=run)])
        for begin in range(0, len(lines), batch):
            some = enumerate(lines[begin : begin + batch], begin)
            memory.store.apply([Persist(fact=_read(second, text)) for second, text in some])
        return memory.archive.stats().facts - 1
    finally:
        memory.close()


def _read(second: int, text: str) -> ScreenText:
    start = nanoseconds(second)
    return ScreenText(
        run="bench",
        span=Span(start=start, end=start + nanoseconds(1)),
        at=start + nanoseconds(1),
        text=text,
        box=Box(0, 0, 320, 20),
    )


def _query(text: str) -> Query:
    return Query(intent="search", question=text, words=text)


def _timed(texts: Sequence[str], search: Callable[[str], int]) -> Times:
    ms: list[float] = []
    found: list[int] = []
    for text in texts:
        begin = perf_counter()
        found.append(search(text))
        ms.append((perf_counter() - begin) * 1000)
    return Times(np.array(ms), np.array(found))


def _rows(what: str, times: Times, how: str) -> list[dict[str, Any]]:
    note = f"{len(times.ms)} of them, {how}"
    found = float(np.mean(times.found > 0))
    return [
        line("search", f"{what}, median", float(np.median(times.ms)), "ms", note),
        line("search", f"{what}, p95", times.p95, "ms", note),
        line("search", f"{what}, longest", float(np.max(times.ms)), "ms", note),
        line("search", f"{what}, found something", found, "share", note),
    ]


def _curve(times: Times) -> list[tuple[float, float]]:
    return [(share, float(np.percentile(times.ms, share))) for share in range(101)]
