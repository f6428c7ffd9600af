"""The model as the runtime has it: what is told of it, and in which order."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

from engine import effects as do
from engine import reports as rep
from engine.model_room import ModelRoom
from engine.ports.language import VisionLanguageModel
from engine.prompts import ModelStatus, Prompt
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


def test_what_is_asked_for_an_order_before_the_interruption_is_stopped_too() -> None:
    """The session waits for one answer while a question and an interruption come: it asks the
    question before it hears that all was to be stopped."""
    vlm = FakeVlm(READY)
    vlm.held = Event()
    room = ModelRoom(lambda _current, _changed, *, demo=False: vlm, None, lambda _: None)  # type: ignore[arg-type]
    room.load()
    room.cancel()
    first = room.perform(_waited("before"))
    room.cancelled()
    vlm.held.set()
    second = room.perform(_waited("after"))
    ends = [one for one in (*first, *second) if isinstance(one, rep.GenerationEnded)]
    assert [one.outcome.why for one in ends if one.outcome] == ["cancelled", "end"]


def _waited(ref: str) -> do.Generate:
    return do.Generate(ref=ref, prompt=Prompt(question="What is there?"), waits=True)
