"""A model's process under test."""

import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.inference import protocol
from engine.inference.handler import Factory
from engine.inference.llama_vlm import NO_LIMITS, LlamaVlm
from engine.inference.supervisor import Plan
from engine.inference.watch import Limits
from engine.media import Frame
from engine.prompts import ModelStatus
from tests.fakes.clock import JumpingClock
from tests.fakes.scripted_handler import script, scripted
from tests.fakes.waiting import wait_for

START_S = 60.0
"""A process starts within a second; on a machine that does much else, it may take long."""


def a_frame(pts: int, run: str = "run") -> Frame:
    return Frame(image=np.full((8, 8, 3), pts % 256, np.uint8), pts=pts, at=pts, run=run)


def alive(pid: int) -> bool:
    """Whether there is such a process that runs (one that only waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Started:
    """A model under test, and what it told of itself."""

    def __init__(self, vlm: LlamaVlm, statuses: list[ModelStatus]) -> None:
        self.vlm = vlm
        self.statuses = statuses

    @property
    def states(self) -> list[str]:
        """Each state that it came to, in order."""
        states = [one.state for one in self.statuses]
        return [one for n, one in enumerate(states) if not n or states[n - 1] != one]

    def wait(self, state: str) -> ModelStatus:
        """Until it has this state."""
        wait_for(lambda: self.vlm.status.state == state, limit_s=START_S, what=state)
        return self.vlm.status

    def pid(self) -> int:
        return wait_for(lambda: self.vlm.pid, limit_s=START_S)


class StartModel:
    """Starts models."""

    def __init__(self, clock: JumpingClock) -> None:
        self.clock = clock
        self._running: list[Started] = []

    def __call__(
        self, *, layers: tuple[int, ...] = (), limits: Limits = NO_LIMITS, **how: object
    ) -> Started:
        """One whose loading is scripted (see `scripted_handler`)."""
        load = protocol.Load(model=script(**how))
        return self.begin(Plan(title="Scripted", load=load, gpu_layers=layers), scripted, limits)

    def begin(self, plan: Plan, factory: Factory, limits: Limits = NO_LIMITS) -> Started:
        statuses: list[ModelStatus] = []
        vlm = LlamaVlm(plan, factory, clock=self.clock, limits=limits, changed=statuses.append)
        self._running.append(Started(vlm, statuses))
        return self._running[-1]

    def end(self) -> None:
        """All of them are gone afterwards."""
        for one in self._running:
            pid = one.vlm.pid
            one.vlm.close()
            assert one.vlm.join(START_S), "the model's thread goes on"
            if pid is not None and alive(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
                raise AssertionError("the model's process goes on")
