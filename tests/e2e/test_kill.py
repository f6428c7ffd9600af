"""`kill -9` at any moment of a watching: nothing is corrupted, and what was printed more than a
second before is kept."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring.backends.fail

from engine.media import seconds
from engine.memory.database import DATABASE_FILE, Database
from engine.memory.opening import Memory, open_memory
from tests.fakes.program import Line, Program, Started
from tests.fakes.waiting import wait_for

KILLS = 50
AT_ONCE = 2
BEFORE_THE_FIRST_EVENT = 0.2
"""The share of kills that come while it starts."""
SAFE_AFTER_S = 1.0


def test_fifty_kills(tmp_path: Path, visits_video: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as hands:
        seeds = range(AT_ONCE)
        kept = list(hands.map(lambda seed: _killed_often(tmp_path, visits_video, seed), seeds))
    # Without models "something" comes and goes some thirty times within three seconds.
    assert sum(kept) >= KILLS


def _killed_often(folder: Path, video: Path, seed: int) -> int:
    """How many events were printed long enough before a kill, and found afterwards."""
    program = Program(folder / str(seed))
    program.home.mkdir()
    program.do("alerts", "add", "tell me when something appears", "--cooldown", "0")
    chance = random.Random(seed)
    runs: set[str] = set()
    kept = 0
    for _ in range(KILLS // AT_ONCE):
        printed = _killed(program, video, chance)
        memory = open_memory(program.data, keyring=keyring.backends.fail.Keyring())
        try:
            assert memory.store.check_integrity() == ()
            stored = _stored(program.data, memory, runs)
        finally:
            memory.close()
        missing = [line for line in printed if _as_stored(line) not in stored]
        assert missing == []
        kept += len(printed)
    assert [alert["text"] for alert in program.do("alerts", "list", "--json").json] != []
    return kept


def _killed(program: Program, video: Path, chance: random.Random) -> list[Line]:
    """Watch, kill at a random moment; the events printed more than a second before that."""
    early = chance.random() < BEFORE_THE_FIRST_EVENT
    wait_s = chance.uniform(0.1, 1.0) if early else chance.uniform(0.0, 2.6)
    with program.start("watch", video, "--json") as watching:
        if not early:
            watching.until(lambda w: w.printed, "it watches")
        seen = _timed(watching, wait_s)
        killed = time.monotonic()
        watching.kill()
        lines = watching.lines
    return [
        line
        for line, at in zip(lines, seen, strict=False)
        if killed - at > SAFE_AFTER_S and line["event"] in ("sighted", "left", "remarked", "source")
    ]


def _timed(watching: Started, wait_s: float) -> list[float]:
    """When each line had been printed at the latest, over so many seconds."""
    end = time.monotonic() + wait_s
    seen: list[float] = []

    def over() -> bool:
        now = time.monotonic()
        seen.extend([now] * (len(watching.printed) - len(seen)))
        return now >= end

    wait_for(over, limit_s=60)
    return seen


def _stored(folder: Path, memory: Memory, runs: set[str]) -> set[tuple[object, ...]]:
    """What the newest run left behind, times in seconds; its id is added to `runs`."""
    path = folder / DATABASE_FILE
    database = Database(path, memory.key, writes=False)
    try:
        new = {row[0] for row in database.rows("SELECT run FROM runs")} - runs
        runs |= new
        stored: set[tuple[object, ...]] = set()
        for run in new:
            states = database.rows("SELECT state, pts FROM run_states WHERE run = ?", (run,))
            sightings = database.rows(
                "SELECT phase, ended, x, y, w, h FROM sightings WHERE run = ?", (run,)
            )
            told = database.rows(
                "SELECT 'remarked', started, text FROM passages WHERE run = ?", (run,)
            )
            rows = [*states, *sightings, *told]
            stored |= {(row[0], seconds(row[1]), *row[2:]) for row in rows}
        return stored
    finally:
        database.close()


def _as_stored(line: Line) -> tuple[object, ...]:
    t = line["t"]
    match line["event"]:
        case "sighted":
            return ("began", t, *line["box"])
        case "left":
            return ("ended", t, *line["box"])
        case "remarked":
            return ("remarked", t, line["text"])
        case _:
            return (line["state"], t)
