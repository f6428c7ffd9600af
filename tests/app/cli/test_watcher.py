"""The watcher with a scripted engine: what ends it, and what it waits for."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.cli import watcher as module
from app.cli.watcher import Plan, Question, Watcher
from engine import messages as msg
from engine.facts import SourceSpec, SourceState
from engine.media import nanoseconds
from tests.fakes.assistant import FakeAssistant
from tests.fakes.clock import ManualClock

CAMERA = SourceSpec(kind="camera", address="0", label="camera 0")
DOOR = SourceSpec(kind="url", address="http://x", label="door")


class Scene:
    """An engine that says what a test tells it to."""

    def __init__(self, clock: ManualClock) -> None:
        self.engine = FakeAssistant(opens=False)
        self.clock = clock
        self.out, self.err = io.StringIO(), io.StringIO()

    def on(self, kind: type[Any], answer: Callable[[Any], list[msg.Event]]) -> None:
        self.engine.answers[kind] = answer

    def watch(self, *sources: SourceSpec, **more: Any) -> int:
        plan = Plan(sources=sources, as_json=True, **more)
        return Watcher(self.engine, self.clock, plan, out=self.out, err=self.err).run()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    def sent(self, kind: type[Any]) -> list[Any]:
        return [command for command in self.engine.commands if isinstance(command, kind)]


@pytest.fixture
def scene(clock: ManualClock) -> Scene:
    return Scene(clock)


def changed(run: str, spec: SourceSpec, state: SourceState, s: float = 0) -> msg.SourceChanged:
    return msg.SourceChanged(run=run, spec=spec, state=state, pts=nanoseconds(s), at=0)


def opens_and_ends(command: msg.OpenSource) -> list[msg.Event]:
    return [changed(command.run, command.spec, state) for state in ("open", "ended")]


def test_it_ends_when_all_sources_have(scene: Scene):
    scene.on(msg.OpenSource, opens_and_ends)
    assert scene.watch(CAMERA, DOOR, consented=True) == 0
    assert all(command.consented for command in scene.sent(msg.OpenSource))
    assert [line["source"] for line in scene.lines] == ["camera 0", "camera 0", "door", "door"]
    assert scene.engine.subscribed == 0


def test_a_source_that_is_lost_is_not_over(scene: Scene):
    def lost_and_back(command: msg.OpenSource) -> list[msg.Event]:
        states: list[SourceState] = ["open", "stalled", "lost", "open", "ended"]
        return [changed(command.run, command.spec, state) for state in states]

    scene.on(msg.OpenSource, lost_and_back)
    assert scene.watch(CAMERA) == 0
    assert [line["state"] for line in scene.lines] == ["open", "stalled", "lost", "open", "ended"]


def test_one_that_fails_does_not_end_the_others(scene: Scene):
    def door_fails(command: msg.OpenSource) -> list[msg.Event]:
        if command.spec is DOOR:
            reason = "Nobody answers."
            return [msg.Failed(reason=reason, kind="DeviceNotFound", run=command.run)]
        return opens_and_ends(command)

    scene.on(msg.OpenSource, door_fails)
    assert scene.watch(DOOR, CAMERA) == 1
    assert scene.err.getvalue() == "nacre: Nobody answers.\n"
    assert [line["event"] for line in scene.lines] == ["failed", "source", "source"]


def test_one_that_breaks_off_is_watched_to_its_end(scene: Scene):
    def breaks_off(command: msg.OpenSource) -> list[msg.Event]:
        opened, ended = opens_and_ends(command)
        failed = msg.Failed(reason="It breaks off.", kind="UnreadableMedia", run=command.run)
        return [opened, failed, ended]

    scene.on(msg.OpenSource, breaks_off)
    assert scene.watch(CAMERA) == 1
    assert scene.err.getvalue() == "nacre: It breaks off.\n"
    assert [line["event"] for line in scene.lines] == ["source", "failed", "source"]
    assert scene.lines[-1]["state"] == "ended"


def test_a_live_source_is_closed_at_the_moment_asked_for(scene: Scene):
    spec: dict[str, SourceSpec] = {}

    def runs_on(command: msg.OpenSource) -> list[msg.Event]:
        spec[command.run] = command.spec
        return [
            msg.Tracked(run=command.run, pts=nanoseconds(s), at=0, size=(1, 1), overlays=())
            for s in (1, 2, 3)
        ]

    scene.on(msg.OpenSource, runs_on)
    scene.on(msg.CloseSource, lambda c: [changed(c.run, spec[c.run], "ended", 3)])
    assert scene.watch(CAMERA, until_s=2.5) == 0
    assert len(scene.sent(msg.CloseSource)) == 1


def test_questions_of_several_sources_wait_for_the_last_to_end(scene: Scene):
    scene.on(msg.OpenSource, opens_and_ends)
    questions = (Question("at the end?"), Question("early?", 1.5))
    scene.on(
        msg.Ask,
        lambda ask: [msg.Failed(reason="No answer.", kind="EngineError", ref=ask.ref)],
    )
    assert scene.watch(CAMERA, DOOR, questions=questions) == 1
    kinds = [type(command).__name__ for command in scene.engine.commands]
    assert kinds == ["Ask", "OpenSource", "OpenSource", "Ask"]
    early, late = scene.sent(msg.Ask)
    assert (early.text, early.pts) == ("early?", nanoseconds(1.5))
    assert (late.run, late.pts) == (None, None)


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "ANSWER_WAIT_S", -1.0)
    scene.on(msg.OpenSource, opens_and_ends)
    assert scene.watch(CAMERA, questions=(Question("who?"),)) == 1
    assert "who?" in scene.err.getvalue()
    assert scene.lines[-1]["event"] == "failed"
