"""What is said to Nacre, understood as something to do; and what a voice alone may not do.

What follows the wake phrase may come out of a played video. It is answered when it is a question,
and hushes; whatever could change or delete anything waits for a hand on the screen.
"""

import re
from dataclasses import dataclass

from engine.decision.requests import is_standing_request
from engine.facts import Addressed
from engine.messages import Deed

_HUSH = re.compile(r"(?:please )?(?:hush|be quiet|quiet|shut up|stop talking|stop speaking)", re.I)
_PAUSE = re.compile(r"(?:please )?(?:pause|stop|stop watching|stop listening)", re.I)
_RESUME = re.compile(r"(?:please )?(?:resume|go on|go on watching|continue)", re.I)
_REMEMBER = re.compile(r"(?:please )?remember (?:this|that|it)(?: as (?P<name>.+))?", re.I)
_QUESTION = re.compile(
    r"(?:what|who|whom|whose|where|when|why|how|which|is|are|was|were|did|does|do(?! not)|has|have"
    r"|had)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What an utterance asks for."""

    deed: Deed
    name: str = ""
    confirm: bool = False


def understand_speech(text: str, addressed: Addressed) -> Spoken:
    """What it asks for; nothing when it was said to nobody in particular, or holds no words."""
    said = " ".join(text.split()).strip(" .!?,")
    if not addressed or not said:
        return Spoken(deed="")
    deed, name = _deed(said)
    harmless = deed == "hush" or (deed == "ask" and _QUESTION.match(said) is not None)
    return Spoken(deed=deed, name=name, confirm=addressed == "name" and not harmless)


def _deed(said: str) -> tuple[Deed, str]:
    remember = _REMEMBER.fullmatch(said)
    if remember is not None:
        return "remember", remember["name"] or ""
    forms: tuple[tuple[Deed, re.Pattern[str]], ...] = (
        ("hush", _HUSH),
        ("pause", _PAUSE),
        ("resume", _RESUME),
    )
    for deed, form in forms:
        if form.fullmatch(said):
            return deed, ""
    return ("stand" if is_standing_request(said) else "ask"), ""
