"""The engine with its threads: real session, feed, seer and writer; scripted source, memory and
models."""

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC
from typing import TypeVar

import pytest

from engine import messages as msg
from engine.config import EngineConfig
from engine.errors import (
    ConceptError,
    ConsentMissing,
    DeviceNotFound,
    EngineError,
    ModelError,
    StoreError,
    UnreadableMedia,
)
from engine.facts import (
    ActionsSought,
    ConceptKind,
    Feature,
    MotionClip,
    Proposal,
    Scope,
    Sighting,
    SourceSpec,
    View,
)
from engine.media import Box, Frame, Image, Vector, nanoseconds
from engine.memory.writer import StoreWriter
from engine.parts import Parts
from engine.perception.seeing import Watcher
from engine.ports.language import VisionLanguageModel
from engine.ports.seeing import Perception
from engine.prompts import ModelStatus
from engine.runtime import Engine, failed_effect, failure
from engine.session import Session
from engine.sources.feed import Feed
from tests.fakes.clock import ManualClock
from tests.fakes.perception import BODY, FACE, fake_eyes, paint, wall
from tests.fakes.sources import FakeSources, ScriptedSource
from tests.fakes.store import FakeArchive, FakeStore
from tests.fakes.vlm import FakeVlm
from tests.fakes.waiting import wait_for

Wanted = TypeVar("Wanted")
LIMIT_S = 10
FILE = SourceSpec(kind="recording", address="clip.mp4", label="clip.mp4", realtime=False)
FEATURES = (Feature(name="faces", on=True),)


class RealWall(ManualClock):
    """Threads that wait for the clock wait for real."""

    def sleep(self, seconds: float) -> None:
        threading.Event().wait(min(seconds, 0.01))
        self.advance(seconds)


class Language:
    """The model that is installed."""

    def __init__(self) -> None:
        self.model: FakeVlm | None = None
        self.changed: Callable[[ModelStatus], None] | None = None

    def __call__(
        self,
        current: VisionLanguageModel | None,
        changed: Callable[[ModelStatus], None],
        *,
        demo: bool = False,
    ) -> VisionLanguageModel | None:
        if self.model is not current:
            self.changed = changed
        return self.model


class Rig:
    """An engine and everything that it published."""

    def __init__(self, perception: Perception | Exception | None = None) -> None:
        self.clock = RealWall()
        self.sources = FakeSources()
        self.store = FakeStore()
        self.events: list[msg.Event] = []
        self._more = threading.Condition()
        self.perception = perception or Watcher(fake_eyes())
        self.writer = StoreWriter(self.store, self.clock, self._store_failed)
        self.writer.start()
        config = EngineConfig()
        self.language = Language()
        self.engine = Engine(
            Parts(
                config=config,
                clock=self.clock,
                session=Session(config, UTC),
                archive=FakeArchive(self.store),
                writer=self.writer,
                feed=lambda spec, run, report, failed: Feed(
                    factory=self.sources,
                    spec=spec,
                    run=run,
                    clock=self.clock,
                    config=config.feed,
                    report=report,
                    failed=failed,
                ),
                perceive=self._perceive,
                available=self.sources.available,
                language=self.language,
            )
        )
        self.engine.subscribe(self._heard)
        self.engine.start()

    def wait(self, kind: type[Wanted], count: int = 1) -> Wanted:
        """The `count`-th event of this class."""
        with self._more:
            found = self._more.wait_for(lambda: len(self.all(kind)) >= count, LIMIT_S)
        assert found, f"no {kind.__name__} among {[type(e).__name__ for e in self.events]}"
        return self.all(kind)[count - 1]

    def all(self, kind: type[Wanted]) -> list[Wanted]:
        return [event for event in self.events if isinstance(event, kind)]

    def play(self, *pictures: Image, every_s: float = 0.5) -> ScriptedSource:
        """Have the next source that is opened show these pictures, and end."""
        source = ScriptedSource(
            Frame(image=picture, pts=nanoseconds(n * every_s), at=self.clock.wall(), run="run")
            for n, picture in enumerate(pictures)
        )
        source.push(EOFError())
        self.sources.add(source)
        return source

    def opened(self) -> None:
        """The model that is installed has been opened."""
        wait_for(
            lambda: any(event.model is not None for event in self.all(msg.ModelChanged)),
            what="the model",
        )

    def ended(self) -> None:
        with self._more:
            assert self._more.wait_for(
                lambda: any(e.state == "ended" for e in self.all(msg.SourceChanged)), LIMIT_S
            )

    def _heard(self, event: msg.Event) -> None:
        with self._more:
            self.events.append(event)
            self._more.notify_all()

    def _perceive(self) -> tuple[Perception, tuple[Feature, ...]]:
        if isinstance(self.perception, Exception):
            raise self.perception
        return self.perception, FEATURES

    def _store_failed(self, error: StoreError) -> None:
        self.engine.report(failed_effect(error))


@pytest.fixture
def rig() -> Generator[Rig]:
    rig = Rig()
    yield rig
    rig.engine.close()
    names = {thread.name for thread in threading.enumerate()}
    assert not {n for n in names if n.startswith(("session", "seeing", "source", "desk"))}


def somebody() -> Image:
    picture = paint(wall(), BODY, Box(200, 100, 160, 360))
    return paint(picture, FACE, Box(250, 110, 60, 70))


def test_it_tells_what_it_can_do(rig: Rig) -> None:
    rig.wait(msg.GalleryChanged)
    assert rig.wait(msg.ModelChanged, 2).features == FEATURES
    assert rig.engine.features == FEATURES


def test_a_recording_is_watched_to_its_end_and_kept(rig: Rig) -> None:
    rig.play(*[somebody()] * 6, *[wall()] * 8)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.ended()
    assert [e.state for e in rig.all(msg.SourceChanged)] == ["open", "ended"]
    assert [e.name for e in rig.all(msg.Sighted)] == ["someone"]
    assert [e.name for e in rig.all(msg.Left)] == ["someone"]
    assert rig.writer.flush()
    phases = [f.phase for f in rig.store.facts if isinstance(f, Sighting)]
    assert phases == ["began", "ended"]


def test_a_taught_face_is_named(rig: Rig) -> None:
    frame = Frame(image=somebody(), pts=0, at=0, run="elsewhere")
    settled = rig.engine.request(msg.TeachConcept(name="Mum", kind="person", frame=frame))
    assert isinstance(settled, msg.GalleryChanged)
    rig.play(*[somebody()] * 6)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.ended()
    assert [e.name for e in rig.all(msg.Sighted)][-1] == "Mum"


def test_a_request_is_on_disk_when_it_is_settled(rig: Rig) -> None:
    frame = Frame(image=somebody(), pts=0, at=0, run="elsewhere")
    rig.engine.request(msg.TeachConcept(name="Mum", kind="person", frame=frame))
    assert [c.name for c in rig.engine.archive.concepts()] == ["Mum"]


def test_a_request_that_fails_raises_the_error_of_the_engine(rig: Rig) -> None:
    frame = Frame(image=wall(), pts=0, at=0, run="elsewhere")
    with pytest.raises(ConceptError, match="No face"):
        rig.engine.request(msg.TeachConcept(name="Mum", kind="person", frame=frame))
    camera = SourceSpec(kind="camera", address="0", label="camera 0")
    with pytest.raises(ConsentMissing):
        rig.engine.request(msg.OpenSource(spec=camera))


def test_a_source_that_cannot_be_opened_is_told_with_its_run(rig: Rig) -> None:
    rig.sources.add(DeviceNotFound("There is no such file."))
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    failed = rig.wait(msg.Failed)
    assert (failed.kind, failed.run, failed.ref) == ("DeviceNotFound", "run", "run")
    assert not rig.all(msg.SourceChanged)


def test_a_question_about_the_past_finds_what_was_just_seen(rig: Rig) -> None:
    rig.play(*[somebody()] * 6, *[wall()] * 8)
    question = msg.Ask(text="How many times did somebody appear?", run="run", pts=10**15)
    rig.engine.send(question)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    answer = rig.wait(msg.AnswerFinished).answer
    assert "once" in answer.text
    assert answer.evidence


def test_proposals_come_back_by_their_ref(rig: Rig) -> None:
    frame = Frame(image=somebody(), pts=0, at=0, run="elsewhere")
    proposed = rig.engine.request(msg.Propose(frame=frame))
    assert isinstance(proposed, msg.Proposed)
    assert proposed.proposals[0].kind == "person"


def test_forgetting_everything_empties_the_memory(rig: Rig) -> None:
    rig.play(*[somebody()] * 4)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.ended()
    rig.engine.request(msg.Forget(scope=Scope()))
    assert not [fact for fact in rig.store.facts if isinstance(fact, Sighting)]


def test_the_newest_frame_is_there_for_the_preview_while_the_run_is_open(rig: Rig) -> None:
    rig.play(somebody())
    assert rig.engine.newest("run") is None
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.ended()
    assert rig.engine.newest("run") is None


def test_an_open_source_is_closed_on_demand(rig: Rig) -> None:
    rig.sources.add(ScriptedSource())
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.engine.send(msg.CloseSource(run="run"))
    rig.ended()


def test_a_source_may_be_closed_that_has_ended_by_itself_meanwhile(rig: Rig) -> None:
    going_on = threading.Event()

    def close_when_it_is_over(event: msg.Event) -> None:
        """Keeps the session in its first look until the seeing thread is done, then closes."""
        if isinstance(event, msg.Tracked) and not going_on.is_set():
            rig.engine.send(msg.CloseSource(run="run"))
            wait_for(
                lambda: all(one.name != "seeing-run" for one in threading.enumerate()),
                what="the end of the run",
            )
            going_on.set()

    rig.play(somebody())
    rig.engine.subscribe(close_when_it_is_over)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.ended()
    assert going_on.is_set()
    assert not rig.all(msg.Failed)


def test_a_listener_that_ended_hears_nothing_more(rig: Rig) -> None:
    heard: list[msg.Event] = []
    end = rig.engine.subscribe(heard.append)
    end()
    rig.engine.request(msg.AddAlert(text="tell me when somebody appears"))
    assert heard == []


class Blind:
    """A perception whose seer breaks."""

    def seer(self, spec: SourceSpec, run: str) -> "Blind":
        return self

    def see(self, frame: Frame, *, want_things: bool, spare: bool = False) -> None:
        raise RuntimeError("a defect")

    def stir(self, frame: Frame, sought: ActionsSought) -> None:
        raise RuntimeError("a defect")

    def close(self) -> None:
        raise RuntimeError("a defect")

    def embedders(self) -> tuple[tuple[ConceptKind, str], ...]:
        return ()

    def embed_again(
        self, crop: Image, kind: ConceptKind, embedder: str
    ) -> tuple[str, Vector] | None:
        return None

    def examine_motion(self, clip: MotionClip, *, drawn: bool = False) -> tuple[View, ...]:
        raise RuntimeError("a defect")

    def examine(
        self,
        image: Image,
        box: Box | None,
        kind: str,
        *,
        drawn: bool = False,
        spare: bool = False,
    ) -> tuple[View, ...]:
        return ()

    def propose(
        self, image: Image, *, drawn: bool = False, moving: Sequence[Box] = ()
    ) -> tuple[Proposal, ...]:
        raise RuntimeError("a defect")


def test_a_defect_in_looking_at_a_picture_is_told_to_who_asked() -> None:
    rig = Rig(Blind())
    try:
        frame = Frame(image=wall(), pts=0, at=0, run="run")
        with pytest.raises(EngineError, match="Something went wrong inside Nacre"):
            rig.engine.request(msg.Propose(frame=frame), timeout_s=LIMIT_S)
    finally:
        rig.engine.close()


def test_a_defect_in_seeing_ends_the_run_and_not_the_engine() -> None:
    rig = Rig(Blind())
    try:
        rig.play(wall())
        rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
        failed = rig.wait(msg.Failed)
        assert (failed.kind, failed.run) == ("RuntimeError", "run")
        rig.engine.request(msg.AddAlert(text="tell me when somebody appears"))
    finally:
        rig.engine.close()


def test_a_recording_that_breaks_off_is_looked_at_to_its_last_frame(rig: Rig) -> None:
    def looks(last: BaseException) -> list[int]:
        source = ScriptedSource(
            Frame(image=somebody(), pts=nanoseconds(n * 0.5), at=rig.clock.wall(), run="run")
            for n in range(20)
        )
        source.push(last)
        rig.sources.add(source)
        rig.events.clear()
        rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
        rig.ended()
        return [event.pts for event in rig.all(msg.Tracked)]

    assert looks(UnreadableMedia("It breaks off.")) == looks(EOFError())


def test_a_recording_that_breaks_off_says_why_and_ends(rig: Rig) -> None:
    source = ScriptedSource([Frame(image=wall(), pts=0, at=rig.clock.wall(), run="run")])
    source.push(UnreadableMedia("It breaks off."))
    rig.sources.add(source)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.ended()
    assert [failed.reason for failed in rig.all(msg.Failed)] == ["It breaks off."]


def test_models_that_cannot_be_loaded_are_told() -> None:
    rig = Rig(ConceptError("no models"))
    try:
        assert rig.wait(msg.Failed).reason == "no models"
    finally:
        rig.engine.close()


@pytest.mark.parametrize("error", [ConceptError("no models"), RuntimeError("a defect")])
def test_models_that_can_be_loaded_the_second_time_are_seen_with(error: Exception) -> None:
    rig = Rig(error)
    frame = Frame(image=wall(), pts=0, at=0, run="run")
    try:
        rig.wait(msg.Failed)
        with pytest.raises(EngineError):
            rig.engine.request(msg.Propose(frame=frame), timeout_s=LIMIT_S)
        rig.perception = Watcher(fake_eyes())
        rig.engine.reload()
        rig.engine.request(msg.Propose(frame=frame), timeout_s=LIMIT_S)
    finally:
        rig.engine.close()


def test_failures_become_errors_of_their_class() -> None:
    assert isinstance(failure(msg.Failed(reason="x", kind="DeviceNotFound")), DeviceNotFound)
    assert type(failure(msg.Failed(reason="x", kind="RuntimeError"))) is EngineError
    assert str(failure(msg.Failed(reason="what happened", kind="StoreError"))) == "what happened"


# --- the vision-language model --------------------------------------------------------------------


def test_a_model_is_shown_the_stream_and_asked(rig: Rig) -> None:
    rig.play(wall(), somebody(), wall())
    rig.wait(msg.ModelChanged)
    rig.language.model = model = FakeVlm()
    rig.engine.reload()
    rig.opened()
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.engine.send(msg.Ask(text="What is on the table?", run="run", pts=nanoseconds(0.9), ref="q"))
    answer = rig.wait(msg.AnswerFinished).answer
    assert answer.text == "A cat sleeps."
    assert [event.text for event in rig.all(msg.AnswerExtended)] == ["A cat ", "sleeps."]
    assert model.taken
    assert model.taken[0][1] == "[0:00]"
    assert model.prefixes
    assert rig.engine.flush()
    assert answer in rig.store.facts


@pytest.mark.parametrize("realtime", [True, False], ids=["at its pace", "as fast as it goes"])
def test_interrupting_cancels_the_generation(rig: Rig, realtime: bool) -> None:
    """Also where the session itself waits for the answer."""
    rig.wait(msg.ModelChanged)
    rig.language.model = model = FakeVlm()
    model.held = threading.Event()
    rig.play(wall())
    rig.engine.reload()
    rig.opened()
    rig.engine.send(msg.OpenSource(spec=replace(FILE, realtime=realtime), run="run"))
    rig.engine.send(msg.Ask(text="What is on the table?", run="run", pts=1, ref="q"))
    wait_for(lambda: model.generations, what="the generation")
    rig.engine.send(msg.Interrupt())
    assert rig.wait(msg.AnswerFinished).answer.help == "Stopped."
    wait_for(lambda: any(one.cancelled for one in model.generations), what="the cancel")


def test_a_model_that_cannot_answer(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.language.model = model = FakeVlm()
    model.error = ModelError("It has crashed too often.")
    rig.play(wall())
    rig.engine.reload()
    rig.opened()
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    rig.engine.send(msg.Ask(text="What is on the table?", run="run", pts=1, ref="q"))
    assert rig.wait(msg.AnswerFinished).answer.help == "It has crashed too often."


def test_who_is_remembered_is_described_by_the_model(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.language.model = model = FakeVlm()
    model.words = ["Short grey hair, ", "round glasses."]
    rig.engine.reload()
    rig.opened()
    frame = Frame(image=somebody(), pts=0, at=rig.clock.wall(), run="")
    rig.engine.send(msg.TeachConcept(name="Mum", kind="person", frame=frame, ref="teach"))
    wait_for(
        lambda: [
            e
            for e in rig.all(msg.GalleryChanged)
            if e.entries[:1] and e.entries[0].concept.description
        ],
        what="the description",
    )
    (asked,) = [one for one in model.asked if not one.window]
    assert len(asked.pictures) == 1
    assert rig.engine.flush()
    assert rig.store.concepts["teach"].description == "Short grey hair, round glasses."


def test_another_model_takes_the_place_of_the_old_one(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.language.model = first = FakeVlm()
    rig.engine.reload()
    rig.opened()
    rig.language.model = second = FakeVlm()
    rig.engine.reload()
    wait_for(lambda: first.closed, what="the old model to be closed")
    rig.language.model = None
    rig.engine.reload()
    wait_for(lambda: second.closed, what="the second model to be closed")
    rig.wait(msg.ModelChanged, 8)
    assert rig.all(msg.ModelChanged)[-1].model is None


def test_states_of_the_model_are_told_and_trying_again_reaches_it(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.language.model = model = FakeVlm()
    rig.engine.reload()
    rig.opened()
    assert rig.language.changed is not None
    rig.language.changed(replace(model.status, state="failed", reason="No memory."))
    wait_for(
        lambda: any(e.model and e.model.reason for e in rig.all(msg.ModelChanged)), what="its state"
    )
    rig.engine.send(msg.RetryModel())
    wait_for(lambda: model.retried, what="the retry")


def test_closing_the_engine_closes_the_model(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.language.model = model = FakeVlm()
    rig.engine.reload()
    rig.opened()
    rig.engine.close()
    assert model.closed


def test_who_waits_for_the_model_goes_on_when_it_answers(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.engine.await_model(LIMIT_S)  # There is none, so there is nothing to wait for.
    loading = ModelStatus(model="Scripted", state="loading")
    rig.language.model = model = FakeVlm(loading)
    rig.engine.reload()
    rig.opened()
    waiting = threading.Thread(target=rig.engine.await_model, args=(LIMIT_S,))
    waiting.start()
    assert waiting.is_alive()
    assert rig.language.changed is not None
    rig.language.changed(replace(loading, state="ready"))
    waiting.join(LIMIT_S)
    assert not waiting.is_alive()
    assert model.status == loading, "it was told of, not asked"


def test_who_waits_for_a_model_that_never_answers_goes_on_in_time(rig: Rig) -> None:
    rig.wait(msg.ModelChanged)
    rig.language.model = FakeVlm(ModelStatus(model="Scripted", state="loading"))
    rig.engine.reload()
    rig.opened()
    rig.engine.await_model(0.05)


def test_a_source_that_is_opened_at_the_end_is_not_begun() -> None:
    rig = Rig()
    rig.play(somebody())
    held, closing = threading.Event(), threading.Event()

    def hold_the_session(event: msg.Event) -> None:
        if isinstance(event, msg.GalleryChanged):
            held.set()
            closing.wait(LIMIT_S)

    rig.engine.subscribe(hold_the_session)
    frame = Frame(image=somebody(), pts=0, at=0, run="elsewhere")
    rig.engine.send(msg.TeachConcept(name="Mum", kind="person", frame=frame))
    assert held.wait(LIMIT_S)
    rig.engine.send(msg.OpenSource(spec=FILE, run="run"))
    end = threading.Thread(target=rig.engine.close)
    end.start()
    wait_for(lambda: rig.engine._closed, what="the end")  # pyright: ignore[reportPrivateUsage]
    closing.set()
    end.join(LIMIT_S)
    assert not end.is_alive()
    assert not rig.all(msg.SourceChanged)
    assert not [t.name for t in threading.enumerate() if t.name.startswith("seeing")]
