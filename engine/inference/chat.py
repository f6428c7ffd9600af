"""A model's chat template as the text that stands around the turns.

The template comes out of a model file, so it runs in a sandbox, within bounds. What stands in the
turns is never rendered by it: text of the user's, of the screen or of a file cannot become a turn
of its own.
"""

import logging
from dataclasses import dataclass

from engine.inference.template import TemplateUnusable, render

log = logging.getLogger(__name__)

_SYSTEM, _USER = "\ue000SYSTEM\ue000", "\ue000USER\ue000"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFormat:
    """What stands before the system text, between it and the user's turn, and after that."""

    before: str
    between: str
    after: str
    fallback: bool = False
    """The model brings no usable template; this is the most common one."""


CHATML = ChatFormat(
    before="<|im_start|>system\n",
    between="<|im_end|>\n<|im_start|>user\n",
    after="<|im_end|>\n<|im_start|>assistant\n",
    fallback=True,
)


def chat_format(template: str | None) -> ChatFormat:
    """The pieces of a template; those of ChatML where it has none that can be used."""
    if template is None:
        return CHATML
    for as_list in (False, True):
        for with_system in (True, False):
            found = _tried(template, as_list=as_list, with_system=with_system)
            if found is not None:
                return found
    log.info("the model's chat template cannot be used; taking ChatML")
    return CHATML


def _tried(template: str, *, as_list: bool, with_system: bool) -> ChatFormat | None:
    def turn(role: str, text: str) -> dict[str, object]:
        return {"role": role, "content": [{"type": "text", "text": text}] if as_list else text}

    turns = [turn("user", _USER)]
    if with_system:
        turns.insert(0, turn("system", _SYSTEM))
    values = {
        "messages": turns,
        "add_generation_prompt": True,
        "bos_token": "",  # The tokenizer's own, where the model wants one.
        "eos_token": "",
        "enable_thinking": False,
        "raise_exception": _refuse,
        "strftime_now": _no_date,
    }
    try:
        text = render(template, values)
    except TemplateUnusable:
        return None
    if text.count(_USER) != 1 or text.count(_SYSTEM) != int(with_system):
        return None
    head, after = text.split(_USER)
    if not with_system:  # The system text begins the user's turn.
        return ChatFormat(before=head, between="\n", after=after)
    before, between = head.split(_SYSTEM)
    return ChatFormat(before=before, between=between, after=after)


def _refuse(reason: str) -> None:
    raise TemplateUnusable(reason)


def _no_date(_: str) -> str:
    return ""
