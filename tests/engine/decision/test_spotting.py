"""Which of the actions that were shown a body does."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.decision.actions import Performance
from engine.decision.bodies import BodyWatch, templates_of
from engine.decision.spotting import Spotted, Spotter
from engine.decision.templates import Template, Templates, template_of, turn_of
from engine.facts import Body
from engine.media import Box, Vector, nanoseconds
from engine.perception.bodies import described

Course = Callable[[float], tuple[float, float]]
"""A pose from the share of the time; where somebody stands it is (0, 0)."""
STANDS = (0.0, 0.0)


def bow(share: float) -> tuple[float, float]:
    return float(np.clip(4 * min(share, 1 - share), 0, 1)), 0.0


def wave(share: float) -> tuple[float, float]:
    return 0.0, float(np.clip(4 * min(share, 1 - share), 0, 1))


def half_bow(share: float) -> tuple[float, float]:
    """Not as far, and with something else in it."""
    return 0.5 * bow(share)[0], -0.8 * bow(share)[0]


def jump(share: float) -> tuple[float, float]:
    """0.8 s a turn where it lasts 2.4 s."""
    return 0.5, 1.0 - float(np.cos(2 * np.pi * 3 * share))


def rows(course: Course, lasts_s: float) -> np.ndarray:
    count = round(lasts_s * 10)
    return np.array([course((n + 0.5) / count) for n in range(count)], np.float32)


def stands(lasts_s: float) -> np.ndarray:
    return np.tile(np.array(STANDS, np.float32), (round(lasts_s * 10), 1))


BOW, WAVE = template_of("bow", rows(bow, 2.4)), template_of("wave", rows(wave, 2.4))
JUMP = template_of("jump", rows(jump, 2.4))


def spotted(*parts: np.ndarray, shown: tuple[Template, ...] = (BOW, WAVE, JUMP),
            noise: float = 0.05, ends: bool = True) -> list[Spotted]:  # fmt: skip
    seen = np.concatenate(parts)
    seen = seen + np.random.default_rng(7).normal(0, noise, seen.shape)
    spotter, found = Spotter(Templates(shown)), list[Spotted]()
    for n, pose in enumerate(seen):
        found += spotter.look(nanoseconds(n / 10), pose.astype(np.float32))
    return found + (spotter.close() if ends else [])


def told(found: list[Spotted]) -> list[tuple[str | None, float, float]]:
    return [(one.concept, one.span.start / 1e9, one.span.end / 1e9) for one in found]


@pytest.mark.parametrize("lasts_s", [1.4, 2.4, 4.4])
def test_it_is_known_at_half_and_at_twice_the_speed(lasts_s: float) -> None:
    ((concept, start, end),) = told(spotted(stands(2), rows(bow, lasts_s), stands(2), ends=False))
    assert concept == "bow"
    assert (start, end) == pytest.approx((2, 2 + lasts_s), abs=0.5)


def test_two_that_follow_one_another_are_two_and_each_is_itself() -> None:
    found = told(spotted(stands(1), rows(bow, 2), rows(bow, 2.6), rows(wave, 2), stands(1)))
    assert [concept for concept, _, _ in found] == ["bow", "bow", "wave"]
    assert [start for _, start, _ in found] == pytest.approx([1, 3, 5.6], abs=0.4)


def test_what_goes_round_is_one_doing_however_long_it_lasts() -> None:
    longer = np.concatenate([rows(jump, 2.4)] * 4)
    assert JUMP.loops
    ((concept, start, end),) = told(spotted(stands(1), longer, stands(1), longer[:12] * 0))
    assert concept == "jump"
    assert (start, end) == pytest.approx((1, 10.6), abs=0.4)


def test_a_short_break_ends_no_loop_and_a_long_one_does() -> None:
    turns = rows(jump, 2.4)
    for break_s, count in ((0.4, 1), (2.0, 2)):
        found = told(spotted(stands(1), turns, stands(break_s), turns, stands(2), ends=False))
        assert [concept for concept, _, _ in found] == ["jump"] * count


def test_what_was_not_shown_is_nothing() -> None:
    assert told(spotted(stands(2), rows(half_bow, 2.4), stands(2))) == []
    assert told(spotted(stands(20), noise=0.2)) == []


def test_too_short_and_too_long_is_nothing() -> None:
    held = np.tile(np.array([[1.0, 0.0]], np.float32), (80, 1))
    assert told(spotted(stands(1), rows(bow, 0.6), stands(1))) == []
    assert told(spotted(stands(1), rows(bow, 1)[:4], held, rows(bow, 1)[4:], stands(1))) == []


def test_what_is_cut_off_counts_once_half_of_it_was_seen() -> None:
    begun = rows(bow, 3.0)
    assert [concept for concept, _, _ in told(spotted(stands(1), begun[:24]))] == ["bow"]
    assert told(spotted(stands(1), begun[:6])) == []


def test_what_it_is_said_not_to_be_takes_its_place() -> None:
    other = template_of(None, rows(bow, 2.4) * np.array([0.8, 1]) + np.array([0, 0.2]))
    like = rows(bow, 2.4) * np.array([0.85, 1]) + np.array([0, 0.15])
    assert [c for c, _, _ in told(spotted(stands(1), like, stands(1)))] == ["bow"]
    found = told(spotted(stands(1), like, stands(1), shown=(BOW, other)))
    assert [concept for concept, _, _ in found] == [None]


def test_a_turn_is_found_in_loops_alone() -> None:
    chance = np.random.default_rng(3)
    for course, turn in ((jump, 8), (bow, None), (wave, None)):
        shown = rows(course, 2.4)
        noisy = shown + chance.normal(0, 0.05, shown.shape).astype(np.float32)
        assert turn_of(noisy) == turn
    assert turn_of(stands(2)) is None


def test_each_body_is_followed_for_itself_and_told_where_it_was() -> None:
    def vector(course: Course) -> Vector:
        return described(rows(course, 2.4))

    watch = BodyWatch(templates_of([("bow", [vector(bow)], []), ("wave", [vector(wave)], [])]))
    one = np.concatenate([stands(1), rows(bow, 2.4), stands(3)])
    other = np.concatenate([stands(2), rows(wave, 2.4), stands(2)])
    done: list[Performance] = []
    for n, (here, there) in enumerate(zip(one, other, strict=True)):
        bodies = [
            Body(track=1, box=Box(10 + n // 10, 10, 20, 40), numbers=here),
            Body(track=2, box=Box(200, 10, 20, 40), numbers=there),
        ]
        done += watch.look(bodies, nanoseconds(n / 10))
    assert [one.concept for one in done] == ["bow", "wave"]
    assert 10 <= done[0].box.x <= 12
    assert done[1].box == Box(200, 10, 20, 40)
    assert all(0.5 <= one.score <= 1 for one in done)


def test_who_is_gone_has_ended_what_was_done() -> None:
    watch = BodyWatch(templates_of([("bow", [described(rows(bow, 2.4))], [])]))
    course = rows(bow, 3.0)[:24]
    done: list[Performance] = []
    for n, pose in enumerate(course):
        done += watch.look([Body(track=1, box=Box(0, 0, 9, 9), numbers=pose)], nanoseconds(n / 10))
    assert done == []
    done = watch.look([], nanoseconds(4.0))
    assert [one.concept for one in done] == ["bow"]
    assert watch.close() == []


def test_one_body_that_is_followed_twice_did_it_once() -> None:
    watch = BodyWatch(templates_of([("bow", [described(rows(bow, 2.4))], [])]))
    done: list[Performance] = []
    for n, pose in enumerate(np.concatenate([stands(1), rows(bow, 2.4), stands(3)])):
        bodies = [
            Body(track=1, box=Box(100, 100, 40, 80), numbers=pose),
            Body(track=2, box=Box(104, 104, 36, 60), numbers=pose),
            Body(track=3, box=Box(130, 100, 40, 80), numbers=pose),
        ]
        done += watch.look(bodies, nanoseconds(n / 10))
    assert sorted(one.box.x for one in done) in ([100, 130], [104, 130])
