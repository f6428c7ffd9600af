"""A model's process that crashes, hangs, grows or loses its parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import ModelCorrupt, ModelCrashed, ModelError, ModelOutOfMemory
from engine.inference.watch import Limits
from engine.prompts import Prefix, Prompt
from tests.engine.inference.test_llama_vlm import answer, shown
from tests.fakes.clock import JumpingClock
from tests.fakes.model_process import START_S, StartModel, a_frame, alive
from tests.fakes.waiting import wait_for

NO_SILENCE = Limits(silent_s=1.5, stuck_s=600)
NO_STANDSTILL = Limits(stuck_s=3)


def test_killed_twenty_times_in_the_middle_of_an_answer_it_answers_every_time(
    start: StartModel, jumping: JumpingClock
) -> None:
    model = start()
    whole = "".join(f"{n} " for n in range(40))
    for time in range(20):
        answering = model.vlm.ask(Prompt(question="count 40"))
        pieces = iter(answering)
        told = [next(pieces), next(pieces)]
        os.kill(model.pid(), signal.SIGKILL)
        assert "".join([*told, *pieces]) == whole, f"the {time}th time"
        assert answering.outcome.tokens == 40
        jumping.jump(61)


def test_one_answer_survives_several_deaths_without_saying_anything_twice(
    start: StartModel,
) -> None:
    model = start()
    answering = model.vlm.ask(Prompt(question="count 60"))
    told: list[str] = []
    pieces = iter(answering)
    for _ in range(4):
        told += [next(pieces), next(pieces)]
        os.kill(model.pid(), signal.SIGKILL)
    assert "".join([*told, *pieces]) == "".join(f"{n} " for n in range(60))


def test_a_new_process_sees_what_the_old_one_saw_without_encoding_it_again(
    start: StartModel,
) -> None:
    model = start()
    model.vlm.stand(Prefix(system="sys"))
    for n in range(1, 4):
        model.vlm.take(a_frame(n), f"m{n}")
        shown(model.vlm, f"m{n}")
    assert answer(model.vlm) == "sys m1 m2 m3"
    with pytest.raises(ModelCrashed, match="3 times over this"):
        answer(model.vlm, "abort")
    assert answer(model.vlm) == "sys m1' m2' m3'"
    assert "restarting" in model.states


def test_a_frame_that_kills_the_process_is_left_out(start: StartModel) -> None:
    model = start()
    model.vlm.stand(Prefix(system="sys"))
    model.vlm.take(a_frame(1), "m1")
    shown(model.vlm, "m1")
    model.vlm.take(a_frame(2), "abort")
    wait_for(lambda: model.states.count("ready") == 3, limit_s=START_S)
    assert answer(model.vlm) == "sys m1'"


def test_a_frozen_process_is_noticed_by_its_silence(start: StartModel) -> None:
    model = start(limits=NO_SILENCE)
    model.wait("ready")
    first = model.pid()
    with pytest.raises(ModelCrashed):
        answer(model.vlm, "freeze")
    assert not alive(first)
    assert "no sign of life" in next(one.reason for one in model.statuses if one.reason)
    assert answer(model.vlm, "count 1") == "0 "


def test_a_process_that_is_stopped_from_outside_while_it_works_is_replaced(
    start: StartModel,
) -> None:
    model = start(limits=NO_SILENCE)
    answering = model.vlm.ask(Prompt(question="count 50"))
    pieces = iter(answering)
    told = [next(pieces)]
    os.kill(model.pid(), signal.SIGSTOP)
    assert "".join([*told, *pieces]) == "".join(f"{n} " for n in range(50))


def test_a_stopped_process_with_nothing_to_do_is_left_alone(
    start: StartModel, jumping: JumpingClock
) -> None:
    model = start()
    assert answer(model.vlm, "count 1") == "0 "
    pid = model.pid()
    os.kill(pid, signal.SIGSTOP)
    jumping.jump(3600)
    os.kill(pid, signal.SIGCONT)
    assert answer(model.vlm, "count 1") == "0 "
    assert model.pid() == pid


def test_native_code_that_hangs_is_noticed_although_the_process_beats(start: StartModel) -> None:
    model = start(limits=NO_STANDSTILL)
    model.wait("ready")
    with pytest.raises(ModelCrashed):
        answer(model.vlm, "hang")
    assert "got no further" in next(one.reason for one in model.statuses if one.reason)
    assert answer(model.vlm, "count 1") == "0 "


def test_a_slow_load_is_never_given_up(start: StartModel, tmp_path: Path) -> None:
    gate = tmp_path / "go"
    model = start(limits=NO_STANDSTILL, until=str(gate))
    steps = wait_for(lambda: len(model.statuses) > 20 and len(model.statuses), limit_s=START_S)
    assert steps
    wait_for(lambda: model.vlm.status.progress >= 0.9, limit_s=START_S)
    gate.touch()
    model.wait("ready")
    assert model.states == ["loading", "ready"]


def test_the_lid_closed_and_opened_during_an_answer(
    start: StartModel, jumping: JumpingClock
) -> None:
    """Everything stood still, and the clock went on."""
    model = start()
    answering = model.vlm.ask(Prompt(question="count 30"))
    pieces = iter(answering)
    told = [next(pieces)]
    pid = model.pid()
    os.kill(pid, signal.SIGSTOP)
    jumping.jump(8 * 3600)
    os.kill(pid, signal.SIGCONT)
    assert "".join([*told, *pieces]) == "".join(f"{n} " for n in range(30))
    assert model.pid() == pid


def test_too_many_crashes_end_in_a_sentence_and_it_can_be_tried_again(
    start: StartModel, tmp_path: Path
) -> None:
    model = start(error="crash")
    asked = model.vlm.ask(Prompt(question="count 1"))
    status = model.wait("failed")
    assert "6 times within a minute" in status.reason
    with pytest.raises(ModelCrashed, match="not started again"):
        list(asked)
    with pytest.raises(ModelCrashed, match="not started again"):
        answer(model.vlm)
    model.statuses.clear()
    model.vlm.retry()
    wait_for(lambda: model.states == ["loading", "restarting", "failed"], limit_s=START_S)


def test_after_a_failure_a_retry_answers_again(start: StartModel) -> None:
    model = start(limits=Limits(restarts=1, attempts=9))
    with pytest.raises(ModelCrashed, match="2 times within a minute"):
        answer(model.vlm, "abort")
    assert model.vlm.status.state == "failed"
    model.vlm.retry()
    model.wait("ready")
    assert answer(model.vlm, "count 1") == "0 "


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [("corrupt", ModelCorrupt, "damaged"), ("memory", ModelOutOfMemory, "not enough memory")],
)
def test_a_model_that_cannot_be_loaded_is_not_tried_over_and_over(
    start: StartModel, error: str, kind: type[ModelError], words: str
) -> None:
    model = start(error=error)
    with pytest.raises(kind, match=words):
        answer(model.vlm)
    assert model.states == ["failed"]
    assert words in model.vlm.status.reason
    assert model.vlm.pid is None


def test_what_does_not_fit_on_the_gpu_runs_on_less_of_it(start: StartModel) -> None:
    model = start(layers=(28, 14, 7), layers_that_fit=10)
    status = model.wait("ready")
    assert status.backend == "GPU: 7"
    assert "too little memory" in status.reason
    assert "7 layers of it run there" in status.reason


def test_and_last_on_the_processor(start: StartModel) -> None:
    model = start(layers=(28,), layers_that_fit=0)
    status = model.wait("ready")
    assert (status.backend, "runs on the processor" in status.reason) == ("CPU", True)
    assert answer(model.vlm, "count 1") == "0 "
    model.statuses.clear()
    model.vlm.retry()
    wait_for(lambda: model.states == ["loading", "restarting", "ready"], limit_s=START_S)


def test_a_driver_that_crashes_is_left_alone_after_the_second_time(start: StartModel) -> None:
    model = start(layers=(28,), crash_on_gpu=True)
    status = model.wait("ready")
    assert status.backend == "CPU"
    assert "kept failing on the graphics card" in status.reason


def test_a_gpu_that_is_lost_during_an_answer(start: StartModel) -> None:
    model = start(layers=(28,))
    assert model.wait("ready").backend == "GPU: 28"
    with pytest.raises(ModelError):
        answer(model.vlm, "lose gpu")
    status = model.wait("ready")
    assert status.backend == "CPU"
    assert "The graphics card gave up" in status.reason


def test_a_process_that_grows_too_large_is_replaced(start: StartModel) -> None:
    model = start(limits=Limits(memory_bytes=400 << 20, attempts=2))
    with pytest.raises(ModelCrashed, match="2 times over this"):
        answer(model.vlm, "hoard 600")
    assert "more memory" in next(one.reason for one in model.statuses if one.reason)
    assert answer(model.vlm, "count 1") == "0 "


PARENT = """
import sys
from threading import Event
from app.clock import SystemClock
from engine.inference import protocol
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.supervisor import Plan
from engine.prompts import Prompt
from tests.fakes.scripted_handler import script, scripted

if __name__ == "__main__":
    plan = Plan(title="", load=protocol.Load(model=script()))
    vlm = LlamaVlm(plan, scripted, clock=SystemClock())
    next(iter(vlm.ask(Prompt(question="count 1"))))
    asked = vlm.ask(Prompt(question=sys.argv[1]))
    print(vlm.pid, flush=True)
    Event().wait()
"""


@pytest.mark.parametrize("doing", ["work", "hang", "count 1"])
def test_it_dies_with_its_parent_also_when_that_is_killed(tmp_path: Path, doing: str) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    root = str(Path(__file__).parents[3])
    with subprocess.Popen(
        [sys.executable, str(program), doing],
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
        wait_for(lambda: not alive(child), limit_s=30, what="the end of the child")
