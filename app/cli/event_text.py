"""The lines of `event_json`, in words for people."""

from typing import Any

from engine.decision.wording import action
from engine.facts import likely

STATES = {
    "open": "watching",
    "stalled": "no picture for a while",
    "lost": "the picture is lost; trying again",
    "ended": "end",
    "paused": "paused",
}
NAMELESS = {"person": "someone"}


def clock(t: float) -> str:
    """Seconds of the stream as `m:ss.s` or `h:mm:ss`."""
    tenths = round(t * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest // 10:02}"
    return f"{minutes}:{rest // 10:02}.{rest % 10}"


def spoken(line: dict[str, Any]) -> str:
    """One event on one line (an answer may take several)."""
    source = f"{line['source']}: " if "source" in line else ""
    return f"{clock(line['t']):>8}  {source}{_words(line)}"


def _words(line: dict[str, Any]) -> str:
    match line["event"]:
        case "sighted":
            sure = f" ({likely(line['score'])})" if line["concept"] is not None else ""
            return f"{_name(line)} is here{sure}"
        case "left":
            return f"{_name(line)} has left, here from {clock(line['from'])}"
        case "done":
            who = line["by"] or "somebody"
            return f"{who} did {action(line['action'])}, from {clock(line['from'])}"
        case "read":
            return f'reads "{" ".join(line["text"].split())}"'
        case "heard":
            return f"hears “{line['text']}”"
        case "observed":
            return f"sees: {line['text']}"
        case "remarked":
            return f"◆ {line['text']}"
        case "answered":
            return f"{line['question']}\n{'':10}{answer(line)}"
        case "source":
            state = STATES.get(str(line["state"]), "")
            return f"{state} ({line['reason']})" if "reason" in line else state
        case _:
            return str(line.get("reason", ""))


def _name(line: dict[str, Any]) -> str:
    return str(line["concept"] or NAMELESS.get(line["kind"], "something"))


def answer(line: dict[str, Any], indent: str = " " * 10) -> str:
    """What was said, with what it rests on; further lines are indented."""
    parts = [line["text"]]
    if "help" in line:
        parts.append(line["help"])
    parts += [f"▸ {span(one)}" for one in line["evidence"]]
    return f"\n{indent}".join(parts)


def span(one: dict[str, Any]) -> str:
    """`0:12.0-0:18.4 hall.mp4 (sighting)`."""
    stretch = clock(one["from"])
    if one["to"] > one["from"]:
        stretch += f"-{clock(one['to'])}"
    source = f" {one['source']}" if one.get("source") else ""
    return f"{stretch}{source} ({one['kind']})"
