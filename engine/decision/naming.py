"""What the user says to give a name to what was just done: "call this the morning stretch"."""

import re

from engine.decision.introducing import kind_of_noun
from engine.decision.names import plain
from engine.decision.terms import NUMBER, number

_COURTESY = r"(?:(?:ok|okay|nacre|please|now|and)[ ,]+)*"
_DONE = (
    r"(?:what (?:i|he|she|they|we|you) (?:have |has |'ve |'s )?(?:just )?(?:did|done|do|saw|seen)"
    r"(?: just now| there)?"
    r"|(?:this|that|the) (?:action|movement|move|exercise|gesture|motion|dance|step|trick))"
)
_LAST = rf"(?: (?:for|from|in|of) the last (?P<n>{NUMBER}) (?:seconds?|s))?"
_CALL = r"(?:call|name|label)"
_FORMS = (
    re.compile(rf"{_COURTESY}{_CALL} {_DONE}{_LAST} (?P<name>.+)", re.I),
    re.compile(rf"{_COURTESY}(?:remember|save|learn|keep) {_DONE}{_LAST} as (?P<name>.+)", re.I),
    re.compile(rf"{_COURTESY}{_CALL} the last (?P<n>{NUMBER}) (?:seconds?|s) (?P<name>.+)", re.I),
    re.compile(rf"{_COURTESY}{_DONE} (?:is|was) (?:called )?(?P<name>the .+)", re.I),
    # "the" before a name of two words or more tells of something done, not of somebody.
    re.compile(rf"{_COURTESY}{_CALL} (?:this|that|it) (?P<name>(?:the|a|an) \w+(?: \w+)+)", re.I),
)
USUAL_S = 5.0
LONGEST_S = 10.0


def action_named(text: str) -> tuple[str, float] | None:
    """(name, how many of the last seconds show it); None where nothing done is named. An article
    is no part of the name."""
    said = " ".join(plain(text[:300]).split()).rstrip(" .!…")
    if said.endswith("?"):
        return None
    for form in _FORMS:
        match = form.fullmatch(said)
        if match is not None:
            lasts = match.groupdict().get("n")
            name = re.sub(r"^(?:the|an?) ", "", match["name"].strip(" \"'“”"), flags=re.I)
            if kind_of_noun(name) is not None:  # "the living room"
                return None
            return name, min(number(lasts), LONGEST_S) if lasts else USUAL_S
    return None
