"""What every vision-language model promises: the fake, llama.cpp in its process with three
architectures, and servers: one that is scripted, and a real one."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from engine.errors import ModelError
from engine.inference import protocol, worker
from engine.inference.openai_server import OpenAiServer, Patience
from engine.inference.openai_vlm import OpenAiVlm
from engine.inference.random_vlm import TINY, write_pair
from engine.inference.supervisor import Plan
from engine.ports.language import Generation, VisionLanguageModel
from engine.prompts import Card, Picture, Prefix, Probe, Prompt
from tests.fakes.chat_server import chat_server
from tests.fakes.clock import JumpingClock
from tests.fakes.llama_server import LlamaServer, llama_server
from tests.fakes.model_process import StartModel, a_frame
from tests.fakes.vlm import FakeVlm
from tests.fakes.waiting import wait_for

PATIENCE = Patience(connect_s=5, silence_s=60, tries=2, wait_s=0.01)
LONG = Prompt(question="Tell me more.", most_tokens=1000)
SHORT = Prompt(question="What is it?", most_tokens=8)
WORDS = [f"word{n} " for n in range(2000)]
SENTENCE = re.compile(r"[A-Z].+\.")

Files = Callable[[str], tuple[Path, Path]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Model and projector of an architecture."""
    written: dict[str, tuple[Path, Path]] = {}

    def written_once(name: str) -> tuple[Path, Path]:
        if name not in written:
            written[name] = write_pair(tmp_path_factory.mktemp(name), TINY[name])
        return written[name]

    return written_once


@pytest.fixture(scope="module")
def served(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Generator[LlamaServer]:
    with llama_server(files("smol")[0], "eye", tmp_path_factory.mktemp("log") / "log") as server:
        yield server


def a_client(address: str) -> OpenAiVlm:
    return OpenAiVlm(OpenAiServer(address, "eye", patience=PATIENCE))


@contextmanager
def fake() -> Generator[FakeVlm]:
    vlm = FakeVlm()
    vlm.words = WORDS
    yield vlm


@contextmanager
def scripted_server() -> Generator[OpenAiVlm]:
    with chat_server() as server:
        server.words = WORDS
        yield a_client(server.address)


@contextmanager
def real_server(server: LlamaServer) -> Generator[OpenAiVlm]:
    yield a_client(server.address)


@contextmanager
def llama_process(name: str, files: Files) -> Generator[VisionLanguageModel]:
    starting = StartModel(JumpingClock())
    model, projector = files(name)
    load = protocol.Load(
        model=str(model), projector=str(projector), context=2048, batch=256, threads=1,
        policy="rebuilt",
    )  # fmt: skip
    try:
        yield starting.begin(Plan(title=name, load=load), worker.live).vlm
    finally:
        starting.end()


@pytest.fixture(params=["fake", "scripted server", "llama server", *sorted(TINY)])
def vlm(request: pytest.FixtureRequest, files: Files) -> Generator[VisionLanguageModel]:
    match request.param:
        case "fake":
            opening = fake()
        case "scripted server":
            opening = scripted_server()
        case "llama server":
            opening = real_server(request.getfixturevalue("served"))
        case name:
            opening = llama_process(name, files)
    with opening as opened:
        wait_for(lambda: opened.status.state == "ready", limit_s=60, what="the model")
        yield opened
        opened.close()


def take(vlm: VisionLanguageModel, *pts: int, run: str = "run") -> None:
    """Frames that the next question waits for."""
    for one in pts:
        vlm.take(a_frame(one, run), f"[00:0{one}]", paced=False)


def said(generation: Generation) -> str:
    return "".join(generation)


def newest(vlm: VisionLanguageModel, prompt: Prompt = SHORT) -> int | None:
    """The newest frame that an answer sees."""
    answering = vlm.ask(prompt)
    said(answering)
    return answering.outcome.newest_pts


def has_no_outcome(answering: Generation) -> bool:
    try:
        _ = answering.outcome
    except RuntimeError:
        return True
    return False


def test_it_tells_that_it_is_ready(vlm: VisionLanguageModel) -> None:
    status = vlm.status
    assert (status.state, status.progress, status.reason) == ("ready", 1.0, "")
    assert status.model
    assert status.backend
    assert not status.remote


def test_an_answer_comes_in_pieces_and_then_tells_how_it_ended(vlm: VisionLanguageModel) -> None:
    answering = vlm.ask(LONG)
    pieces = iter(answering)
    first = next(pieces)
    assert first
    assert has_no_outcome(answering)
    rest = list(pieces)
    assert rest
    assert all(rest)
    outcome = answering.outcome
    assert outcome.why in ("end", "length")
    assert len(rest) < outcome.tokens <= LONG.most_tokens
    assert 0 < outcome.weakest < 1
    assert outcome.first_token_s > 0
    assert outcome.newest_pts is None
    assert list(answering) == []
    assert answering.outcome == outcome


@pytest.mark.parametrize("most", [1, 3])
def test_an_answer_is_no_longer_than_it_may_be(vlm: VisionLanguageModel, most: int) -> None:
    answering = vlm.ask(Prompt(question="Tell me more.", most_tokens=most))
    pieces = list(answering)
    assert len(pieces) <= most
    assert (answering.outcome.why, answering.outcome.tokens) == ("length", most)


def test_cancelling_ends_the_answer_at_once(vlm: VisionLanguageModel) -> None:
    answering = vlm.ask(LONG)
    pieces = iter(answering)
    next(pieces)
    answering.cancel()
    assert list(pieces) == []
    assert answering.outcome.why == "cancelled"
    assert list(answering) == []
    answering.cancel()
    assert answering.outcome.why == "cancelled"
    assert said(vlm.ask(SHORT))


def test_what_is_cancelled_before_it_is_heard_says_nothing(vlm: VisionLanguageModel) -> None:
    answering = vlm.ask(LONG)
    answering.cancel()
    assert list(answering) == []
    assert answering.outcome.why == "cancelled"
    # A real server takes a moment to let go of what was cancelled.
    wait_for(lambda: said(vlm.ask(SHORT)), limit_s=60, what="the next answer")


def test_cancelling_what_has_ended_changes_nothing(vlm: VisionLanguageModel) -> None:
    answering = vlm.ask(SHORT)
    said(answering)
    outcome = answering.outcome
    answering.cancel()
    assert list(answering) == []
    assert answering.outcome == outcome


def test_what_it_is_shown_does_not_disturb_an_answer(vlm: VisionLanguageModel) -> None:
    whole = said(vlm.ask(LONG))
    answering = vlm.ask(LONG)
    pieces = iter(answering)
    first = next(pieces)
    vlm.take(a_frame(1), "[00:01]")
    vlm.stand(Prefix(system="Look."))
    vlm.clear()
    assert has_no_outcome(answering)
    assert first + "".join(pieces) == whole


def test_the_window_has_one_run_alone(vlm: VisionLanguageModel) -> None:
    vlm.stand(Prefix(system="Look."))
    assert newest(vlm) is None
    take(vlm, 3)
    alone = said(vlm.ask(SHORT))
    vlm.clear()
    take(vlm, 8, 9)
    assert newest(vlm) == 9
    take(vlm, 3, run="other")
    answering = vlm.ask(SHORT)
    assert said(answering) == alone
    assert answering.outcome.newest_pts == 3
    assert newest(vlm, Prompt(question="And?", window=False, most_tokens=2)) is None
    vlm.clear()
    assert newest(vlm) is None


def test_it_takes_everything_that_a_prompt_can_carry(vlm: VisionLanguageModel) -> None:
    image = a_frame(5).image
    card = Card(name="Momo", kind="pet", text="a grey cat", picture=image)
    vlm.stand(Prefix(system="Look.", standing=("Be brief.",), cards=(card,)))
    take(vlm, 1)
    past = Picture(image=image, mark="[yesterday]")
    for pictures in ((), (past,)):
        asked = Prompt(
            question="Who came?", notes=("10:00 Momo came",), pictures=pictures, most_tokens=4
        )
        assert newest(vlm, asked) == 1


def test_verdicts_are_probabilities(vlm: VisionLanguageModel) -> None:
    take(vlm, 1)
    four = Probe(question="Which is it?", options=("red", "green", "blue", "yellow"))
    verdicts = vlm.probe([Probe(question="Is it a cat?"), four])
    assert [len(one.probabilities) for one in verdicts] == [2, 4]
    for verdict in verdicts:
        assert sum(verdict.probabilities) == pytest.approx(1)
        assert all(0 <= one <= 1 for one in verdict.probabilities)
        assert verdict.yes == verdict.probabilities[0]
    assert vlm.probe([]) == ()


def test_a_perplexity_is_at_least_one(vlm: VisionLanguageModel) -> None:
    assert vlm.perplexity("A cat sits there.") >= 1
    take(vlm, 1)
    assert 1 <= vlm.perplexity("The door is open.", priority="idle") < float("inf")


def test_a_text_and_a_picture_are_vectors_of_one_space_or_it_says_why_not(
    vlm: VisionLanguageModel,
) -> None:
    with pytest.raises(ValueError, match="nothing"):
        vlm.embed("")
    if isinstance(vlm, OpenAiVlm):
        with pytest.raises(ModelError, match=SENTENCE):
            vlm.embed("a cat")
        return
    text, again = vlm.embed("a cat"), vlm.embed("a cat")
    picture = vlm.embed(a_frame(1).image, priority="question")
    assert text.tolist() == again.tolist()
    assert text.shape == picture.shape
    for one in (text, picture):
        assert float((one * one).sum()) == pytest.approx(1, abs=1e-5)


def test_questions_in_a_row_are_answered_alike(vlm: VisionLanguageModel) -> None:
    take(vlm, 1, 2)
    answers = [said(vlm.ask(SHORT)) for _ in range(4)]
    assert answers[0]
    assert all(one == other for one, other in pairwise(answers))


def test_after_closing_it_says_so_and_takes_no_harm(vlm: VisionLanguageModel) -> None:
    said(vlm.ask(SHORT))
    vlm.close()
    vlm.close()
    asking: list[Callable[[], object]] = [
        lambda: said(vlm.ask(SHORT)),
        lambda: vlm.probe([Probe(question="Is it?")]),
        lambda: vlm.perplexity("It is."),
    ]
    for ask in asking:
        with pytest.raises(ModelError) as told:
            ask()
        assert SENTENCE.fullmatch(str(told.value))
    vlm.take(a_frame(1), "[00:01]")
    vlm.stand(Prefix(system="Look."))
    vlm.clear()


def test_a_server_that_is_killed_in_the_middle_of_an_answer_is_told(
    files: Files, tmp_path: Path
) -> None:
    with llama_server(files("smol")[0], "eye", tmp_path / "log") as server:
        vlm = a_client(server.address)
        answering = vlm.ask(Prompt(question="Tell me more.", most_tokens=6000))
        pieces = iter(answering)
        assert next(pieces)
        server.kill()
        with pytest.raises(ModelError, match="broke off in the middle of the answer") as told:
            list(pieces)
        assert SENTENCE.fullmatch(str(told.value))
        assert has_no_outcome(answering)
        assert vlm.status.state == "ready", "it may be there again the next time"
        with pytest.raises(ModelError, match="No connection to the model server"):
            said(vlm.ask(SHORT))
        vlm.close()
