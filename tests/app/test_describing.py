"""What something is known by, told by a real model: llama.cpp in its own process with the weights
that come with the program, opened as one of the user's own. They know the drawn world and nothing
of what a description is. So they are asked which room it is, and what is tried is that what they
say is kept as it was said, can be changed and taken back."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, cast

import pytest

from app import language
from app.bootstrap import open_engine
from app.demo import Demo
from app.eval.world.camera import Camera
from app.eval.world.wording import QUESTIONS
from app.paths import Paths
from app.settings import Settings
from app.vision_model import ChosenModel
from engine import describing
from engine import messages as msg
from engine.decision import prompting
from engine.describing import MOST_WORDS
from engine.errors import ConceptError
from engine.facts import ConceptKind
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.requests import Answering
from engine.media import Frame
from engine.ports.language import Generation
from engine.prompts import Outcome, Prompt
from engine.runtime import Engine
from tests.fakes.acts import done_by_another
from tests.fakes.waiting import wait_for

LIMIT_S = 120
NAME = "out there"


class Overheard(LlamaVlm):
    """The real model, and the words that it said last."""

    said: ClassVar[list[str]] = []

    def ask(self, prompt: Prompt) -> Answering:
        return cast("Answering", _Heard(super().ask(prompt), prompt))


class _Heard:
    """`Generation`: another one, overheard where traits are asked for."""

    def __init__(self, generation: Generation, prompt: Prompt) -> None:
        self._generation = generation
        self._heard = prompt.question in prompting.TRAITS.values()

    def __iter__(self) -> Iterator[str]:
        pieces: list[str] = []
        for piece in self._generation:
            pieces.append(piece)
            yield piece
        if self._heard:
            Overheard.said.append("".join(pieces))

    def cancel(self) -> None:
        self._generation.cancel()

    @property
    def outcome(self) -> Outcome:
        return self._generation.outcome


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths.locate(tmp_path / "data")
    found.prepare()
    return found


@pytest.fixture(autouse=True)
def own_model(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = Demo(paths).model()
    assert weights is not None
    chosen = replace(weights, id="own", title="Own", domain="general")

    def choose(*_: object) -> ChosenModel:
        return chosen

    monkeypatch.setattr(language, "chosen_model", choose)
    monkeypatch.setattr(language, "LlamaVlm", Overheard)
    Overheard.said.clear()


@contextmanager
def opened(paths: Paths) -> Generator[Engine]:
    """The engine with its model ready."""
    with open_engine(paths, Settings()) as engine:
        wait_for(
            lambda: engine.model is not None and engine.model.state == "ready",
            limit_s=LIMIT_S,
            what="the model",
        )
        yield engine


def remember(engine: Engine, kind: ConceptKind, description: str = "") -> str:
    """All of a drawn garden, in which somebody stands."""
    picture = Camera((320, 240)).frame(done_by_another(), 0.5)
    frame = Frame(image=picture, pts=0, at=0, run="")
    teach = msg.TeachConcept(name=NAME, kind=kind, frame=frame, description=description)
    told = engine.request(teach)
    assert isinstance(told, msg.GalleryChanged)
    assert told.concept is not None
    return told.concept


def known(engine: Engine) -> str:
    """What the memory holds."""
    ((concept),) = engine.archive.concepts()
    return concept.description


def said() -> str:
    """What the model said last, as it would be written down."""
    return prompting.traits([Overheard.said[-1]], MOST_WORDS)


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and asked, what these weights were trained with."""
    monkeypatch.setattr(prompting, "SYSTEM", prompting.DEMO_SYSTEM)
    monkeypatch.setitem(prompting.TRAITS, "thing", QUESTIONS["room"]["train"][0])


@pytest.mark.usefixtures("understood")
def test_its_own_words_are_kept_can_be_changed_and_taken_back(paths: Paths) -> None:
    with opened(paths) as engine:
        thing = remember(engine, "thing")
        words = wait_for(lambda: known(engine), limit_s=LIMIT_S, what="a description")
        assert words == said()
        assert "garden" in words
        by_hand = msg.Describe(description="a white fence")
        engine.request(msg.CorrectConcept(concept=thing, correction=by_hand, ref="by-hand"))
        assert known(engine) == "a white fence"
        engine.request(msg.DescribeByLook(concept=thing, ref="look"), LIMIT_S)
        assert known(engine) == said()
        for before in ("a white fence", words, ""):
            engine.request(msg.UndoCorrection())
            assert known(engine) == before
    with opened(paths) as engine:
        assert known(engine) == ""


def test_where_it_says_nothing_usable_nothing_changes(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may say one token, which is no description, whatever it is."""
    monkeypatch.setattr(describing, "MOST_TOKENS", 1)
    with opened(paths) as engine:
        thing = remember(engine, "thing")
        wait_for(lambda: Overheard.said, limit_s=LIMIT_S, what="what the model says")
        assert said() == ""
        with pytest.raises(ConceptError, match=r"did not say what it is known by\. Nothing was"):
            engine.request(msg.DescribeByLook(concept=thing), LIMIT_S)
        assert known(engine) == ""
        by_hand = msg.Describe(description="a white fence")
        engine.request(msg.CorrectConcept(concept=thing, correction=by_hand))
        assert known(engine) == "a white fence"


@pytest.mark.usefixtures("understood")
def test_what_the_user_told_is_not_asked_about(paths: Paths) -> None:
    with opened(paths) as engine:
        remember(engine, "thing", "a white fence")
        other = msg.Describe(description="a fence and a tree")
        (thing,) = engine.archive.concepts()
        engine.request(msg.CorrectConcept(concept=thing.id, correction=other))
        engine.request(msg.DescribeByLook(concept=thing.id), LIMIT_S)
        assert len(Overheard.said) == 1
        assert known(engine) == said()
