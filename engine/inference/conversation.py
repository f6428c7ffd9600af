"""A prompt as the turns of a conversation: the order in which a model reads what it is given.

The order is the same for every adapter: the system text with what is to be kept in mind, the cards,
what was recalled, the live window, the question.
"""

from collections.abc import Iterable, Sequence

from engine.prompts import Card, Picture, Prefix, Probe, Prompt

Part = str | Picture
"""Text, or a picture after its time mark."""

RECALLED = "From the memory:"
EARLIER = "Pictures from earlier:"
NOW = "What is seen now:"


def system_text(prefix: Prefix) -> str:
    """The system turn."""
    return "\n".join([prefix.system, *prefix.standing])


def card_parts(cards: Iterable[Card]) -> list[Part]:
    """Each concept with its picture, where there is one, and its traits."""
    parts: list[Part] = []
    for card in cards:
        traits = f": {card.text}" if card.text else ""
        text = f"{card.name} ({card.kind}){traits}"
        if card.picture is None:
            parts.append(text)
        else:
            parts.append(Picture(image=card.picture, mark=text))
    return parts


def recalled_parts(asked: Prompt | Probe) -> list[Part]:
    """The notes and the pictures that were looked up for it."""
    parts: list[Part] = []
    if asked.notes:
        parts.append("\n".join([RECALLED, *asked.notes]))
    if asked.pictures:
        parts += [EARLIER, *asked.pictures]
    return parts


def parts(prefix: Prefix, asked: Prompt | Probe, window: Sequence[Picture]) -> list[Part]:
    """The user's turn: everything but the system text."""
    seen: list[Part] = [NOW, *window] if asked.window and window else []
    return [*card_parts(prefix.cards), *recalled_parts(asked), *seen, asked.question]
