"""A display for the window: the one that is there, else a virtual one, else Qt's own memory."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

from app.window import has_display
from engine.environment import variable

SCREEN = "1920x1080x24"


@contextmanager
def display() -> Generator[str]:
    """Set up in the environment, for this process and those it starts; yields what it is, in
    words."""
    if has_display():
        yield os.environ.get("QT_QPA_PLATFORM") or "the display of this machine"
        return
    program = shutil.which("Xvfb")
    if program is None:
        with variable("QT_QPA_PLATFORM", "offscreen"):
            yield "offscreen"
        return
    server, number = _xvfb(program)
    try:
        with variable("DISPLAY", f":{number}"):
            yield "Xvfb"
    finally:
        server.terminate()
        server.wait(10)


def _xvfb(program: str) -> tuple["subprocess.Popen[bytes]", str]:
    """The server, and the number of its display."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        return server, answer.readline().strip()
