"""What a cheap proxy learns of the model's answers."""

import random

import numpy as np
import pytest

from engine.config import ProxyConfig
from engine.decision.proxy import Proxy
from engine.media import Vector

CLOSED, OPEN = np.eye(2, 3, dtype=np.float32)
LONG_S = 60.0
"""After so long nothing is left of an error."""


def taught(looks: int, *, wrong: float = 0.05, blind: bool = False) -> Proxy:
    """By a model that sees it open every third time; `blind`: whatever is shown."""
    chance, proxy = random.Random(1), Proxy(ProxyConfig(), 1.0)
    for number in range(looks):
        so = number % 3 == 0
        shown = chance.choice((OPEN, CLOSED)) if blind else OPEN if so else CLOSED
        answer = so != (chance.random() < wrong)
        proxy.learn([shown], 0.95 if answer else 0.05)
    return proxy


def hinted(proxy: Proxy, *bodies: Vector) -> float:
    proxy.hint([], LONG_S)
    return proxy.hint(bodies, LONG_S)


@pytest.mark.parametrize("wrong", [0.0, 0.05, 0.15])
def test_it_reads_what_the_model_has_told_it_of_though_some_answers_were_wrong(
    wrong: float,
) -> None:
    proxy = taught(90, wrong=wrong)
    assert hinted(proxy, OPEN) > 1
    assert hinted(proxy, CLOSED) < -0.5


def test_it_says_nothing_before_it_has_seen_enough() -> None:
    assert hinted(taught(ProxyConfig().looks - 1), OPEN) == 0
    assert hinted(taught(ProxyConfig().looks), OPEN) > 0


def test_where_what_it_sees_tells_nothing_it_says_next_to_nothing() -> None:
    proxy = taught(200, blind=True)
    assert abs(hinted(proxy, OPEN)) < 0.5
    assert abs(hinted(proxy, CLOSED)) < 0.5


def test_it_is_silent_when_it_foretells_the_answers_no_more() -> None:
    """The camera was turned: what was the open door is a wall now."""
    proxy = taught(90)
    for _ in range(ProxyConfig().proved_over):
        proxy.learn([OPEN], 0.05)
        proxy.learn([CLOSED], 0.95)
    assert hinted(proxy, OPEN) <= 0


def test_the_same_picture_a_moment_later_says_little_new() -> None:
    proxy = taught(90)
    first = hinted(proxy, OPEN)
    assert 0 < proxy.hint([OPEN], 0.1) < 0.1 * first
    assert proxy.hint([OPEN], LONG_S) == pytest.approx(first)


def test_one_of_several_bodies_is_enough() -> None:
    proxy = taught(90)
    assert hinted(proxy, CLOSED, OPEN, CLOSED) > 1 > hinted(proxy, CLOSED, CLOSED, CLOSED)


def test_of_several_bodies_it_finds_out_which_it_was() -> None:
    chance, proxy = random.Random(2), Proxy(ProxyConfig(), 1.0)
    for _ in range(120):
        so = chance.random() < 0.3
        proxy.learn([CLOSED, OPEN if so else CLOSED], 0.95 if so else 0.05)
    assert hinted(proxy, OPEN) > 1
    assert hinted(proxy, CLOSED) < 0


def test_nothing_in_view_says_nothing() -> None:
    proxy = taught(90)
    assert proxy.hint([], 0.5) == 0
