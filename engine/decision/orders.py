"""What the user says about standing requests in the middle of a conversation: a new one, a change,
a pause, an end. Whatever is none of these is a question, and disturbs none of them.

Only what the user typed, or said with the key held down, comes here. What is seen or heard never
does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from engine.decision.names import MARK, find_names, plain
from engine.decision.requests import (
    CLOSED_FORMS,
    Abilities,
    is_standing_request,
    normalised,
    read_request,
)
from engine.decision.terms import Terms, take_terms
from engine.decision.wording import quoted
from engine.errors import AlertError
from engine.facts import Alert, Concept


@dataclass(frozen=True, slots=True)
class Add:
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The alert as it is to be from now on."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Remove:
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause these, or let them go on."""

    alerts: tuple[str, ...]
    paused: bool


@dataclass(frozen=True, slots=True)
class Arm:
    """The card that is shown is right."""


Order = Add | Change | Remove | Hold | Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an order may be about."""

    alerts: Sequence[Alert]
    concepts: Sequence[Concept]
    current: Alert | None = None
    """The draft whose card is shown, or the alert that was last spoken of."""
    drafted: bool = False
    """`current` is not armed yet."""
    can: Abilities = CLOSED_FORMS
    now: int = 0
    tz: tzinfo = UTC


_NO = r"(?:(?:no|nope|not quite|not like that|rather|i mean|i meant|instead|but|and|please)[, ]+)*"
_YES = re.compile(
    r"(?:yes|yes please|yep|yeah|ok|okay|right|that'?s right|correct|arm it|do it|do that|set it"
    r"|fine|good|sure|please do)",
    re.I,
)
_DROP = re.compile(
    r"(?:no|no thanks|nope|never ?mind|forget it|drop it|cancel|cancel (?:it|that)|leave it)", re.I
)
_END = re.compile(
    r"(?:please )?(?:(?:stop|quit) (?:telling|alerting|warning|notifying|reminding) (?:me|us)"
    r"|(?:don't|do not|never) (?:tell|alert|warn|notify|remind) (?:me|us)"
    r"|(?:cancel|remove|delete|drop|forget) (?:the|that|this|my|every|all(?: the| my)?) "
    r"(?:alerts?|requests?|reminders?))"
    r"(?P<rest>(?: (?:about|when|if|for|of|on|that)? ?.*)?)",
    re.I,
)
_THAT = re.compile(
    r"(?:please )?(?:cancel|remove|delete|drop|stop) (?:that|this|it)(?: one| alert)?", re.I
)
_HOLD = re.compile(
    r"(?:please )?(?P<verb>pause|mute|silence|suspend|resume|unpause|unmute|continue|restart) "
    r"(?:(?:the|that|this|my|all(?: the| my)?) )?(?:alerts?|requests?|reminders?|one|it|that)"
    r"(?P<rest>(?: (?:about|for|on|of|when)? ?.*)?)",
    re.I,
)
_MORE = re.compile(r"(?: (?:any ?more|any longer|again|please|now|for now))+$", re.I)
_LINK_WORD = re.compile(r"^(?:about|when|if|for|of|on|that)\s+", re.I)
_MEANT = re.compile(rf"{_NO}(?:only )?(?:when|if|as soon as|once) (?P<rest>.+)", re.I)
_OTHER = re.compile(
    rf"{_NO}(?:not {MARK},? (?:but )?)?(?:for |about )?(?P<who>{MARK})(?:,? not {MARK})?", re.I
)
_PRONOUN = re.compile(r"^(?:he|she|it|they|that one)\b", re.I)


def order_of(text: str, context: Context) -> Order | None:
    """What is ordered; None where it is a question, or anything else.

    Raises:
        AlertError: it is an order that cannot be followed; the sentence says why.
    """
    said = " ".join(plain(text).split()).rstrip(" .!…,;")
    if not said or said.endswith("?"):
        return Add(text) if said and is_standing_request(text) else None
    current = context.current
    if current is not None and context.drafted and _YES.fullmatch(said):
        return Arm()
    if current is not None and context.drafted and _DROP.fullmatch(said):
        return Remove((current.id,))
    if is_standing_request(text):
        return Add(text)
    if current is not None and _THAT.fullmatch(said):
        return Remove((current.id,))
    ended = _END.fullmatch(said)
    if ended is not None:
        return Remove(_about(ended["rest"], context))
    held = _HOLD.fullmatch(said)
    if held is not None:
        verb = held["verb"].lower()
        paused = verb not in ("resume", "unpause", "unmute", "continue", "restart")
        return Hold(_about(held["rest"], context), paused)
    return None if current is None else _change(said, current, context)


def changed(alert: Alert, terms: Terms) -> Alert:
    """The alert under these terms, where they say something."""
    condition = alert.condition
    if condition.event == "nothing" and terms.dwell_s is not None:
        condition = replace(condition, after_s=terms.dwell_s)
        terms = replace(terms, dwell_s=None)
    if terms.alone is not None:
        condition = replace(condition, alone=terms.alone)
    return replace(
        alert,
        condition=condition,
        dwell_s=alert.dwell_s if terms.dwell_s is None else terms.dwell_s,
        cooldown_s=alert.cooldown_s if terms.cooldown_s is None else terms.cooldown_s,
        quiet=alert.quiet if terms.quiet is None else terms.quiet,
        expires_at=alert.expires_at if terms.expires_at is None else terms.expires_at,
        sources=alert.sources if terms.sources is None else terms.sources,
    )


def _change(said: str, current: Alert, context: Context) -> Order | None:
    """ "no, only when he is alone", "I meant when she leaves", "no, Mum"."""
    concepts = context.concepts
    masked = find_names(said, concepts)
    rest, left, terms = take_terms(said, masked.text, now=context.now, tz=context.tz)
    if not terms.empty and re.fullmatch(rf"{_NO}(?:only|tell me|just)?", f"{left} ".lstrip(), re.I):
        return Change(changed(replace(current, text=_told(current, said)), terms))
    meant = _MEANT.fullmatch(rest)
    if meant is not None and re.match(r"(?:no|not|i mean|rather|instead|only|but)\b", said, re.I):
        clause = _PRONOUN.sub(_name(current, concepts) or "somebody", meant["rest"])
        wanted = read_request(
            f"tell me when {clause}", concepts, context.can, now=context.now, tz=context.tz
        )
        moved = replace(current, text=f"tell me when {clause}", condition=wanted.condition)
        return Change(changed(changed(moved, terms), wanted.terms))
    other = _OTHER.fullmatch(masked.text)
    if other is not None and current.condition.concept is not None:
        place = masked.text[: other.start("who")].count(MARK)
        ids = masked.mentions[place]
        if len(ids) == 1 and re.match(r"(?:no|not|i mean|rather|instead)\b", said, re.I):
            condition = replace(current.condition, concept=ids[0])
            return Change(replace(current, text=_told(current, said), condition=condition))
    return None


def _told(alert: Alert, said: str) -> str:
    """The sentence with what was said to it since."""
    text = re.sub(r"^(?:no|but|and|please|i mean|rather)[, ]+", "", said, flags=re.I)
    return f"{alert.text.rstrip(' .!')}, {text}"[:600]


def _name(alert: Alert, concepts: Sequence[Concept]) -> str:
    return next((one.name for one in concepts if one.id == alert.condition.concept), "")


def _about(rest: str, context: Context) -> tuple[str, ...]:
    """The alerts that are meant.

    Raises:
        AlertError: none is, or it cannot be told which.
    """
    topic = _LINK_WORD.sub("", _MORE.sub("", rest).strip(" ,")).strip()
    alerts = [*context.alerts]
    if context.drafted and context.current is not None:
        alerts.append(context.current)
    if not topic:
        if context.current is not None:
            return (context.current.id,)
        if len(alerts) == 1:
            return (alerts[0].id,)
        raise AlertError(
            "Which alert is meant? Nothing was changed. Say what it is about: "
            "“stop telling me about …”."
        )
    if normalised(topic) in ("anything", "everything", "all", "all of them"):
        return tuple(alert.id for alert in alerts)
    found = _by_concept(topic, alerts, context.concepts) or _by_words(topic, alerts)
    if not found:
        raise AlertError(
            f"There is no alert about {quoted(topic)}. Nothing was changed. "
            "The Alerts page shows them all."
        )
    return tuple(alert.id for alert in found)


def _by_concept(topic: str, alerts: Sequence[Alert], concepts: Sequence[Concept]) -> list[Alert]:
    ids = set(find_names(topic, concepts).concepts)
    if not ids:
        word = normalised(topic).removeprefix("the ").removeprefix("my ")
        kind = {"cat": "pet", "dog": "pet", "pet": "pet", "animal": "pet"}.get(word, word)
        ids = {one.id for one in concepts if one.kind == kind}
    return [a for a in alerts if {a.condition.concept, a.condition.other} & ids]


def _by_words(topic: str, alerts: Sequence[Alert]) -> list[Alert]:
    """Those whose sentence has every word that carries a meaning."""
    words = set(normalised(topic).split()) - _EMPTY
    return [a for a in alerts if words and words <= set(normalised(a.text).split())]


_EMPTY = {"the", "a", "an", "my", "is", "are", "on", "in", "that", "when", "of", "it"}
