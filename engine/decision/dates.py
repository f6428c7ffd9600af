"""Days, times of day and lengths of time in English, read by `dateparser`.

The few everyday forms that the library does not read ("half an hour", "half past nine") are put
into words that it does.
"""

import re
import warnings
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from engine.decision.wording import local
from engine.media import NANOSECONDS, Span

DAY_PARTS = {
    "morning": (time(5), time(12)),
    "afternoon": (time(12), time(18)),
    "evening": (time(17), time.max),
    "night": (time(18), time(6)),
}
"""From when to when; the night ends on the next day."""

_LONG_AGO = datetime(2000, 1, 1)
_VAGUE = (
    (r"\b(?:an?|one|1) (\w+?)s? and a half\b", r"1.5 \1s"),
    (r"\b(\d+) (\w+) and a half\b", r"\1.5 \2"),
    (r"\b(\d+) and a half\b", r"\1.5"),
    (r"\bhalf (?:an? )?(\w+)", r"0.5 \1"),
    (r"\b(?:a )?couple(?: of)?\b", "2"),
    (r"\b(?:a )?few\b", "3"),
    (r"\bseveral\b", "5"),
    (r"\b(?:a|one) hundred\b", "100"),
)
_WORDS = ("one two three four five six seven eight nine ten eleven twelve").split()  # noqa: SIM905
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDS, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTime:
    """A time of day as it was said."""

    of_day: time
    width_s: float
    """How far around it one looks when it is said alone."""
    either_half: bool
    """Said without a.m. or p.m. on the twelve-hour dial."""


def duration(text: str) -> int | None:
    """Nanoseconds of "five minutes", "an hour", "1.5 h", "half an hour"."""
    words = text.lower().replace("-", " ")
    for word, digit in _NUMBERS.items():
        words = re.sub(rf"\b{word}\b(?!-)", digit, words)
    for pattern, better in _VAGUE:
        words = re.sub(pattern, better, words)
    if not re.search(r"\b(?:\d|an?\b|[a-z]+ [a-z])", words):
        words = f"1 {words}"
    found = _parse(f"{words} ago", _LONG_AGO)
    if found is None:
        return None
    return round((_LONG_AGO - found[0]) / timedelta(microseconds=1)) * 1000


def clock_time(text: str) -> ClockTime | None:
    """A time of day: "14:05:12", "3 pm", "noon", "half past nine", "3 o'clock", "3"."""
    words = text.lower().strip().replace("midday", "noon").replace("o'clock", "").strip()
    for word, digit in _NUMBERS.items():
        words = re.sub(rf"\b{word}\b", digit, words)
    past = re.fullmatch(r"(?:(half|quarter|\d+)(?: minutes?)?) (past|to) (\d+)(.*)", words)
    if past is not None:
        minutes = {"half": 30, "quarter": 15}.get(past[1]) or int(past[1])
        hour = int(past[3]) if past[2] == "past" else int(past[3]) - 1
        minute = minutes if past[2] == "past" else 60 - minutes
        words = f"{hour or 12}:{minute:02}{past[4]}"
    either = past is not None and not re.search(r"[ap]\.?m", words)
    if re.fullmatch(r"\d{1,2}", words):
        either, words = 0 < int(words) <= 12, f"{words}:00"
    found = _parse(words, _LONG_AGO)
    if found is None or found[1] != "time":
        return None
    of_day = found[0].time()
    exact = words.count(":") == 2
    width = 5 if exact else 120 if of_day.minute % 5 else 300
    return ClockTime(of_day=of_day, width_s=width, either_half=either)


def days(text: str, today: date) -> tuple[date, date] | None:
    """First and last day of "yesterday", "last week", "12 March", "on Monday"."""
    words = re.sub(r"^(?:on|in|this) (?=\w+day|\w+$)", "", text.lower().strip())
    if words in ("week", "month", "year"):
        words = f"this {words}"
    if words.endswith("day") and today.strftime("%A").lower() == words:
        return today, today
    found = _parse(words, datetime.combine(today, time(12)))
    if found is None:
        return None
    day = found[0].date()
    if found[1] == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if found[1] == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if found[1] == "year":
        return day.replace(month=1, day=1), day.replace(month=12, day=31)
    return day, day


def instant(day: date, of_day: time, tz: tzinfo) -> int:
    """Wall nanoseconds of a local time."""
    then = datetime.combine(day, of_day.replace(microsecond=0), tz)
    return round(then.timestamp()) * NANOSECONDS


def day_span(first: date, last: date, tz: tzinfo) -> Span:
    """From the first midnight to the last moment, both local."""
    start = instant(first, time.min, tz)
    return Span(start=start, end=instant(last + timedelta(days=1), time.min, tz) - 1)


def part_span(day: date, part: str, tz: tzinfo) -> Span:
    """The morning, afternoon, evening or night of a day."""
    begins, ends = DAY_PARTS[part]
    last = day + timedelta(days=1) if ends <= begins else day
    return Span(start=instant(day, begins, tz), end=instant(last, ends, tz))


def today_of(now_at: int, tz: tzinfo) -> date:
    """The local day of a wall time."""
    return local(now_at, tz).date()


def _parse(text: str, base: datetime) -> tuple[datetime, str] | None:
    # It takes long to load, and is needed by questions alone.
    from dateparser.date import DateDataParser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = DateDataParser(
            languages=["en"],
            settings={
                "RELATIVE_BASE": base,
                "PREFER_DATES_FROM": "past",
                "RETURN_TIME_AS_PERIOD": True,
                "DATE_ORDER": "DMY",
            },
        )
        try:
            found = parser.get_date_data(text)
        except (ValueError, OverflowError):
            return None
    when = found.date_obj
    return None if when is None else (when.replace(tzinfo=None), found.period or "")
