"""The terms of a standing request: how long it must last, how often it may speak, when it is quiet,
when it ends, over which sources. They stand at the end of the sentence, in any order."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from engine.decision.names import MARK
from engine.decision.wording import local
from engine.facts import SourceKind
from engine.media import NANOSECONDS

_NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve"),
        )
    )
} | {"a": 1, "an": 1, "a couple of": 2, "fifteen": 15, "twenty": 20, "thirty": 30, "half an": 0.5}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
NUMBER = rf"(?:\d+(?:\.\d+)?|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
STRETCH = (
    rf"(?:({NUMBER}) ?)?(seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|h|days?|weeks?)(?!\w)"
)
_TIME = r"(noon|midnight|\d{1,2}(?:[:.]\d{2})?(?: ?(?:am|pm|o'clock))?)"
NIGHT = (22 * 60, 7 * 60)
_KINDS: dict[str, tuple[SourceKind, ...]] = {
    "camera": ("camera",),
    "webcam": ("camera",),
    "screen": ("screen",),
    "display": ("screen",),
    "stream": ("url",),
    "recording": ("recording", "demo"),
    "video": ("recording", "demo"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What stood there; None where nothing did."""

    dwell_s: float | None = None
    cooldown_s: float | None = None
    quiet: tuple[int, int] | None = None
    expires_at: int | None = None
    sources: tuple[SourceKind, ...] | None = None
    alone: bool | None = None

    @property
    def empty(self) -> bool:
        return self == Terms()


def take_terms(text: str, masked: str, *, now: int, tz: tzinfo) -> tuple[str, str, Terms]:
    """(text, masked, terms): both without the terms at their end. `masked` is the text with every
    name replaced by MARK, so that a name is never read as a term."""
    terms = Terms()
    going_on = True
    while going_on:
        going_on = False
        for pattern, add in _FORMS:
            match = pattern.search(masked)
            if match is None or _quoted(masked, match.start()):
                continue
            tail = match[0]
            if MARK not in tail and not text.casefold().endswith(tail.casefold()):
                continue
            added = add(terms, match, local(now, tz))
            if added is None:
                continue
            terms = added
            masked = masked[: match.start()]
            text = _shortened(text, tail)
            going_on = True
    return text.rstrip(" ,"), masked.rstrip(" ,"), terms


def number(word: str | None) -> float:
    """A number in digits or words; 1 for none."""
    if not word:
        return 1.0
    return float(_NUMBERS.get(word.lower(), 0.0) or word) if word else 1.0


def stretch_s(count: str | None, unit: str) -> float:
    """`10`, `minutes` as seconds."""
    return number(count) * _UNITS[unit[0].lower()]


def _quoted(text: str, place: int) -> bool:
    """Whether a place lies between quotation marks."""
    before = text[:place]
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def _shortened(text: str, tail: str) -> str:
    if MARK in tail:  # "only when Momo is alone": the name is longer than its mark.
        first = tail[: tail.index(MARK)].casefold()
        return text[: text.casefold().rindex(first)]
    return text[: len(text) - len(tail)]


def _minutes(said: str) -> int:
    said = said.lower()
    if said in ("noon", "midnight"):
        return 12 * 60 if said == "noon" else 0
    digits = re.findall(r"\d+", said)
    hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    if said.endswith("pm") and hour < 12:
        hour += 12
    if said.endswith("am") and hour == 12:
        hour = 0
    return hour % 24 * 60 + minute % 60


def _at(now: datetime, minutes: int) -> int:
    """The next time that the clock shows so many minutes of the day."""
    then = now.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)
    if then <= now:
        then += timedelta(days=1)
    return int(then.timestamp()) * NANOSECONDS


Add = Callable[[Terms, re.Match[str], datetime], Terms | None]


def _dwell(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, dwell_s=stretch_s(match[1], match[2]))


def _cooldown(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, cooldown_s=stretch_s(match[1], match[2]))


def _quiet(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, quiet=(_minutes(match[1]), _minutes(match[2])))


def _only(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, quiet=(_minutes(match[2]), _minutes(match[1])))


def _at_night(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, quiet=NIGHT)


def _until(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, expires_at=_at(now, _minutes(match[1])))


def _next(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    end = now + timedelta(seconds=stretch_s(match[1], match[2]))
    return replace(terms, expires_at=int(end.timestamp() * 1000) * 1_000_000)


def _today(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, expires_at=_at(now, 0))


def _source(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, sources=_KINDS[match[1].lower()])


def _alone(terms: Terms, match: re.Match[str], now: datetime) -> Terms | None:
    return replace(terms, alone=True)


_WHO = rf"(?:he|she|it|they|{MARK}|the \w+)"
_FORMS: tuple[tuple[re.Pattern[str], Add], ...] = tuple(
    (re.compile(rf"(?:^|,? (?:and |but )?){form}$", re.I), add)
    for form, add in (
        (rf"for the next {STRETCH}", _next),
        (
            r"(?:if (?:it|that) lasts |(?:if|when) (?:he|she|it|they) stays? |and stays |lasting )?"
            rf"(?:for |after )(?:at least |more than |longer than )?{STRETCH}",
            _dwell,
        ),
        (rf"(?:only )?if (?:it|that) lasts (?:at least |more than )?{STRETCH}", _dwell),
        (
            r"(?:at most |not more than |no more than |not more often than |only )?once "
            rf"(?:every|per|in)? ?(?:an? )?{STRETCH}",
            _cooldown,
        ),
        (
            r"(?:be quiet|stay quiet|silent|quiet) for "
            rf"{STRETCH} (?:afterwards|after that|then)",
            _cooldown,
        ),
        (rf"(?:not|never|except) (?:between|from) {_TIME} (?:and|to|until|till) {_TIME}", _quiet),
        (rf"only (?:between|from) {_TIME} (?:and|to|until|till) {_TIME}", _only),
        (r"(?:(?:not|never|except) (?:at|during the) night|only (?:by|during the) day)", _at_night),
        (rf"(?:only )?(?:until|till) {_TIME}", _until),
        (r"(?:only )?(?:until midnight|for today|today)", _today),
        (rf"only (?:on|in|from) (?:the |my |this )?({'|'.join(_KINDS)})", _source),
        (rf"(?:only )?(?:when|if|while) {_WHO} (?:is|are) (?:all )?alone", _alone),
        (r"only alone", _alone),
    )
)
