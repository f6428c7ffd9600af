"""How bodies stand, by their boxes."""

import numpy as np
import pytest

from engine.decision.outlines import FOOT, HEIGHT, TRACKS, WIDTH, Outlines
from engine.media import Box, Vector
from tests.fakes.facts import body


def outline(now: Box, usual: Box, *, concept: str | None = None) -> Vector:
    outlines = Outlines()
    for _ in range(20):
        outlines.look([body(usual, concept=concept)])
    ((found,),) = outlines.look([body(now, concept=concept)]).values()
    return found


STANDS, SITS, JUMPS = Box(50, 30, 30, 60), Box(48, 50, 34, 40), Box(50, 10, 30, 60)


def test_who_stands_as_usual_reads_alike_whoever_it_is() -> None:
    tall, small = Box(50, 20, 40, 80), Box(20, 60, 20, 40)
    assert np.allclose(outline(tall, tall), outline(small, small))


@pytest.mark.parametrize(("first", "second"), [(STANDS, SITS), (STANDS, JUMPS), (SITS, JUMPS)])
def test_what_they_do_shows_in_their_outline(first: Box, second: Box) -> None:
    apart = outline(first, STANDS) - outline(second, STANDS)
    assert np.abs(apart[: len(HEIGHT) + len(WIDTH) + len(FOOT)]).max() > 0.5


def test_a_known_body_is_compared_with_how_it_stood_in_visits_before() -> None:
    outlines = Outlines()
    for _ in range(20):
        outlines.look([body(STANDS, track=1, concept="ann")])
    known = outlines.look([body(SITS, track=2, concept="ann")])["ann"][0]
    stranger = outlines.look([body(SITS, track=3)])[""][0]
    high = slice(0, len(HEIGHT))
    assert np.argmax(known[high]) < np.argmax(stranger[high])


def test_everybody_in_view_has_one_under_their_name() -> None:
    found = Outlines().look([body(STANDS, 1, "ann"), body(SITS, 2), body(JUMPS, 3)])
    assert {name: len(some) for name, some in found.items()} == {"ann": 1, "": 2}


def test_bodies_long_gone_are_forgotten() -> None:
    outlines = Outlines()
    outlines.look([body(SITS, track=0)])
    for track in range(1, TRACKS + 1):
        outlines.look([body(STANDS, track=track)])
    anew = outlines.look([body(STANDS, track=0)])[""][0]
    first = Outlines().look([body(STANDS, track=0)])[""][0]
    assert np.allclose(anew, first)
