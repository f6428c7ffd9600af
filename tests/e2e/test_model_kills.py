"""The real model process is killed in the middle of answers: the real window, engine and store, and
llama.cpp with random weights as a user's own model."""

from pathlib import Path

import keyring.backends.fail
import pytest

from app.bench.driving import driven
from app.bench.faults import QUESTION, in_memory, kill_often, model_processes, stage
from app.paths import Paths
from engine.memory.opening import open_memory
from tests.fakes.clock import JumpingClock

KILLS = 20


@pytest.mark.timeout(600)
def test_killed_twenty_times_every_question_is_answered_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    clock = JumpingClock()
    with stage(Paths.locate(tmp_path / "data")) as (home, sources):
        with driven(home, sources, clock) as engine:
            # Else the sixth kill within a minute would be the last.
            found = kill_often(home, engine, kills=KILLS, idle_s=0.1, rest=lambda: clock.jump(61))
            assert engine.heard.failed is None
        assert model_processes() == []
        killing = found.killing
        assert len(set(killing.killed)) == KILLS, "each was another process"
        assert len(killing.answers) == KILLS
        for told, answer in zip(killing.told, killing.answers, strict=True):
            assert answer.first_token_s is not None, answer.help
            assert answer.text.startswith(told.strip())
            assert len(answer.text) > len(told.strip()), "it was killed at the end, not before"
            assert answer.evidence
            assert answer.evidence[0].run == answer.run
        # The loop of the window went on turning between each kill and its answer.
        assert min(found.turns) > 1
        assert in_memory(home, killing.answers) == KILLS
        memory = open_memory(home.data, keyring=keyring.backends.fail.Keyring())
        try:
            assert memory.store.check_integrity() == ()
            kept = memory.archive.search(QUESTION, limit=1000)
            assert sum(one.kind == "answer" for one in kept) >= KILLS
            # What was seen was written down all the while.
            assert memory.archive.stats().runs == 1
            assert memory.archive.watched()
        finally:
            memory.close()
