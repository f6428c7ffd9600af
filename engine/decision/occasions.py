"""What can be waited for besides one coming or going: being together, numbers, silence, words
heard. And what cannot be judged at all, with the reason."""

import re

from engine.decision.names import MARK
from engine.decision.terms import NUMBER, number
from engine.facts import Condition

_M = MARK
_HERE = (
    r"(?: (?:here|there|together|in view|in the (?:room|picture|kitchen|house|garden)|at home))*"
)
_TOGETHER = re.compile(
    rf"(?:{_M} (?:is|are|comes in|comes|appears?|shows up)(?: here| there| in view)? "
    rf"(?:together )?(?:with|and) {_M}{_HERE}"
    rf"|{_M} and {_M} (?:are|come|appear|meet)(?: both)?{_HERE}|{_M} meets {_M})",
    re.I,
)
_PEOPLE = r"(?:people|persons|visitors|guests|of (?:us|them))"
_COUNT = re.compile(
    rf"(?:(?:there are|you (?:can )?(?:see|count)|we are) )?"
    rf"(?P<more>more than |over )?(?:at least )?(?P<n>{NUMBER}) {_PEOPLE}"
    rf"(?: (?:are|appear|come))?{_HERE}(?: at once| at the same time)?",
    re.I,
)
_TIMES = re.compile(
    rf"{_M} (?:has come|comes|appears|has appeared|has been here|is here|comes back|was here)"
    rf"(?: in| here)?(?: for)?(?: the)? "
    rf"(?:(?P<n>{NUMBER}) times|(?P<twice>twice)|(?P<nth>second|third|fourth|fifth|tenth) time)",
    re.I,
)
_NTH = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10}
_NOTHING = re.compile(
    r"(?:nothing (?:happens|moves|changes|is going on|comes)(?: here| there| any ?more)?"
    r"|(?P<nobody>(?:nobody|no ?one|no one) (?:is|comes|appears|shows up|can be seen|has been seen)"
    rf"{_HERE})|(?P<who>{_M} (?:is not|isn't|has not been|hasn't been|does not|doesn't"
    rf"|was not|wasn't)(?: (?:seen|here|there|in view|come|appear|show up|visible))?{_HERE}))",
    re.I,
)
_WHO_SAYS = rf"(?:i|we|you hear|some(?:body|one)|any(?:body|one)|{_M}|he|she)"
_HEARS = (
    re.compile(rf"{_WHO_SAYS} (?:says?|saying|shouts?|calls?|mentions?) (?P<t>.+)", re.I),
    re.compile(
        r"(?:the )?(?:words?|name|phrase) (?P<t>.+?) (?:is|are) (?:said|spoken|heard|mentioned)",
        re.I,
    ),
    re.compile(r"you hear (?:the )?(?:words?|name|phrase) (?P<t>.+)", re.I),
)
_SPEAKS = re.compile(
    r"(?:you hear (?:a voice|voices|speech|talking|(?:some|any)(?:body|one)(?: (?:speak|talk)\w*)?)"
    r"|(?:some|any)(?:body|one) (?:speaks|talks|starts (?:to (?:speak|talk)|speaking|talking)"
    r"|is (?:speaking|talking)))",
    re.I,
)
_QUOTES = "\"'“”„«»‘’"

_SOUND = re.compile(
    r"\b(?:cr(?:y|ies|ying)|bark(?:s|ing)?|meows?|meowing|rings?|ringing|doorbell|sirens?"
    r"|knock(?:s|ing)?|beep(?:s|ing)?|alarm (?:goes off|sounds|rings)|noises?|loud\w*"
    r"|scream(?:s|ing)?|snor(?:es?|ing)|cough(?:s|ing)?|clap(?:s|ping)?|whistl(?:es?|ing)|music"
    r"|sounds?|hears?|shatters?|thunder|sneez(?:es?|ing))\b",
    re.I,
)
_DONE = re.compile(
    rf"(?:i|we|he|she|they|{_M}) (?:have |has |'ve |did |do |does |had )?"
    rf"(?:done |made |finished |do |does |did )(?:my )?{NUMBER} \w+",
    re.I,
)
_WHO_DOES = rf"(?P<who>some(?:body|one)|any(?:body|one)|i|we|he|she|they|{_M})"
_OF = r"(?:(?:my|our|his|her|their|the|an?|another) )?"
_OFTEN = (
    rf"(?: (?P<times>{NUMBER}) times| (?P<twice>twice)"
    r"| for the (?P<nth>second|third|fourth|fifth|tenth) time)?"
)
_DOES = (
    re.compile(
        rf"{_WHO_DOES}(?: (?:has|have|is|are|was|am)|'ve|'s|'m)? (?:just )?"
        r"(?:does|do|did|done|doing|makes?|made|making|performs?|performed|performing|finish(?:es)?"
        rf"|finished|practi[sc]es?|practi[sc]ed|starts|begins) {_OF}(?:(?P<n>{NUMBER}) )?"
        rf"{_M}{_OFTEN}(?: again)?{_HERE}",
        re.I,
    ),
    re.compile(rf"{_WHO_DOES} {_M}{_OFTEN}(?: again)?{_HERE}", re.I),
    re.compile(
        rf"(?P<who>)(?:(?P<n>{NUMBER}) )?{_M} (?:is|are|was|were|has been|have been) "
        rf"(?:done|made|performed|finished){_OFTEN}(?: again)?{_HERE}",
        re.I,
    ),
)
_INNER = re.compile(
    r"\b(?:thinks?|thinking|feels?|feeling|wants?|dreams?|is (?:happy|sad|angry|bored|hungry"
    r"|tired)|tastes?|smells?|believes?|likes?|loves?)\b",
    re.I,
)


def further_condition(
    masked: str, clause: str, lasting_s: float | None
) -> tuple[Condition, int] | None:
    """(condition without ids, how many of the names it is about), when the whole clause is one of
    these. `masked` has MARK for each name; `clause` is the same with the names. `lasting_s` is how
    long the sentence says."""
    if _TOGETHER.fullmatch(masked):
        return Condition(event="together"), 2
    counted = _COUNT.fullmatch(masked)
    if counted is not None and (several := int(number(counted["n"])) + bool(counted["more"])) > 1:
        return Condition(event="counts", subject="somebody", count=several), 0
    times = _TIMES.fullmatch(masked)
    if times is not None:
        often = 2 if times["twice"] else _NTH.get((times["nth"] or "").lower(), 0)
        return Condition(event="counts", count=often or int(number(times["n"]))), 1
    nothing = _NOTHING.fullmatch(masked)
    if nothing is not None and lasting_s:
        if nothing["who"]:
            return Condition(event="nothing", after_s=lasting_s), 1
        subject = "somebody" if nothing["nobody"] else "something"
        return Condition(event="nothing", subject=subject, after_s=lasting_s), 0
    return _heard(masked, clause)


def done_condition(masked: str) -> tuple[Condition, bool] | None:
    """(condition without ids, whether a name stands before that of the action), when the whole
    clause tells of something done. The last name must be that of an action."""
    for form in _DOES:
        match = form.fullmatch(masked)
        if match is None:
            continue
        found = match.groupdict()
        often = 2 if found["twice"] else _NTH.get((found["nth"] or "").lower(), 0)
        for said in (found.get("n"), found["times"]):
            # "a squat" is no number of them.
            if said and said.lower() not in ("a", "an"):
                often = int(number(said))
        who = (found["who"] or "").lower()
        subject = "concept" if who in ("i", MARK) else "somebody"
        return Condition(event="does", subject=subject, count=often), who == MARK
    return None


def _heard(masked: str, clause: str) -> tuple[Condition, int] | None:
    if _SPEAKS.fullmatch(masked):
        return Condition(event="hears", subject="somebody"), 0
    for pattern in _HEARS:
        # The words themselves may be a name: they are taken from the sentence as it was said.
        match = pattern.fullmatch(clause) or pattern.fullmatch(masked)
        if match is not None and MARK not in match["t"]:
            words = match["t"].strip().strip(_QUOTES)
            return Condition(event="hears", subject="somebody", words=words), 0
    return None


def unjudgeable(masked: str) -> str:
    """Why nothing on this machine can judge it, whatever model it has; empty where one might."""
    if _NOTHING.fullmatch(masked):
        return "For how long? Say “… for ten minutes”."
    if _SOUND.search(masked):
        return (
            "Nacre cannot tell such a sound on this machine: that takes an audio tagger, or a "
            "model that hears, and there is none."
        )
    if _DONE.fullmatch(masked):
        return "Nacre cannot count how often something is done: four pictures do not show that."
    if _INNER.search(masked):
        return "What somebody feels or wants cannot be seen in a picture."
    return ""
