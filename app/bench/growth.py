"""`rss_growth_8h`: how much more memory is used after 8 hours of watching.

The hours are simulated: a picture a second of a scene that stands still but for the noise of a
sensor; one picture in twenty is the first of another scene. They go through the real engine (gate,
clips, models, tracks, session, encrypted store) as fast as it takes them. Its memory is read all
along; the end is compared with the time after the first half hour, when everything was used once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, time_ns

from app.bench.curves import draw
from app.bench.driving import driven
from app.bench.footage import frames, visits
from app.bench.footprint import Footprint, footprint
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.bench.scripted import Scripted, Simulated
from app.bench.still import decoded, noisy_jpegs
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.facts import SourceSpec
from engine.media import NANOSECONDS, Image
from engine.perception.gate import ChangeGate

FRAMES, QUICK_FRAMES = 8 * 3600, 120
EVERY = 20
"""So many pictures of one scene: 5 % of the pictures pass the gate."""
SCENES, VARIANTS = 24, 4
APART = 15
"""Frames of the footage between two scenes, at least."""
SAMPLES = 160
SETTLED_EVERY = 10
"""Pictures."""
GOALS = (Goal(metric="rss_growth_8h", relation="<", goal=0.02),)


@dataclass
class Hours:
    """The simulated hours, one picture a second, and the memory that was used meanwhile."""

    scenes: Sequence[Sequence[bytes]]
    count: int
    settle: Callable[[], object] = bool
    """Waits until all is written. At the pace of the clock the writer has a second a picture; here
    pictures would wait for it in the memory that is measured."""
    passed: int = 0
    samples: list[tuple[float, Footprint]] = field(default_factory=list[tuple[float, Footprint]])
    """(hours of the stream, memory used)."""

    def pictures(self) -> Iterator[tuple[int, Image]]:
        gate = ChangeGate()
        step = max(self.count // SAMPLES, 1)
        for second in range(self.count):
            if second % SETTLED_EVERY == 0:
                self.settle()
            if second % step == 0:
                self.samples.append((second / 3600, footprint()))
            scene = self.scenes[second // EVERY % len(self.scenes)]
            image = decoded(scene[second % len(scene)])
            self.passed += gate.check(image).passed
            yield second * NANOSECONDS, image

    def growth(self) -> tuple[float, Footprint, Footprint]:
        """(share, before, at the end): the medians of the second sixteenth and of the last one."""
        sixteenth = max(len(self.samples) // 16, 1)
        used = [used for _, used in self.samples]
        before, after = _typical(used[sixteenth : 2 * sixteenth]), _typical(used[-sixteenth:])
        return after.mb / before.mb - 1, before, after


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """28,800 frames; 120 when `quick`, which tells no more than that it works.

    Raises:
        ConfigError: there is nothing to measure on.
    """
    footage = visits(paths)
    hours = Hours(_scenes(footage.files), QUICK_FRAMES if quick else FRAMES)
    begin_at = time_ns() - hours.count * NANOSECONDS
    sources = Scripted(lambda run, _: Simulated(run, hours.pictures(), begin_at))
    with borrowed_home(paths) as home, driven(home, sources) as engine:
        begin = perf_counter()
        hours.settle = engine.engine.flush
        engine.watch(SourceSpec(kind="recording", address="bench", label="8 hours", realtime=False))
        took = perf_counter() - begin
        stored = engine.engine.archive.stats()
        looks = engine.heard.counts["Tracked"]
    share, before, after = hours.growth()
    note = "quick: the models are still warming up" if quick else f"{footage.what}, standing still"
    rows = [
        line("growth", "before", before.mb, "MB", f"median of {_span(hours, 1)}"),
        line("growth", "at the end", after.mb, "MB", f"median of {_span(hours, 15)}"),
        line("growth", "before, without files", before.own, "MB", "libraries left out"),
        line("growth", "at the end, without files", after.own, "MB", "libraries left out"),
        line("growth", "simulated", hours.count, "frames", note),
        line("growth", "passed the gate", hours.passed / hours.count, "share"),
        line("growth", "looks", looks, "looks", f"models: {installed(paths)}"),
        line("growth", "stored", stored.facts, "facts", f"{stored.clips} clips"),
        line("growth", "took", took, "s"),
    ]
    curves = {
        "all": [(hour, used.mb) for hour, used in hours.samples],
        "without files": [(hour, used.own) for hour, used in hours.samples],
    }
    draw(out, "Memory used while watching", ("simulated hours", "MB"), curves)
    return Measurement(
        name="growth", metrics={"rss_growth_8h": share}, goals=() if quick else GOALS, rows=rows
    )


def _typical(used: Sequence[Footprint]) -> Footprint:
    return Footprint(own=median(one.own for one in used), files=median(one.files for one in used))


def _scenes(files: Sequence[Path]) -> list[list[bytes]]:
    """Moments of the footage of which each differs from the one before it (and the first from the
    last), with noise."""
    gate, chosen = ChangeGate(), list[Image]()
    for frame in islice(frames(files), 0, None, APART):
        if gate.check(frame.image).passed:
            chosen.append(frame.image)
    step = max(len(chosen) // SCENES, 1)
    return [noisy_jpegs(image, VARIANTS) for image in chosen[::step][:SCENES]]


def _span(hours: Hours, sixteenth: int) -> str:
    length = hours.count / 3600 / 16
    return f"the hours {sixteenth * length:.2g} to {(sixteenth + 1) * length:.2g}"
