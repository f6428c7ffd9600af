"""When something counts as an action done."""

import numpy as np
import pytest

from engine.decision.actions import (
    ActionWatch,
    Performance,
    fits,
    known_action,
    length_s,
    lengths_of,
    mirrored,
    parts_of,
)
from engine.facts import Motion
from engine.media import Box, Span, Vector, nanoseconds

BOX = Box(100, 100, 80, 160)


def vector(seed: int, lasts_s: float = 2.0, noise: float = 0.0) -> Vector:
    """A description made up of chance; the same for a seed but for noise."""
    parts = np.random.default_rng(seed).normal(size=(16, 64))
    parts = parts + noise * np.random.default_rng(99).normal(size=parts.shape)
    parts = parts / np.linalg.norm(parts)
    rows = np.zeros((17, 65), np.float32)
    rows[:16, :64] = parts
    rows[16, 0] = lasts_s / 16
    rows[:, 64] = np.sqrt(1 - (rows**2).sum(axis=1))
    return rows


def motion(seed: int, start_s: float, end_s: float, box: Box = BOX, noise: float = 0.1) -> Motion:
    span = Span(start=nanoseconds(start_s), end=nanoseconds(end_s))
    return Motion(span=span, box=box, vector=vector(seed, end_s - start_s, noise))


def watched(motions: list[Motion], wrong: tuple[Vector, ...] = ()) -> list[Performance]:
    """What comes of these, each reported when it ends, and five seconds after the last."""
    known = [known_action("bow", [vector(1)], list(wrong))]
    watch = ActionWatch()
    done: list[Performance] = []
    for one in sorted(motions, key=lambda m: m.span.end):
        done += watch.look([one], known, one.span.end)
    end = max(one.span.end for one in motions)
    for number in range(25):
        done += watch.look([], known, end + nanoseconds(number / 5))
    return done


def test_a_description_fits_itself_wholly_and_a_stranger_little() -> None:
    one, other = parts_of(vector(1))[None], parts_of(vector(2))[None]
    assert fits(one, one)[0, 0] == pytest.approx(1.0, abs=1e-4)
    assert fits(one, other)[0, 0] < 0.5


def test_twice_mirrored_is_the_same() -> None:
    parts = parts_of(vector(1))
    assert np.array_equal(mirrored(mirrored(parts)), parts)


def test_the_length_stands_in_the_description() -> None:
    assert length_s(vector(1, 3.5)) == pytest.approx(3.5, abs=1e-3)


def test_nothing_is_looked_for_where_nothing_is_known() -> None:
    assert lengths_of([]) == ()


def test_the_lengths_reach_from_twice_as_fast_to_twice_as_slow() -> None:
    lengths = lengths_of([known_action("bow", [vector(1, 3.0)], [])])
    assert min(lengths) == pytest.approx(1.5, rel=0.15)
    assert max(lengths) == pytest.approx(6.0, rel=0.15)


def test_one_doing_is_told_once_however_many_stretches_fit_it() -> None:
    done = watched([motion(1, 1.0, 3.0), motion(1, 1.2, 3.2, noise=0.02), motion(1, 0.8, 3.4)])
    assert [one.concept for one in done] == ["bow"]
    assert done[0].span == Span(start=nanoseconds(1.2), end=nanoseconds(3.2))


def test_doing_it_again_at_once_is_told_again() -> None:
    done = watched([motion(1, 1.0, 3.0), motion(1, 3.1, 5.1), motion(1, 5.2, 7.2)])
    assert len(done) == 3


def test_two_who_do_it_at_the_same_time_are_two() -> None:
    elsewhere = Box(400, 100, 80, 160)
    assert len(watched([motion(1, 1.0, 3.0), motion(1, 1.0, 3.0, box=elsewhere)])) == 2


def test_another_motion_is_not_the_action() -> None:
    assert watched([motion(2, 1.0, 3.0)]) == []


def test_much_too_slow_is_not_the_action() -> None:
    assert watched([motion(1, 1.0, 9.0)]) == []


def test_what_was_said_not_to_be_it_is_left_out() -> None:
    assert len(watched([motion(1, 1.0, 3.0, noise=0.6)])) == 1
    assert watched([motion(1, 1.0, 3.0, noise=0.6)], wrong=(vector(1, 2.0, 0.6),)) == []


def test_of_two_actions_the_one_that_fits_better_was_done() -> None:
    known = [known_action("bow", [vector(1)], []), known_action("nod", [vector(1, 2.0, 0.5)], [])]
    watch = ActionWatch()
    one = motion(1, 1.0, 3.0, noise=0.5)
    done = watch.look([one], known, one.span.end)
    for number in range(25):
        done += watch.look([], known, one.span.end + nanoseconds(number / 5))
    assert [performance.concept for performance in done] == ["nod"]
