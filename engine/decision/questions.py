"""Questions in English, understood as what to look up in the memory.

Names come out first, then the time words; what is left is matched against the ways in which people
ask (one table, in order). Whatever fits none of them is a search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from engine.decision.names import MARK, Named, find_names, plain
from engine.decision.phrasing import (
    ABOUT_ME,
    CAME,
    COURTESY,
    EMPTY_WORDS,
    FORMS,
    LEFT,
    MEANWHILE,
    SHORT_FORMS,
    SOMEBODY,
    SOMETHING,
)
from engine.decision.strangers import unknown_name
from engine.decision.time_words import resolve
from engine.facts import Concept, Intent, Query
from engine.media import Span

READ_AT_MOST = 600
"""So many characters of a question are read, counting each name as one: no sentence is longer, and
a pasted page must not hold up the engine."""

Subject = Literal["concept", "somebody", "something", "anything"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question without courtesies, names and time words, in lower case."""

    text: str
    named: Named
    at: Span | None
    pts: Span | None
    rest: str
    """As `text`, in the case in which it was written."""


def understand(
    text: str, *, concepts: Sequence[Concept], now_at: int, now_pts: int | None, tz: tzinfo
) -> Query:
    """What to look up for a question. Times as in `time_words.resolve`."""
    asked = _read(text, concepts, now_at, now_pts, tz)
    intent = _intent(asked.text)
    actions = {concept.id for concept in concepts if concept.kind == "action"}
    done = tuple(c for c in asked.named.concepts if c in actions)
    if done:
        return _about_deeds(text, asked, done, concepts)
    ids = asked.named.concepts
    quoting = intent in ("screen_text", "speech", "what_happened")
    stranger = "" if quoting else unknown_name(asked.rest)
    if not ids and not stranger:
        ids, stranger = _oneself(asked.text, intent, concepts)
    subject = _subject(asked.text, ids)
    if stranger and not ids:
        subject = "anything"
    words = stranger or _words(asked.rest, intent)
    return Query(
        intent=intent,
        question=" ".join(text.split()),
        concepts=ids,
        subject=subject,
        at=asked.at,
        pts=asked.pts,
        words=words,
        event=_event(asked.text, intent),
        unknown_name=stranger,
    )


def _about_deeds(
    text: str, asked: _Asked, done: tuple[str, ...], concepts: Sequence[Concept]
) -> Query:
    """A question about actions: how often, when, how long, by whom."""
    intent = _intent(asked.text)
    if re.match(r"how many(?! minutes| seconds| hours)", asked.text):
        intent = "how_often"
    elif intent not in ("when", "when_last", "how_long", "how_often"):
        intent = "when"
    actors = tuple(c for c in asked.named.concepts if c not in done)
    if not actors and ABOUT_ME.search(asked.text) is not None:
        actors = tuple(c.id for c in concepts if c.is_me)
    return Query(
        intent=intent,
        question=" ".join(text.split()),
        concepts=done,
        subject="concept",
        at=asked.at,
        pts=asked.pts,
        actors=actors,
        deed=True,
    )


def courteous(text: str) -> str:
    """The question without what politeness puts before it, contractions written out."""
    said = " ".join(plain(text).split())
    said = COURTESY.sub("", said)
    for pattern, full in SHORT_FORMS:
        said = re.sub(pattern, full, said, flags=re.I)
    return said


def _read(
    text: str, concepts: Sequence[Concept], now_at: int, now_pts: int | None, tz: tzinfo
) -> _Asked:
    named = find_names(courteous(text), concepts)
    times = resolve(named.text[:READ_AT_MOST], now_at=now_at, now_pts=now_pts, tz=tz)
    rest = MEANWHILE.sub(r"\1", re.sub(r"^[\s,]+|[\s,?!.]+$", "", times.rest))
    return _Asked(text=rest.lower(), named=named, at=times.at, pts=times.pts, rest=rest)


def _intent(text: str) -> Intent:
    for intent, form in FORMS:
        if form.search(text):
            return intent
    return "search"


def _subject(text: str, ids: tuple[str, ...]) -> Subject:
    if ids:
        return "concept"
    if re.search(rf"\b{SOMEBODY}\b|\b(?:he|she|him|her)\b", text):
        return "somebody"
    return "something" if re.search(rf"\b{SOMETHING}\b", text) else "anything"


def _oneself(text: str, intent: Intent, concepts: Sequence[Concept]) -> tuple[tuple[str, ...], str]:
    """("when was I last here"): the ids of the user, or that nobody is known to be."""
    if ABOUT_ME.search(text) is None or intent in ("what_happened", "screen_text", "speech"):
        return (), ""
    me = tuple(c.id for c in concepts if c.is_me)
    return (me, "") if me else ((), "me")


def _event(text: str, intent: Intent) -> Literal["any", "came", "left"]:
    if intent not in ("when", "when_last", "how_often"):
        return "any"
    if LEFT.search(text):
        return "left"
    return "came" if CAME.search(text) else "any"


def _words(rest: str, intent: Intent) -> str:
    """The words that carry a meaning, for a search over words."""
    if intent in ("now", "what_happened"):
        return ""
    quoted = re.search(r"[\"“„«](.+?)[\"”“»]|(?<!\w)'(.+?)'(?!\w)", rest)
    if quoted is not None:
        return quoted[1] or quoted[2]
    about = re.search(r"\b(?:about|regarding|concerning)\s+(.+)$", rest, re.I)
    text = about[1] if about is not None and intent in ("screen_text", "speech") else rest
    tokens = re.findall(r"[^\W_](?:[\w'.@/+-]*\w)?", text.replace(MARK, " "))
    return " ".join(t for t in tokens if t.lower() not in EMPTY_WORDS)
