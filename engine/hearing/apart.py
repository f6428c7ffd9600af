"""A transcriber in a process of its own.

pocketsphinx holds the interpreter's lock for as long as it works on an utterance, seconds on a busy
machine: in the window's process nothing would be drawn meanwhile, and no sound taken in.
"""

import contextlib
import json
import logging
import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

import numpy as np

from engine.errors import DeviceLost
from engine.media import Samples
from engine.ports.sound import Transcriber, Transcript

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""An utterance of 20 s takes 5 s; a process that needs so much longer does not work any more."""


class TranscriberApart:
    """A `Transcriber`; used by one thread, closed by any. A process that has died is replaced
    once for the same utterance."""

    def __init__(self, make: Callable[[], Transcriber]) -> None:
        """`make`, a function of a module, is called in the other process."""
        self._make = make
        self._lock = Lock()
        self._closed = False
        self._names: tuple[str, ...] = ()
        self._begin()

    def know(self, names: Sequence[str]) -> tuple[str, ...]:
        self._names = tuple(names)
        return tuple(self._ask({"know": self._names}))

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        """Raises:
        DeviceLost: it cannot be written down; the process died twice, or hangs.
        """
        order = {"addressed": addressed, "wake": wake}
        return Transcript(**self._ask(order, samples))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._process.kill()
        self._process.join(1.0)

    def _begin(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        orders, self._orders = spawning.Pipe(duplex=False)
        self._replies, replies = spawning.Pipe(duplex=False)
        self._process = spawning.Process(
            target=_serve, args=(orders, replies, self._make), name="nacre-hearing", daemon=True
        )
        with self._lock:
            if self._closed:
                raise DeviceLost("Hearing has ended.")
            self._process.start()
        orders.close()
        replies.close()

    def _ask(self, order: Mapping[str, object], samples: Samples | None = None) -> Any:
        try:
            return self._reply(order, samples)
        except (EOFError, OSError):
            log.warning("what writes down has ended; it is started again")
        self._end()
        self._begin()
        try:
            if samples is not None and self._names:
                self._reply({"know": self._names}, None)
            return self._reply(order, samples)
        except (EOFError, OSError) as error:
            raise DeviceLost("What was said could not be written down.") from error

    def _reply(self, order: Mapping[str, object], samples: Samples | None) -> Any:
        self._orders.send_bytes(json.dumps(order).encode())
        self._orders.send_bytes(b"" if samples is None else samples.tobytes())
        if not self._replies.poll(PATIENCE_S):
            raise EOFError
        return json.loads(self._replies.recv_bytes())

    def _end(self) -> None:
        self._process.kill()
        self._process.join(5.0)
        self._orders.close()
        self._replies.close()


def _serve(orders: Connection, replies: Connection, make: Callable[[], Transcriber]) -> None:
    """The body of the process; ends when the other end is gone."""
    with contextlib.suppress(OSError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    transcriber = make()
    with contextlib.suppress(EOFError, OSError):
        while True:
            order = json.loads(orders.recv_bytes())
            samples = np.frombuffer(orders.recv_bytes(), np.int16)
            if "know" in order:
                reply: object = transcriber.know(tuple(order["know"]))
            else:
                reply = asdict(transcriber.transcribe(samples, **order))
            replies.send_bytes(json.dumps(reply).encode())
