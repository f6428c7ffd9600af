"""What is said in the conversation when somebody or something was given a name in it."""

from dataclasses import dataclass

from engine.media import Box, Frame
from engine.messages import GalleryChanged, WhichOne


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pointed:
    """What the user looks at while typing, and what of it is meant."""

    frame: Frame | None = None
    box: Box | None = None
    point: tuple[int, int] | None = None


def learned(event: GalleryChanged) -> str:
    """What is known now that was not."""
    entry = next((e for e in event.entries if e.concept.id == event.concept), None)
    change = event.change
    if entry is None or change is None:
        return "Done."
    name = entry.concept.name
    match change.kind:
        case "taught" if entry.positives > 1:
            words = f"That is another view of {name}."
        case "taught":
            words = f"I know {name} from now on."
        case "right":
            words = f"That is {name}. I will remember it."
        case "wrong":
            words = f"Not {name}. I will remember that."
        case _:
            return change.words
    described = change.kind == "taught" and entry.concept.description
    return f"{words} Noted: {entry.concept.description}." if described else words


def asked(event: WhichOne) -> str:
    """Which one is meant?"""
    name = event.teaching.name
    if not event.proposals:
        return f"I cannot tell where {name} is. Drag a box in the picture."
    return (
        f"Which one is {name}? Click it in the picture, or drag a box. You can also say "
        "“the left one”."
    )
