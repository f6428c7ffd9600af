"""The thread that writes: effects come in over a bounded queue and are committed in batches."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Condition, Event, Thread

from engine.effects import EraseConcept, EraseScope, Persist
from engine.errors import StoreError, StoreFull
from engine.facts import ClipRecord
from engine.media import nanoseconds
from engine.ports.memory import Store, StoreEffect
from engine.ports.sources import Clock

log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.25
BATCH = 256
MAX_WAITING = 2048
MAX_PIXEL_BYTES = 96 << 20
RETRY_AFTER_S = 2.0
RETENTION_EVERY_S = 600.0
CLOSE_TIMEOUT_S = 30.0


@dataclass(slots=True, eq=False)
class _Barrier:
    """Somebody waits until all that was put before, and these effects, are committed."""

    effects: Sequence[StoreEffect] = ()
    done: Event = field(default_factory=Event)
    error: StoreError | None = None


class StoreWriter:
    """Drives a store from a thread of its own; every method may be called from any thread.

    What was put is committed within 0.25 s and the time of one commit. While the disk is full it is
    kept, in bounds, and tried again. `failed` is called on the writer's thread with the first of a
    row of failures; a commit that succeeds ends the row.
    """

    def __init__(self, store: Store, clock: Clock, failed: Callable[[StoreError], None]) -> None:
        self._store = store
        self._clock = clock
        self._failed = failed
        self._waiting: deque[StoreEffect | _Barrier] = deque()
        self._effects = 0
        self._barriers = 0
        self._pixel_bytes = 0
        self._changed = Condition()
        self._closing = False
        self._full = False
        self._told = False
        self._retry_at = 0
        self._retention_at = clock.monotonic()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self.lost = 0
        """How many effects were given up because the disk stayed full."""

    def start(self) -> None:
        self._thread.start()

    def put(self, effect: StoreEffect) -> None:
        """Have the effect performed soon. Waits only when the writer has fallen far behind; while
        the disk is full it never waits, but lets go of pictures first."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._full or self._has_room())
            if self._closing:
                return
            if not self._has_room():
                effect = _without_pictures(effect)
            if self._effects >= MAX_WAITING:
                self.lost += 1
                return
            self._effects += 1
            self._pixel_bytes += _pixel_bytes(effect)
            self._waiting.append(effect)
            self._changed.notify_all()

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until all that was put before is committed; False when it could not be, or not in
        time."""
        return self._pass(_Barrier(), timeout_s) is None

    def perform(self, effects: Sequence[StoreEffect], timeout_s: float = 120.0) -> None:
        """Commit all that was put before, then these effects in one transaction, and wait for it.

        Raises:
            StoreError: they were not stored, and are not tried again.
        """
        error = self._pass(_Barrier(effects=effects), timeout_s)
        if error is not None:
            raise error

    def close(self) -> None:
        """Commit what is waiting and end the thread. The store stays open, for its owner to
        close."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(CLOSE_TIMEOUT_S)

    def _pass(self, barrier: _Barrier, timeout_s: float) -> StoreError | None:
        with self._changed:
            if self._closing or not self._thread.is_alive():
                return _closed()
            self._barriers += 1
            self._waiting.append(barrier)
            self._changed.notify_all()
        if not barrier.done.wait(timeout_s):
            return StoreError("The memory is busy. What is to be stored waits its turn.")
        return barrier.error

    def _has_room(self) -> bool:
        return self._effects < MAX_WAITING and self._pixel_bytes < MAX_PIXEL_BYTES

    def _is_urgent(self) -> bool:
        """Someone waits for the commit, or there is enough for one."""
        return self._closing or (self._effects >= BATCH and not self._full) or self._barriers > 0

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing, COMMIT_INTERVAL_S)
                closing = self._closing
            try:
                self._write(last_try=closing)
                self._keep_budget()
            except Exception as error:  # noqa: BLE001 (the outermost loop of the thread)
                # Its text may quote what the user said, so only its kind is logged.
                log.error("the store writer met %s", type(error).__name__)
                self._report(_failure())
            if closing:
                self._refuse_barriers(_closed())
                return
            with self._changed:
                self._changed.wait_for(self._is_urgent, COMMIT_INTERVAL_S)

    def _write(self, *, last_try: bool) -> None:
        """Commit all that is waiting, batch by batch, until the disk is full."""
        patient = not (self._barriers or last_try)
        if self._full and patient and self._clock.monotonic() < self._retry_at:
            return
        while (batch := self._take()) is not None:
            if isinstance(batch, _Barrier):
                self._settle_barrier(batch)
            elif not self._commit(batch):
                return

    def _take(self) -> "list[StoreEffect] | _Barrier | None":
        """The next effects that go into one transaction, or a barrier; None when nothing waits.
        An erasure stands alone: one that was interrupted is simply done again."""
        batch: list[StoreEffect] = []
        with self._changed:
            while self._waiting and len(batch) < BATCH:
                item = self._waiting[0]
                if isinstance(item, _Barrier):
                    if batch:
                        return batch
                    self._waiting.popleft()
                    self._barriers -= 1
                    return item
                erases = isinstance(item, EraseConcept | EraseScope)
                if erases and batch:
                    return batch
                self._waiting.popleft()
                self._effects -= 1
                self._pixel_bytes -= _pixel_bytes(item)
                self._changed.notify_all()
                batch.append(item)
                if erases:
                    return batch
        return batch or None

    def _commit(self, batch: list[StoreEffect]) -> bool:
        """False when the disk is full: the batch then waits in front of the others."""
        try:
            self._store.apply(batch)
        except StoreFull as error:
            self._hold(batch, error)
            return False
        except StoreError as error:
            if len(batch) > 1:
                return self._commit_each(batch)
            self._report(error)
        else:
            self._told = self._full = False
        return True

    def _commit_each(self, batch: list[StoreEffect]) -> bool:
        """One effect that cannot be stored does not take the others with it."""
        for place, effect in enumerate(batch):
            try:
                self._store.apply([effect])
            except StoreFull as error:
                self._hold(batch[place:], error)
                return False
            except StoreError as error:
                self._report(error)
        return True

    def _hold(self, batch: list[StoreEffect], error: StoreFull) -> None:
        self._retry_at = self._clock.monotonic() + nanoseconds(RETRY_AFTER_S)
        with self._changed:
            self._full = True
            self._waiting.extendleft(reversed(batch))
            self._effects += len(batch)
            self._pixel_bytes += sum(map(_pixel_bytes, batch))
            self._changed.notify_all()
        self._report(error)
        self._refuse_barriers(error)

    def _settle_barrier(self, barrier: _Barrier) -> None:
        try:
            if barrier.effects:
                self._store.apply(barrier.effects)
        except StoreError as error:
            barrier.error = error
        except BaseException:
            barrier.error = _failure()
            raise
        finally:
            barrier.done.set()

    def _refuse_barriers(self, error: StoreError) -> None:
        """Nobody is kept waiting for a commit that cannot be made now."""
        with self._changed:
            barriers = [item for item in self._waiting if isinstance(item, _Barrier)]
            self._waiting = deque(item for item in self._waiting if not isinstance(item, _Barrier))
            self._barriers = 0
        for barrier in barriers:
            barrier.error = error
            barrier.done.set()

    def _report(self, error: StoreError) -> None:
        if not self._told:
            self._told = True
            self._failed(error)

    def _keep_budget(self) -> None:
        now = self._clock.monotonic()
        if now < self._retention_at:
            return
        self._retention_at = now + nanoseconds(RETENTION_EVERY_S)
        try:
            self._store.enforce_retention(self._clock.wall())
        except StoreError as error:
            self._report(error)


def _failure() -> StoreError:
    return StoreError(
        "The memory met an error of the program. What was stored before is whole; something of "
        "the last second was not stored. Start Nacre again."
    )


def _closed() -> StoreError:
    return StoreError("The memory is closed. Nothing of this step was stored.")


def _pixel_bytes(effect: StoreEffect) -> int:
    if not isinstance(effect, Persist):
        return 0
    size = 0 if effect.frame is None else effect.frame.image.nbytes
    if isinstance(effect.fact, ClipRecord):
        size += sum(image.nbytes for _, image in effect.fact.key_frames)
    return size


def _without_pictures(effect: StoreEffect) -> StoreEffect:
    if not isinstance(effect, Persist):
        return effect
    fact = effect.fact
    if isinstance(fact, ClipRecord):
        fact = replace(fact, key_frames=())
    return Persist(fact=fact)
