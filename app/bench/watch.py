"""`watch_realtime_factor`: seconds of a recording watched in one second, as a whole.

The real engine with its memory and its models: decode, gate, detection, recognition at 2 looks a
second (5 while somebody is new), tracks, clips, store.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.bench.driving import driven
from app.bench.footage import Footage, frames, people, visits
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.bench.scripted import Begins
from app.clock import SystemClock
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.facts import SourceSpec
from engine.media import NANOSECONDS, nanoseconds
from engine.sources.factory import Sources
from engine.sources.windows import Exclusions

QUICK_S = 14.0
"""So much of a long recording is watched when quick."""
QUICK_FILES = 3
GOALS = (Goal(metric="watch_realtime_factor", relation=">=", goal=1),)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """A room with visitors, and faces near the camera; the slower of the two counts.

    Raises:
        ConfigError: there is nothing to measure on.
    """
    del out
    room, faces = visits(paths), people(paths)
    watched = [room] if room.files == faces.files else [room, faces]
    if quick:
        watched = [replace(footage, files=footage.files[:QUICK_FILES]) for footage in watched]
    rows: list[dict[str, Any]] = []
    factors: list[float] = []
    with borrowed_home(paths) as home:
        models = f"models: {installed(paths)}"
        for footage in watched:
            factors.append(_watch(home, footage, QUICK_S if quick else None, rows))
    rows.append(line("watch", "the slower of them", min(factors), "s/s", models))
    return Measurement(
        name="watch",
        metrics={"watch_realtime_factor": min(factors)},
        goals=GOALS,
        rows=rows,
    )


def _watch(
    home: Paths, footage: Footage, until_s: float | None, rows: list[dict[str, Any]]
) -> float:
    """Seconds of stream per second of wall."""
    until = nanoseconds(until_s) if until_s else 2**62
    machine = Sources(SystemClock(), Exclusions, home.demo_clip)
    wall, stream = 0.0, 0.0
    with driven(home, Begins(machine, until)) as engine:
        for file in footage.files:
            stream += _length_s(file, until)
            spec = SourceSpec(kind="recording", address=str(file), label=file.stem, realtime=False)
            wall += engine.watch(spec)
        heard = engine.heard
        note = f"{footage.what}, {stream:.1f} s" + (" of them (quick)" if until_s else "")
        rows.append(line("watch", "watched", stream / wall, "s/s", note))
        rows.append(line("watch", "looks", heard.counts["Tracked"], "looks", footage.what))
        rows.append(line("watch", "boxes drawn", heard.overlays, "boxes", footage.what))
        rows.append(line("watch", "visits told", heard.counts["Sighted"], "visits", footage.what))
    return stream / wall


def _length_s(file: Path, until: int) -> float:
    """Seconds of stream up to `until`, by the frames themselves."""
    last = 0
    for frame in frames((file,)):
        if frame.pts > until:
            break
        last = frame.pts
    return last / NANOSECONDS
