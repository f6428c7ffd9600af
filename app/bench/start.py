"""`start_to_first_frame_s`: from the start of the process to the first picture in the window.

`nacre` is started as a user starts it, on an empty data folder first and on the same one
afterwards. It opens the bundled clip by itself, and writes a line into its log when the first
picture has been painted.
"""

from pathlib import Path
from statistics import median

from app.bench.display import display
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.bench.program import window_shown
from app.measure import Goal, Measurement
from app.paths import Paths

STARTS, QUICK_STARTS = 7, 2
GOALS = (Goal(metric="start_to_first_frame_s", relation="<", goal=2),)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """The median of 7 starts (2 when `quick`).

    Raises:
        EngineError: no picture came.
    """
    del out
    times: list[float] = []
    with borrowed_home(paths) as home, display() as shown_on:
        for _ in range(QUICK_STARTS if quick else STARTS):
            with window_shown(home) as nacre:
                times.append(nacre.after_s)
    note = f"{len(times)} starts, {shown_on}"
    rows = [
        line("start", "first picture, median", median(times), "s", note),
        line("start", "first start, new memory", times[0], "s", f"models: {installed(paths)}"),
        line("start", "slowest", max(times), "s"),
        line("start", "fastest", min(times), "s"),
    ]
    return Measurement(
        name="start",
        metrics={"start_to_first_frame_s": median(times)},
        goals=GOALS,
        rows=rows,
    )
