"""`match_ms_1000`: who is this, among 1,000 concepts with ten exemplars each.

A real encrypted memory is filled with exemplars, once things by parts and once faces. A process of
its own then reads it as the engine does at its start, and is asked about looks, so that its memory
and its start are those of the gallery alone. The vectors are drawn at random, with the spread that
real ones have (two views of one at a cosine of 0.6, of two at 0.3): comparing costs the same.

Times are processor time, so that the neighbours on the machine do not count; nothing here waits for
anything but the disk. What the clock said stands beside it.
"""

import gc
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any, Literal

import numpy as np

from app.bench.footprint import footprint
from app.bench.home import borrowed_home
from app.bench.lines import line
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.effects import PersistConcept
from engine.facts import Concept, Exemplar, View
from engine.media import Box, Image, Vector
from engine.memory.gallery import Gallery
from engine.memory.opening import open_archive, open_memory

CONCEPTS, EACH = 1000, 10
BATCH = 50
LOOKS, QUICK_LOOKS = 500, 100
SIDE, QUICK_SIDE = 112, 16
"""Of the kept crops: what lies between the vectors in the file."""
ALIKE, BACKGROUND = 0.6, 0.3
SHAPES: dict[str, tuple[int, ...]] = {"things": (3, 1280), "faces": (128,)}
GOALS = (
    Goal(metric="match_ms_1000", relation="<", goal=2),
    Goal(metric="gallery_start_s", relation="<", goal=1),
    Goal(metric="gallery_mb", relation="<", goal=100),
)
Sort = Literal["things", "faces"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What the process of its own told."""

    start_s: float
    start_processor_s: float
    mb: float
    ms: tuple[float, ...]
    processor_ms: tuple[float, ...]
    found: float
    """Share of looks at a known one whose best concept is the right one."""


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """Things by parts and faces; the slower, larger one counts."""
    del out
    side = QUICK_SIDE if quick else SIDE
    looks = QUICK_LOOKS if quick else LOOKS
    matched: dict[str, Matched] = {}
    for sort in SHAPES:
        with (
            borrowed_home(paths) as home,
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process,
        ):
            _fill(home.data, sort, side)
            matched[sort] = process.submit(match, home.data, sort, looks).result()
    rows = [row for sort, one in matched.items() for row in _rows(sort, one)]
    return Measurement(
        name="match",
        metrics={
            "match_ms_1000": max(_p95(one.processor_ms) for one in matched.values()),
            "gallery_start_s": max(one.start_processor_s for one in matched.values()),
            "gallery_mb": max(one.mb for one in matched.values()),
        },
        goals=GOALS,
        rows=rows,
    )


def match(folder: Path, sort: str, looks: int) -> Matched:
    """Read the gallery as the engine does, and ask it about so many looks."""
    asked = [(number * 7 % CONCEPTS, _look(sort, number * 7 % CONCEPTS)) for number in range(looks)]
    gallery, exemplar = Gallery(), (0, 0, 3)
    gallery.scores(_view(sort, asked[0][1], exemplar))
    gc.collect()
    before = footprint().own
    begin, worked = perf_counter(), process_time()
    archive = open_archive(folder)
    gallery.fill(archive.concepts(), archive.vectors())
    gallery.scores(_view(sort, asked[0][1], exemplar))
    start_s, start_processor_s = perf_counter() - begin, process_time() - worked
    archive.close()
    ms: list[float] = []
    processor_ms: list[float] = []
    found = 0
    for concept, vector in asked:
        view = _view(sort, vector, exemplar)
        begin, worked = perf_counter(), thread_time()
        scores = gallery.scores(view)
        processor_ms.append((thread_time() - worked) * 1000)
        ms.append((perf_counter() - begin) * 1000)
        found += max(scores, key=scores.__getitem__) == f"c{concept}"
    gc.collect()
    grown = footprint().own - before
    return Matched(
        start_s=start_s,
        start_processor_s=start_processor_s,
        mb=grown,
        ms=tuple(ms),
        processor_ms=tuple(processor_ms),
        found=found / looks,
    )


def _p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95))


def _view(sort: str, vector: Vector, shape: tuple[int, int, int]) -> View:
    crop = np.zeros(shape, np.uint8)
    return View(embedder=sort, vector=vector, box=Box(0, 0, 1, 1), crop=crop, quality=1.0)


def _fill(folder: Path, sort: str, side: int) -> None:
    random = np.random.default_rng(5)
    crops: list[Image] = [random.integers(0, 256, (side, side, 3), np.uint8) for _ in range(4)]
    memory = open_memory(folder)
    try:
        for first in range(0, CONCEPTS, BATCH):
            memory.store.apply(
                [_taught(sort, first + number, crops) for number in range(min(BATCH, CONCEPTS))]
            )
    finally:
        memory.close()


def _taught(sort: str, number: int, crops: Sequence[Image]) -> PersistConcept:
    name, random = f"c{number}", np.random.default_rng((7, number))
    kind = "person" if sort == "faces" else "thing"
    views = tuple(
        Exemplar(
            id=f"{name}-{place}",
            concept=name,
            embedder=sort,
            vector=_drawn(sort, number, random),
            crop=crops[place % len(crops)],
            positive=True,
            at=number,
        )
        for place in range(EACH)
    )
    return PersistConcept(concept=Concept(id=name, name=name, kind=kind), added=views)


def _look(sort: str, number: int) -> Vector:
    return _drawn(sort, number, np.random.default_rng((11, number)))


def _drawn(sort: str, number: int, random: np.random.Generator) -> Vector:
    """What all views share, what those of one share, and what each has alone."""
    shape = SHAPES[sort]
    shared = _unit(np.random.default_rng(13).standard_normal(shape))
    own = _unit(np.random.default_rng((17, number)).standard_normal(shape))
    alone = _unit(random.standard_normal(shape))
    mixed = (
        BACKGROUND**0.5 * shared + (ALIKE - BACKGROUND) ** 0.5 * own + (1 - ALIKE) ** 0.5 * alone
    )
    return _unit(mixed).astype(np.float32)


def _unit(values: Vector | np.ndarray[Any, Any]) -> Any:
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def _rows(sort: str, one: Matched) -> list[dict[str, Any]]:
    note = f"{CONCEPTS:,} {sort} with {EACH} exemplars each"
    return [
        line("match", "a look, median", float(np.median(one.processor_ms)), "ms", note),
        line("match", "a look, p95", _p95(one.processor_ms), "ms", note),
        line("match", "a look by the clock, median", float(np.median(one.ms)), "ms", note),
        line("match", "a look by the clock, p95", _p95(one.ms), "ms", note),
        line("match", "start, to the first look", one.start_processor_s, "s", note),
        line("match", "start by the clock", one.start_s, "s", note),
        line("match", "memory", one.mb, "MB", note),
        line("match", "rightly found", one.found, "share", note),
    ]
