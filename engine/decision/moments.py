"""One moment, as English says it: its stretch of wall time, of stream time, or both."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from engine.decision import dates
from engine.media import NANOSECONDS, Span, nanoseconds

NUMBER = (
    r"(?:\d+(?:\.\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen"
    r"|twenty(?:[- ]five)?|thirty|forty(?:[- ]five)?|fifty|sixty|ninety|half an?|a few|few"
    r"|a couple of|a couple|couple of|several|(?:a|one) hundred)"
)
SHORT_UNIT = r"(?:s|secs?|seconds?|mins?|minutes?)"
UNIT = rf"(?:{SHORT_UNIT}|h|hrs?|hours?|days?|weeks?|fortnights?|months?|years?)"
LENGTH = (
    rf"(?:{NUMBER} and a half {UNIT}|{NUMBER}[ -]?{UNIT} and a half"
    rf"|{NUMBER}[ -]?{UNIT}(?:(?:,? and|,)? {NUMBER}[ -]?{UNIT})?)\b"
)
HOUR = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
MERIDIEM = r"(?: ?[ap]\.m\.?| ?[ap]m\b)"
CLOCK = (
    rf"(?:\d{{1,3}}:\d\d(?::\d\d)?(?!\d)(?:{MERIDIEM})?|{HOUR}{MERIDIEM}|{HOUR} o'clock"
    rf"(?:{MERIDIEM})?|(?:half|quarter|a quarter|\d+ minutes?) (?:past|to) {HOUR}"
    rf"(?:{MERIDIEM})?|noon|midday|midnight)"
)
WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
ORDINAL = r"\d{1,2}(?:st|nd|rd|th)"
DAY = (
    rf"(?:today|(?:the )?day before yesterday|yesterday|tomorrow|(?:(?:last|this) )?{WEEKDAY}"
    rf"|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}"
    rf"|(?:the )?(?:{ORDINAL}|\d{{1,2}})(?: of)? {MONTH}(?:,? \d{{4}})?"
    rf"|{MONTH} (?:the )?(?:{ORDINAL}|\d{{1,2}})\b(?!:)(?:,? \d{{4}})?"
    rf"|(?<=on )the {ORDINAL}|(?<=in ){MONTH}(?: \d{{4}})?|{NUMBER} days? ago"
    r"|(?:last|this) (?:week|month|year))(?!\w)"
)
PART = r"(?:morning|afternoon|evening|night)"
PART_OF_DAY = (
    rf"(?:(?:this|last|{DAY}(?:,? in the| during the| at)?) {PART}|(?:in|during) the {PART}"
    rf"|{PART} of {DAY}|tonight|overnight)(?!\w)"
)
STREAM = (
    rf"(?:(?:the )?(?:second|minute) (?:number )?\d+|{NUMBER}[ -]?{SHORT_UNIT}(?: in(?:to it)?)?"
    r"|the (?:very )?(?:start|beginning|end))(?!\w)(?! ago)"
)
AGO = rf"(?:{LENGTH} ago)"
MOMENT = rf"(?:{PART_OF_DAY}|{AGO}|{DAY},? (?:at )?{CLOCK}|{CLOCK}(?:,?(?: on)? {DAY})?|{DAY}|now)"
END = r"(?=$|[\s,.?!;])"
BARE_HOUR = rf"{HOUR}(?=\s*(?:$|[,.?!;]|and\b|to\b|until\b|on\b|in the\b|{PART_OF_DAY}|{DAY}))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """One moment or stretch. `slack`: how far around it one looks when it is said alone."""

    at: Span | None = None
    pts: Span | None = None
    slack: int = 0
    day_said: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    now_at: int
    now_pts: int | None
    tz: tzinfo
    day: str = ""
    """The day (or part of one) that stands elsewhere in the text."""


def moment(text: str, context: Context) -> Meant | None:
    """What one phrase means; None when it is no time after all."""
    text = text.strip()
    for pattern, read in _MOMENTS:
        match = pattern.fullmatch(text)
        if match is not None:
            return read(match, context)
    return None


def _now(match: re.Match[str], context: Context) -> Meant | None:
    del match
    now, pts = context.now_at, context.now_pts
    return Meant(at=Span(start=now, end=now), pts=None if pts is None else Span(start=pts, end=pts))


def _ago(match: re.Match[str], context: Context) -> Meant | None:
    length = dates.duration(match["n"])
    if length is None:
        return None
    then, pts = context.now_at - length, context.now_pts
    stream = None if pts is None or pts < length else Span(start=pts - length, end=pts - length)
    vague = re.search(r"few|couple|several", match["n"], re.I)
    slack = max(length // (2 if vague else 10), 5 * NANOSECONDS)
    if stream is not None:
        stream = Span(start=max(stream.start - slack, 0), end=stream.end + slack)
    return Meant(at=Span(start=then, end=then), pts=stream, slack=slack)


def _part_of_day(match: re.Match[str], context: Context) -> Meant | None:
    span = _part_span(match[0].lower(), context)
    return None if span is None else Meant(at=span)


def _part_span(words: str, context: Context) -> Span | None:
    today = dates.today_of(context.now_at, context.tz)
    yesterday = today - timedelta(days=1)
    if words in ("tonight", "this night"):
        return dates.part_span(today, "night", context.tz)
    if words in ("last night", "overnight"):
        return dates.part_span(yesterday, "night", context.tz)
    part = next(p for p in dates.DAY_PARTS if p in words)
    day = _DAY_RE.search(words)
    if day is not None:
        span = dates.days(day[0], today)
        return None if span is None else dates.part_span(span[0], part, context.tz)
    if words.startswith("last "):
        return dates.part_span(yesterday, part, context.tz)
    given = dates.days(context.day, today) if _DAY_RE.fullmatch(context.day) else None
    span = dates.part_span(given[0] if given else today, part, context.tz)
    if given is None and not words.startswith("this ") and span.start > context.now_at:
        return dates.part_span(yesterday, part, context.tz)
    return span


def _whole_day(match: re.Match[str], context: Context) -> Meant | None:
    found = dates.days(match[0], dates.today_of(context.now_at, context.tz))
    return None if found is None else Meant(at=dates.day_span(*found, context.tz))


def _clock(match: re.Match[str], context: Context) -> Meant | None:
    words = match["c"]
    said = (match["d"] or match["e"] or context.day).strip()
    pts = None if said else _stream_clock(words)
    clock = dates.clock_time(words)
    if clock is None:
        return None if pts is None else Meant(pts=pts)
    bounds = _bounds(said, context)
    if said and bounds is None:
        return None
    halves = (0, 12) if clock.either_half else (0,)
    hour = clock.of_day.hour % 12 if clock.either_half else clock.of_day.hour
    today = dates.today_of(context.now_at, context.tz)
    if bounds is None:
        choices = [
            dates.instant(
                today - timedelta(days=d), clock.of_day.replace(hour=hour + h), context.tz
            )
            for d in (0, 1)
            for h in halves
        ]
        then = max(c for c in choices if c <= context.now_at)
    else:
        first = dates.today_of(bounds.start, context.tz)
        choices = [
            dates.instant(
                first + timedelta(days=d), clock.of_day.replace(hour=hour + h), context.tz
            )
            for d in (0, 1)
            for h in halves
        ]
        inside = [c for c in choices if bounds.start <= c <= bounds.end] or choices
        # Of two hours of one day the waking one is meant: "yesterday at 3" is the afternoon.
        then = inside[1] if len(inside) > 1 and clock.either_half and hour < 7 else inside[0]
    return Meant(
        at=Span(start=then, end=then),
        pts=pts,
        slack=nanoseconds(clock.width_s),
        day_said=bool(said),
    )


def _bounds(said: str, context: Context) -> Span | None:
    if not said:
        return None
    if _PART_RE.fullmatch(said):
        return _part_span(said.lower(), context)
    found = dates.days(said, dates.today_of(context.now_at, context.tz))
    return None if found is None else dates.day_span(*found, context.tz)


def end_of_day_said(context: Context) -> int:
    bounds = _bounds(context.day, context)
    return context.now_at if bounds is None else bounds.end


def _stream_clock(words: str) -> Span | None:
    """`1:10` as minutes and seconds, `1:02:03` as hours, minutes and seconds."""
    if not re.fullmatch(r"\d+(?::[0-5]\d){1,2}", words):
        return None
    total = 0
    for part in words.split(":"):
        total = total * 60 + int(part)
    return Span(start=total * NANOSECONDS, end=total * NANOSECONDS)


def _stream(match: re.Match[str], context: Context) -> Meant | None:
    words = match[0].lower()
    if words.endswith(("start", "beginning")):
        return Meant(pts=Span(start=0, end=nanoseconds(10)))
    if words.endswith("end"):
        end = context.now_pts
        return (
            None if end is None else Meant(pts=Span(start=max(end - nanoseconds(10), 0), end=end))
        )
    numbered = re.search(r"(second|minute) (?:number )?(\d+)", words)
    if numbered is None:
        length = dates.duration(re.sub(r" in(?:to it)?$", "", words))
        return None if length is None else Meant(pts=Span(start=length, end=length))
    unit = 1 if numbered[1] == "second" else 60
    start = int(numbered[2]) * unit * NANOSECONDS
    return Meant(pts=Span(start=start, end=start + (unit - 1) * NANOSECONDS))


Read = Callable[[re.Match[str], Context], "Meant | None"]


def _said(pattern: str) -> re.Pattern[str]:
    """For a phrase that was cut out of its text: what stood before it is gone."""
    return re.compile(re.sub(r"\(\?<=\w+ \)", "", pattern), re.I)


_DAY_RE = _said(DAY)
_PART_RE = _said(PART_OF_DAY)
_MOMENTS: tuple[tuple[re.Pattern[str], Read], ...] = (
    (re.compile(r"now", re.I), _now),
    (_PART_RE, _part_of_day),
    (_DAY_RE, _whole_day),
    (re.compile(rf"(?P<n>{LENGTH}) ago", re.I), _ago),
    (re.compile(STREAM, re.I), _stream),
    (
        _said(
            rf"(?:(?P<d>{DAY}),? (?:at )?)?(?P<c>{CLOCK}|{HOUR})(?:,?(?: on)? (?P<e>{DAY}))?",
        ),
        _clock,
    ),
)
