# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""How words are spoken, in the phones of the CMU dictionary: those of ours are shipped, those of
names nobody wrote down are made by a letter-to-sound model (g2p2, MIT or Apache-2.0)."""

import lzma
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OURS: dict[str, tuple[str, ...]] = {
    "nacre": ("N EY K ER", "N EY K R AH", "N AE K ER", "N AA K ER"),
    "momo": ("M OW M OW",),
}
"""Words of ours that the dictionary lacks."""

_IPA = (
    ("d͡ʒ", "JH"), ("t͡ʃ", "CH"), ("dʒ", "JH"), ("tʃ", "CH"), ("eɪ", "EY"), ("aɪ", "AY"),
    ("ɔɪ", "OY"), ("aʊ", "AW"), ("oʊ", "OW"), ("əʊ", "OW"), ("ɜː", "ER"), ("ɜ", "ER"),
    ("ɝ", "ER"), ("ɚ", "ER"), ("ʊə", "UH R"), ("ɪə", "IH R"), ("eə", "EH R"), ("iː", "IY"),
    ("i", "IY"), ("uː", "UW"), ("u", "UW"), ("ɑː", "AA"), ("ɑ", "AA"), ("ɒ", "AA"),
    ("ɔː", "AO"), ("ɔ", "AO"), ("o", "OW"), ("ɪ", "IH"), ("ʊ", "UH"), ("ɛ", "EH"), ("e", "EH"),
    ("æ", "AE"), ("a", "AA"), ("ʌ", "AH"), ("ə", "AH"), ("ɐ", "AH"), ("l̩", "AH L"),
    ("n̩", "AH N"), ("m̩", "AH M"), ("p", "P"), ("b", "B"), ("t", "T"), ("d", "D"), ("k", "K"),
    ("ɡ", "G"), ("g", "G"), ("f", "F"), ("v", "V"), ("θ", "TH"), ("ð", "DH"), ("s", "S"),
    ("z", "Z"), ("ʃ", "SH"), ("ʒ", "ZH"), ("h", "HH"), ("m", "M"), ("n", "N"), ("ŋ", "NG"),
    ("l", "L"), ("ɫ", "L"), ("ɹ", "R"), ("r", "R"), ("ɾ", "T"), ("w", "W"), ("j", "Y"),
    ("x", "K"),
)  # fmt: skip
"""Longest first where one begins like another."""
_VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())  # noqa: SIM905


def arpabet(ipa: str) -> str:
    """IPA as phones of the CMU dictionary; what is none of its sounds is left out."""
    phones: list[str] = []
    place = 0
    while place < len(ipa):
        for sign, phone in _IPA:
            if ipa.startswith(sign, place):
                phones += phone.split()
                place += len(sign)
                break
        else:
            place += 1
    return " ".join(phones)


def words_of(name: str) -> tuple[str, ...]:
    """A name as it is looked up: lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", name).replace("’", "'").lower()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain))


def letters_to_sound(word: str) -> str:
    """Phones of a word that no dictionary has; empty when it cannot be spoken: no Latin letters, or
    none that make a syllable."""
    if not re.fullmatch(r"[a-z']{2,30}", word):
        return ""
    model = _model()
    if model is None:
        return ""
    phones = arpabet(str(model.phonemize(word)))
    return phones if _VOWELS & set(phones.split()) and len(phones.split()) > 1 else ""


@cache
def _model() -> Any:
    """The English model that the library carries; nothing is fetched."""
    spec = find_spec("g2p2_group_germanic")
    if spec is None or not spec.submodule_search_locations:
        return None
    packed = Path(next(iter(spec.submodule_search_locations)), "en.g2p.xz")
    try:
        from g2p2 import Model

        return Model.from_bytes(lzma.decompress(packed.read_bytes()))
    except (ImportError, OSError, lzma.LZMAError):
        return None
