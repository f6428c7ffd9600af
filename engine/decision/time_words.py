"""Time words in questions, as stretches of wall time and of stream time.

Days and clock times mean wall time, seconds and minutes of a recording mean stream time, and what
can be either (`10:30`, "in the last five minutes") is given as both. Where only one of the two is
given it bounds both: a recording seen yesterday, the first minute of a camera.
"""

import re
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache

from engine.decision import dates
from engine.decision.moments import (
    BARE_HOUR,
    CLOCK,
    DAY,
    END,
    HOUR,
    LENGTH,
    MOMENT,
    NUMBER,
    PART_OF_DAY,
    SHORT_UNIT,
    STREAM,
    UNIT,
    Context,
    Meant,
    Read,
    end_of_day_said,
    moment,
)
from engine.media import NANOSECONDS, Span, nanoseconds

_OF_RECORDING = re.compile(
    r"\b(?:of|in|into|on|from) (?:the|this|that) (?:\w+ )?"
    r"(?:recording|video|clip|film|movie|footage)\b",
    re.I,
)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
_STREAM_WIDTH = 2 * NANOSECONDS
_FOREVER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWords:
    """What the time words of a text mean, and the text without them."""

    at: Span | None
    pts: Span | None
    rest: str


def resolve(text: str, *, now_at: int, now_pts: int | None, tz: tzinfo) -> TimeWords:
    """Find the time words of a text. Names should be taken out before: a cat may be called May.

    `now_at` is the wall time of asking in nanoseconds; `now_pts` the newest stream time of the
    recording that is (or was last) watched, None where there is none. Spans end at the present
    at the latest, unless they lie in the future altogether.
    """
    text = " ".join(text.replace("’", "'").split())
    text, recorded = _OF_RECORDING.subn("", text)
    found = _FOUND_NOTHING
    for pattern, read in _grammar():
        match = pattern.search(text)
        if match is None:
            continue
        before, after = text[: match.start()], text[match.end() :]
        day = _DAY_ELSEWHERE.search(f"{before} \n {after}")
        context = Context(
            now_at=now_at, now_pts=now_pts, tz=tz, day=day["d"] if day is not None else ""
        )
        meant = read(match, context)
        if meant is None:
            continue
        rest = f"{before} \n {after}"
        if day is not None:
            rest = rest[: day.start()] + rest[day.end() :]
        text, found = rest, meant
        break
    at = None if recorded and found.pts is not None else _until_now(found.at, now_at)
    rest = " ".join(_NOW.sub(" ", text).split())
    return TimeWords(at=at, pts=found.pts, rest=re.sub(r"\s+([?!.,])", r"\1", rest))


def _until_now(span: Span | None, now: int) -> Span | None:
    if span is None or span.start > now:
        return span
    return Span(start=span.start, end=min(span.end, now))


# --- the forms, each read from its match ---------------------------------------------------------


def _between(match: re.Match[str], context: Context) -> Meant | None:
    first, last = _distribute(match["a"], match["b"])
    a, b = moment(first, context), moment(last, context)
    if a is None or b is None:
        return None
    at = _join(a.at, b.at)
    if at is None and a.at is not None and b.at is not None:
        at = _over_midnight(a.at, b.at, said=a.day_said and b.day_said)
    elif at is not None and at.start > context.now_at and not a.day_said:
        at = _shifted(at, -1)
    pts = _join(a.pts, b.pts)
    return None if at is None and pts is None else Meant(at=at, pts=pts)


def _since(match: re.Match[str], context: Context) -> Meant | None:
    said = moment(match["a"], context)
    if said is None:
        return None
    strictly = match["w"].lower() == "after"
    at = pts = None
    if said.at is not None:
        start = said.at.end if strictly else said.at.start
        since = not context.day or match["w"].lower() == "since"
        end = context.now_at if since else end_of_day_said(context)
        at = Span(start=start, end=max(start, end))
    if said.pts is not None:
        start = said.pts.end if strictly else said.pts.start
        pts = Span(start=start, end=max(start, context.now_pts or _FOREVER))
    return Meant(at=at, pts=pts)


def _before(match: re.Match[str], context: Context) -> Meant | None:
    said = moment(match["a"], context)
    if said is None:
        return None
    whole = match["w"].lower() in ("until", "till", "up to")
    at = pts = None
    if said.at is not None:
        end = said.at.end if whole else said.at.start
        clock = said.at.start == said.at.end
        day = dates.today_of(end, context.tz)
        start = dates.day_span(day, day, context.tz).start
        at = Span(start=start if clock else 0, end=end)
    if said.pts is not None:
        pts = Span(start=0, end=said.pts.end if whole else said.pts.start)
    return Meant(at=at, pts=pts)


def _last_length(match: re.Match[str], context: Context) -> Meant | None:
    length = dates.duration(match["n"])
    if length is None:
        return None
    now = context.now_pts
    return Meant(
        at=Span(start=context.now_at - length, end=context.now_at),
        pts=None if now is None else Span(start=max(now - length, 0), end=now),
    )


def _first_length(match: re.Match[str], context: Context) -> Meant | None:
    del context
    length = dates.duration(match["n"])
    return None if length is None else Meant(pts=Span(start=0, end=length))


def _nth_unit(match: re.Match[str], context: Context) -> Meant | None:
    del context
    length = dates.duration(f"1 {match['u']}")
    number = _ORDINALS[match["o"].lower()]
    if length is None:
        return None
    return Meant(pts=Span(start=number * length, end=(number + 1) * length))


def _alone(match: re.Match[str], context: Context) -> Meant | None:
    said = moment(match["a"], context)
    if said is None:
        return None
    loose = 3 if (match["w"] or "").lower() in ("around", "about", "at about", "at around") else 1
    at, pts = said.at, said.pts
    if at is not None:
        at = Span(start=at.start - said.slack * loose, end=at.end + said.slack * loose)
    if pts is not None:
        slack = max(_STREAM_WIDTH, said.slack if at is None else 0) * loose
        pts = Span(start=max(pts.start - slack, 0), end=pts.end + slack)
    return Meant(at=at, pts=pts)


def _just_now(match: re.Match[str], context: Context) -> Meant | None:
    recently = match["w"].lower() in ("recently", "lately")
    length = nanoseconds(600 if recently else 60)
    now = context.now_pts
    return Meant(
        at=Span(start=context.now_at - length, end=context.now_at),
        pts=None if now is None else Span(start=max(now - length, 0), end=now),
    )


# --- two moments ----------------------------------------------------------------------------------


def _distribute(first: str, last: str) -> tuple[str, str]:
    """ "2 and 4 pm" are both in the afternoon, "10 and 30 seconds" both seconds."""
    unit = re.search(rf"\b({SHORT_UNIT}|h|hours?)( ago)?$", last, re.I)
    if re.fullmatch(rf"{NUMBER}", first, re.I) and unit is not None:
        return f"{first} {unit[0]}", last
    half = re.search(r"[ap]\.?m\.?$", last, re.I)
    if half is not None and re.fullmatch(rf"{HOUR}(?::\d\d)?", first, re.I):
        a, b = dates.clock_time(f"{first} {half[0]}"), dates.clock_time(last)
        if a is not None and b is not None and a.of_day <= b.of_day:
            return f"{first} {half[0]}", last
        return f"{first} {'am' if half[0].lower().startswith('p') else 'pm'}", last
    return first, last


def _join(a: Span | None, b: Span | None) -> Span | None:
    if a is None or b is None or b.end < a.start:
        return None
    return Span(start=a.start, end=b.end)


def _over_midnight(a: Span, b: Span, *, said: bool) -> Span | None:
    if said:
        b = _shifted(b, 1)
    else:
        a = _shifted(a, -1)
    return _join(a, b)


def _shifted(span: Span, days: int) -> Span:
    shift = days * 86_400 * NANOSECONDS
    return Span(start=span.start + shift, end=span.end + shift)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){pattern}{END}", re.I)


_FOUND_NOTHING = Meant()
_NOW = re.compile(r"\b(?:right now|now|at the moment|currently|at present|so far)\b", re.I)
_DAY_ELSEWHERE = re.compile(rf"(?<!\w)(?:(?:on|in) )?(?P<d>{PART_OF_DAY}|{DAY}){END}", re.I)
_ANY = rf"(?:{STREAM}|{MOMENT}|{BARE_HOUR})"
_NUMBER_OR = rf"(?:{MOMENT}|{STREAM}|{NUMBER}(?! {UNIT})|\d+)"


@cache
def _grammar() -> tuple[tuple[re.Pattern[str], Read], ...]:
    """Compiled by the first question: it takes long, and the window need not wait for it."""
    return (
        (_form(rf"between (?P<a>{_NUMBER_OR}) and (?P<b>{_ANY})"), _between),
        (_form(rf"from (?P<a>{_NUMBER_OR}) (?:to|until|till) (?P<b>{_ANY})"), _between),
        (_form(rf"(?P<a>{CLOCK}|{STREAM}) ?(?:-|–|to) ?(?P<b>{CLOCK}|{STREAM})"), _between),
        (
            _form(
                rf"(?:(?:in|over|during|within|for) )?(?:the |these )?(?:last|past) "
                rf"(?P<n>{LENGTH}|half hour|second|minute|hour"
                rf"|(?<=the last )(?:day|week|month|year)|(?<=the past )(?:day|week|month|year))"
            ),
            _last_length,
        ),
        (
            _form(
                rf"(?:(?:in|over|during|within|for) )?the first (?P<n>{LENGTH}|second|minute|hour)"
            ),
            _first_length,
        ),
        (
            _form(r"(?:in|during) the (?P<o>second|third|fourth|fifth) (?P<u>minute|hour)"),
            _nth_unit,
        ),
        (_form(rf"(?P<w>since|after) (?P<a>{_ANY})"), _since),
        (_form(rf"(?P<w>(?<!day )before|until|till|up to|by) (?P<a>{_ANY})"), _before),
        (
            _form(
                rf"(?:(?P<w>at about|at around|around|about|at) (?:exactly )?|(?:in|during) "
                rf"(?=(?:the )?(?:second|minute) (?:number )?\d))(?P<a>{STREAM}|{BARE_HOUR})"
            ),
            _alone,
        ),
        (
            _form(rf"(?:(?P<w>at about|around|about|at|on|in|during|from) )?(?P<a>{PART_OF_DAY})"),
            _alone,
        ),
        (_form(r"(?P<w>just now|a moment ago|recently|lately)"), _just_now),
        (
            _form(
                rf"(?:(?P<w>at about|at around|around|about|at|on|in|during|from) )?"
                rf"(?P<a>(?!now\b){MOMENT}|{NUMBER}[ -]?{SHORT_UNIT} in(?:to it)?)"
            ),
            _alone,
        ),
    )
