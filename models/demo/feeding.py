"""Draws lessons in processes of their own while the network learns. Needs no torch."""

import multiprocessing
import queue
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

import cv2

T = TypeVar("T")
PATIENCE_S = 10.0


def orphaned() -> bool:
    """Whether the process that began this one was killed."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def _draw(
    make: Callable[..., Iterator[Any]], seed: int, rest: tuple[Any, ...], piece: int, out: Any
) -> None:
    cv2.setNumThreads(1)
    lessons = make(seed, *rest)
    while True:
        drawn = list(islice(lessons, piece))
        while True:
            try:
                out.put(drawn, timeout=PATIENCE_S)
                break
            except queue.Full:
                if orphaned():
                    return  # Nobody will ever take this.


class Feed(Generic[T]):
    """An endless supply of what `make(seed, *rest)` yields, each worker with a seed of its own.

    `piece` lessons in a row come from one worker. With no workers everything is drawn by the
    caller, in an order that the seed settles.
    """

    def __init__(
        self,
        make: Callable[..., Iterator[T]],
        rest: tuple[Any, ...],
        *,
        workers: int,
        first_seed: int,
        piece: int = 16,
    ) -> None:
        self._own = make(first_seed, *rest) if workers == 0 else None
        context = multiprocessing.get_context("spawn")
        self._queue: Any = context.Queue(maxsize=4 * max(workers, 1))
        self._ready: list[T] = []
        self._workers = [
            context.Process(
                target=_draw, args=(make, first_seed + n, rest, piece, self._queue), daemon=True
            )
            for n in range(workers)
        ]
        for worker in self._workers:
            worker.start()

    def take(self, count: int) -> list[T]:
        """The next `count` lessons.

        Raises:
            RuntimeError: a worker has died.
        """
        if self._own is not None:
            return list(islice(self._own, count))
        while len(self._ready) < count:
            try:
                self._ready += self._queue.get(timeout=60)
            except queue.Empty:
                if not all(worker.is_alive() for worker in self._workers):
                    raise RuntimeError("A process that draws lessons has ended.") from None
        taken, self._ready = self._ready[:count], self._ready[count:]
        return taken

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join()
