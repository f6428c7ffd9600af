"""Nacre as a process of its own, started as its users start it."""

import sys
from pathlib import Path

from app.paths import resources


def command(*arguments: str) -> list[str]:
    """The command line of this very installation: frozen, installed, or a source tree."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    script = Path(sys.executable).with_name("nacre")
    if script.is_file():
        return [str(script), *arguments]
    return [sys.executable, str(resources() / "app"), *arguments]
