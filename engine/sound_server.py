"""What the sound server says of itself: PulseAudio, and PipeWire in its place, asked by `pactl`."""

import json
import shutil
import subprocess
import sys
from typing import Any, cast

ANSWER_S = 2.0


def listed(*what: str) -> object:
    """The answer of `pactl --format=json`; None where nobody answers."""
    program = shutil.which("pactl") if sys.platform == "linux" else None
    if program is None:
        return None
    try:
        told = subprocess.run(
            [program, "--format=json", *what], capture_output=True, timeout=ANSWER_S, check=True
        )
        return json.loads(told.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def entries(told: object) -> list[dict[str, Any]]:
    """A list of the server's, without what is none."""
    if not isinstance(told, list):
        return []
    ones = cast(list[object], told)
    return [cast(dict[str, Any], one) for one in ones if isinstance(one, dict)]


def microphones() -> dict[str, str]:
    """The server's name of each microphone, by what people call it, the usual one first. What only
    plays back what is heard already (a monitor) is none."""
    found: dict[str, str] = {}
    for source in entries(listed("list", "sources")):
        name, monitored = source.get("name"), source.get("monitor_source")
        if isinstance(name, str) and not monitored and not name.endswith(".monitor"):
            called = str(source.get("description") or name)
            found[called if called not in found else f"{called} ({name})"] = name
    told = listed("info")
    usual = cast(dict[str, Any], told).get("default_source_name") if isinstance(told, dict) else ""
    return dict(sorted(found.items(), key=lambda one: one[1] != usual))
