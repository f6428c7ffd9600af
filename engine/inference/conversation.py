"""A prompt as the turns of a conversation: the order in which a model reads what it is given.

The order is the same for every adapter: the system text with what is to be kept in mind and the
cards, then what was recalled and the live window, then the question. A question about now has its
notes after the window, which was decoded before they were looked up.
"""

from collections.abc import Iterable, Sequence

from engine.prompts import Card, Picture, Prefix, Probe, Prompt

Part = str | Picture
"""Text, or a picture after its time mark."""

RECALLED = "From the memory:\n"
EARLIER = "Pictures from earlier:\n"
NOW = "What is seen now:\n"


def system_parts(prefix: Prefix) -> list[Part]:
    """The system turn: its text, what is to be kept in mind, and each concept with its picture
    and its traits."""
    parts: list[Part] = [f"{line}\n" for line in (prefix.system, *prefix.standing) if line]
    for card in prefix.cards:
        parts += _card(card)
    return parts


def _card(card: Card) -> list[Part]:
    traits = f" {card.text}\n" if card.text else "\n"
    if card.picture is None:
        return [f"{card.name}:{traits}"]
    return [Picture(image=card.picture, mark=f"{card.name}:"), traits]


def noted(notes: Iterable[str]) -> list[Part]:
    """Lines of the memory."""
    lines = "".join(f"{line}\n" for line in notes)
    return [f"{RECALLED}{lines}"] if lines else []


def before_window(asked: Prompt | Probe) -> list[Part]:
    """What a question about the past puts before the window."""
    if not asked.pictures:
        return []
    seen: list[Part] = [NOW] if asked.window else []
    return [*noted(asked.notes), EARLIER, *asked.pictures, *seen]


def after_window(asked: Prompt | Probe) -> list[Part]:
    """What follows the window."""
    return [*([] if asked.pictures else noted(asked.notes)), asked.question]


def user_parts(asked: Prompt | Probe, window: Sequence[Picture]) -> list[Part]:
    """The whole turn of the user."""
    return [*before_window(asked), *(window if asked.window else ()), *after_window(asked)]


def hint(options: tuple[str, ...]) -> str:
    """What makes a general model answer with one of the options."""
    return f"\nAnswer with one word: {' or '.join(options)}."
