"""The model as the runtime has it: what is told of it, and in which order."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from engine import reports as rep
from engine.model_room import ModelRoom
from engine.ports import VisionLanguageModel
from engine.prompts import ModelStatus
from tests.fakes.vlm import READY, FakeVlm

LOADING = ModelStatus(model="Scripted", state="loading", progress=0.0)


def told(inbox: "SimpleQueue[rep.Report]") -> list[str]:
    states: list[str] = []
    while not inbox.empty():
        report = inbox.get()
        assert isinstance(report, rep.ModelStatusChanged)
        assert report.status is not None
        states.append(report.status.state)
    return states


def test_a_state_that_comes_early_is_told_after_the_opening() -> None:
    inbox: SimpleQueue[rep.Report] = SimpleQueue()
    ready: list[Thread] = []

    def language(
        current: VisionLanguageModel | None,
        changed: Callable[[ModelStatus], None],
        *,
        demo: bool = False,
    ) -> VisionLanguageModel:
        if current is not None:
            return current
        vlm = FakeVlm(LOADING, changed)
        # Its own thread is faster than the desk.
        ready.append(Thread(target=changed, args=(READY,), daemon=True))
        ready[0].start()
        return vlm

    room = ModelRoom(language, None, inbox.put)  # type: ignore[arg-type]
    opened = room.load()
    assert isinstance(opened, rep.ModelStatusChanged)
    assert (opened.opened, opened.status) == (True, LOADING)
    assert inbox.empty()
    inbox.put(opened)
    room.announce()
    ready[0].join(10)
    assert told(inbox) == ["loading", "ready"]


def test_what_a_model_tells_while_it_is_made_is_in_the_report_of_its_opening() -> None:
    inbox: SimpleQueue[rep.Report] = SimpleQueue()

    def language(
        current: VisionLanguageModel | None,
        changed: Callable[[ModelStatus], None],
        *,
        demo: bool = False,
    ) -> VisionLanguageModel:
        vlm = FakeVlm(LOADING, changed)
        vlm.become(READY)
        return vlm

    room = ModelRoom(language, None, inbox.put)  # type: ignore[arg-type]
    opened = room.load()
    assert isinstance(opened, rep.ModelStatusChanged)
    assert opened.status == READY
    assert inbox.empty()


def test_a_model_that_is_closed_before_it_was_told_of_does_not_wait_for_ever() -> None:
    inbox: SimpleQueue[rep.Report] = SimpleQueue()
    made: list[Callable[[ModelStatus], None]] = []

    def language(
        current: VisionLanguageModel | None,
        changed: Callable[[ModelStatus], None],
        *,
        demo: bool = False,
    ) -> VisionLanguageModel:
        made.append(changed)
        return FakeVlm(LOADING, changed)

    room = ModelRoom(language, None, inbox.put)  # type: ignore[arg-type]
    room.load()
    telling = Thread(target=made[0], args=(READY,), daemon=True)
    telling.start()
    room.close()
    telling.join(10)
    assert not telling.is_alive()
    assert inbox.empty()
