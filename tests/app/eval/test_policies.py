"""How the live window's policies are compared, on a real model with random weights."""

from collections.abc import Generator, Iterator
from itertools import count

import numpy as np
import pytest

from app.eval.policies import Question, Watched, divergence, drifts, holds
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.inference.random_vlm import SMOL, write_pair
from engine.inference.window import Policy, WindowConfig
from engine.prompts import Picture, Prefix

PREFIX = Prefix(system="Look.")


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Generator[Llama]:
    files = write_pair(tmp_path_factory.mktemp("random"), SMOL)
    opened = Llama(*files, LlamaConfig(context=1024, batch=256, threads=1))
    yield opened
    opened.close()


def stream() -> Iterator[Watched]:
    for n in count():
        drawn = np.random.default_rng(n).integers(0, 256, (64, 64, 3)).astype(np.uint8)
        questions = (Question(text="Is it day?"), Question(text="Who?", answer="nobody at all"))
        yield Watched(picture=Picture(image=drawn, mark=f"[0:{n:02}]"), pts=n, questions=questions)


def test_a_fresh_decode_does_not_drift_and_a_rolled_window_does(llama: Llama) -> None:
    def begin(policy: Policy) -> Attendant:
        return Attendant(llama, WindowConfig(frames=2, policy=policy, reserve=128))

    found = list(drifts(begin, stream, PREFIX, (2, 6), questions=4, most_tokens=3))
    assert [(one.policy, one.evictions) for one in found] == [
        (policy, stop) for stop in (2, 6) for policy in ("rolled", "rebuilt", "redecoded")
    ]
    by = {(one.policy, one.evictions): one for one in found}
    assert all(len(one.alike) == 4 and len(one.right) == 2 for one in found)
    fresh = by["redecoded", 6]
    assert all(fresh.alike)
    assert max(fresh.divergence) < 1e-5
    assert fresh.right == fresh.right_fresh
    assert max(by["rolled", 6].divergence) > 1e-3
    assert by["rolled", 6].row()["questions"] == 4


def test_a_stop_is_reached_by_all_policies_or_by_none(llama: Llama) -> None:
    left = 40  # Frames: enough for the first stop alone.

    def goes_on() -> bool:
        nonlocal left
        left -= 1
        return left > 0

    def begin(policy: Policy) -> Attendant:
        return Attendant(llama, WindowConfig(frames=2, policy=policy, reserve=128))

    found = list(
        drifts(begin, stream, PREFIX, (1, 100), questions=2, most_tokens=2, goes_on=goes_on)
    )
    assert [(one.policy, one.evictions) for one in found] == [
        ("rolled", 1), ("rebuilt", 1), ("redecoded", 1),
    ]  # fmt: skip


def test_the_divergence_of_a_distribution_from_itself_is_nothing() -> None:
    logits = np.array([0.5, -1.0, 3.0], np.float32)
    assert divergence(logits, logits) == 0
    assert divergence(np.zeros(3, np.float32), logits) > 0.1


@pytest.mark.parametrize(
    ("said", "answer", "right"),
    [
        ("Yes, it is.", "yes", True),
        ("It is not, yes.", "yes", False),
        ("no", "yes", False),
        ("Momo is wearing a crown.", "a crown", True),
        ("A top-hat", "a top hat", True),
        ("crowned", "a crown", False),
        ("There are 12.", "1", False),
        ("", "nothing", False),
    ],
)
def test_an_answer_is_right_however_it_is_wrapped(said: str, answer: str, right: bool) -> None:
    assert holds(said, answer) is right
