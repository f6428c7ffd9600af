"""Keeps a model's process running: started, watched, started again, and on less of the GPU when it
must be.

One thread owns a supervisor. It tells its owner through `Owner`, and the owner tells it what the
process works on, so that only a process which has something to do must show that it lives.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from engine.errors import (
    ModelCorrupt,
    ModelCrashed,
    ModelError,
    ModelIncompatible,
    ModelOutOfMemory,
)
from engine.inference import protocol
from engine.inference.child import Child
from engine.inference.handler import Factory
from engine.inference.watch import Limits, Restarts, Watch
from engine.ports.sources import Clock
from engine.prompts import ModelState, ModelStatus

log = logging.getLogger(__name__)

Cause = Literal["ended", "silent", "stuck", "grown", "memory", "gpu"]

_BESIDES = 3 << 30

_WORDS: dict[Cause, str] = {
    "ended": "The model's process ended unexpectedly",
    "silent": "The model's process gave no sign of life",
    "stuck": "The model got no further",
    "grown": "The model's process took more memory than it may",
    "memory": "The model needs more memory than there is",
    "gpu": "The graphics card gave up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which model, and on what."""

    title: str
    load: protocol.Load
    gpu_layers: tuple[int, ...] = ()
    """What is tried first, then with less; the processor comes last by itself. -1: all."""
    demo: bool = False
    id: str = ""
    """The model's in the catalogue; empty: it is in none."""

    def loads(self) -> tuple[protocol.Load, ...]:
        layers = [one for one in self.gpu_layers if one]
        return tuple(replace(self.load, gpu_layers=one) for one in (*layers, 0))


class Owner(Protocol):
    """Whom a supervisor works for."""

    def deliver(self, child: Child, report: protocol.Report | None) -> None:
        """From any thread: hand it to the supervisor's `hear`, in the owner's own."""
        ...

    def ready(self) -> None:
        """A process is there, and knows nothing yet."""
        ...

    def lost(self, *, blame: bool) -> None:
        """The process is gone, and what it worked on is undone; `ready` or `gave_up` follows.
        `blame`: that work may have been the reason."""
        ...

    def gave_up(self, error: ModelError) -> None: ...


class Supervisor:
    """One process at a time."""

    def __init__(
        self,
        plan: Plan,
        factory: Factory,
        owner: Owner,
        clock: Clock,
        *,
        limits: Limits,
        changed: Callable[[ModelStatus], None],
    ) -> None:
        self._plan = plan
        self._factory = factory
        self._owner = owner
        self._clock = clock
        self._limits = limits
        self._changed = changed
        self._loads = plan.loads()
        self._most_bytes = limits.memory_bytes or _enough(plan.load)
        self._rung = 0
        self._note = ""
        self._remark = ""
        self._restarts = Restarts(limits)
        self._watch = Watch(limits)
        self._child: Child | None = None
        self._is_ready = False
        self.status = ModelStatus(
            model=plan.title, state="loading", progress=0.0, demo=plan.demo, id=plan.id
        )

    @property
    def child(self) -> Child | None:
        return self._child

    def start(self) -> None:
        """Start a process on the present rung."""
        self._watch = Watch(self._limits)
        self._watch.begin(self._clock.monotonic())
        try:
            self._child = Child(self._factory, self._owner.deliver)
        except OSError as error:
            log.error("the model's process cannot be started (%s)", type(error).__name__)
            self._give_up(ModelCrashed("The model's process cannot be started. Try again later."))
            return
        self._child.send(self._loads[self._rung])

    def send(self, order: protocol.Work) -> None:
        """Have the process work; it must show that it lives until `rest`."""
        self._watch.begin(self._clock.monotonic())
        if self._child:
            self._child.send(order)

    def stop(self, number: int) -> None:
        """Have it stop the work of this number."""
        if self._child:
            self._child.send(protocol.Stop(id=number))

    def rest(self) -> None:
        """It has nothing to do."""
        self._watch.rest()

    def hear(self, child: Child, report: protocol.Report | None) -> protocol.Report | None:
        """What the owner has to know of it; reports of an earlier process are dropped."""
        if report is not None:
            child.heard()
        if child is not self._child:
            return None
        self._watch.hear(
            self._clock.monotonic(), report.count if isinstance(report, protocol.Beat) else None
        )
        match report:
            case None:
                self._lose("ended")
            case protocol.Beat():
                pass
            case protocol.Loading(progress=progress):
                self._loading(progress)
            case protocol.Ready(backend=backend):
                self._settle_in(backend)
            case protocol.Failed(id=None):
                self._cannot_load(report)
            case protocol.Failed(fault="memory", id=_) if self._rung < len(self._loads) - 1:
                self._lose("memory")
            case protocol.Failed(fault="gpu"):
                self._lose("gpu")
            case protocol.Logged(level=level, text=text):
                log.log(level, "model: %s", text)
            case _:
                return report
        return None

    def look(self) -> None:
        """Notice a process that hangs or grows too large; to be called every quarter second."""
        if self._child is None:
            return
        if wrong := self._watch.look(self._clock.monotonic()):
            self._lose(wrong)
            return
        if self._child.memory_bytes() > self._most_bytes:
            self._lose("grown")

    def retry(self) -> None:
        """Begin from the start, with what was asked for at first."""
        if self._is_ready and not self._rung:
            return
        self._end()
        self._rung, self._note = 0, ""
        self._restarts.forget()
        self._owner.lost(blame=False)
        self._tell(state="loading", progress=0.0, reason="", backend="")
        self.start()

    def remark(self, text: str) -> None:
        """What is not as it should be with a process that works; empty: nothing."""
        if text == self._remark:
            return
        self._remark = text
        if self._is_ready:
            self._tell(progress=1.0, reason=self._reason)

    @property
    def _reason(self) -> str:
        return " ".join(one for one in (self._note, self._remark) if one)

    def fail(self, error: ModelError) -> None:
        """Its owner can go on no more."""
        self._give_up(error)

    def close(self) -> None:
        """End the process."""
        self._end()

    # --- what happens to it ----------------------------------------------------------------------

    def _loading(self, progress: float) -> None:
        if not self._is_ready and progress >= self.status.progress + 0.01:
            self._tell(progress=progress)

    def _settle_in(self, backend: str) -> None:
        self._is_ready = True
        self._watch.rest()
        self._tell(state="ready", progress=1.0, reason=self._reason, backend=backend)
        self._owner.ready()

    def _cannot_load(self, report: protocol.Failed) -> None:
        match report.fault:
            case "memory" | "gpu":
                self._lose(report.fault, report.reason)
            case "corrupt":
                self._give_up(ModelCorrupt(report.reason))
            case "incompatible":
                self._give_up(ModelIncompatible(report.reason))
            case "other":
                self._give_up(ModelError(report.reason))

    def _lose(self, cause: Cause, reason: str = "") -> None:
        """The process is of no more use: take the next step."""
        loading = not self._is_ready
        code = self._end()
        log.warning("the model's process is lost (%s, %s)", cause, code)
        lately = self._restarts.lost(self._clock.monotonic())
        on_gpu = self._rung < len(self._loads) - 1
        if on_gpu and (cause in ("memory", "gpu") or lately >= self._limits.gpu_crashes):
            self._step_down(cause)
        elif cause == "memory" and loading:
            text = f"{_WORDS[cause]}. Choose a smaller model, or close other programs."
            self._give_up(ModelOutOfMemory(reason or text))
            return
        elif self._restarts.spent:
            self._give_up(_too_often(cause, lately))
            return
        self._owner.lost(blame=True)
        self._tell(
            state="restarting",
            progress=0.0,
            reason=self._note or f"{_WORDS[cause]}. It is started again.",
        )
        self.start()

    def _step_down(self, cause: Cause) -> None:
        self._rung += 1
        self._restarts.forget()
        layers = self._loads[self._rung].gpu_layers
        why = {
            "memory": "The graphics card has too little memory for the model",
            "gpu": "The graphics card gave up",
        }.get(cause, "The model kept failing on the graphics card")
        where = f"{layers} layers of it run there" if layers else "it runs on the processor"
        self._note = f"{why}: {where}. Try again when the card is free."

    def _give_up(self, error: ModelError) -> None:
        self._end()
        self._tell(state="failed", progress=0.0, reason=str(error), backend="")
        self._owner.gave_up(error)

    def _end(self) -> int | None:
        self._is_ready = False
        self._watch.rest()
        child, self._child = self._child, None
        return child.end() if child else None

    def _tell(
        self,
        *,
        state: ModelState | None = None,
        progress: float,
        reason: str | None = None,
        backend: str | None = None,
    ) -> None:
        now = self.status
        self.status = replace(
            now,
            state=now.state if state is None else state,
            progress=progress,
            reason=now.reason if reason is None else reason,
            backend=now.backend if backend is None else backend,
        )
        self._changed(self.status)


def _too_often(cause: Cause, times: int) -> ModelError:
    text = (
        f"{_WORDS[cause]}, {times} times within a minute, and is not started again. What was seen "
        "is kept. Try again, or choose a smaller model."
    )
    return ModelOutOfMemory(text) if cause in ("grown", "memory") else ModelCrashed(text)


def _enough(load: protocol.Load) -> int:
    """Bytes that a model takes, with room: its files, mapped and once more as they are laid out
    anew, its context, and what it works with."""
    files = [Path(file) for file in (load.model, load.projector) if file]
    return 2 * sum(file.stat().st_size for file in files if file.is_file()) + _BESIDES
