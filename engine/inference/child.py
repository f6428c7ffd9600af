"""The model's process as the window's process holds it: started, spoken to, ended."""

import contextlib
import logging
import multiprocessing
import os
import re
import signal
from collections.abc import Callable, Generator
from queue import SimpleQueue
from threading import Semaphore, Thread

import psutil

from engine.inference import protocol, wire, worker
from engine.inference.handler import Factory

log = logging.getLogger(__name__)

END_S = 5.0
_UNREAD = 256
"""Reports that may wait to be read: a process that floods its pipe waits, too."""
_ERROR_LINES = 100
_LINE = 300
_PATH = re.compile(r"\S*[/\\](?:(\w+\.py)\b)?\S*")


class Child:
    """One process. Made, and used, by one thread: on Linux it ends when that thread ends."""

    def __init__(
        self, factory: Factory, deliver: "Callable[[Child, protocol.Report | None], None]"
    ) -> None:
        """`deliver` is called from another thread with each report, and with None when the process
        has nothing more to say; `heard` is to be called after each."""
        spawning = multiprocessing.get_context("spawn")
        # One-way pipes: a two-way one would be a socket.
        orders, self._orders = spawning.Pipe(duplex=False)
        self._reports, reports = spawning.Pipe(duplex=False)
        self._errors, errors = spawning.Pipe(duplex=False)
        self._deliver = deliver
        self._outgoing: SimpleQueue[protocol.Order | None] = SimpleQueue()
        self._room = Semaphore(_UNREAD)
        self._ended = False
        theirs = worker.Ends(orders=orders, reports=reports, errors=errors)
        self._process = spawning.Process(
            target=worker.run, args=(theirs, factory, os.getpid()), name="nacre-model", daemon=True
        )
        with _uninterrupted():
            self._process.start()
        for end in (orders, reports, errors):
            end.close()
        self._seen = psutil.Process(self.pid)
        threads = [(self._send, "orders"), (self._read, "reports")]
        if os.name == "posix":
            threads.append((self._log, "errors"))
        for body, name in threads:
            Thread(target=body, name=f"model-{name}", daemon=True).start()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    def send(self, order: protocol.Order) -> None:
        """Returns at once; orders to a process that is gone are lost."""
        self._outgoing.put(order)

    def heard(self) -> None:
        """A report was handled."""
        self._room.release()

    def memory_bytes(self) -> int:
        """That lies in RAM, or 0 when the process is gone."""
        try:
            return self._seen.memory_info().rss
        except psutil.Error:
            return 0

    def end(self) -> int | None:
        """End it: it holds nothing that is worth a farewell. Returns its exit code."""
        self._ended = True
        self._process.kill()
        self._process.join(END_S)
        self._outgoing.put(None)
        self._room.release()
        return self._process.exitcode

    # --- threads ---------------------------------------------------------------------------------

    def _send(self) -> None:
        with self._orders, contextlib.suppress(OSError):
            while (order := self._outgoing.get()) is not None:
                self._orders.send_bytes(b"".join(wire.encode(order)))

    def _read(self) -> None:
        with self._reports:
            while True:
                try:
                    report = protocol.next_report(self._reports)
                except (EOFError, OSError):
                    break
                except wire.WireError:
                    log.error("the model's process sent what is no report")
                    break
                self._room.acquire()
                if self._ended:
                    break
                self._deliver(self, report)
        self._deliver(self, None)

    def _log(self) -> None:
        """What native code writes when it aborts, without paths."""
        left = _ERROR_LINES
        with self._errors, open(os.dup(self._errors.fileno()), errors="replace") as lines:
            while line := lines.readline(_LINE):
                left -= 1
                if left >= 0 and (text := _PATH.sub(r"…\1", line.strip())):
                    log.warning("model process: %s", text)


@contextlib.contextmanager
def _uninterrupted() -> Generator[None]:
    """Ctrl-C is for the window's process; the new one must not be born with it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
