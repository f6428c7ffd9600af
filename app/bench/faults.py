"""`nacre bench faults`: the model's process is killed in the middle of answers, again and again.

The real window over the real engine and store, a live source, and llama.cpp in its process with a
small model of random weights, taken in as a user's own. Each question is killed (`kill -9`) at the
first piece of its answer, and must be answered all the same.

- `kills_answered`: the share of killed questions that the restarted model answered.
- `kill_stall_ms`: by how much a timer of 10 ms of the window's thread was late at the most, between
  a kill and its answer.
- `kills_remembered`: the share of those answers that the memory has afterwards; 0 where its file is
  not whole.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from app.bench.display import display
from app.bench.driving import Driven, driven
from app.bench.footage import frames, people
from app.bench.home import borrowed_home
from app.bench.lines import line
from app.bench.scripted import Camera, Scripted
from app.bench.window import TICK_MS, Stalls, every, spin
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.errors import EngineError
from engine.facts import Answer, SourceSpec
from engine.inference.random_vlm import READABLE, write_pair
from engine.memory.opening import open_memory
from engine.messages import AnswerExtended, AnswerFinished, AnswerStarted, Event

if TYPE_CHECKING:
    from ui.window import MainWindow

KILLS, QUICK_KILLS = 20, 4
APART_S = 12.5
"""More than five restarts within a minute are one too many."""
IDLE_S, QUICK_IDLE_S = 10.0, 1.0
READY_S, ANSWERED_S = 120.0, 120.0
LOOK_S = 0.02
PICTURES, FPS = 60, 5.0
QUESTION = "What is on the table?"
GOALS = (
    Goal(metric="kills_answered", relation="==", goal=1),
    Goal(metric="kill_stall_ms", relation="<", goal=50),
    Goal(metric="kills_remembered", relation="==", goal=1),
)


@dataclass
class Killing:
    """Listens to the engine's thread, and kills the process that speaks when it is told to."""

    armed: bool = False
    killed: list[int] = field(default_factory=list[int])
    """Processes."""
    told: list[str] = field(default_factory=list[str])
    """What was said of each answer before the kill."""
    answers: list[Answer] = field(default_factory=list[Answer])
    _ref: str = ""

    def listen(self, event: Event) -> None:
        match event:
            case AnswerStarted(question=question, ref=ref) if question == QUESTION:
                self._ref = ref
            case AnswerExtended(text=text, ref=ref) if self.armed and ref == self._ref:
                self.armed = False
                (process,) = model_processes()
                os.kill(process, signal.SIGKILL)
                self.killed.append(process)
                self.told.append(text)
            case AnswerFinished(answer=answer) if answer.ref == self._ref:
                self.answers.append(answer)
            case _:
                pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it; stalls in milliseconds."""

    killing: Killing
    idle: Stalls
    """Before the first kill."""
    between: Stalls
    """From each kill until its answer."""
    turns: tuple[int, ...]
    """How often the window's loop turned between each kill and its answer."""
    waits_s: tuple[float, ...]
    """From each kill until its answer."""

    @property
    def answered(self) -> int:
        """Answers that the model gave, beginning with what it had said before it was killed."""
        pairs = zip(self.killing.told, self.killing.answers, strict=False)
        return sum(
            answer.first_token_s is not None and answer.text.startswith(told.strip())
            for told, answer in pairs
        )


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """Twenty kills, twelve seconds apart (four when `quick`, as fast as they come).

    Raises:
        EngineError: the model is not ready in time, or an answer never comes.
    """
    del out
    with display() as shown_on, stage(paths) as (home, sources):
        with driven(home, sources) as engine:
            found = kill_often(
                home,
                engine,
                kills=QUICK_KILLS if quick else KILLS,
                idle_s=QUICK_IDLE_S if quick else IDLE_S,
                rest=lambda: spin(0.0 if quick else APART_S),
            )
        remembered = in_memory(home, found.killing.answers)
    kills = len(found.killing.killed)
    rows = [
        line("faults", "kills", kills, "kills", "at the first piece of an answer"),
        line("faults", "answered after a kill", found.answered, "answers"),
        line("faults", "from a kill to the answer, longest", max(found.waits_s), "s"),
        line("faults", "stall between kill and answer, longest", found.between.p(100), "ms"),
        line("faults", "stall between kill and answer, p99.9", found.between.p(99.9), "ms"),
        line("faults", "its own work in one go, longest", max(found.between.worked), "ms CPU"),
        line("faults", "stall before, longest", found.idle.p(100), "ms", shown_on),
        line("faults", "turns of the window's loop, fewest", min(found.turns), "turns"),
        line("faults", "answers in the memory", remembered, "answers"),
    ]
    return Measurement(
        name="faults",
        metrics={
            "kills_answered": found.answered / kills,
            "kill_stall_ms": found.between.p(100),
            "kills_remembered": remembered / kills,
        },
        goals=GOALS,
        rows=rows,
    )


@contextmanager
def stage(paths: Paths) -> Generator[tuple[Paths, Scripted]]:
    """A data folder with one small model of random weights, and a camera."""
    pictures = [frame.image for frame in islice(frames(people(paths).files), PICTURES)]
    sources = Scripted(
        lambda run, first: Camera(run, lambda n: pictures[n % len(pictures)], FPS, first)
    )
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        store = Path(folder) / "models"
        store.mkdir()
        with borrowed_home(replace(paths, models=store)) as home:
            open_shelf(home).take_own(write_pair(Path(folder) / "made", READABLE), "Random")
            yield home, sources


def kill_often(
    home: Paths, engine: Driven, *, kills: int, idle_s: float, rest: Callable[[], object]
) -> Outcome:
    """Ask in the window, kill, wait for the answer; `rest` comes before each question."""
    from ui import start
    from ui.preferences import Preferences
    from ui.window import MainWindow

    start.application()
    window = MainWindow(
        engine.engine, open_shelf(home), Preferences(data_folder=home.data, assets=home.assets)
    )
    window.show()
    killing = Killing()
    end = engine.engine.subscribe(killing.listen)
    idle, between = Stalls(), Stalls()
    turns: list[int] = []
    waits_s: list[float] = []
    try:
        window.open_source(
            SourceSpec(kind="camera", address="bench", label="camera"), consented=True
        )
        _until(lambda: _ready(engine) and engine.heard.counts["Tracked"] > 0, READY_S, "model")
        window.watch.conversation.submit(QUESTION)  # What is done once is done now.
        _until(lambda: killing.answers, ANSWERED_S, "answer")
        killing.answers.clear()
        ticking = every(window, TICK_MS, idle.tick)
        spin(idle_s)
        ticking.stop()
        for number in range(1, kills + 1):
            rest()
            killing.armed = True
            _kill(window, killing, number)
            before, begin = len(between.late), time.monotonic()
            ticking = every(window, TICK_MS, between.tick)
            _until(lambda n=number: len(killing.answers) == n, ANSWERED_S, "answer")
            ticking.stop()
            between.pause()
            waits_s.append(time.monotonic() - begin)
            turns.append(len(between.late) - before)
            _until(lambda: _ready(engine), READY_S, "model")
    finally:
        end()
        window.close()
    return Outcome(
        killing=killing,
        idle=idle,
        between=between,
        turns=tuple(turns),
        waits_s=tuple(waits_s),
    )


def _kill(window: "MainWindow", killing: Killing, number: int) -> None:
    window.watch.conversation.submit(QUESTION)
    _until(lambda: len(killing.killed) == number, ANSWERED_S, "piece of an answer")


def _ready(engine: Driven) -> bool:
    model = engine.engine.model
    return model is not None and model.state == "ready"


def _until(done: Callable[[], object], limit_s: float, what: str) -> None:
    """Let the window live until then.

    Raises:
        EngineError: it takes longer.
    """
    limit = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > limit:
            raise EngineError(f"No {what} came within {limit_s:.0f} s. Nothing was measured.")
        spin(LOOK_S)


def model_processes() -> list[int]:
    """Of all models that this process runs."""
    children = psutil.Process().children(recursive=True)
    return [one.pid for one in children if "spawn_main" in " ".join(one.cmdline())]


def in_memory(home: Paths, answers: list[Answer]) -> int:
    """How many of the answers the memory has; none where its file is not whole."""
    memory = open_memory(home.data)
    try:
        if memory.store.check_integrity():
            return 0
        told = [one.text for one in memory.archive.search(QUESTION, limit=1000)
                if one.kind == "answer"]  # fmt: skip
        return sum(any(answer.text in one for one in told) for answer in answers)
    finally:
        memory.close()
