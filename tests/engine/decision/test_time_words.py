"""English time words, at one moment: Saturday 14 March 2026, 16:30 in Berlin, 2:19 into a file."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.decision.time_words import resolve
from engine.media import NANOSECONDS, Span

BERLIN = ZoneInfo("Europe/Berlin")


def wall(text: str) -> int:
    """`DD HH:MM[:SS]` of March 2026."""
    day, clock = text.split()
    hour, minute, *second = map(int, clock.split(":"))
    then = datetime(2026, 3, 1, hour, minute, *second, tzinfo=BERLIN) + timedelta(days=int(day) - 1)
    return round(then.timestamp()) * NANOSECONDS


NOW = wall("14 16:30")
NOW_PTS = 139 * NANOSECONDS


def at(start: str, end: str) -> Span:
    return Span(start=wall(start), end=wall(end))


def midnight(first: int, after: int) -> Span:
    """Whole days: from the first to the one before `after`."""
    return Span(start=wall(f"{first:02} 00:00"), end=wall(f"{after:02} 00:00") - 1)


def pts(start: float, end: float) -> Span:
    return Span(start=round(start * NANOSECONDS), end=round(end * NANOSECONDS))


WALL = [
    ("yesterday", midnight(13, 14)),
    ("today", at("14 00:00", "14 16:30")),
    ("so far today", at("14 00:00", "14 16:30")),
    ("the day before yesterday", midnight(12, 13)),
    ("3 days ago", midnight(11, 12)),
    ("on Monday", midnight(9, 10)),
    ("last Monday", midnight(9, 10)),
    ("on Saturday", at("14 00:00", "14 16:30")),
    ("on 12 March", midnight(12, 13)),
    ("on March 12th", midnight(12, 13)),
    ("on the 12th", midnight(12, 13)),
    ("2026-03-12", midnight(12, 13)),
    ("on 12.03.2026", midnight(12, 13)),
    ("in March", at("01 00:00", "14 16:30")),
    ("last week", midnight(2, 9)),
    ("this week", at("09 00:00", "14 16:30")),
    ("this morning", at("14 05:00", "14 12:00")),
    ("in the morning", at("14 05:00", "14 12:00")),
    ("yesterday in the morning", at("13 05:00", "13 12:00")),
    ("on Monday afternoon", at("09 12:00", "09 18:00")),
    ("last night", at("13 18:00", "14 06:00")),
    ("since noon", at("14 12:00", "14 16:30")),
    ("since yesterday", at("13 00:00", "14 16:30")),
    ("since 9 this morning", at("14 09:00", "14 16:30")),
    ("after 2 pm", at("14 14:00", "14 16:30")),
    ("yesterday after 2 pm", Span(start=wall("13 14:00"), end=wall("14 00:00") - 1)),
    ("until noon", at("14 00:00", "14 12:00")),
    ("an hour ago", at("14 15:24", "14 15:36")),
    ("half an hour ago", at("14 15:57", "14 16:03")),
    ("two and a half hours ago", at("14 13:45", "14 14:15")),
    ("twenty-five minutes ago", at("14 16:02:30", "14 16:07:30")),
    ("at 3 pm", at("14 14:55", "14 15:05")),
    ("around 3 p.m.", at("14 14:45", "14 15:15")),
    ("at 3", at("14 14:55", "14 15:05")),
    ("at three o'clock", at("14 14:55", "14 15:05")),
    ("at half past nine", at("14 09:25", "14 09:35")),
    ("at quarter to 4", at("14 15:40", "14 15:50")),
    ("yesterday at 3", at("13 14:55", "13 15:05")),
    ("yesterday evening at 8", at("13 19:55", "13 20:05")),
    ("on Monday at 14:00", at("09 13:55", "09 14:05")),
    ("at midnight", at("13 23:55", "14 00:05")),
    ("yesterday between 10:00 and 10:30", at("13 10:00", "13 10:30")),
    ("between 10:00 and 10:30 yesterday", at("13 10:00", "13 10:30")),
    ("between 9 and 10 this morning", at("14 09:00", "14 10:00")),
    ("between 2 and 4 pm", at("14 14:00", "14 16:00")),
    ("between 11 and 1 pm", at("14 11:00", "14 13:00")),
    ("from 9 to 11", at("14 09:00", "14 11:00")),
    ("from Monday to Wednesday", midnight(9, 12)),
    ("between 23:00 and 01:00", at("13 23:00", "14 01:00")),
    ("between 10 and 5 minutes ago", at("14 16:20", "14 16:25")),
    ("from 10:00 to now", at("14 10:00", "14 16:30")),
]

STREAM = [
    ("between 10 and 30 seconds", pts(10, 30)),
    ("from 10 s to 30 s", pts(10, 30)),
    ("in the first minute", pts(0, 60)),
    ("in the first 30 seconds", pts(0, 30)),
    ("in the second minute", pts(60, 120)),
    ("at second 12", pts(10, 14)),
    ("at 12 seconds", pts(10, 14)),
    ("12 seconds in", pts(10, 14)),
    ("after 10 seconds", pts(10, 139)),
    ("before second 30", pts(0, 30)),
    ("in the last 20 seconds of the recording", pts(119, 139)),
    ("at 0:45 in the video", pts(43, 47)),
    ("at the start of the clip", pts(0, 12)),
]

BOTH = [
    ("between 10:00 and 10:30", at("14 10:00", "14 10:30"), pts(600, 630)),
    ("between 18:00 and 19:00", at("13 18:00", "13 19:00"), pts(1080, 1140)),
    ("at 0:45", at("14 00:40", "14 00:50"), pts(43, 47)),
    ("after 1:10", at("14 01:10", "14 16:30"), pts(70, 139)),
    ("from 0:10 to 0:30", at("14 00:10", "14 00:30"), pts(10, 30)),
    ("in the last five minutes", at("14 16:25", "14 16:30"), pts(0, 139)),
    ("in the last 20 seconds", at("14 16:29:40", "14 16:30"), pts(119, 139)),
    ("in the past hour", at("14 15:30", "14 16:30"), pts(0, 139)),
    ("during the last half hour", at("14 16:00", "14 16:30"), pts(0, 139)),
    ("just now", at("14 16:29", "14 16:30"), pts(79, 139)),
    ("one minute ago", at("14 16:28:54", "14 16:29:06"), pts(71, 87)),
]

NONE = [
    "now",
    "right now",
    "for the second time",
    "last time",
    "for 10 minutes",
    "at the door",
    "in the room",
    "with 3 cats",
    "who may march",
]


def span_seconds(span: Span | None) -> tuple[float, float] | None:
    return None if span is None else (span.start / NANOSECONDS, span.end / NANOSECONDS)


@pytest.mark.parametrize(("words", "expected"), WALL)
def test_wall_time(words: str, expected: Span) -> None:
    found = resolve(f"when did x come {words}?", now_at=NOW, now_pts=NOW_PTS, tz=BERLIN)
    assert span_seconds(found.at) == span_seconds(expected)
    assert found.pts is None
    assert found.rest == "when did x come?"


@pytest.mark.parametrize(("words", "expected"), STREAM)
def test_stream_time(words: str, expected: Span) -> None:
    found = resolve(f"what happened {words}?", now_at=NOW, now_pts=NOW_PTS, tz=BERLIN)
    assert span_seconds(found.pts) == span_seconds(expected)
    assert found.at is None
    assert found.rest == "what happened?"


@pytest.mark.parametrize(("words", "wall_time", "stream_time"), BOTH)
def test_both_kinds_of_time(words: str, wall_time: Span, stream_time: Span) -> None:
    found = resolve(f"what happened {words}?", now_at=NOW, now_pts=NOW_PTS, tz=BERLIN)
    assert span_seconds(found.at) == span_seconds(wall_time)
    assert span_seconds(found.pts) == span_seconds(stream_time)


@pytest.mark.parametrize("words", NONE)
def test_no_time_words(words: str) -> None:
    found = resolve(f"was x here {words}?", now_at=NOW, now_pts=NOW_PTS, tz=BERLIN)
    assert (found.at, found.pts) == (None, None)


def test_time_words_may_come_first() -> None:
    found = resolve("Yesterday, what happened?", now_at=NOW, now_pts=None, tz=BERLIN)
    assert found.at == midnight(13, 14)
    assert "what happened?" in found.rest


def test_the_future_is_left_in_the_future() -> None:
    found = resolve("what happens tomorrow", now_at=NOW, now_pts=None, tz=BERLIN)
    assert found.at == midnight(15, 16)


def test_without_a_recording_only_the_words_that_count_from_its_end_have_no_stream_time() -> None:
    last = resolve("in the last minute", now_at=NOW, now_pts=None, tz=BERLIN)
    first = resolve("in the first minute", now_at=NOW, now_pts=None, tz=BERLIN)
    assert last.pts is None
    assert first.pts == pts(0, 60)


def test_days_follow_the_time_zone() -> None:
    late = wall("14 00:30")
    here = resolve("today", now_at=late, now_pts=None, tz=BERLIN).at
    there = resolve("today", now_at=late, now_pts=None, tz=ZoneInfo("UTC")).at
    assert here is not None
    assert there is not None
    assert (here.start, there.start) == (wall("14 00:00"), wall("13 01:00"))


def test_a_day_of_23_hours_ends_at_midnight() -> None:
    # Summer time began in Berlin on 29 March 2026 at 2:00.
    then = round(datetime(2026, 3, 30, 12, tzinfo=BERLIN).timestamp()) * NANOSECONDS
    found = resolve("yesterday", now_at=then, now_pts=None, tz=BERLIN).at
    assert found is not None
    assert round(found.seconds) == 23 * 3600
