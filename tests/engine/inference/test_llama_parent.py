"""The real model process and the process that it belongs to: stopped and continued, as when a lid
is closed and opened, and killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.inference.random_vlm import READABLE, write_pair
from tests.fakes.model_process import alive
from tests.fakes.waiting import wait_for

ROOT = Path(__file__).parents[3]
ASLEEP_S = 4.0
"""Longer than the silence that is taken for a hang, and than a watcher may look away."""

PARENT = """
import json, sys
from threading import Event
from app.clock import SystemClock
from engine.inference import protocol
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.supervisor import Plan
from engine.inference.watch import Limits
from engine.prompts import Prefix, Prompt


def tell(**what):
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    load = protocol.Load(
        model=sys.argv[1], projector=sys.argv[2], context=4096, batch=256, threads=1
    )
    vlm = LlamaVlm(
        Plan(title="", load=load),
        clock=SystemClock(),
        limits=Limits(silent_s=3.0),
        changed=lambda status: tell(state=status.state),
    )
    vlm.stand(Prefix(system="Look."))
    for n in range(2):
        answering = vlm.ask(Prompt(question="Tell me more.", most_tokens=int(sys.argv[3])))
        for piece in answering:
            if n:
                tell(piece=piece)
            else:
                tell(whole=piece)
        tell(ended=answering.outcome.why, pid=vlm.pid, state=vlm.status.state)
    Event().wait()
"""


class Parent:
    """A process with a model, and the lines that it tells."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []

    def until(self, key: str) -> dict[str, Any]:
        """The next line that has this key."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            if key in self.lines[-1]:
                return self.lines[-1]
        raise AssertionError(f"it ended before it told {key}: {self.lines[-3:]}")

    def told(self, key: str) -> list[Any]:
        return [line[key] for line in self.lines if key in line]


@contextmanager
def parent(folder: Path, tokens: int) -> Generator[Parent]:
    program = folder / "parent.py"
    program.write_text(PARENT)
    files = write_pair(folder, READABLE)
    with subprocess.Popen(
        [sys.executable, str(program), *map(str, files), str(tokens)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Parent(process)
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


@pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped by signals")
@pytest.mark.parametrize("everything", [True, False], ids=["everything", "the parent alone"])
def test_what_was_stopped_and_continued_goes_on_in_a_named_state(
    tmp_path: Path, everything: bool
) -> None:
    with parent(tmp_path, 400) as running:
        child: int = running.until("ended")["pid"]
        running.until("piece")
        stopped = [running.process.pid, *([child] if everything else [])]
        send(stopped, signal.SIGSTOP)
        wait_for(
            lambda: all(psutil.Process(pid).status() == "stopped" for pid in stopped),
            what="everything to stand still",
        )
        since = time.monotonic()
        wait_for(lambda: time.monotonic() - since > ASLEEP_S, limit_s=60)
        send(reversed(stopped), signal.SIGCONT)
        ended = running.until("ended")
        assert (ended["pid"], ended["state"]) == (child, "ready")
        assert "".join(running.told("piece")) == "".join(running.told("whole"))
        assert set(running.told("state")) == {"loading", "ready"}


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by signals")
@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_a_real_model_does_not_outlive_its_killed_parent(tmp_path: Path, stopped: bool) -> None:
    with parent(tmp_path, 2000) as running:
        running.until("whole")
        (child,) = (
            one.pid
            for one in psutil.Process(running.process.pid).children()
            if "spawn_main" in " ".join(one.cmdline())
        )
        if stopped:
            running.process.send_signal(signal.SIGSTOP)
        running.process.kill()
        wait_for(lambda: not alive(child), limit_s=60, what="the end of the model's process")
