"""What `nacre doctor` says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `text` is a sentence; `fix` the command or step that mends it."""

    name: str
    ok: bool
    text: str
    fix: str = ""
