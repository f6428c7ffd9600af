"""What the user says to make somebody or something known: "This is my mum, she has short grey
hair", "remember this mug as Blue", "Momo is also called Mo", "that is not Momo".

Only what the user typed, or said with the key held down, comes here. What is seen or heard never
does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.decision.names import plain
from engine.facts import Concept, ConceptKind

LONGEST = 400


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PEOPLE = _words(
    "mum mom mummy mommy mother dad daddy father brother sister wife husband son daughter friend "
    "colleague boss neighbour neighbor uncle aunt auntie grandma grandmother granny grandpa "
    "grandfather cousin partner girlfriend boyfriend fiance fiancee baby child kid teacher nurse "
    "doctor nephew niece man woman boy girl lady guy person flatmate roommate"
)
_CALLED_SO = _words(
    "mum mom mummy mommy mother dad daddy father grandma grandmother granny grandpa grandfather "
    "auntie"
)
"""What people are called without a name."""
_PETS = _words(
    "cat kitten dog puppy rabbit bunny hamster parrot bird budgie canary horse pony tortoise "
    "turtle fish goldfish snake lizard ferret mouse rat pet"
)
_PLACES = _words(
    "room kitchen office garden bedroom bathroom house home garage street balcony hall hallway "
    "attic cellar terrace desk workshop studio park yard stairs corridor porch"
)
_NOT_NAMED = _words(
    "fault turn idea question problem point life job favourite favorite opinion time day first "
    "last only best way name plan guess thing"
)

_COURTESY = r"(?:(?:ok|okay|hey|nacre|please|now|and|so|no|look)[ ,]+)*"
_IS = r"(?:(?:this|that|here|it|he|she)(?: is|'s)|(?:these|those|they) are|meet)"
_WHAT = r"(?:this|that|it|him|her|them|these|those)"
_NOUN = r"(?:(?:this|that|the|these|those|my|our) )(?P<noun>[a-z][\w-]*(?: [a-z][\w-]*)?)"
_SHOWN = re.compile(rf"{_IS} (?P<who>.+)", re.I)
_GIVEN = tuple(
    re.compile(form, re.I)
    for form in (
        rf"(?:remember|save|keep|learn) (?:{_NOUN}|{_WHAT}) as (?P<who>.+)",
        r"(?:call|name|label) (?:this|that|the|these|my|our) (?P<noun>(?-i:[a-z])[\w-]*)"
        r" (?P<who>(?-i:[A-Z]).*)",
        rf"(?:call|name|label) {_WHAT} (?P<who>.+)",
        rf"(?:{_NOUN}|{_WHAT}|he|she) (?:is|are) (?:called|named) (?P<who>.+)",
        r"(?P<whose>his|her|its) name (?:is|'s) (?P<who>.+)",
    )
)
_THIS_NOUN_IS = re.compile(r"(?:this|that) (?P<noun>[a-z][\w-]*) is (?P<who>(?-i:[A-Z]).*)", re.I)
_HEAD = re.compile(
    r"(?P<head>.+?)(?:(?:[,;!]|(?<!\bDr)(?<!\bMrs)(?<!\bMr)(?<!\bMs)(?<!\bSt)\.|\s[-–—])\s+(?P<rest>.+)"
    r"|\s+with\s+(?P<having>.+))?",
    re.S,
)
_CLAUSE = re.compile(
    r"[.;!]\s+|\s[-–—]\s|,\s+(?=(?:and )?(?:he|she|it|they|who|which|also|aka|known|called|we|call"
    r"|my|our|an?)\b)",
    re.I,
)
_ALSO = re.compile(
    r"(?:and )?(?:(?:he|she|it|they)(?: is|'s| are) )?"
    r"(?:(?:also|sometimes|otherwise) (?:called|known as|named)|aka|known as|nicknamed"
    r"|(?:we|i|you can|people|they) (?:also |sometimes )?call (?:him|her|it|them|this))"
    r" (?P<name>.+)",
    re.I,
)
_CALL_IT = re.compile(r"(?:and )?(?:please )?call (?:him|her|it|them|this) (?P<name>.+)", re.I)
_MINE = re.compile(r"(?:my|our|his|her|their|the) (?P<noun>[a-z][\w-]*(?: [a-z][\w-]*)?)", re.I)
_SUBJECT = re.compile(r"(?:and )?(?P<who>he|she|it|they|who|which)(?='s |\s)", re.I)
_HAS = re.compile(r"(?:has got|have got|'s got|has|have|is|are|'s)\s+", re.I)
_ALIAS = re.compile(
    r"(?P<name>.+?)(?: is|'s) (?:also|sometimes) (?:called|known as|named) (?P<alias>.+)", re.I
)
_DENIED = re.compile(
    r"(?:(?:this|that|it|he|she)(?: is|'s) not|(?:this|that|it|he|she) isn't) "
    r"(?P<name>.+?)(?:(?:[,;.]| -)? ?(?:but|(?:that|this|it|he|she)(?:'s| is)) (?P<really>.+))?",
    re.I,
)
_NAME = re.compile(
    r"[A-Z0-9][\w'&.-]*(?: (?:[A-Z0-9][\w'&.-]*|of|the|de|da|di|du|van|von|der|la|le|el|y|&)){0,4}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """Somebody or something in view gets a name."""

    name: str
    kind: ConceptKind | None = None
    """None: the sentence does not tell."""
    description: str = ""
    aliases: tuple[str, ...] = ()
    is_me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A concept has another name."""

    concept: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What is in view is not this concept, but `really` (None: not told who)."""

    concept: str
    really: str | None = None


def introduction_of(
    text: str, concepts: Sequence[Concept] = ()
) -> Introduction | Alias | Denial | None:
    """What the sentence makes known; None where it is a question or anything else."""
    said = " ".join(plain(text[:LONGEST]).split()).rstrip(" .!…,;")
    said = re.sub(rf"^{_COURTESY}", "", said, flags=re.I)
    if not said or text.rstrip().endswith("?"):
        return None
    return _denial(said, concepts) or _alias(said, concepts) or _introduction(said, concepts)


def kind_of_noun(words: str) -> ConceptKind | None:
    """What a noun tells of the kind; the last word counts."""
    last = words.lower().split()[-1] if words.strip() else ""
    kinds: tuple[tuple[ConceptKind, frozenset[str]], ...] = (
        ("person", _PEOPLE),
        ("pet", _PETS),
        ("place", _PLACES),
    )
    for kind, nouns in kinds:
        if last in nouns or last.removesuffix("s") in nouns:
            return kind
    return None


def _denial(said: str, concepts: Sequence[Concept]) -> Denial | None:
    match = _DENIED.fullmatch(said)
    known = None if match is None else _known(match["name"], concepts)
    if match is None or known is None:
        return None
    really = _known(match["really"] or "", concepts)
    return Denial(concept=known.id, really=None if really is None else really.id)


def _alias(said: str, concepts: Sequence[Concept]) -> Alias | None:
    match = _ALIAS.fullmatch(said)
    known = None if match is None else _known(match["name"], concepts)
    if match is None or known is None:
        return None
    return Alias(concept=known.id, alias=_unquoted(match["alias"]))


def _introduction(said: str, concepts: Sequence[Concept]) -> Introduction | None:
    parts = _HEAD.fullmatch(said)
    if parts is None:
        return None
    head, noun, free = parts["head"], "", True
    found: tuple[str, str] | None = None
    for form in _GIVEN:
        if (match := form.fullmatch(head)) is not None:
            noun = match.groupdict().get("noun") or ""
            named = re.sub(r"^(?:my|our) ", "", _unquoted(match["who"]), flags=re.I)
            found, free = (_capital(named), ""), False
            break
    if found is None and (match := _THIS_NOUN_IS.fullmatch(head)) is not None:
        noun = match["noun"]
        found = _who(match["who"], concepts)
    if found is None and (match := _SHOWN.fullmatch(head)) is not None:
        found = _who(match["who"], concepts)
    if found is None or not found[0]:
        return None
    name, told = found
    if not free and (len(name.split()) > 6 or name.lower() in _NOT_NAMED):
        return None
    rest = _rest(parts["rest"] or "", parts["having"] or "")
    if rest.name:
        noun, name = noun or told or name, rest.name
    return _made(name, concepts, noun or told, rest)


def _made(name: str, concepts: Sequence[Concept], noun: str, rest: "_Rest") -> Introduction:
    is_me = name.lower() in ("me", "myself")
    known = _known(name, concepts)
    other = bool(noun) and noun.lower() != name.lower()
    kind = kind_of_noun(noun) or ("thing" if other else known.kind if known else None)
    if kind in (None, "action"):
        kind = rest.kind or kind_of_noun(name) or (kind if kind == "action" else None)
    if kind is None and noun:
        kind = "thing"
    return Introduction(
        name="Me" if is_me else known.name if known else name,
        kind="person" if is_me else kind,
        description=rest.description,
        aliases=rest.aliases,
        is_me=is_me,
    )


def _who(said: str, concepts: Sequence[Concept]) -> tuple[str, str] | None:
    """(the name, the noun before or after it) after "this is"; None where nobody is named."""
    said = _unquoted(said)
    if said.lower() in ("me", "myself"):
        return "Me", ""
    if _known(said, concepts) is not None:
        return said, ""
    if said.lower() in _CALLED_SO:
        return _capital(said), said
    mine = re.fullmatch(r"(?:my|our|his|her|their) (?P<words>.+)", said, re.I)
    if mine is not None:
        return _mine(mine["words"])
    place = re.fullmatch(r"the (?P<words>[\w-]+(?: [\w-]+)?)", said, re.I)
    if place is not None:
        words = place["words"]
        return (_capital(words), words) if kind_of_noun(words) == "place" else None
    whose = re.fullmatch(r"(?P<name>.+?),? the (?P<noun>[a-z]+)", said)
    if whose is not None and _NAME.fullmatch(whose["name"]):
        return whose["name"], whose["noun"]
    return (said, "") if _NAME.fullmatch(said) else None


def _mine(words: str) -> tuple[str, str] | None:
    """ "my cat Momo", "my mum", "my red mug" """
    parts = words.split()
    named = next((i for i, word in enumerate(parts) if word[:1].isupper()), len(parts))
    if 0 < named < len(parts):
        return " ".join(parts[named:]), " ".join(parts[:named])
    if len(parts) > 4 or _NOT_NAMED & {word.lower() for word in parts}:
        return None
    return _capital(words), words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What is told after the name."""

    name: str = ""
    kind: ConceptKind | None = None
    description: str = ""
    aliases: tuple[str, ...] = ()


def _rest(rest: str, having: str) -> _Rest:
    name = ""
    kind: ConceptKind | None = None
    aliases: list[str] = []
    told = [having] if having else []
    clauses = [clause.strip(" ,.;!") for clause in _CLAUSE.split(rest)]
    for clause in filter(None, clauses):
        also, called, noun = (form.fullmatch(clause) for form in (_ALSO, _CALL_IT, _MINE))
        if also is not None:
            aliases.append(_unquoted(also["name"]))
        elif called is not None:
            name = _unquoted(called["name"])
        elif noun is not None and kind_of_noun(noun["noun"]) is not None:
            kind = kind or kind_of_noun(noun["noun"])
        else:
            traits, of_them = _traits(clause)
            told.append(traits)
            kind = kind or of_them
    return _Rest(name=name, kind=kind, description=", ".join(told), aliases=tuple(aliases))


def _traits(clause: str) -> tuple[str, ConceptKind | None]:
    """ "she has short grey hair": what it tells, and of what kind."""
    kind: ConceptKind | None = None
    subject = _SUBJECT.match(clause)
    if subject is not None:
        kind = "person" if subject["who"].lower() in ("he", "she", "who") else None
    said = clause if subject is None else clause[subject.end() :].lstrip()
    said = _HAS.sub("", said, count=1) if _HAS.match(said) else said
    article = re.match(r"an? (?P<what>[^,]+?)(?: with| who|,|$)", said, re.I)
    return said, (kind_of_noun(article["what"]) if article else None) or kind


def _known(name: str, concepts: Sequence[Concept]) -> Concept | None:
    wanted = _unquoted(name).casefold()
    wanted = re.sub(r"^(?:my|our|the) ", "", wanted)
    for concept in concepts:
        if wanted and wanted in (n.casefold() for n in (concept.name, *concept.aliases)):
            return concept
    return None


def _unquoted(name: str) -> str:
    return name.strip(" \"'“”‘’.,!")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
