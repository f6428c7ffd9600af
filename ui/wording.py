"""How times, sizes and counts are written for people."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from engine.facts import SURE, Alert, ConceptKind, Condition, Overlay, likely
from engine.media import NANOSECONDS, Span

KINDS: tuple[tuple[ConceptKind, str], ...] = (
    ("person", "Person"),
    ("pet", "Pet"),
    ("thing", "Thing"),
    ("place", "Place"),
    ("action", "Action"),
)

GET = re.compile(r"`nacre models get [^`]*` gets it\b")
TAKE = re.compile(r"`nacre models import [^`]*` takes \S+ from a folder\b")
BRING = re.compile(
    r"\b(get|import) it with `nacre models (?:get|import)[^`]*`"
    r"(?: or import it with `nacre models import[^`]*`)?(?: \(see `nacre models list`\))?"
)

MAKE = re.compile(r" \(`make run` does that\)")

LONGEST_RUN = 32
ZERO_WIDTH = "\u200b"


def local(at: int) -> datetime:
    """Wall nanoseconds as local time."""
    return datetime.fromtimestamp(at / NANOSECONDS).astimezone()


def unmarked(words: str) -> str:
    """For a tool tip: one that looks like markup would be shown as such."""
    return words.replace("&", "&amp;").replace("<", "&lt;")


def how_sure(overlay: Overlay) -> str:
    """What is believed of a box, in a sentence; empty where it has no name."""
    if overlay.concept is None:
        return ""
    chance = likely(overlay.score)
    if overlay.certainty == "maybe":
        return f"Maybe {overlay.name}: {chance}. From {round(SURE * 100)} % on it is named."
    if overlay.score >= 1:
        return f"{overlay.name}: you said so."
    if overlay.score < SURE:
        return f"{overlay.name}: recognised before, and followed since. By its looks now {chance}."
    return f"{overlay.name}: {chance}."


def clock(at: int, *, seconds: bool = False) -> str:
    return local(at).strftime("%H:%M:%S" if seconds else "%H:%M")


def stream(pts: int) -> str:
    """Stream time as `m:ss`, or `h:mm:ss`."""
    minutes, rest = divmod(pts // NANOSECONDS, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def day(at: int, today: date | None = None) -> str:
    """`today`, `yesterday`, or the date."""
    when, today = local(at).date(), today or local(int(datetime.now().timestamp() * 1e9)).date()
    if when == today:
        return "today"
    if when == today - timedelta(days=1):
        return "yesterday"
    return f"{when.day} {when:%B}" + ("" if when.year == today.year else f" {when.year}")


def moment(at: int, pts: int, *, recorded: bool) -> str:
    """A time as a link says it: of the recording, or of the day."""
    return stream(pts) if recorded else clock(at, seconds=True)


def stretch(at: Span, pts: Span, *, recorded: bool) -> str:
    """`0:04 – 0:09`, or only the start where both ends read the same."""
    first = moment(at.start, pts.start, recorded=recorded)
    last = moment(at.end, pts.end, recorded=recorded)
    return first if first == last else f"{first} – {last}"


def duration(s: float) -> str:
    if s < 60:
        return f"{s:g} s"
    if s < 3600:
        return f"{s / 60:.0f} min"
    return f"{s / 3600:.0f} h" if s < 172_800 else f"{s / 86_400:.0f} days"


def size(count: float) -> str:
    """Bytes in steps of 1024, as the settings count them."""
    for unit, step in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if count >= step:
            return f"{round(count / step, 1):g} {unit}"
    return f"{count:.0f} bytes"


def breakable(text: str) -> str:
    """The text with places to break in runs that have none (addresses, one long word)."""
    words = text.split(" ")
    if all(len(word) <= LONGEST_RUN for word in words):
        return text
    step = LONGEST_RUN // 2
    cut = (ZERO_WIDTH.join(w[i : i + step] for i in range(0, len(w), step)) for w in words)
    return " ".join(cut)


def by_hand(text: str, *, on_models: bool = False) -> str:
    """A reason with what to press in the window, where it names a command line."""
    got = "Get it below" if on_models else "Get it on the Models page"
    taken = "Import it from a folder" if on_models else "Import it on the Models page"
    brought = MAKE.sub("", text)
    brought = BRING.sub(r"\1 it on the Models page", brought)
    return TAKE.sub(taken, GET.sub(got, brought))


def cannot_be_said(names: Sequence[str]) -> str:
    """Of names that no speech recogniser can be told; at least one."""
    these = "This name" if len(names) == 1 else "These names"
    return f"{these} cannot be said to Nacre, only typed: {', '.join(names)}. Another name helps."


def count(n: int, one: str, many: str | None = None) -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}".replace(",", " ")


def condition(c: Condition, name: str, other: str = "it") -> str:
    """What a standing request waits for, as a line on its card."""
    text = f"When {_awaited(c, name, other)}"
    return f"{text}, alone" if c.alone else text


def _awaited(c: Condition, name: str, other: str) -> str:
    who = {"concept": name, "somebody": "somebody", "something": "something"}[c.subject]
    lasting = duration(c.after_s)
    match c.event:
        case "reads":
            return f"the screen shows “{c.words}”"
        case "hears":
            return f"somebody says “{c.words}”" if c.words else "somebody speaks"
        case "judged":
            return f"the model sees “{c.words}”"
        case "together":
            return f"{name} is with {other}"
        case "counts":
            times = f"{c.count} people are there"
            return times if c.concept is None else f"{name} comes {c.count} times"
        case "does":
            who = "somebody" if c.other is None else other
            return f"{who} does {name}" + (f" {c.count} times" if c.count > 1 else "")
        case "nothing" if c.concept is not None:
            return f"{name} is not seen for {lasting}"
        case "nothing":
            nobody = "nobody is there" if c.subject == "somebody" else "nothing happens"
            return f"{nobody} for {lasting}"
        case "unasked":
            return "something is worth a word"
        case "appears" | "leaves":
            return f"{who} {c.event}"
        case "returns":
            return f"{who} comes back"


def told(alert: Alert) -> str:
    """How a standing request is judged, over which sources, and how it is told."""
    where = f"on {', '.join(alert.sources)} only" if alert.sources else "on every source"
    ways = ["in the window"]
    ways += ["aloud"] if "speech" in alert.ways else []
    shown = "a notification with a sound" if "sound" in alert.ways else "a notification"
    ways += [f"by {shown}"] if "notification" in alert.ways else []
    return f"Judged by {alert.condition.judged_by} · {where} · told {', '.join(ways)}"


def patience(alert: Alert) -> str:
    """Dwell, cool-down, quiet hours and expiry of a standing request."""
    parts = [
        f"once it lasts {duration(alert.dwell_s)}" if alert.dwell_s else "at once",
        f"then quiet for {duration(alert.cooldown_s)}" if alert.cooldown_s else "every time",
    ]
    if alert.quiet is not None:
        hours = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in alert.quiet]
        parts.append(f"not from {hours[0]} to {hours[1]}")
    if alert.expires_at is None:
        parts.append("no end")
    else:
        parts.append(f"until {day(alert.expires_at)}, {clock(alert.expires_at)}")
    return " · ".join(parts)
