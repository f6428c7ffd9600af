"""Names in a question that nothing registered has: "when did Bob come?"."""

import re

from engine.decision.names import MARK

_AUXILIARY = r"(?:did|does|do|was|were|is|are|has|have|had|will)"
_COMES = (
    r"(?:come|comes|came|appear\w*|leave|leaves|left|arriv\w+|enter\w*|go|goes|went|gone|return\w*"
    r"|show\w* up|walk\w*|been|here|there|home|back|in|inside|outside|last|first|around|visible"
    r"|present|seen|ever|still|already|at|get|got|now|stay\w*|sit\w*|visit\w*|disappear\w*)"
)
_SEES = r"(?:see|saw|seen|spot|spotted|notice|noticed|recogni[sz]e|recogni[sz]ed)"
_ARTICLE = r"(?:my|our|the|a|an|your|his|her)"
_NAME = rf"(?P<a>{_ARTICLE} )?(?P<n>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){{0,2}}?)"
_PLACES = (
    re.compile(
        rf"\b{_AUXILIARY} (?:you (?:\w+ )??{_SEES} )?{_NAME} "
        rf"(?:still |just |ever |last )*{_COMES}\b",
        re.I,
    ),
    re.compile(rf"\b{_SEES} {_NAME}(?= (?:last|at|in|on|here|there|again)\b|$)", re.I),
    re.compile(rf"\b(?:when|if|whether|that|time) {_NAME} (?:last |first )*{_COMES}\b", re.I),
    re.compile(rf"\b(?:where|who) (?:is|are|was|were) {_NAME}(?: now)?$", re.I),
    re.compile(
        rf"\bwhere did (?:i|we|you) (?:put|leave|left|lose|see|last see|lay) {_NAME}$", re.I
    ),
    re.compile(rf"\b(?:since|for) {_NAME} (?:was|were|left|came|went|is|has)\b", re.I),
    re.compile(r"\b(?:with|about|of|and|or) (?P<n>[A-Z]\w+)$"),
)
_KNOWN_WORDS = frozenset(
    """
    i you he she it we they me him her us them this that there here who whom what which when where
    why how somebody someone anybody anyone everybody everyone nobody something anything everything
    nothing people person persons man men woman women human humans visitor visitors guest guests
    stranger strangers face faces thing things object objects movement motion time times screen
    monitor display window terminal page dialog error message text build download program word words
    visit visits picture video recording clip camera else all any one no other others watching going
    on happening the a an my our your last first
    """.split()  # noqa: SIM905
)


def unknown_name(text: str) -> str:
    """Who or what a question asks about, where the place of the name in the sentence shows that it
    is one ("did Bob come", "where are my keys") and it is no word of the language about people in
    general. Known names have been replaced before. Empty when there is none."""
    for pattern in _PLACES:
        for match in pattern.finditer(text):
            words = match["n"].split()
            while words and words[-1].lower() in ("last", "first", "still", "ever", "just", "come"):
                words.pop()
            if not words or MARK in match["n"]:
                continue
            if any(w.lower() in _KNOWN_WORDS for w in words):
                continue
            if re.fullmatch(rf"{_AUXILIARY}|{_COMES}|{_SEES}", words[0], re.I):
                continue
            return " ".join(words)
    return ""
