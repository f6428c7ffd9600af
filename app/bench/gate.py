"""`gated_fps`: frames a second of a 640x480 file, decoded and through the change gate."""

from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from app.bench.footage import Footage, frames, people, resized, write_video
from app.bench.home import borrowed_home
from app.bench.lines import line
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.perception.gate import ChangeGate

SIZE = (640, 480)
GOALS = (Goal(metric="gated_fps", relation=">=", goal=100),)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """All clips, three times over (once when `quick`); the median counts.

    Raises:
        ConfigError: there is nothing to measure on.
    """
    del out
    with borrowed_home(paths) as home:
        footage = people(paths)
        files, what = _of_size(footage, home)
        rates: list[float] = []
        count = passed = 0
        for _ in range(1 if quick else 3):
            begin = perf_counter()
            count, passed = _gate(files)
            rates.append(count / (perf_counter() - begin))
    rows = [
        line("gate", "decode and change gate", median(rates), "frames/s", what),
        line("gate", "frames", count, "frames", f"{len(files)} files, {len(rates)} times"),
        line("gate", "passed the gate", passed, "frames"),
    ]
    return Measurement(name="gate", metrics={"gated_fps": median(rates)}, goals=GOALS, rows=rows)


def _of_size(footage: Footage, home: Paths) -> tuple[tuple[Path, ...], str]:
    """Files of 640x480: those of the footage, or what it shows written anew in that size."""
    first = next(frames(footage.files))
    if first.size == SIZE:
        return footage.files, footage.what
    pictures = [resized(frame.image, *SIZE) for frame in islice(frames(footage.files), 150)]
    file = home.data / "640x480.mp4"
    write_video(file, pictures, count=600, fps=30)
    return (file,), f"{footage.what}, in 640x480"


def _gate(files: tuple[Path, ...]) -> tuple[int, int]:
    """(frames read, frames that passed)."""
    gate, count, passed = ChangeGate(), 0, 0
    for frame in frames(files):
        passed += gate.check(frame.image).passed
        count += 1
    return count, passed
