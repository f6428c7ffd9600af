"""Which model is asked, and the whole way of a question: a real recording, the real engine, the
real llama.cpp process. The weights are random, so what is said means nothing; that something is
said, about what was seen, does."""

from collections.abc import Generator
from pathlib import Path

import pytest

from app import language, model_choice
from app.bootstrap import open_engine
from app.clock import SystemClock
from app.language import Language, plan_of
from app.paths import Paths
from app.settings import Settings
from app.shelf import open_shelf
from app.vision_model import ChosenModel
from engine import messages as msg
from engine.errors import ConfigError
from engine.facts import SourceSpec
from engine.inference.devices import Device
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.openai_vlm import OpenAiVlm
from engine.ports.language import VisionLanguageModel
from engine.prompts import ModelStatus
from tests.conftest import TinyVlm
from tests.fakes.chat_server import ChatServer, chat_server
from tests.fakes.waiting import wait_for

LIMIT_S = 120


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths.locate(tmp_path / "data")
    found.prepare()
    return found


@pytest.fixture
def chosen(tiny_vlm: TinyVlm) -> ChosenModel:
    return ChosenModel(
        id="tiny", title="Tiny", model=tiny_vlm.model, projector=tiny_vlm.projector,
        domain="general", context=2048,
    )  # fmt: skip


@pytest.fixture
def server() -> Generator[ChatServer]:
    with chat_server() as serving:
        yield serving


def demo(paths: Paths) -> SourceSpec:
    return SourceSpec(kind="demo", address=str(paths.demo_clip), label="demo", realtime=False)


def asked(engine_paths: Paths, settings: Settings) -> tuple[msg.AnswerFinished, list[msg.Event]]:
    """What a model says to an open question at 5 s of the bundled clip, and every event."""
    events: list[msg.Event] = []
    with open_engine(engine_paths, settings) as engine:
        engine.subscribe(events.append)
        wait_for(
            lambda: engine.model is not None and engine.model.state == "ready",
            limit_s=LIMIT_S,
            what="the model",
        )
        opened = msg.OpenSource(spec=demo(engine_paths), consented=True)
        engine.send(opened)
        question = msg.Ask(text="What is on the table?", run=opened.run, pts=5_000_000_000, ref="q")
        settled = engine.request(question, LIMIT_S)
    assert isinstance(settled, msg.AnswerFinished)
    return settled, events


def test_a_question_goes_all_the_way_to_llama_cpp(
    paths: Paths, chosen: ChosenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "chosen_model", lambda *_: chosen)
    settled, events = asked(paths, Settings())
    answer = settled.answer
    said = "".join(e.text for e in events if isinstance(e, msg.AnswerExtended)).strip()
    assert answer.first_token_s is not None
    if said:  # Random weights may say nothing but control tokens.
        assert answer.text == said
        (seen,) = [one for one in answer.evidence if one.kind == "clip"]
        assert 3_000_000_000 <= seen.span.end <= 5_000_000_000
    else:
        assert answer.text == "I have not seen that."
    states = [e.model.state for e in events if isinstance(e, msg.ModelChanged) and e.model]
    assert "failed" not in states


def test_a_question_goes_to_the_server_that_the_user_named(
    paths: Paths, server: ChatServer
) -> None:
    settings = Settings(model_server=server.address, model_on_server="eye")
    settled, _ = asked(paths, settings)
    assert settled.answer.text == "The cat sleeps."
    content = server.asked[-1]["messages"][-1]["content"]
    assert any(part["type"] == "image_url" for part in content)


@pytest.fixture
def choosing(paths: Paths) -> Generator["Choosing"]:
    choosing = Choosing(paths)
    yield choosing
    choosing.close()


class Choosing:
    """A `Language`, and what it opened."""

    def __init__(self, paths: Paths) -> None:
        self.settings = Settings()
        self._language = Language(open_shelf(paths), self.settings, SystemClock())
        self._opened: list[VisionLanguageModel] = []
        self.told: list[ModelStatus] = []

    def __call__(self, current: VisionLanguageModel | None = None) -> VisionLanguageModel | None:
        found = self._language(current, self.told.append)
        if found is not None:
            self._opened.append(found)
        return found

    def close(self) -> None:
        for one in self._opened:
            one.close()


def test_without_a_model_there_is_none(choosing: Choosing) -> None:
    assert choosing() is None


def test_the_same_choice_keeps_the_model(
    choosing: Choosing, chosen: ChosenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "chosen_model", lambda *_: chosen)
    first = choosing()
    assert isinstance(first, LlamaVlm)
    assert choosing(first) is first
    choosing.settings.model_server = "http://localhost:9"
    second = choosing(first)
    assert isinstance(second, OpenAiVlm)
    assert choosing(second) is second


def test_what_another_process_chose_holds_after_a_reload(paths: Paths) -> None:
    held = Settings(theme="dark")
    choosing = Language(
        open_shelf(paths), held, SystemClock(), lambda: model_choice.refresh(paths, held)
    )
    assert choosing(None, lambda _: None) is None
    model_choice.choose(paths, model_server="http://localhost:9", model_on_server="eye")
    found = choosing(None, lambda _: None)
    assert isinstance(found, OpenAiVlm)
    found.close()
    assert (held.model_on_server, held.theme) == ("eye", "dark")
    # A file that cannot be read changes nothing.
    paths.settings.write_text("model_server = 3")
    assert choosing(found, lambda _: None) is found


def test_without_llama_cpp_no_model_is_opened(
    choosing: Choosing, chosen: ChosenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "chosen_model", lambda *_: chosen)
    monkeypatch.setattr(language, "engine_installed", lambda: False)
    assert choosing() is None


def test_an_address_that_is_none_is_told(choosing: Choosing) -> None:
    choosing.settings.model_server = "nowhere"
    with pytest.raises(ConfigError, match="begins with http"):
        choosing()


def test_a_gpu_is_tried_whole_then_in_part(chosen: ChosenModel) -> None:
    gpu = Device(name="Vulkan0", title="A card", kind="gpu", free_bytes=1, total_bytes=1)
    assert plan_of(chosen, (gpu,)).gpu_layers == (-1, 16)
    assert plan_of(chosen, ()).gpu_layers == ()
