"""A model in its process: what is asked is answered in the order of its urgency, and stopped."""

import os
import sys
from pathlib import Path
from threading import Thread

import psutil
import pytest

from engine.errors import ModelError
from engine.inference.llama_vlm import LlamaVlm
from engine.prompts import Card, Picture, Prefix, Probe, Prompt
from tests.fakes.model_process import StartModel, a_frame, alive
from tests.fakes.waiting import wait_for


def answer(vlm: LlamaVlm, question: str = "see", **more: object) -> str:
    return "".join(vlm.ask(Prompt(question=question, **more)))  # type: ignore[arg-type]


def shown(vlm: LlamaVlm, mark: str) -> None:
    """Wait until the model has seen the frame of this mark."""
    wait_for(lambda: mark in answer(vlm).replace("'", "").split(), what=mark)


def in_thread(body: object) -> Thread:
    thread = Thread(target=body, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_an_answer_comes_in_pieces_and_tells_how_it_ended(start: StartModel) -> None:
    vlm = start().vlm
    answering = vlm.ask(Prompt(question="count 4"))
    assert list(answering) == ["0 ", "1 ", "2 ", "3 "]
    outcome = answering.outcome
    assert (outcome.why, outcome.tokens, outcome.weakest) == ("end", 4, 0.5)
    assert outcome.first_token_s > 0
    short = vlm.ask(Prompt(question="count 9", most_tokens=2))
    assert list(short) == ["0 ", "1 "]
    assert short.outcome.why == "length"
    assert list(short) == []


def test_loading_is_told_as_it_goes_on(start: StartModel, tmp_path: Path) -> None:
    gate = tmp_path / "go"
    model = start(until=str(gate))
    wait_for(lambda: model.vlm.status.progress > 0.05, limit_s=60)
    assert model.vlm.status.state == "loading"
    gate.touch()
    status = model.wait("ready")
    assert (status.backend, status.progress, status.reason) == ("CPU", 1.0, "")
    assert model.states == ["loading", "ready"]
    steps = [one.progress for one in model.statuses]
    assert steps == sorted(steps)


def test_what_was_asked_while_it_loads_is_answered_then(start: StartModel, tmp_path: Path) -> None:
    gate = tmp_path / "go"
    model = start(until=str(gate))
    model.vlm.stand(Prefix(system="sys"))
    answering = model.vlm.ask(Prompt(question="see"))
    gate.touch()
    assert "".join(answering) == "sys"


def test_the_window_has_the_newest_frames_after_the_prefix(start: StartModel) -> None:
    vlm = start().vlm
    card = Card(name="Momo", kind="pet", picture=a_frame(99).image)
    vlm.stand(Prefix(system="sys", cards=(card,)))
    for n in range(1, 7):
        vlm.take(a_frame(n), f"m{n}")
        shown(vlm, f"m{n}")
    answering = vlm.ask(
        Prompt(question="see", pictures=(Picture(image=a_frame(5).image, mark="p"),))
    )
    assert "".join(answering) == "sys Momo m3 m4 m5 m6 p'"
    assert answering.outcome.newest_pts == 6
    assert answer(vlm, window=False) == "sys Momo"
    vlm.take(a_frame(1, "other run"), "o1")
    shown(vlm, "o1")
    assert answer(vlm) == "sys Momo o1'"
    vlm.clear()
    wait_for(lambda: answer(vlm) == "sys Momo")
    vlm.take(a_frame(1, "other run"), "o1")
    shown(vlm, "o1")
    assert answer(vlm) == "sys Momo o1"  # forgotten, so it was encoded again


def test_verdicts_and_perplexity(start: StartModel) -> None:
    vlm = start().vlm
    verdicts = vlm.probe([Probe(question="a?"), Probe(question="b?", options=("x", "y", "z", "u"))])
    assert [len(one.probabilities) for one in verdicts] == [2, 4]
    assert vlm.perplexity("The door is open.") == 2.0
    assert vlm.probe([]) == ()


def test_a_refusal_is_told_and_the_model_goes_on(start: StartModel) -> None:
    vlm = start().vlm
    with pytest.raises(ModelError, match="cannot do this"):
        answer(vlm, "refuse")
    with pytest.raises(ModelError, match="cannot do this"):
        vlm.probe([Probe(question="refuse")])
    assert answer(vlm, "count 1") == "0 "


def test_cancelling_stops_the_work_and_frees_the_listener(start: StartModel) -> None:
    vlm = start().vlm
    answering = vlm.ask(Prompt(question="count 100000", most_tokens=100000))
    pieces = iter(answering)
    assert next(pieces) == "0 "
    answering.cancel()
    assert list(pieces) == []
    assert answering.outcome.why == "cancelled"
    assert answering.outcome.tokens >= 1
    assert answer(vlm, "count 1") == "0 "
    waiting = vlm.ask(Prompt(question="count 5"))
    waiting.cancel()
    assert list(waiting) == []
    assert waiting.outcome.why == "cancelled"


def test_a_question_breaks_off_what_is_less_urgent_and_it_is_done_afterwards(
    start: StartModel,
) -> None:
    vlm = start().vlm
    idle = vlm.ask(Prompt(question="count 60", priority="idle"))
    idle_pieces = iter(idle)
    first = next(idle_pieces)
    order: list[str] = []

    def note() -> None:
        order.extend(["".join([first, *idle_pieces]), "idle"])

    thread = in_thread(note)
    assert answer(vlm, "count 2") == "0 1 "
    order.append("question")
    thread.join(30)
    assert order == ["question", "".join(f"{n} " for n in range(60)), "idle"]
    assert idle.outcome.tokens == 60


def test_an_alert_goes_before_a_note_and_after_a_question(start: StartModel) -> None:
    vlm = start().vlm
    answer(vlm, "count 1")
    busy = vlm.ask(Prompt(question="count 100000", most_tokens=100000))
    next(iter(busy))
    order: list[str] = []

    def ask(name: str, question: str, priority: str) -> Thread:
        asked = vlm.ask(Prompt(question=question, priority=priority))  # type: ignore[arg-type]
        return in_thread(lambda: (list(asked), order.append(name)))

    threads = [
        ask("note", "count 3", "idle"),
        ask("alert", "count 3", "alert"),
        ask("question", "count 3", "question"),
    ]
    busy.cancel()
    for thread in threads:
        thread.join(30)
    assert order == ["question", "alert", "note"]


def test_a_frame_that_is_taken_is_broken_off_for_a_question_and_taken_again(
    start: StartModel,
) -> None:
    vlm = start().vlm
    vlm.stand(Prefix(system="sys"))
    vlm.take(a_frame(0), "m0")
    assert answer(vlm) == "sys m0"  # a question waits for the first frame of an empty window
    vlm.take(a_frame(1), "slow1")
    assert answer(vlm) == "sys m0"  # the frame takes ten seconds
    vlm.take(a_frame(2), "m2")
    vlm.take(a_frame(3), "m3")
    assert answer(vlm) == "sys m0"  # breaks it off again, and now a newer one waits
    shown(vlm, "m3")
    assert answer(vlm) == "sys m0 m3"


def test_alerts_and_frames_take_turns(start: StartModel) -> None:
    vlm = start().vlm
    answer(vlm, "count 1")
    busy = vlm.ask(Prompt(question="count 100000", most_tokens=100000))
    next(iter(busy))
    alerts = [vlm.ask(Prompt(question="see", priority="alert")) for _ in range(2)]
    vlm.take(a_frame(1), "m1")
    busy.cancel()
    assert ["".join(one) for one in alerts] == [" m1", " m1"]


def test_what_nobody_shows_any_more_is_not_finished(start: StartModel) -> None:
    vlm = start().vlm
    vlm.stand(Prefix(system="sys"))
    answer(vlm)
    vlm.take(a_frame(1), "slow1")
    vlm.clear()
    vlm.take(a_frame(2), "m2")
    shown(vlm, "m2")


def test_a_closed_model_leaves_no_process_and_no_one_waiting(start: StartModel) -> None:
    model = start()
    model.wait("ready")
    pid = model.pid()
    answering = model.vlm.ask(Prompt(question="work"))
    model.vlm.close()
    with pytest.raises(ModelError, match="closed"):
        list(answering)
    assert model.vlm.join(30)
    assert not alive(pid)
    with pytest.raises(ModelError, match="closed"):
        model.vlm.ask(Prompt(question="see"))
    with pytest.raises(ModelError, match="closed"):
        model.vlm.probe([Probe(question="?")])
    model.vlm.close()


def test_it_is_closed_while_it_loads_or_hangs(start: StartModel, tmp_path: Path) -> None:
    loading = start(until=str(tmp_path / "never"))
    hanging = start()
    pids = [loading.pid(), hanging.pid()]
    hanging.wait("ready")
    asked = hanging.vlm.ask(Prompt(question="hang"))
    for model in (loading, hanging):
        model.vlm.close()
        assert model.vlm.join(30)
    with pytest.raises(ModelError):
        list(asked)
    assert not any(alive(pid) for pid in pids)


def test_the_process_opens_no_socket_and_starts_no_program(start: StartModel) -> None:
    model = start()
    model.vlm.take(a_frame(1), "m1")
    answer(model.vlm, "count 3")
    process = psutil.Process(model.pid())
    assert process.net_connections("all") == []
    assert process.children(recursive=True) == []
    kinds = [os.readlink(one) for one in Path(f"/proc/{process.pid}/fd").iterdir()]
    assert not [kind for kind in kinds if kind.startswith("socket:")]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines the process")
@pytest.mark.parametrize("layers", [(), (28,)])
def test_the_process_can_neither_open_a_socket_nor_start_a_program(
    start: StartModel, layers: tuple[int, ...]
) -> None:
    said = answer(start(layers=layers).vlm, "escape")
    assert said == "network refused socket refused shell refused thread refused "


def cards(count: int) -> tuple[Card, ...]:
    return tuple(Card(name=f"c{n}", kind="pet") for n in range(count))


def test_of_cards_that_do_not_fit_some_are_left_out_and_the_status_says_so(
    start: StartModel,
) -> None:
    model = start()
    model.vlm.stand(Prefix(system="at most 3", cards=cards(8)))
    assert answer(model.vlm) == "at most 3 c0 c1"
    status = model.vlm.status
    assert status.state == "ready"
    assert status.reason.endswith("left out: 6.")
    model.vlm.stand(Prefix(system="at most 3", cards=cards(2)))
    wait_for(lambda: model.vlm.status.reason == "", what="the status")
    assert answer(model.vlm) == "at most 3 c0 c1"


def test_a_prefix_that_is_refused_altogether_is_told_and_tried_again_when_asked(
    start: StartModel,
) -> None:
    model = start()
    model.vlm.stand(Prefix(system="refuse", cards=cards(2)))
    assert answer(model.vlm) == ""
    reason = wait_for(lambda: model.vlm.status.reason, what="the reason")
    assert "could not be given to the model. There is no room." in reason
    told = len(model.statuses)
    model.vlm.retry()
    model.vlm.stand(Prefix(system="sys"))
    wait_for(lambda: model.vlm.status.reason == "", what="the status")
    assert answer(model.vlm) == "sys"
    assert len(model.statuses) > told


def test_a_picture_that_is_refused_twice_is_told_until_one_is_taken(start: StartModel) -> None:
    model = start()
    model.vlm.stand(Prefix(system="sys"))
    model.vlm.take(a_frame(1), "m1")
    shown(model.vlm, "m1")
    model.vlm.take(a_frame(2), "refuse2")
    reason = wait_for(lambda: model.vlm.status.reason, what="the reason")
    assert reason == "The model could not take the last picture. It is too wide."
    assert answer(model.vlm) == "sys m1"
    model.vlm.take(a_frame(3), "m3")
    shown(model.vlm, "m3")
    assert model.vlm.status.reason == ""
    assert answer(model.vlm) == "sys m1 m3"


def test_what_is_asked_at_the_very_moment_of_the_end_is_refused_and_does_not_hang(
    start: StartModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = start()
    model.wait("ready")
    model.vlm.close()
    assert model.vlm.join(30)
    looks = iter([False])

    class Late:
        """Not closed when it was looked at, closed a moment later."""

        def is_set(self) -> bool:
            return next(looks, True)

        def set(self) -> None:
            """It is."""

    monkeypatch.setattr(model.vlm, "_closed", Late())
    with pytest.raises(ModelError, match="closed"):
        model.vlm.probe([Probe(question="?")])


def test_a_vector_is_told(start: StartModel) -> None:
    vlm = start().vlm
    assert vlm.embed("a cat").tolist() == pytest.approx([0.6, 0.8])
    assert vlm.embed(a_frame(1).image).shape == (2,)
    with pytest.raises(ModelError, match="cannot do this"):
        vlm.embed("refuse")
    with pytest.raises(ValueError, match="nothing"):
        vlm.embed("")
