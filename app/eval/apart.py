"""An evaluation of a model in a process of its own: what it found so far is kept when llama.cpp
ends the process, hangs, or takes too long.

What comes back is JSON, and no pickle: weights that took the process over gain nothing here.
"""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from app.measure import Measurement
from engine.errors import EngineError, ModelCrashed, ModelError
from engine.inference.confinement import confine

ENDS_S = 5.0


@dataclass(slots=True)
class Findings:
    """What was found so far."""

    metrics: dict[str, float] = field(default_factory=dict[str, float])
    intervals: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    answers: list[tuple[str, str, str, str]] = field(
        default_factory=list[tuple[str, str, str, str]]
    )
    """Kind, question, right answer, what was said."""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of the model, once it is loaded."""
    part: str = ""
    """What is being found out."""
    trouble: str = ""
    """Why there is not more, in a sentence; empty: it came to its end."""

    def measurement(self, name: str) -> Measurement:
        return Measurement(
            name=name, metrics=self.metrics, intervals=self.intervals, rows=self.rows
        )


class Telling(Findings):
    """In the process: `send` hands on what was found."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self._pipe = pipe
        self._sent = 0, 0

    def send(self, part: str = "") -> None:
        """With `part`, that begins now."""
        self.part = part or self.part
        told = asdict(self)
        rows, answers = self._sent
        told["rows"], told["answers"] = self.rows[rows:], self.answers[answers:]
        self._sent = len(self.rows), len(self.answers)
        self._pipe.send_bytes(json.dumps(told).encode())

    def loaded(self, facts: dict[str, Any]) -> None:
        """The model's. From now on the process may open neither sockets nor programs."""
        confine()
        self.facts = facts
        self.send()


def apart(work: Callable[..., None], *arguments: object, limit_s: float) -> Findings:
    """Run `work(telling, *arguments)`, a function of a module, for at most so long.

    Raises:
        EngineError: it failed before the model was loaded.
    """
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_run, args=(theirs, work, arguments), daemon=True)
    process.start()
    theirs.close()
    found = Findings()
    error: EngineError | None = None
    until = time.monotonic() + limit_s
    try:
        while True:
            if not ours.poll(max(until - time.monotonic(), 0)):
                found.trouble = f"It took longer than {limit_s / 60:.3g} minutes"
                break
            told = json.loads(ours.recv_bytes())
            if told is None:
                break
            if "error" in told:
                error = _error(told)
                found.trouble = f"It failed: {error}"
                break
            _take(found, told)
    except (EOFError, ValueError):
        process.join(ENDS_S)
        found.trouble = f"The model's process ended unexpectedly ({process.exitcode})"
    finally:
        ours.close()
        process.kill()
        process.join()
    if found.trouble:
        found.trouble = f"{found.trouble.rstrip('.')}, in the part {found.part or 'loading'}."
        if not found.facts:
            raise error or ModelCrashed(f"{found.trouble} Nothing was measured.")
    return found


def _take(found: Findings, told: dict[str, Any]) -> None:
    found.metrics.update(told["metrics"])
    found.intervals.update({name: (low, high) for name, (low, high) in told["intervals"].items()})
    found.rows += told["rows"]
    found.answers += [(kind, asked, right, said) for kind, asked, right, said in told["answers"]]
    found.facts = told["facts"]
    found.part = told["part"]


def _error(told: dict[str, str]) -> EngineError:
    kinds = {kind.__name__: kind for kind in (ModelError, *ModelError.__subclasses__())}
    return kinds.get(told["error"], ModelError)(told["reason"])


def _run(pipe: Connection, work: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """Runs in the child."""
    os.environ["GGML_NO_BACKTRACE"] = "1"  # else an abort starts a debugger
    try:
        work(Telling(pipe), *arguments)
        told: object = None
    except EngineError as error:
        told = {"error": type(error).__name__, "reason": str(error)}
    pipe.send_bytes(json.dumps(told).encode())
