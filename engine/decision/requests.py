"""Standing requests ("tell me when …"): recognised, and read as a condition that can be judged."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from engine.decision.names import MARK, Named, find_names, plain
from engine.decision.occasions import done_condition, further_condition, unjudgeable
from engine.decision.terms import Terms, take_terms
from engine.decision.wording import quoted
from engine.errors import AlertError
from engine.facts import Concept, Condition

_ADDRESS = (
    r"(?:(?:hey|hi|ok|okay)[ ,]+)?(?:nacre[ ,:]+)?(?:and )?(?:please,? )?"
    r"(?:(?:can|could|would|will) you (?:please )?|i(?:'d| would) like you to |i want you to )?"
)
_VERB = (
    r"(?:(?:tell|alert|warn|notify|inform|ping|remind|message|call) (?:me|us)|let (?:me|us) know"
    r"|give (?:me|us) a (?:shout|sign|ping)|(?:speak up|say something|say so|make a sound|beep))"
)
_CUE = (
    r"(?:when(?:ever)?|if|as soon as|the moment|once|every time|each time|any ?time"
    r"|(?:the )?next time)"
)
_OPENING = re.compile(rf"{_ADDRESS}{_VERB},? (?:about it )?{_CUE} (?:that )?(.+)", re.I)
_LOOKOUT = re.compile(
    rf"{_ADDRESS}(?:watch(?: out)?|look(?: out)?|keep an eye out|wait) for (.+)", re.I
)
_BARE = re.compile(rf"{_CUE} (.+)", re.I)
_TRAILING = re.compile(r"(?:[ ,]+(?:please|thanks|thank you|okay|ok|nacre|for me))+$", re.I)

_SOMEBODY = (
    r"(?:some(?:body|one)|any(?:body|one)|people|(?:a|any|another|some) (?:\w+ )?"
    r"(?:person|people|human|man|woman|visitor|guest|stranger)|visitors|guests|strangers)"
)
_SOMETHING = (
    r"(?:something|anything|(?:a|any|some) (?:thing|object|motion|movement)|motion|movement)"
)
_PLACE = (
    r"(?: (?:here|there|home|inside|outside|in|out|away|up|back|by|past|around|into view"
    r"|in view|in sight|out of sight|out of view"
    r"|(?:(?:in|into|to|at|on|off|from|out of|through|by|before|past|in front of|near) )?"
    r"(?:the |my |our |its )?(?:\w+ )?(?:room|door|house|home|office|kitchen|garden|picture|view"
    r"|camera|webcam|frame|screen|desk|table|window|scene|hall|garage|gate|chair|bed|street|yard"
    r"|couch|sofa|building)))*"
)
_BE = r"(?:is|are|gets?|has been)"
_RETURNS = (
    rf"(?:(?:comes?|gets?|goes|walks?|{_BE}) (?:home )?(?:back|again|home again)|returns?"
    rf"|re-?appears?|(?:appears?|comes?|enters?|arrives?|shows? up|{_BE} (?:here|there|seen)) again"
    rf"|has (?:come|got|gotten) back|has returned){_PLACE}(?: again)?"
)
_LEAVES = (
    rf"(?:leaves?|disappears?|vanish(?:es)?|exits?|departs?|has (?:left|gone|disappeared)"
    rf"|(?:goes|go|walks?|runs?|moves?|steps?) (?:away|out|off|missing|outside)"
    rf"|{_BE} (?:gone|away|out|no longer (?:here|there|visible|in view)|missing|leaving)"
    rf"|{_BE} not (?:here|there|visible) (?:any ?more|any longer)){_PLACE}"
)
_APPEARS = (
    rf"(?:appears?|shows? up|turns? up|arrives?|enters?|moves?|happens?|changes?|pops? up"
    rf"|(?:comes?|walks?|steps?|runs?|goes) (?:in|inside|home|here|by|past|up|through|over)"
    r"|comes?|walks?|steps?"
    rf"|has (?:arrived|appeared|come|come in|entered|come home)"
    rf"|{_BE} (?:here|there|home|visible|seen|spotted|detected|arriving|in view|back here)"
    rf"|{_BE}(?= (?:at|in|on|by|near|before)\b)){_PLACE}"
)
_X = rf"(?P<x>{MARK}|{_SOMEBODY}|{_SOMETHING})"
_EVENTS = (
    ("returns", re.compile(rf"{_X} {_RETURNS}", re.I)),
    ("leaves", re.compile(rf"{_X} {_LEAVES}", re.I)),
    ("appears", re.compile(rf"{_X} {_APPEARS}", re.I)),
    (
        "appears",
        re.compile(rf"(?:you (?:can )?(?:see|notice|spot) |there(?: i|')s ){_X}{_PLACE}", re.I),
    ),
)
_SCREEN = r"(?:(?:the|my|our|this) )?(?:\w+ )?(?:screen|monitor|display|window|terminal)"
_SHOWS = r"(?:shows?|says?|displays?|reads|contains?)"
_TEXT_IS = r"(?:(?:the|a) )?(?:words?|text|phrase|message)s? "
_STANDS = (
    r"(?:appears?|shows? up|pops? up|comes up|stands"
    r"|(?:is|are) (?:shown|displayed|written|visible|read))"
)
_READS = (
    re.compile(rf"(?:{_SCREEN}|it) {_SHOWS} (?:{_TEXT_IS})?(?P<t>.+?)(?: on {_SCREEN})?", re.I),
    re.compile(rf"{_TEXT_IS}(?P<t>.+?) {_STANDS}(?: on {_SCREEN})?", re.I),
    re.compile(rf"you (?:read|see) (?:{_TEXT_IS}(?P<t>.+?)(?: on {_SCREEN})?)", re.I),
    re.compile(rf"you (?:read|see) (?P<t>.+?) on {_SCREEN}", re.I),
    re.compile(rf"(?P<t>.+?) {_STANDS} on {_SCREEN}", re.I),
)
_QUOTES = re.compile(r"^[\"'“”„«‘](.+)[\"'“”»’]$")
_QUOTED = re.compile(r"[\"“„«].*?[\"”“»]")
_PAST = re.compile(
    r"\b(?:did|was|were|had|came|appeared|arrived|entered|returned|went|saw|said|showed|last"
    r"|happened|disappeared|moved|finished|(?<!has )(?<!have )left|you have seen|you've seen)\b",
    re.I,
)
_ARTICLE = re.compile(r"(?:the|an?|some) ", re.I)
_PRESENT_SCREEN = re.compile(rf"(?:{_SCREEN}|it) {_SHOWS} ", re.I)

READ_AT_MOST = 600
"""Longest request in characters, counting each name as one."""

CAN_JUDGE = (
    "Nacre can tell when somebody or something you registered appears, leaves, comes back or is "
    "with another, when anybody or anything appears or leaves, how many people are there, when "
    "nothing happens for a while, and when words stand on the screen."
)
CANNOT_HEAR = (
    "Nacre does not hear words on this machine: there is no microphone, or nothing that "
    "transcribes. No alert was set. `nacre doctor` says what is missing."
)
CANNOT_READ = (
    "Nacre cannot read text on this machine. No alert was set. `nacre doctor` says what is missing."
)


def is_standing_request(text: str) -> bool:
    """Whether this asks to be told of something to come ("tell me when Mum comes in"), and is not
    a question about the past ("tell me when Mum came in")."""
    said = _tidy(text[:READ_AT_MOST])
    opened = _OPENING.fullmatch(said) or _LOOKOUT.fullmatch(said)
    if opened is None:
        return False
    clause = _QUOTED.sub("", opened[1])
    return _PRESENT_SCREEN.match(clause) is not None or _PAST.search(clause) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What can be judged on this machine."""

    reads: bool = True
    hears: bool = False
    model: bool = False
    """A vision-language model is there, for free sentences."""


CLOSED_FORMS = Abilities()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request, read."""

    condition: Condition
    terms: Terms


def parse_alert(text: str, concepts: Sequence[Concept], can: Abilities = CLOSED_FORMS) -> Condition:
    """The condition of a standing request; raises as `read_request`."""
    return read_request(text, concepts, can).condition


def read_request(
    text: str,
    concepts: Sequence[Concept],
    can: Abilities = CLOSED_FORMS,
    *,
    now: int = 0,
    tz: tzinfo = UTC,
) -> Wanted:
    """Read a standing request. `now` is wall time, for "until six".

    Raises:
        AlertError: it waits for something that cannot be judged here; the sentence says what can.
    """
    said = _tidy(text)
    if len(find_names(said, concepts).text) > READ_AT_MOST:
        raise AlertError(f"This is too long for an alert. No alert was set. {CAN_JUDGE}")
    lookout = _LOOKOUT.fullmatch(said)
    opened = _OPENING.fullmatch(said) or _BARE.fullmatch(said)
    whole = f"you see {lookout[1]}" if lookout else opened[1] if opened else said
    masked = find_names(whole, concepts)
    clause, rest, terms = take_terms(whole, masked.text, now=now, tz=tz)
    # Names that stood in the terms alone are not what is waited for.
    named = Named(text=rest, mentions=masked.mentions[: rest.count(MARK)])
    asked = opened is not None or lookout is not None
    condition, terms = _read(clause, named, terms, concepts, can, asked=asked)
    if terms.alone:
        condition = replace(condition, alone=True)
    return Wanted(condition=condition, terms=terms)


def _read(
    clause: str,
    named: Named,
    terms: Terms,
    concepts: Sequence[Concept],
    can: Abilities,
    *,
    asked: bool,
) -> tuple[Condition, Terms]:
    done = _done(named, concepts)
    if done is not None:
        return done, terms
    event = _event(named.text)
    if event is not None:
        return _condition(*event, named.mentions, concepts), terms
    further = further_condition(named.text, clause, terms.dwell_s)
    if further is not None:
        condition, marks = further
        meant = [_meant(mention, concepts) for mention in named.mentions[:marks]]
        if condition.event == "hears" and not can.hears:
            raise AlertError(CANNOT_HEAR)
        words = normalised(condition.words)
        first, second = (*(one.id for one in meant), None, None)[:2]
        condition = replace(condition, words=words, concept=first, other=second)
        # "for ten minutes" of nothing is what is waited for, not how long that must last.
        return condition, replace(terms, dwell_s=None) if condition.after_s else terms
    words = _words(clause)
    if words:
        if not can.reads:
            raise AlertError(CANNOT_READ)
        return Condition(event="reads", words=words), terms
    reason = unjudgeable(named.text)
    if reason:
        raise AlertError(f"{reason} No alert was set. {CAN_JUDGE}")
    # "Bob" must be shown first; what "the kettle" is a model knows.
    stranger = _stranger(named.text) and not _ARTICLE.match(named.text)
    if not (can.model and asked) or _PAST.search(clause) or named.text.count(MARK) > 2 or stranger:
        raise AlertError(_refusal(clause, named.text))
    meant = [_meant(mention, concepts) for mention in named.mentions]
    first, second = (*(one.id for one in meant), None, None)[:2]
    return Condition(event="judged", words=clause, concept=first, other=second), terms


def _done(named: Named, concepts: Sequence[Concept]) -> Condition | None:
    """What waits for an action; None where no action is named."""
    meant = [_meant(mention, concepts) for mention in named.mentions]
    actions = [one for one in meant if one.kind == "action"]
    if len(actions) != 1 or meant[-1] is not actions[0]:
        return None
    action = actions[0].id
    found = done_condition(named.text)
    if found is None:
        event = _event(named.text)
        return Condition(event="does", concept=action) if event else None
    condition, by_name = found
    actor = meant[0].id if by_name and len(meant) > 1 else None
    if not by_name and condition.subject == "concept":
        actor = next((one.id for one in concepts if one.is_me), None)
    return replace(condition, subject="concept", concept=action, other=actor)


def normalised(text: str) -> str:
    """Text as it is compared: one case, one Unicode form, single spaces, no punctuation."""
    folded = unicodedata.normalize("NFKC", plain(text)).casefold()
    kept = (c if unicodedata.category(c)[0] in "LNMS" else " " for c in folded)
    return " ".join("".join(kept).split())


def _tidy(text: str) -> str:
    said = " ".join(plain(text).split()).rstrip(" .!?…,;")
    return _TRAILING.sub("", said)


def _event(clause: str) -> tuple[str, str] | None:
    """(event, who or what), when the whole clause is one."""
    for event, pattern in _EVENTS:
        match = pattern.fullmatch(clause)
        if match is not None:
            return event, match["x"]
    return None


def _condition(
    event: str, who: str, mentions: tuple[tuple[str, ...], ...], concepts: Sequence[Concept]
) -> Condition:
    kind = "appears" if event == "appears" else "leaves" if event == "leaves" else "returns"
    if who != MARK:
        person = re.fullmatch(_SOMEBODY, who, re.I) is not None
        return Condition(event=kind, subject="somebody" if person else "something")
    meant = _meant(mentions[0], concepts)
    if meant.is_me:
        raise AlertError(
            f"{meant.name} is you: your own comings and goings are kept, and nobody is told. "
            "No alert was set."
        )
    return Condition(event=kind, concept=meant.id, subject="concept")


def _meant(mention: tuple[str, ...], concepts: Sequence[Concept]) -> Concept:
    meant = [c for c in concepts if c.id in mention]
    if len(meant) > 1:
        raise AlertError(
            f"{len(meant)} concepts are called {meant[0].name}. No alert was set. "
            "Rename one of them, or use another of its names."
        )
    return meant[0]


def _words(clause: str) -> str:
    for pattern in _READS:
        match = pattern.fullmatch(clause)
        if match is not None:
            inner = _QUOTES.match(match["t"].strip())
            words = normalised(inner[1] if inner else match["t"])
            if words:
                return words
    return ""


def _refusal(clause: str, masked: str) -> str:
    if masked.count(MARK) > 1:
        return (
            "One alert waits for one of them. No alert was set. Set one for each: "
            "“tell me when … appears”."
        )
    stranger = _stranger(masked)
    if stranger:
        return (
            f"Nacre does not know {quoted(stranger)} yet. No alert was set. "
            "Register it from a picture first, then ask again."
        )
    return f"Nacre cannot judge {quoted(clause)} on this machine. No alert was set. {CAN_JUDGE}"


def _stranger(masked: str) -> str:
    """Who is waited for under a name that nothing has; empty where nobody is."""
    if MARK in masked:
        return ""
    for _, pattern in _EVENTS:
        stranger = re.fullmatch(
            pattern.pattern.replace(_X, r"(?:my |the |our )?(?P<x>\w+(?: \w+)?)"), masked, re.I
        )
        if stranger is not None:
            return stranger["x"]
    return ""
