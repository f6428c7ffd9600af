"""The evaluation of the demo model, on real llama.cpp: with random weights, which know nothing, and
with those that come with the program."""

import random
import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.eval.answered import Answered
from app.eval.demo_model import (
    REFERENCE,
    SEEING,
    alike,
    apart,
    difference_from,
    digest,
    drawn,
    reference_prompts,
)
from app.eval.demo_reader import MODEL, Files, Reader, exported, files
from app.eval.quantizing import to_eight_bits
from app.eval.world.prompts import question_text
from app.paths import Paths
from engine.errors import ModelCorrupt, ModelNotInstalled
from engine.inference.catalogue import load_catalogue
from engine.inference.llama import Llama
from engine.inference.random_vlm import SMOL, write_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Files:
    text, projector = write_pair(tmp_path_factory.mktemp("random"), SMOL)
    return Files(text=text, projector=projector)


@pytest.fixture
def llama(pair: Files) -> Generator[Llama]:
    opened = pair.open()
    yield opened
    opened.close()


def test_the_same_seed_draws_the_same_prompts() -> None:
    first, again, other = (
        digest(list(drawn(seed, "test", ("last-1", "ours"), 1))) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert digest(reference_prompts()) == digest(reference_prompts())


def test_every_shape_is_asked_the_same() -> None:
    prompts = list(alike(5, 2))
    assert [one.shape for one in prompts] == [*SEEING, *SEEING]
    for begin in (0, len(SEEING)):
        moment = prompts[begin : begin + len(SEEING)]
        assert all(one.asked == moment[0].asked for one in moment)
        newest = [[p for p in one.parts if isinstance(p, np.ndarray)][-1] for one in moment]
        for other in newest[1:]:  # Each shape is drawn with a noise of its own.
            assert np.abs(other.astype(int) - newest[0]).mean() < 12
    assert prompts[0].asked != prompts[-1].asked


def test_shapes_lie_apart_by_what_they_answer_of_the_same() -> None:
    def answers(shape: str, right: int) -> list[Answered]:
        return [
            Answered(shape=shape, kind="hat", exact=n < right, p_yes=None, yes=False)
            for n in range(4)
        ]

    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    right = dict(zip(SEEING, (4, 4, 3, 2, 3), strict=True))
    both = [answers(shape, right[shape]) for _ in range(3) for shape in SEEING]
    apart(both, metrics, intervals)
    assert metrics["same.last-1"] == 1.0
    assert metrics["same.pearl"] == 0.5
    assert metrics["shapes_apart"] == 0.5
    assert intervals["shapes_apart"] == (0.5, 0.5)


def test_a_question_is_answered_as_if_it_were_the_only_one(llama: Llama) -> None:
    reader = Reader(llama)
    (prompt,) = drawn(3, "test", ("last-1",), 1)
    together = reader.read(prompt, random.Random(0))
    assert len(together) == len(prompt.asked)
    alone = reader.read(replace(prompt, asked=prompt.asked[-1:]), random.Random(0))
    one, other = alone[0], together[-1]
    assert replace(one, p_yes=None) == replace(other, p_yes=None)
    assert one.p_yes == pytest.approx(other.p_yes, abs=1e-4)  # Batches are summed otherwise.


def test_an_answer_that_the_model_would_give_is_exact_and_another_is_not(llama: Llama) -> None:
    """What greedy decoding says of a question is put in as its right answer."""
    reader = Reader(llama)
    (prompt,) = drawn(3, "test", ("last-1",), 1)
    asked = prompt.asked[0]
    position = reader.show(prompt.parts)
    question, answer = question_text(asked, random.Random(0), choices=False)
    said: list[int] = []
    for _ in llama.tokens(answer, special=True):
        llama.fork(0, 1)
        ids = [*llama.tokens(question, special=True), *said]
        said.append(int(llama.decode(ids, sequence=1, position=position).argmax()))
    logits, wanted = reader.logits(position, question, answer)
    assert logits.shape[0] == len(wanted)
    assert int(logits[0].argmax()) == said[0]
    (found,) = reader.read(replace(prompt, asked=(asked,)), random.Random(0))
    assert found.exact == (said == wanted)


def test_eight_bits_change_the_logits_a_little(pair: Files, llama: Llama, tmp_path: Path) -> None:
    small = tmp_path / "small.gguf"
    to_eight_bits(pair.text, small)
    assert small.stat().st_size < pair.text.stat().st_size * 0.6
    other = Files(text=small, projector=pair.projector).open()
    try:
        ids = llama.tokens("What colour is it?")
        assert other.tokens("What colour is it?") == ids
        a, b = (one.decode(ids, sequence=0, position=0) for one in (llama, other))
    finally:
        other.close()
    assert 0 < np.abs(a - b).mean() < 0.15 * a.std()


def installed(tmp_path: Path) -> Paths:
    """Paths whose catalogue lies alone in a folder."""
    paths = Paths.locate(tmp_path / "data")
    catalogue = tmp_path / "models" / "catalogue.toml"
    catalogue.parent.mkdir()
    shutil.copy(paths.catalogue, catalogue)
    return replace(paths, catalogue=catalogue)


def test_without_the_weights_a_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelNotInstalled, match="Nothing was measured"):
        files(installed(tmp_path))


def test_other_weights_than_the_pinned_ones_are_not_opened(tmp_path: Path) -> None:
    paths = installed(tmp_path)
    folder = paths.catalogue.parent / "demo"
    folder.mkdir()
    for file in load_catalogue(paths.catalogue).entry(MODEL).files:
        (folder / file.name).write_bytes(bytes(file.size))
    with pytest.raises(ModelCorrupt):
        files(paths)


def test_weights_that_a_training_wrote_are_found_in_their_folder(
    pair: Files, tmp_path: Path
) -> None:
    paths = Paths.locate(tmp_path)
    with pytest.raises(ModelNotInstalled, match="Nothing was measured"):
        exported(paths, tmp_path)
    shutil.copy(pair.text, tmp_path / "nacre-demo.gguf")
    shutil.copy(pair.projector, tmp_path / "nacre-demo.mmproj.gguf")
    assert exported(paths, tmp_path).digest() == pair.digest()


def test_the_weights_in_the_tree_are_those_of_the_catalogue(tmp_path: Path) -> None:
    found = files(Paths.locate(tmp_path))
    entry = load_catalogue(Paths.locate(tmp_path).catalogue).entry(MODEL)
    assert entry.vision is not None
    assert entry.vision.domain == "demo"
    llama = found.open()
    try:
        assert llama.facts.embedding_inputs == 192
        assert llama.facts.architecture == entry.vision.architecture
        away = difference_from(Reader(llama), found.text.with_name(REFERENCE))
        assert away is not None, "the reference is of other prompts"
        assert away < 0.05, "these are not the weights of the reference"
    finally:
        llama.close()
