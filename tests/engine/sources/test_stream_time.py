"""Timestamps of files, made to go forward."""

import math
from itertools import pairwise

import pytest

from engine.sources.stream_time import StreamTime

MS = 1_000_000


def times(fps: float, stamps: list[float]) -> list[float]:
    time = StreamTime(fps)
    return [time.next(stamp) / MS for stamp in stamps]


def test_good_timestamps_are_kept_and_counted_from_the_first_frame() -> None:
    assert times(30, [500, 534, 567, 900]) == [0, 34, 67, 400]


@pytest.mark.parametrize("broken", [0.0, -1.0, math.nan, math.inf])
def test_missing_timestamps_are_made_from_the_rate(broken: float) -> None:
    assert times(10, [broken] * 4) == [0, 100, 200, 300]


@pytest.mark.parametrize("fps", [0, math.nan, -5, 90_000])
def test_an_impossible_rate_is_not_believed(fps: float) -> None:
    assert times(fps, [0, 0, 0]) == [0, 40, 80]


def test_a_slip_back_is_bridged_and_forgotten() -> None:
    assert times(10, [0, 100, 50, 300, 400]) == [0, 100, 200, 300, 400]


def test_a_second_time_line_follows_the_first() -> None:
    assert times(10, [0, 5000, 10_000, 0, 250, 500]) == [0, 5000, 10_000, 10_100, 10_350, 10_600]


def test_it_never_stands_still() -> None:
    got = times(25, [0, 40, 40, 40, 41, 39, 3, 90_000_000_000, 5, math.nan, 7])
    assert all(b > a for a, b in pairwise(got))
