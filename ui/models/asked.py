"""Which language model is asked, in words."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from engine.ports.shelf import ModelCard, ModelChoice
from engine.prompts import ModelStatus

EngineState = Literal["absent", "building", "ready", "failed"]

NONE_YET = "None is asked yet: open questions are answered by quoting the memory."
BEST = "the best one that is installed and fits"


class Mark(NamedTuple):
    """What stands beside the title of a model."""

    text: str
    role: str = "accent"
    progress: float | None = None
    """Of loading."""
    reason: str = ""
    again: bool = False
    """Something can be tried again."""


def mark(card: ModelCard, choice: ModelChoice, status: ModelStatus | None) -> Mark:
    """How one model stands."""
    if status is not None and not status.remote and status.id == card.id:
        return _mark_of(status)
    if not card.installed:
        return Mark("")
    if choice.model != card.id:
        return Mark("Installed", "muted")
    return Mark("Chosen", "muted" if choice.server else "warning")


def _mark_of(status: ModelStatus) -> Mark:
    match status.state:
        case "ready":
            return Mark("In use", reason=status.reason, again=bool(status.reason))
        case "loading":
            return Mark(f"Loading: {round(100 * status.progress)} %", progress=status.progress)
        case "restarting":
            return Mark("Starting again", "warning", reason=status.reason)
        case "failed":
            reason = status.reason or "It could not be started."
            return Mark("Failed", "danger", reason=reason, again=True)


def told(
    choice: ModelChoice,
    status: ModelStatus | None,
    cards: Iterable[ModelCard],
    engine: EngineState = "ready",
) -> str:
    """The sentence above the list. `engine`: how the making of llama.cpp stands."""
    titles = {card.id: card.title for card in cards if card.installed}
    chosen = titles.get(choice.model, choice.model)
    if choice.server or (status is not None and status.remote):
        return _server(choice, status, chosen)
    if status is None:
        return _not_loaded(chosen, bool(titles), engine)
    mine = bool(choice.model) and choice.model == status.id
    why = ", as you chose." if mine else f": {BEST}."
    match status.state:
        case "ready":
            return f"{status.model} is asked{why} It runs on {status.backend}."
        case "loading":
            return f"{status.model} is loading{why}"
        case "restarting":
            return f"{status.model} is starting again."
        case "failed":
            return f"{status.model} failed. Try it again, or choose another."


def _not_loaded(chosen: str, any_here: bool, engine: EngineState) -> str:
    words = f"{chosen} is chosen, but it is not loaded." if chosen else NONE_YET
    if not any_here:
        return f"{words} Get one below."
    match engine:
        case "building":
            return f"{words} The language model engine is being prepared for it."
        case "absent" | "failed":
            return f"{words} The language model engine is missing."
        case "ready":
            return words


def _server(choice: ModelChoice, status: ModelStatus | None, chosen: str) -> str:
    if status is not None and status.remote:
        where = choice.server or status.backend
        words = f"{status.model} on {where} is asked. Pictures leave this computer."
    else:
        words = f"{choice.on_server} on {choice.server} is asked."
    return f"{words} {chosen} is asked once no server is." if chosen else words
