"""Nacre as a process of its own, started as its users start it."""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.paths import Paths, resources
from engine.errors import EngineError

LIMIT_S, CLOSES_S, LOOK_S = 30.0, 20.0, 0.02
STAMP = "%Y-%m-%d %H:%M:%S,%f"


def command(*arguments: str) -> list[str]:
    """The command line of this very installation: frozen, installed, or a source tree."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    script = Path(sys.executable).with_name("nacre")
    if script.is_file():
        return [str(script), *arguments]
    return [sys.executable, str(resources() / "app"), *arguments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A Nacre whose window shows the bundled clip."""

    pid: int
    after_s: float
    """Seconds from the start of the process to the first picture."""


@contextmanager
def window_shown(home: Paths) -> Generator[Shown]:
    """Start `nacre` on this data folder, wait for its first picture, close it afterwards.

    Raises:
        EngineError: no picture came.
    """
    log = home.log / "nacre.log"
    told = len(_pictures(log))
    begin = time.time()
    nacre = subprocess.Popen(
        command("--data-dir", str(home.data)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while len(painted := _pictures(log)) <= told:
            if nacre.poll() is not None or time.time() - begin > LIMIT_S:
                raise EngineError("The window showed no picture. Nothing was measured.")
            time.sleep(LOOK_S)
        yield Shown(pid=nacre.pid, after_s=painted[-1] - begin)
    finally:
        nacre.terminate()
        nacre.wait(CLOSES_S)


def _pictures(log: Path) -> list[float]:
    """When first pictures were painted, by the lines of the log, in seconds since the epoch."""
    from ui.start import FIRST_PICTURE

    try:
        lines = log.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    stamps = (" ".join(text.split()[:2]) for text in lines if text.endswith(FIRST_PICTURE))
    return [datetime.strptime(stamp, STAMP).astimezone().timestamp() for stamp in stamps]
