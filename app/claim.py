"""The lock that makes one process the owner of a data folder."""

import contextlib
import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from app.paths import Paths
from engine.errors import StoreError, StoreLocked

RETRY_S = 0.05


class Claim:
    """Held by the one process that has the memory open; given back when that process ends,
    however it ends."""

    def __init__(self, paths: Paths) -> None:
        self._lock = FileLock(paths.lock, mode=0o600, thread_local=False)
        self._owner = paths.lock.with_suffix(".pid")

    def take(self) -> bool:
        """Try once; False when another process holds the folder.

        Raises:
            StoreError: the folder cannot be locked at all.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise StoreError(
                f"The data folder cannot be locked ({why}). Nothing was opened. "
                "Choose another folder with --data-dir."
            ) from error
        # It only names the holder: on a full disk the memory can still be read, and be forgotten.
        with contextlib.suppress(OSError):
            self._owner.write_text(str(os.getpid()), encoding="ascii")
        return True

    def take_within(self, patience_s: float, *, unless: Callable[[], bool]) -> bool:
        """Try until `patience_s` is over, for a short command may hold the folder for a moment;
        give up at once when `unless` says that the holder is there to stay."""
        deadline = time.monotonic() + patience_s
        while not self.take():
            if unless() or time.monotonic() >= deadline:
                return False
            time.sleep(RETRY_S)
        return True

    def give_back(self) -> None:
        if self._lock.is_locked:
            self._owner.unlink(missing_ok=True)
            self._lock.release()

    def holder(self) -> str:
        """` (process 1234)`, or nothing when it is not known."""
        try:
            return f" (process {int(self._owner.read_text(encoding='ascii'))})"
        except (OSError, ValueError):
            return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.give_back()


def taken(claim: Claim, doing: str) -> StoreLocked:
    """The error for a second process; `doing` is what the first one does."""
    return StoreLocked(
        f"Nacre is already {doing} with this data folder{claim.holder()}. It goes on undisturbed. "
        "Close it first, or give another folder with --data-dir."
    )
