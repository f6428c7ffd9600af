"""The model's process: three threads around one model.

The main thread does what is ordered, one order at a time, and is the only one in native code. A
second hears orders meanwhile, passes on `Stop`, and ends the process when the window's process is
gone. A third tells that the process lives, and whether its native code makes progress.
"""

import contextlib
import ctypes
import faulthandler
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import NoReturn

from engine.errors import EngineError, ModelCorrupt, ModelIncompatible, ModelOutOfMemory
from engine.inference import protocol, wire
from engine.inference.confinement import confine
from engine.inference.forwarding import Forwarding, where
from engine.inference.handler import Factory, Handler, Told
from engine.inference.native import ContextFull, GpuLost, Stopped

log = logging.getLogger(__name__)

BEAT_S = 0.25
IDLE_BEAT_S = 2.0
_DEATH_OF_PARENT = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""
_ASKED = protocol.Ask | protocol.Judge | protocol.Weigh | protocol.Embed
"""What somebody waits for."""
_BY_ITSELF = 0
"""The number of what nobody ordered: loading, and what can wait."""


@dataclass(frozen=True, slots=True)
class Ends:
    """This process's ends of the pipes."""

    orders: Connection
    reports: Connection
    errors: Connection


def run(ends: Ends, factory: Factory, parent: int) -> None:
    """The body of the process; returns only when there is nothing to be done any more."""
    _settle(ends.errors, parent)
    worker = Worker(ends.orders, ends.reports)
    logging.basicConfig(level=logging.INFO, handlers=[worker.log_handler], force=True)
    worker.work(factory)


def _settle(errors: Connection, parent: int) -> None:
    """Be a child that dies with its parent, is the first to go when memory is short, and whose
    output goes nowhere but into the window process's log."""
    with contextlib.suppress(OSError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GGML_NO_BACKTRACE"] = "1"  # else an abort starts a debugger
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_OF_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.dup2(errors.fileno() if os.name == "posix" else nowhere, 2)
    faulthandler.enable(2, all_threads=False)


def live(
    load: protocol.Load,
    loading: Callable[[float], bool],
    keep: Callable[[str, protocol.Rows], None],
) -> Handler:
    """A model on llama.cpp, whose library is loaded into the model's process alone."""
    from engine.inference.llama_handler import LlamaHandler

    return LlamaHandler(load, loading, keep)


class Worker:
    """Reads orders and does them."""

    def __init__(self, orders: Connection, reports: Connection) -> None:
        self._orders = orders
        self._reports = reports
        self._writing = Lock()
        self._waiting: SimpleQueue[protocol.Load | protocol.Work] = SimpleQueue()
        self._turn = Lock()
        self._working: int | None = None
        self._revoked: int | None = None
        self._handler: Handler | None = None
        self._loaded = 0
        self._begun = Event()
        self.log_handler = Forwarding(self._report)

    def work(self, factory: Factory) -> NoReturn:
        """Until the other side is gone."""
        for body, name in ((self._hear, "orders"), (self._beat, "beat")):
            Thread(target=body, name=name, daemon=True).start()
        load = self._waiting.get()
        assert isinstance(load, protocol.Load)
        self.log_handler.hide(load)
        handler = self._load(factory, load)
        while True:
            order = self._next(handler)
            if handler is None:
                self._report(protocol.Failed(id=order.id, fault="other", reason="No model."))
            else:
                self._do(handler, order)

    def _next(self, handler: Handler | None) -> protocol.Work:
        """The next order; until it comes, what can wait is done."""
        while handler is not None and self._waiting.empty():
            self._begin(_BY_ITSELF)
            try:
                more = handler.work()
            except Stopped:
                more = True  # an order has come
            except Exception as error:  # noqa: BLE001 (the outermost handler of this thread)
                log.warning("what could wait failed: %s", where(error))
                more = False
            self._end()
            if not more:
                break
        order = self._waiting.get()
        assert not isinstance(order, protocol.Load)
        return order

    def _load(self, factory: Factory, load: protocol.Load) -> Handler | None:
        self._begin(_BY_ITSELF)
        if not load.gpu_layers:
            confine()
        try:
            handler = factory(load, self._loading, self._keep)
        except Exception as error:  # noqa: BLE001 (the outermost handler of this thread)
            self._report(_failure(None, error))
            return None
        if load.gpu_layers:
            confine()  # only now: drivers start programs that make their devices
        self._handler = handler
        self._end()
        self._report(handler.ready)
        return handler

    def _loading(self, progress: float) -> bool:
        self._loaded += 1
        self._report(protocol.Loading(progress=min(max(progress, 0.0), 1.0)))
        return True

    def _keep(self, key: str, encoded: protocol.Rows) -> None:
        self._report(protocol.Encoding(key=key, encoded=encoded))

    def _do(self, handler: Handler, order: protocol.Work) -> None:
        handler.go_on()
        if not self._begin(order.id):
            self._report(protocol.Stopped(id=order.id))
            return
        try:
            report = self._done(handler, order)
        except Stopped:
            report = protocol.Stopped(id=order.id)
        except Exception as error:  # noqa: BLE001 (the outermost handler of this thread)
            report = _failure(order.id, error)
        self._end()
        self._report(report)

    def _done(self, handler: Handler, order: protocol.Work) -> protocol.Ended:
        match order:
            case protocol.Stand():
                handler.stand(order)
            case protocol.Take():
                handler.take(order)
            case protocol.Clear():
                handler.clear()
            case protocol.Ask(id=number):
                end = handler.ask(order, lambda told: self._tell(number, told))
                return protocol.Answered(id=number, why=end.why, newest_pts=end.newest_pts)
            case protocol.Judge():
                return protocol.Judged(id=order.id, probabilities=handler.judge(order))
            case protocol.Weigh():
                return protocol.Weighed(id=order.id, perplexity=handler.weigh(order))
            case protocol.Embed():
                return protocol.Embedded(id=order.id, vector=handler.embed(order))
        return protocol.Done(id=order.id)

    def _tell(self, number: int, told: Told) -> None:
        self._report(
            protocol.Said(
                id=number, text=told.text, tokens=told.tokens, probability=told.probability
            )
        )

    def _begin(self, number: int) -> bool:
        """Whether it was not stopped before it began."""
        with self._turn:
            self._working = number
            stopped = self._revoked == number
            if stopped:
                self._working = None
        self._begun.set()
        return not stopped

    def _end(self) -> None:
        with self._turn:
            self._working = None
        self._begun.clear()

    # --- beside the work -------------------------------------------------------------------------

    def _hear(self) -> None:
        try:
            while True:
                order = protocol.next_order(self._orders)
                if isinstance(order, protocol.Stop):
                    self._stop(order.id)
                else:
                    self._waiting.put(order)
                    if isinstance(order, _ASKED):
                        self._stop(_BY_ITSELF)
        except (EOFError, OSError, wire.WireError):
            os._exit(0)  # the window's process is gone; native code may be running

    def _stop(self, number: int) -> None:
        with self._turn:
            if number != _BY_ITSELF:
                self._revoked = number
            if self._working == number and self._handler is not None:
                self._handler.stop()

    def _beat(self) -> None:
        while True:
            self._report(protocol.Beat(count=self._progress(), working=self._working))
            if self._working is None:
                self._begun.wait(IDLE_BEAT_S)
            else:
                time.sleep(BEAT_S)

    def _progress(self) -> int:
        """Loading has stretches that tell nothing (a driver compiles its shaders), so the time that
        the processor worked counts as progress there."""
        if self._handler is not None:
            return self._handler.progress_count
        return self._loaded + round(time.process_time() * 50)

    def _report(self, report: protocol.Report) -> None:
        data = b"".join(wire.encode(report))
        try:
            with self._writing:
                self._reports.send_bytes(data)
        except OSError:
            os._exit(0)


def _failure(number: int | None, error: Exception) -> protocol.Failed:
    """What it was, in words for people; the log has where."""
    log.warning("%s", where(error))
    fault: protocol.Fault = "other"
    reason = str(error)
    match error:
        case ModelCorrupt():
            fault = "corrupt"
        case ModelIncompatible():
            fault = "incompatible"
        case ModelOutOfMemory():
            fault = "memory"
        case MemoryError():
            fault, reason = "memory", "The model needs more memory than there is."
        case GpuLost():
            fault = "gpu"
        case ContextFull():
            reason = "This is more than the model can read at once. Ask about less."
        case EngineError():
            pass
        case _:
            reason = f"Something went wrong inside the model ({type(error).__name__})."
    return protocol.Failed(id=number, fault=fault, reason=reason[:2000])
