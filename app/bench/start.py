"""`start_to_first_frame_s`: from the start of the process to the first picture in the window.

`nacre` is started as a user starts it, on an empty data folder first and on the same one
afterwards. It opens the bundled clip by itself, and writes a line into its log when the first
picture has been painted.
"""

import subprocess
import time
from datetime import datetime
from pathlib import Path
from statistics import median

from app.bench.display import display
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.bench.program import command
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.errors import EngineError

STARTS, QUICK_STARTS = 7, 2
LIMIT_S, CLOSES_S, LOOK_S = 30.0, 20.0, 0.02
STAMP = "%Y-%m-%d %H:%M:%S,%f"
GOALS = (Goal(metric="start_to_first_frame_s", relation="<", goal=2),)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """The median of 7 starts (2 when `quick`).

    Raises:
        EngineError: no picture came.
    """
    del out
    with borrowed_home(paths) as home, display() as shown_on:
        times = [_start(home) for _ in range(QUICK_STARTS if quick else STARTS)]
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


def _start(home: Paths) -> float:
    """Seconds until the first picture."""
    log = home.log / "nacre.log"
    told = len(_pictures(log))
    begin = time.time()
    nacre = subprocess.Popen(
        command("--data-dir", str(home.data)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while len(painted := _pictures(log)) <= told:
            if nacre.poll() is not None or time.time() - begin > LIMIT_S:
                raise EngineError("The window showed no picture. Nothing was measured.")
            time.sleep(LOOK_S)
        return painted[-1] - begin
    finally:
        nacre.terminate()
        nacre.wait(CLOSES_S)


def _pictures(log: Path) -> list[float]:
    """When first pictures were painted, by the lines of the log, in seconds since the epoch."""
    from ui.start import FIRST_PICTURE

    try:
        lines = log.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    stamps = (" ".join(text.split()[:2]) for text in lines if text.endswith(FIRST_PICTURE))
    return [datetime.strptime(stamp, STAMP).astimezone().timestamp() for stamp in stamps]
