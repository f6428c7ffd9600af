"""Times, stretches and counts, in words."""

from zoneinfo import ZoneInfo

import pytest

from engine.decision import wording as say
from engine.media import NANOSECONDS, Span

UTC = ZoneInfo("UTC")
NOW = 1_773_504_000 * NANOSECONDS  # 14 March 2026, 16:00


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a second"),
        (0.4, "less than a second"),
        (1, "1 second"),
        (13.2, "13 seconds"),
        (60, "1 minute"),
        (125, "2 minutes 5 seconds"),
        (3600, "1 hour"),
        (3605, "1 hour"),
        (3780, "1 hour 3 minutes"),
        (90_000, "1 day 1 hour"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert say.duration(round(seconds * NANOSECONDS)) == said


@pytest.mark.parametrize(
    ("number", "said"), [(0, "never"), (1, "once"), (2, "twice"), (3, "3 times"), (6, "6 times")]
)
def test_times(number: int, said: str) -> None:
    assert say.times(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (6.9, "0:06"), (136, "2:16"), (3723, "1:02:03")]
)
def test_stream_time(seconds: float, said: str) -> None:
    assert say.stream_time(round(seconds * NANOSECONDS)) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (0, "16:00:00"),
        (3600, "15:00:00"),
        (86_400, "yesterday at 16:00:00"),
        (3 * 86_400, "on 11 March at 16:00:00"),
        (365 * 86_400, "on 14 March 2025 at 16:00:00"),
    ],
)
def test_clock_time(ago: int, said: str) -> None:
    assert say.clock_time(NOW - ago * NANOSECONDS, now=NOW, tz=UTC) == said


def test_spans() -> None:
    minute = Span(start=NOW, end=NOW + 60 * NANOSECONDS)
    assert say.clock_span(minute, now=NOW, tz=UTC) == "from 16:00:00 to 16:01:00"
    assert say.clock_span(Span(start=NOW, end=NOW), now=NOW, tz=UTC) == "at 16:00:00"
    assert say.stream_span(Span(start=0, end=NANOSECONDS // 2)) == "at 0:00"
    night = Span(start=NOW - 57_600 * NANOSECONDS - NANOSECONDS, end=NOW)
    assert say.clock_span(night, now=NOW, tz=UTC) == ("from 23:59:59 yesterday to 16:00:00 today")


def test_lists_counts_and_quotations() -> None:
    assert say.listed([]) == ""
    assert say.listed(["a"]) == "a"
    assert say.listed(["a", "b", "c"]) == "a, b and c"
    assert (say.count(1, "visit"), say.count(6, "visit")) == ("1 visit", "6 visits")
    assert say.quoted(" a\n b ") == "“a b”"
    assert len(say.quoted("x" * 10_000)) < 200
    assert say.sentence("nothing was seen") == "Nothing was seen."
    assert say.sentence("it said “a.”") == "It said “a.”"
