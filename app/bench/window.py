"""`preview_fps`, `gui_longest_stall_ms`, `gui_idle_stall_ms`: the window while everything works.

The real window over the real engine. First nothing is watched: that is the idle part. Then a
recording of 1280x720 at 60 frames/s plays in it (so that never the source is what limits the
preview) while people in it are looked for and recognised, everything is stored, and a question is
asked every other second.

- `preview_fps`: pictures of the source that were painted, each counted once, a second.
- a stall: by how much a timer of 10 ms of the window's thread is late. The 99.9th percentile.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bench.curves import draw
from app.bench.display import display
from app.bench.driving import Driven, driven
from app.bench.footage import frames, people, widened, write_video
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.errors import EngineError
from engine.facts import SourceSpec
from engine.messages import TeachConcept

if TYPE_CHECKING:
    from PySide6.QtCore import QTimer

    from ui.window import MainWindow

SIZE, FPS = (1280, 720), 60.0
PICTURES = 60
TICK_MS = 10
IDLE_S, BUSY_S = 20.0, 40.0
QUICK_IDLE_S, QUICK_BUSY_S = 1.5, 4.0
SETTLES_S = 1.0
ASKS_EVERY_MS = 2000
QUESTION = "Who is here now?"
ANSWERED_S = 20.0
"""On a machine that does much else the first answer may come after all that is measured."""
GOALS = (
    Goal(metric="preview_fps", relation=">=", goal=30),
    Goal(metric="gui_longest_stall_ms", relation="<", goal=50),
)


@dataclass
class Stalls:
    """How late the ticks of a timer came, in milliseconds."""

    late: list[float] = field(default_factory=list[float])
    worked: list[float] = field(default_factory=list[float])
    """Processor time of the window's thread between two ticks, in milliseconds: a machine that is
    busy with something else does not lengthen it."""
    _last: float = 0.0
    _last_work: float = 0.0

    def tick(self) -> None:
        now, work = time.perf_counter(), time.thread_time()
        if self._last:
            self.late.append(max((now - self._last) * 1000 - TICK_MS, 0.0))
            self.worked.append((work - self._last_work) * 1000)
        self._last, self._last_work = now, work

    def pause(self) -> None:
        """The next tick is the first of another stretch."""
        self._last = 0.0

    def p(self, share: float) -> float:
        return float(np.percentile(self.late, share))


@dataclass
class Seen:
    """What one part of the run showed."""

    stalls: Stalls = field(default_factory=Stalls)
    painted: set[int] = field(default_factory=set[int])
    """Stream times of the pictures that were painted."""
    lasted_s: float = 0.0


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """20 s idle and 40 s busy (1.5 s and 4 s when `quick`).

    Raises:
        EngineError: the window showed no picture.
    """
    idle_s, busy_s = (QUICK_IDLE_S, QUICK_BUSY_S) if quick else (IDLE_S, BUSY_S)
    footage = people(paths)
    with borrowed_home(paths) as home, display() as shown_on:
        file = home.data / "720p.mp4"
        _write(file, footage.files, busy_s + 3 * SETTLES_S)
        with driven(home) as engine:
            idle, busy = _run(home, engine, file, (idle_s, busy_s))
            heard = engine.heard
    fps = len(busy.painted) / busy.lasted_s
    source = f"{SIZE[0]}x{SIZE[1]} at {FPS:g} frames/s, {footage.what}"
    rows = [
        line("window", "pictures painted", fps, "frames/s", source),
        line("window", "stall while busy, p99.9", busy.stalls.p(99.9), "ms", shown_on),
        line("window", "stall while busy, longest", busy.stalls.p(100), "ms"),
        line("window", "stall while busy, median", busy.stalls.p(50), "ms"),
        line("window", "its own work in one go, longest", max(busy.stalls.worked), "ms CPU"),
        line("window", "stall while idle, p99.9", idle.stalls.p(99.9), "ms"),
        line("window", "ticks", len(busy.stalls.late), "ticks", f"{len(idle.stalls.late)} idle"),
        line("window", "looks", heard.counts["Tracked"], "looks", f"models: {installed(paths)}"),
        line("window", "boxes with a sure name", heard.named, "boxes"),
        line("window", "answers", heard.counts["AnswerFinished"], "answers"),
    ]
    curves = {"busy": _curve(busy.stalls), "idle": _curve(idle.stalls)}
    draw(out, "Stalls of the window", ("share of ticks, %", "ms late"), curves)
    return Measurement(
        name="window",
        metrics={
            "preview_fps": fps,
            "gui_longest_stall_ms": busy.stalls.p(99.9),
            "gui_idle_stall_ms": idle.stalls.p(99.9),
        },
        goals=GOALS,
        rows=rows,
    )


def _run(
    home: Paths, engine: Driven, file: Path, lengths_s: tuple[float, float]
) -> tuple[Seen, Seen]:
    """(idle, busy)."""
    from ui import start
    from ui.preferences import Preferences
    from ui.window import MainWindow

    start.application()
    preferences = Preferences(data_folder=home.data, assets=home.assets)
    window = MainWindow(engine.engine, open_shelf(home), preferences)
    window.show()
    try:
        spin(SETTLES_S)
        idle = _watched(window, lengths_s[0])
        run = window.open_source(
            SourceSpec(kind="recording", address=str(file), label="people"), consented=True
        )
        spin(SETTLES_S)
        _teach(engine, run)
        asking = every(window, ASKS_EVERY_MS, lambda: window.watch.conversation.submit(QUESTION))
        busy = _watched(window, lengths_s[1])
        asking.stop()
        _until(lambda: engine.heard.counts["AnswerFinished"] > 0)
    finally:
        window.close()
    return idle, busy


def _watched(window: "MainWindow", length_s: float) -> Seen:
    """Let the window live for so long, and note what it does."""
    seen = Seen()

    def painted() -> None:
        shown = window.watching.selected
        if shown is not None and shown.newest is not None:
            seen.painted.add(shown.newest.pts)

    ticking = every(window, TICK_MS, seen.stalls.tick)
    connection = window.watch.painted.connect(painted)
    begin = time.perf_counter()
    spin(length_s)
    seen.lasted_s = time.perf_counter() - begin
    ticking.stop()
    window.watch.painted.disconnect(connection)
    return seen


def _teach(engine: Driven, run: str) -> None:
    """Register who is in the picture, so that names are given from then on."""
    frame = engine.engine.newest(run)
    if frame is None:
        raise EngineError("The window was given no picture. Nothing was measured.")
    engine.engine.send(TeachConcept(name="Mum", kind="person", frame=frame))


def every(window: "MainWindow", ms: int, act: Callable[[], None]) -> "QTimer":
    """A timer of the window's thread; its owner stops it."""
    from PySide6.QtCore import Qt, QTimer

    timer = QTimer(window, interval=ms, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(act)
    timer.start()
    return timer


def spin(length_s: float) -> None:
    """Run the window's event loop for so long."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(length_s * 1000), loop.quit)
    loop.exec()


def _until(true: Callable[[], bool]) -> None:
    """Let the window live until it is, or for so long."""
    end = time.perf_counter() + ANSWERED_S
    while not true() and time.perf_counter() < end:
        spin(0.05)


def _write(file: Path, clips: Sequence[Path], length_s: float) -> None:
    """A video in the size of a camera of today; each picture of the footage stands for two."""
    pictures = [widened(frame.image, *SIZE) for frame in islice(frames(clips), PICTURES)]
    write_video(file, pictures, count=round(length_s * FPS), fps=FPS, hold=2)


def _curve(stalls: Stalls) -> list[tuple[float, float]]:
    """The latest tenth of the ticks; the others were in time."""
    return [(share / 10, stalls.p(share / 10)) for share in range(900, 1001)]
