"""Names and aliases of the user's concepts, found in what they write."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from engine.facts import Concept

MARK = "\ue000"
"""Stands for a name in a text in which names have been found (a private-use character)."""

_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe0e\ufe0f\ue000]")
_JOINS = "\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""A joiner or skin tone after a picture sign makes it part of another sign."""
_POSSESSIVE = re.compile(r"['’]s?(?!\w)", re.IGNORECASE)
_KIND_BEFORE = re.compile(rf"\b(?:my|our|your|the|his|her|their)\s+(?:\w+\s+)?(?={MARK})", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A text with every known name replaced by `MARK`."""

    text: str
    mentions: tuple[tuple[str, ...], ...]
    """For every mark in order: ids of all concepts of that name (usually one)."""

    @property
    def concepts(self) -> tuple[str, ...]:
        """Every concept named, once, in order of first mention."""
        return tuple(dict.fromkeys(c for mention in self.mentions for c in mention))


def plain(text: str) -> str:
    """The text in one Unicode form, with one kind of apostrophe, without invisible marks of writing
    direction."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text).replace("’", "'"))


def find_names(text: str, concepts: Sequence[Concept]) -> Named:
    """Find names and aliases as whole words, whatever their case, the longest first. A possessive
    ending belongs to the name, and so does what introduces it ("my cat Momo")."""
    text = plain(text)
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for name, ids in _by_length(concepts):
        pattern = r"\s+".join(map(re.escape, name.split()))
        for match in re.finditer(pattern, text, re.IGNORECASE):
            start, end = match.span()
            free = all(end <= s or start >= e for s, e, _ in found)
            if free and _whole(text, start, end):
                found.append((start, end, ids))
    found.sort()
    parts: list[str] = []
    last = 0
    for start, end, _ in found:
        parts += [text[last:start], MARK]
        ending = _POSSESSIVE.match(text, end)
        last = ending.end() if ending else end
    parts.append(text[last:])
    return Named(
        text=_KIND_BEFORE.sub("", "".join(parts)), mentions=tuple(ids for _, _, ids in found)
    )


def _by_length(concepts: Sequence[Concept]) -> list[tuple[str, tuple[str, ...]]]:
    names: dict[str, tuple[str, list[str]]] = {}
    for concept in concepts:
        for name in _forms(concept):
            word = " ".join(plain(name).split())
            _, ids = names.setdefault(word.casefold(), (word, []))
            if word and concept.id not in ids:
                ids.append(concept.id)
    ordered = sorted(names.values(), key=lambda item: (-len(item[0]), item[0]))
    return [(name, tuple(ids)) for name, ids in ordered if ids]


_BEFORE_ES = ("s", "x", "z", "ch", "sh")


def _forms(concept: Concept) -> list[str]:
    """Its names; of an action the plural too ("ten squats"), which is also "she waves"."""
    names = [concept.name, *concept.aliases]
    if concept.kind != "action":
        return names
    return [
        form
        for name in names
        for form in (name, f"{name}{'es' if name.lower().endswith(_BEFORE_ES) else 's'}")
    ]


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the name stands there as a word of its own, not as a part of another."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and ((_in_word(before) and _in_word(text[start])) or before == "\u200d"):
        return False
    if not after:
        return True
    if unicodedata.category(after)[0] == "M" or after in _JOINS:
        return False
    return not (_in_word(after) and _in_word(text[end - 1]))


def _in_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM" or char == "_"
