"""Times, stretches and counts, in words for people. Pure formatting."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from engine.facts import ConceptKind
from engine.media import NANOSECONDS, Span

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s”]+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|example)"
    r"(?:/[^\s”]*)?",
    re.I,
)
QUOTED_AT_MOST = 160
"""A quotation is cut after so many characters."""


def clock_time(at: int, *, now: int, tz: tzinfo, by_day: bool = True) -> str:
    """Wall time for people: `14:05:12`, with its day (unless `by_day` is False) when that is not
    the day of `now`: `yesterday at 14:05:12`, `on 12 March at 14:05:12`."""
    then = local(at, tz)
    text = f"{then:%H:%M:%S}"
    day = day_name(at, now=now, tz=tz) if by_day else ""
    return f"{day} at {text}" if day else text


def day_name(at: int, *, now: int, tz: tzinfo) -> str:
    """The day as one says it now; empty for today."""
    then, today = local(at, tz).date(), local(now, tz).date()
    if then == today:
        return ""
    if then == today - timedelta(days=1):
        return "yesterday"
    year = f" {then.year}" if then.year != today.year else ""
    return f"on {then.day} {then:%B}{year}"


def stream_time(pts: int) -> str:
    """Time of a recording as players show it: `0:23`, `12:05`, `1:02:03`."""
    total = max(pts, 0) // NANOSECONDS
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def clock_span(span: Span, *, now: int, tz: tzinfo) -> str:
    """`from 14:05:12 to 14:20:03`, `yesterday from 14:05:12 to 14:20:03`, `at 14:05:12` when both
    read the same."""
    start, end = (clock_time(t, now=now, tz=tz, by_day=False) for t in (span.start, span.end))
    first, last = (day_name(t, now=now, tz=tz) for t in (span.start, span.end))
    if local(span.start, tz).date() == local(span.end, tz).date():
        if start == end:
            return clock_moment(span.start, now=now, tz=tz)
        return f"{first} from {start} to {end}".strip()
    return (
        f"from {start} {first.removeprefix('on ')} to {end} {last.removeprefix('on ') or 'today'}"
    )


def stream_span(span: Span) -> str:
    """`from 0:06 to 0:20`, or `at 0:06` when both read the same."""
    start, end = stream_time(span.start), stream_time(span.end)
    return f"at {start}" if start == end else f"from {start} to {end}"


def clock_moment(at: int, *, now: int, tz: tzinfo) -> str:
    """`at 14:05:12`, `yesterday at 14:05:12`."""
    return _moment(clock_time(at, now=now, tz=tz))


def stream_moment(pts: int) -> str:
    """`at 0:23`."""
    return f"at {stream_time(pts)}"


def duration(ns: int) -> str:
    """`13 seconds`, `2 minutes 5 seconds`, `1 hour 3 minutes`, `less than a second`."""
    total = round(ns / NANOSECONDS)
    if total < 1:
        return "less than a second"
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    parts: list[str] = []
    for name, size in units:
        number, total = divmod(total, size)
        if number:
            parts.append(count(number, name))
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)


def times(number: int) -> str:
    """`never`, `once`, `twice`, `6 times`."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def count(number: int, noun: str) -> str:
    """`1 visit`, `6 visits` (regular nouns)."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(items: Sequence[str], *, word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def quoted(text: str) -> str:
    """The text between quotation marks, on one line, cut when long."""
    line = " ".join(text.split())
    if len(line) > QUOTED_AT_MOST:
        line = line[: QUOTED_AT_MOST - 1].rstrip() + "…"
    return f"“{line}”"


def without_links(text: str) -> str:
    """What was read or heard, without addresses: what somebody else wrote is not to be followed."""
    return _LINK.sub("(a link)", text)


def sentence(text: str) -> str:
    """With a capital first letter and a full stop at the end."""
    text = text.strip()
    if not text:
        return ""
    end = "" if text[-1] in ".!?…" or text[-2:] in (".”", "!”", "?”") else "."
    return text[0].upper() + text[1:] + end


def remark(event: str, kind: ConceptKind, name: str) -> str:
    """What is said when somebody or something appears, leaves or returns: `Mum came in.`,
    `Momo left.`, `Somebody appeared.`; `name` is empty for who or what has none."""
    alive = kind in ("person", "pet")
    who = name or ("Somebody" if kind == "person" else "Something")
    came = "came in" if name and alive else "appeared"
    left = "left" if alive else "disappeared"
    back = "came back" if alive else "is back"
    verb = {"appears": came, "leaves": left}.get(event, back)
    return f"{who} {verb}."


def action(name: str) -> str:
    """An action in a sentence: `the morning stretch`, whether its name begins with an article or
    not."""
    said = re.sub(r"^(?:the|an?) ", "", name, flags=re.I)
    return said if re.match(r"(?:my|our|his|her)\b", said, re.I) else f"the {said}"


def done_text(who: str, name: str, often: int = 0) -> str:
    """`Momo did the morning stretch.`, `Momo did the squat for the 10. time.`"""
    whole = f" for the {often}. time" if often > 1 else ""
    return f"{who} did {action(name)}{whole}."


def local(at: int, tz: tzinfo) -> datetime:
    """Wall time in a time zone, to the microsecond."""
    seconds, rest = divmod(at, NANOSECONDS)
    return datetime.fromtimestamp(seconds, UTC).astimezone(tz) + timedelta(
        microseconds=rest // 1000
    )


def _moment(text: str) -> str:
    return f"at {text}" if text[0].isdigit() else text
