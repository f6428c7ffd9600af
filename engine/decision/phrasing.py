"""How people ask: courtesies, short forms, and which form of a question means what."""

import re

from engine.decision.names import MARK
from engine.facts import Intent

COURTESY = re.compile(
    r"^(?:(?:hey|hi|hello|ok|okay|so|and|well|but|please|nacre|thanks|now then)[ ,:]+)*"
    r"(?:(?:can|could|would|will) you (?:please |kindly )?"
    r"(?=tell|say|show|find|search|list|count|look|remind|summari))?"
    r"(?:(?:please )?(?:tell|show|remind) (?:me|us) (?:please )?"
    r"|i(?:'d| would)? (?:want|like|need) to know |do you (?:know|remember) (?=wh|how|if)"
    r"|i wonder |any idea (?=wh|how))?",
    re.I,
)
SHORT_FORMS = (
    (
        r"\b(who|what|when|where|how|there|it|that)'s\b"
        r"(?= (?:been|come|gone|happened|left|changed))",
        r"\1 has",
    ),
    (r"\b(who|what|when|where|how|there|it|that|here)'s\b", r"\1 is"),
    (r"\b(who|what|when|where|how)'d\b", r"\1 did"),
    (r"\b(who|what|when|where|how)'re\b", r"\1 are"),
    (r"\bwhats\b", "what is"),
    (r"\bwhos\b", "who is"),
    (r"\b(is|was|are|were|did|does|do|has|have|had)n't\b", r"\1"),
)
MEANWHILE = re.compile(r"(?<=\S \S)(\S*) (?:while|when|before|after|until) (?:i|we) .*$", re.I)
"""A clause about oneself: "did anyone come while I was out"."""

SOMEBODY = (
    r"(?:some(?:body|one)|any(?:body|one)|every(?:body|one)|nobody|no one|who|whom|people|persons?"
    r"|humans?|m[ae]n|wom[ae]n|visitors?|guests?|strangers?|faces?|visits?)"
)
SOMETHING = r"(?:something|anything|everything|nothing|things?|objects?|movements?|motion)"
_ROOM = (
    r"(?:room|door|house|home|office|kitchen|garden|picture|view|camera|webcam|frame|screen|desk"
    r"|table|window|hall|chair|bed|couch|sofa|garage)"
)
_THERE = (
    r"(?:here|there|home|back|in|inside|around|visible|present|in view|in sight"
    rf"|(?:at|in|on|by|near|before|in front of) (?:the |my |our |your )?(?:\w+ )?{_ROOM})"
)
_ANYONE = (
    rf"(?:{MARK}(?:(?:, | and | or ){MARK})*|{SOMEBODY}|{SOMETHING}|i|me|he|she|they|it|that|this)"
)
_SCREEN = (
    r"(?:screen|monitor|display|window|terminal|page|dialog(?:ue)?|pop-?up|console|tab|website)"
)
_MESSAGE = (
    r"(?:error|message|warning|notification|text|title|subtitle|alert|notice|mail|email|chat)"
)
_SAY = (
    r"(?:say|said|saying|says|read|reads|show|showed|shown|shows|write|written|wrote|display\w*"
    r"|stand)"
)
_SEE = r"(?:see|seeing|looking at|watching|recogni[sz]e)"
_MOVED = (
    r"(?:come|came|leave|left|arrive|appear|enter|return|go|gone|here|there|home|in|back|around"
    r"|been|seen|see|show|visit|notice|move|pass|stop)"
)

_ORDERED: tuple[tuple[Intent, str], ...] = (
    ("how_often", r"\b(?:how (?:many times|often|frequently)|number of (?:times|visits))\b"),
    (
        "how_often",
        r"\bhow many (?:\w+ )?(?:visits|visitors|guests|people|persons|faces|strangers) "
        r"(?!(?:are|do|can|is)\b)",
    ),
    ("how_often", r"^count\b"),
    ("when_last", r"\b(?:how long ago|how long (?:has it been|is it|was it)(?: now)? since)\b"),
    ("how_long", r"\b(?:how long|how much time|for how long|what length of time)\b"),
    ("how_long", r"^since when\b"),
    ("screen_text", rf"\b(?:what|which|when)\b.*\b{_SCREEN}\b.*\b{_SAY}\b"),
    (
        "screen_text",
        rf"\b(?:what|which)\b.*\b{_SAY}\b.*\b(?:on (?:the |my )?{_SCREEN}|{_MESSAGE})\b",
    ),
    ("screen_text", rf"\b(?:what|which)\b.*\b{_MESSAGE}\b.*\b(?:{_SAY}|was|were|came|on|did)\b"),
    ("screen_text", rf"^what (?:is|was|were) (?:the|that|this|my) (?:\w+ )?{_MESSAGE}\b"),
    (
        "screen_text",
        rf"\bwhat (?:did|does|do) (?:it|that|this|the \w+|my \w+|they) (?:\w+ )?{_SAY}\b",
    ),
    (
        "screen_text",
        rf"\bwhat (?:is|was|were|has been|stood|stands) (?:\w+ )?on (?:the |my ){_SCREEN}\b",
    ),
    ("screen_text", rf"\b(?:did|has|have) (?:the |my )?{_SCREEN} (?:\w+ )?{_SAY}\b"),
    ("speech", r"^what (?:did|have|could|can) you (?:just |last )?hear\w*\b"),
    ("speech", r"^what (?:was|has been|is being) (?:just |last )?said\b"),
    ("speech", rf"^what did (?:{_ANYONE}|i|we|they|he|she) (?:just |last )?(?:say|talk)\b"),
    ("speech", r"^(?:did|have) you (?:ever )?hear\w*\b"),
    ("screen_text", r"\bwhat (?:could|did|have) (?:you|i) read\b"),
    ("when_last", r"\b(?:when|what time)\b.*\blast\b|\b(?:the |most )?(?:last|latest) time\b"),
    (
        "when_last",
        r"\bmost recently\b|\blast (?:seen|saw|see|appear\w*|here|there|come|came)\b",
    ),
    ("when_last", r"^where\b"),
    ("when", r"\b(?:when|(?:at )?(?:what|which) times?)\b"),
    (
        "what_happened",
        r"\bwhat (?:has |have |had |did |all |else )*(?:happen(?:ed)?|change[ds]?|occur\w*)\b",
    ),
    ("what_happened", r"\bwhat (?:did|have|has) (?:i|we) miss(?:ed)?\b|\bdid i miss\b"),
    ("what_happened", r"\bwhat (?:was|has been|were) (?:going(?: on)?|happening|up|new)\b"),
    (
        "what_happened",
        r"\b(?:did|has|have) (?:anything|something) (?:\w+ )?(?:happen|change|occur)\w*\b",
    ),
    ("what_happened", r"\b(?:summar(?:y|i[sz]e)|recap|overview|catch me up|what is new)\b"),
    ("what_happened", r"^what (?:did|have) you (?:see|seen|watch\w*|notice\w*)$"),
    (
        "now",
        rf"^(?:is|are) (?:there )?(?:still )?{_ANYONE}(?: still| already| back| now)*"
        rf"(?: {_THERE})*$",
    ),
    ("now", rf"^am i(?: still)? {_THERE}$"),
    (
        "now",
        rf"^(?:who|what) (?:all )?(?:is|are)(?: still| all)? (?:{_THERE}|that|this|it)"
        rf"(?: {_THERE})*$",
    ),
    ("now", rf"^(?:who|what|whom)(?: all)? (?:do|can|are) you {_SEE}\b"),
    ("now", r"^how many (?:\w+ )+?(?:are|do|can|is)\b"),
    ("now", rf"^(?:do|can) you (?:still )?(?:see|recogni[sz]e|spot) (?:{_ANYONE}\b)?"),
    ("now", r"^what is (?:happening|going on)\b|^who is it$"),
    ("when", rf"^(?:did|was|were|has|have|had) .*\b{_MOVED}\w*\b"),
    (
        "what_happened",
        r"^who (?:else )?(?:was|were|has|have|came|come|left|did|visited|appeared|entered|went"
        r"|arrived)\b",
    ),
    ("what_happened", r"^(?:who|what) (?:all )?(?:did|have) you (?:see|seen|notice|recogni[sz]e)"),
    ("when", r"^what (?:came|appeared|moved|left|disappeared)\b"),
)
FORMS: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(pattern)) for intent, pattern in _ORDERED
)
"""Which form means what, tried in order on lower-case text with names and time words taken out."""

LEFT = re.compile(
    r"\b(?:leave|leaves|left|leaving|go(?:es)? (?:away|out|home)|went(?: away| out| home)?|gone"
    r"|exit\w*|disappear\w*|vanish\w*|depart\w*|(?:did|does) \S+ go)\b",
    re.I,
)
CAME = re.compile(
    r"\b(?:com(?:e|es|ing)|came|arriv\w+|appear\w*|enter\w*|return\w*|(?:show|turn)(?:ed|s)? up"
    r"|walk(?:ed)? in|g[eo]t (?:back|home|here|in))\b",
    re.I,
)
ABOUT_ME = re.compile(
    r"\b(?:was|were|am|have|had|did|do) i "
    r"(?!miss|see|saw|put|leave my|lose|lost|say|read|tell|ask)"
    r"|\b(?:see|saw|seen|recogni[sz]ed?|notice[d]?|spot(?:ted)?|about|who) (?:me|i|myself)\b"
    r"|\bi (?:came|left|arrived|went|was)\b|\bwho am i\b"
)
EMPTY_WORDS = frozenset(
    """
    a an the my our your his her its their this that these those of for to in on at by from with
    about and or is are was were be been am do does did done has have had can could will would
    should may what when where which who whom whose why how there here it he she they we you i me us
    him them say said says tell told show showed shown find search look see saw seen read write
    written screen monitor display stand stood appear appeared any anything something some ever last
    time times please word words text happen happened just already still also then than so if not
    remember know think want long often many
    """.split()  # noqa: SIM905
)
"""Words that carry no meaning for a search."""
