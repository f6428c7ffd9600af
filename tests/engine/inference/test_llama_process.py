"""The real model in its process: llama.cpp with random weights, of three architectures."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelCorrupt
from engine.inference import protocol, worker
from engine.inference.supervisor import Plan
from engine.media import Frame
from engine.prompts import Card, Picture, Prefix, Probe, Prompt
from tests.conftest import TinyVlm
from tests.engine.inference.conftest import a_picture
from tests.fakes.clock import JumpingClock
from tests.fakes.model_process import Started, StartModel
from tests.fakes.waiting import wait_for

QUESTION = Prompt(question="What is it?", most_tokens=24)


def a_plan(files: TinyVlm, policy: str = "rebuilt") -> Plan:
    load = protocol.Load(
        model=str(files.model),
        projector=str(files.projector),
        context=2048,
        batch=256,
        threads=1,
        policy=policy,  # type: ignore[arg-type]
    )
    return Plan(title=files.name, load=load)


def a_frame(pts: int) -> Frame:
    return Frame(image=a_picture(pts), pts=pts, at=pts, run="run")


def watching(model: Started, *, frames: int = 3) -> Started:
    """One that has seen some frames."""
    card = Card(name="Momo", kind="pet", text="a grey cat", picture=a_picture(90))
    model.vlm.stand(Prefix(system="Look.", cards=(card,)))
    for pts in range(frames):
        model.vlm.take(a_frame(pts), f"[00:0{pts}]")
        wait_for(lambda want=pts: seen(model) == want, limit_s=60, what="the frame")
    return model


def seen(model: Started) -> int | None:
    """The newest frame that an answer sees."""
    answering = model.vlm.ask(Prompt(question="?", most_tokens=1))
    list(answering)
    return answering.outcome.newest_pts


def test_it_answers_and_judges_on_what_it_sees(start: StartModel, tiny_vlm: TinyVlm) -> None:
    vlm = watching(start.begin(a_plan(tiny_vlm), worker.live)).vlm
    assert vlm.status.backend == "CPU"
    answering = vlm.ask(QUESTION)
    text = "".join(answering)
    assert 0 < answering.outcome.tokens <= 24
    assert 0 < answering.outcome.weakest <= 1
    assert "".join(vlm.ask(QUESTION)) == text
    past = Picture(image=a_picture(50), mark="[yesterday]")
    list(vlm.ask(Prompt(question="And then?", pictures=(past,), notes=("10:00 Momo came",))))
    verdicts = vlm.probe([Probe(question="Is it a cat?"), Probe(question="Did it move?")])
    assert [round(sum(one.probabilities), 6) for one in verdicts] == [1, 1]
    assert vlm.perplexity("A cat sits there.") >= 1


def test_after_a_crash_it_says_what_it_would_have_said(
    start: StartModel, tiny_vlm: TinyVlm, jumping: JumpingClock
) -> None:
    model = watching(start.begin(a_plan(tiny_vlm), worker.live))
    whole = vlm_answer(model)
    judged = model.vlm.probe([Probe(question="Is it a cat?")])
    for _ in range(3):
        os.kill(model.pid(), signal.SIGKILL)
        jumping.jump(61)
        assert vlm_answer(model) == whole
    assert model.vlm.probe([Probe(question="Is it a cat?")]) == judged


def vlm_answer(model: Started) -> tuple[str, float]:
    answering = model.vlm.ask(QUESTION)
    return "".join(answering), answering.outcome.weakest


def test_an_answer_is_killed_in_the_middle_and_goes_on(
    start: StartModel, tiny_vlm: TinyVlm
) -> None:
    model = watching(start.begin(a_plan(tiny_vlm), worker.live))
    long = Prompt(question="Tell me more.", most_tokens=400)
    whole = "".join(model.vlm.ask(long))
    answering = model.vlm.ask(long)
    pieces = iter(answering)
    told = [next(pieces)]
    os.kill(model.pid(), signal.SIGKILL)
    assert "".join([*told, *pieces]) == whole


def test_cancelling_a_long_answer_leaves_the_stream_as_it_was(
    start: StartModel, tiny_vlm: TinyVlm
) -> None:
    model = watching(start.begin(a_plan(tiny_vlm), worker.live))
    before = vlm_answer(model)
    for _ in range(5):
        answering = model.vlm.ask(Prompt(question="Tell me more.", most_tokens=1000))
        next(iter(answering))
        answering.cancel()
    assert vlm_answer(model) == before


def test_a_damaged_file_is_refused_in_words(
    start: StartModel, tiny_vlm: TinyVlm, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(tiny_vlm.model.read_bytes()[:-1000])
    model = start.begin(a_plan(tiny_vlm._replace(model=broken)), worker.live)
    with pytest.raises(ModelCorrupt, match="is cut off"):
        list(model.vlm.ask(QUESTION))
    assert model.vlm.status.state == "failed"


def test_pictures_of_any_size_do_no_harm(start: StartModel, tiny_vlm: TinyVlm) -> None:
    model = watching(start.begin(a_plan(tiny_vlm), worker.live), frames=1)
    pid = model.pid()
    for n, size in enumerate(((1, 1, 3), (270, 480, 3), (3, 900, 3), (60, 80, 3)), start=1):
        model.vlm.take(Frame(image=np.zeros(size, np.uint8), pts=n, at=n, run="run"), "[00:00]")
        list(model.vlm.ask(Prompt(question="?", most_tokens=1, priority="idle")))
    wait_for(lambda: seen(model) == 4, limit_s=60, what="the last picture")
    assert model.pid() == pid


def test_texts_and_pictures_become_vectors_and_the_stream_stays_as_it_is(
    start: StartModel, tiny_vlm: TinyVlm
) -> None:
    model = watching(start.begin(a_plan(tiny_vlm), worker.live))
    before = vlm_answer(model)
    cat, again, dog = (model.vlm.embed(text) for text in ("a cat", "a cat", "the dog barks"))
    picture = model.vlm.embed(a_picture(50))
    assert np.array_equal(cat, again)
    assert not np.allclose(cat, dog)
    assert cat.shape == picture.shape
    assert [float(np.linalg.norm(one)) for one in (cat, dog, picture)] == pytest.approx([1, 1, 1])
    assert vlm_answer(model) == before
