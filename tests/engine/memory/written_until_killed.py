"""Run as a program: write facts into the folder given, and print each one that was handed over,
until killed. Now and then something is forgotten, so that a kill may hit that too."""

import sys
import time
from itertools import count
from pathlib import Path
from threading import Event

from keyring.backends.fail import Keyring

from engine.effects import EraseScope, Persist
from engine.errors import StoreError
from engine.facts import Scope
from engine.memory.opening import open_memory
from engine.memory.writer import StoreWriter
from tests.fakes.clock import EPOCH_2026
from tests.fakes.facts import frame, picture, run, sighting, words


class Ticking:
    """Real time, on the day of the facts."""

    def monotonic(self) -> int:
        return time.monotonic_ns()

    def wall(self) -> int:
        return EPOCH_2026

    def sleep(self, seconds: float) -> None:
        Event().wait(seconds)


def _fail(error: StoreError) -> None:
    raise SystemExit(str(error))


def main(folder: Path, name: str) -> None:
    memory = open_memory(folder, keyring=Keyring())
    clock = Ticking()
    writer = StoreWriter(memory.store, clock, _fail)
    writer.start()
    writer.put(Persist(fact=run(name)))
    big = picture(height=240, width=320)
    for number in count():
        seen = frame(name, number, big) if number % 10 == 0 else None
        writer.put(Persist(fact=sighting(name, number, number + 1), frame=seen))
        writer.put(Persist(fact=words("gone", f"passing words {number}")))
        print(number, time.monotonic_ns(), flush=True)
        if number % 40 == 39:
            writer.put(EraseScope(ref="", scope=Scope(run="gone")))
        clock.sleep(0.005)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
