"""A handler that does what the words of an order say, in a real process: to crash it, hang it
and stop it without a model.

Loading is scripted by the name of the model file, which is JSON; an answer by its question.
"""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np

from engine.errors import ModelCorrupt, ModelError, ModelOutOfMemory
from engine.inference import protocol
from engine.inference.handler import End, Handler, Told
from engine.inference.native import GpuLost, Stopped
from engine.media import Vector

TICK_S = 0.01
_hoard: list[bytes] = []

ESCAPES: dict[str, Callable[[], object]] = {
    "network": lambda: socket.socket(socket.AF_INET),
    "socket": lambda: socket.socket(socket.AF_UNIX),
    "shell": lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True),
    "thread": lambda: Thread(target=socket.socket).run(),
}


def _tried(way: Callable[[], object]) -> str:
    try:
        way()
    except PermissionError:
        return "refused"
    return "done"


def script(**how: object) -> str:
    """The name of a model file that loads like this."""
    return json.dumps(how)


def scripted(
    load: protocol.Load,
    loading: Callable[[float], bool],
    keep: Callable[[str, protocol.Rows], None],
) -> Handler:
    """`Factory` of the process under test.

    `layers_that_fit`: more do not go into the GPU's memory; `crash_on_gpu`; `error`: `corrupt`,
    `memory`, `crash` or `hang`; `until`: loads, with progress, until this file is there.
    """
    how = json.loads(load.model)
    if load.gpu_layers and how.get("crash_on_gpu"):
        os.abort()
    if load.gpu_layers > how.get("layers_that_fit", 99):
        raise ModelOutOfMemory("There is not enough memory on the graphics card.")
    match how.get("error"):
        case "corrupt":
            raise ModelCorrupt("The file is damaged. Get it again.")
        case "memory":
            raise ModelOutOfMemory("There is not enough memory. Choose a smaller model.")
        case "crash":
            os.abort()
        case "hang":
            Event().wait()
        case _:
            pass
    done = 0
    while "until" in how and not Path(how["until"]).exists():
        loading(min(0.01 * done, 0.9))
        done += 1
        Event().wait(TICK_S)
    loading(1.0)
    return ScriptedHandler(f"GPU: {load.gpu_layers}" if load.gpu_layers else "CPU", keep)


class ScriptedHandler:
    def __init__(self, backend: str, keep: Callable[[str, protocol.Rows], None]) -> None:
        self.ready = protocol.Ready(backend=backend, title="Scripted")
        self.progress_count = 0
        self._keep = keep
        self._stopping = Event()
        self._system = ""
        self._cards: list[str] = []
        self._seen: list[tuple[str, int, str]] = []

    def stand(self, order: protocol.Stand) -> None:
        match order.system.split():
            case ["at", "most", cards] if len(order.cards) > int(cards):
                raise ModelError("There is no room.")
            case ["refuse"]:
                raise ModelError("There is no room.")
            case _:
                pass
        self._system = order.system
        self._cards = [
            f"{card.name}{self._how(card.picture) if card.picture else ''}" for card in order.cards
        ]

    def take(self, order: protocol.Take) -> None:
        if order.picture.mark.startswith("slow"):
            self._work(1000)
        if order.picture.mark.startswith("refuse"):
            raise ModelError("It is too wide.")
        if order.picture.mark.startswith("abort"):
            os.abort()
        self._seen.append((order.picture.mark, order.pts, self._how(order.picture)))
        del self._seen[:-4]

    def clear(self) -> None:
        self._seen.clear()

    def ask(self, order: protocol.Ask, tell: Callable[[Told], None]) -> End:
        said = len(order.said)
        match order.question.split():
            case ["count", most]:
                words = [f"{n} " for n in range(int(most))]
            case ["see"]:
                marks = [f"{mark}{how}" for mark, _, how in self._seen if order.window]
                extra = [f"{one.mark}{self._how(one)}" for one in order.pictures]
                words = [" ".join([self._system, *self._cards, *marks, *extra])]
            case ["escape"]:
                words = [f"{name} {_tried(way)} " for name, way in ESCAPES.items()]
            case _:
                self._misbehave(order.question)
                words = ["done"]
        for n, word in enumerate(words[: order.most_tokens]):
            if n >= said:
                self._work(1)
                tell(Told(text=word, tokens=(n,), probability=0.5))
        newest = self._seen[-1][1] if self._seen else None
        return End(why="end" if len(words) <= order.most_tokens else "length", newest_pts=newest)

    def judge(self, order: protocol.Judge) -> tuple[tuple[float, ...], ...]:
        for probe in order.probes:
            self._misbehave(probe.question)
        return tuple(tuple(1 / len(one.options) for _ in one.options) for one in order.probes)

    def weigh(self, order: protocol.Weigh) -> float:
        self._misbehave(order.statement)
        return 2.0

    def embed(self, order: protocol.Embed) -> Vector:
        self._misbehave(order.text)
        return np.array([0.6, 0.8], np.float32)

    def work(self) -> bool:
        return False

    def stop(self) -> None:
        self._stopping.set()

    def go_on(self) -> None:
        self._stopping.clear()

    def _how(self, picture: protocol.Shown) -> str:
        """`'` for one that was encoded before; else it is encoded now."""
        if picture.encoded is not None:
            return "'"
        assert picture.image is not None
        rows = np.full((2, 4), picture.image.mean(), np.float16)
        self._keep(
            picture.key,
            protocol.Rows(rows=rows, positions=None, advance=2, before=(), after=(), causal=True),
        )
        return ""

    def _work(self, ticks: int) -> None:
        """Work that makes progress and can be stopped."""
        for _ in range(ticks):
            if self._stopping.wait(TICK_S):
                raise Stopped
            self.progress_count += 1

    def _misbehave(self, how: str) -> None:
        match how.split():
            case ["work"]:
                self._work(1000)
            case ["abort"]:
                os.abort()
            case ["hang"]:  # native code that never comes back
                Event().wait()
            case ["freeze"]:
                os.kill(os.getpid(), signal.SIGSTOP)
            case ["refuse"]:
                raise ModelError("The model cannot do this.")
            case ["lose", "gpu"]:
                raise GpuLost("The graphics card gave up.")
            case ["hoard", megabytes]:
                _hoard.append(b"x" * (int(megabytes) << 20))
                self._work(1000)
            case _:
                pass
