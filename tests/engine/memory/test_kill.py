"""kill -9 at any moment: the database opens, is whole, and lacks at most the last second."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from keyring.backends.fail import Keyring

from engine.media import NANOSECONDS
from engine.memory.opening import open_memory
from tests.engine.memory import written_until_killed

ROOT = Path(__file__).parents[3]
FOLDERS, KILLS_EACH = 5, 2


def _killed(folder: Path, name: str, after_s: float) -> int:
    """How many facts were printed more than a second before the kill, which comes that long after
    the first of them."""
    script = Path(written_until_killed.__file__)
    writer = subprocess.Popen(
        [sys.executable, str(script), str(folder), name],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert writer.stdout is not None
    printed: list[tuple[int, int]] = []
    for line in writer.stdout:
        number, moment = line.split()
        printed.append((int(number), int(moment)))
        if moment_since(printed) > after_s:
            break
    killed_at = time.monotonic_ns()
    writer.send_signal(signal.SIGKILL)
    assert writer.wait() == -signal.SIGKILL
    writer.stdout.close()
    due = [number for number, moment in printed if killed_at - moment > NANOSECONDS]
    return len(due)


def moment_since(printed: list[tuple[int, int]]) -> float:
    return (printed[-1][1] - printed[0][1]) / NANOSECONDS


def _kill_twice(folder: Path) -> None:
    chance = random.Random(folder.name)
    for turn in range(KILLS_EACH):
        name = f"run{turn}"
        due = _killed(folder, name, chance.uniform(1.2, 2.0))
        assert due > 0
        memory = open_memory(folder, keyring=Keyring())
        try:
            assert memory.store.check_integrity() == ()
            kept = {seen.span.start // NANOSECONDS for seen in memory.archive.sightings(run=name)}
            assert kept >= set(range(due))
            # What is kept is a beginning without holes.
            assert kept == set(range(len(kept)))
            assert len(memory.archive.watched()) == turn + 1
        finally:
            memory.close()


def test_a_kill_loses_at_most_the_last_second(tmp_path: Path) -> None:
    with ThreadPoolExecutor(FOLDERS) as pool:
        list(pool.map(_kill_twice, [tmp_path / str(number) for number in range(FOLDERS)]))
