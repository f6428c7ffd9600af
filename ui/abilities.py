"""What this computer can do now, said where something is missing."""

from engine.facts import Feature

NAMING = frozenset({"faces", "things"})
"""One of these is enough to give names."""


def names_missing(features: tuple[Feature, ...]) -> str:
    """Why there are no names; empty where there are, and while nobody knows yet."""
    on = {feature.name for feature in features if feature.on}
    if not features or on & NAMING:
        return ""
    seen = ["people without a name"] if "people" in on else ["changes"]
    if "text on screen" in on:
        seen.append("words on a screen")
    return f"Names need models, and none is installed. Until then Nacre sees {' and '.join(seen)}."
