"""A voice of a program that comes with the system: espeak-ng or flite. Each sentence is a process;
stopping ends it, and the sound server drops what it had not played yet."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from threading import Lock

from engine.errors import DeviceLost

PROGRAMS: Mapping[str, Sequence[str]] = {
    "espeak-ng": ("-v", "en-us", "-s", "165", "--"),
    "flite": ("-voice", "slt", "-t"),
}
"""In the order in which they are looked for, with what stands before the text. espeak-ng comes
first: it begins sooner, and ends with its last word."""


def find_program() -> str:
    """The program that can speak here; empty when there is none."""
    return next((name for name in PROGRAMS if shutil.which(name)), "")


class ProgramVoice:
    """Speaks by one of `PROGRAMS`."""

    def __init__(self, program: str, environment: Mapping[str, str] | None = None) -> None:
        """`environment`: what is set for the program besides (`PULSE_SINK`)."""
        self._program = program
        self._environment = dict(environment or {})
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def say(self, text: str) -> None:
        """Raises:
        DeviceLost: the program cannot be started.
        """
        # A text is never an option, and holds no markup of the program's own.
        plain = re.sub(r"[<>\[\]{}\\|]", " ", text).strip().lstrip("-")
        if not plain:
            return
        try:
            with self._lock:
                self._process = process = subprocess.Popen(
                    [self._program, *PROGRAMS[self._program], plain],
                    env={**os.environ, **self._environment},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
        except OSError as error:
            raise DeviceLost("Nothing can be said aloud here. It stands in the window.") from error
        process.wait()
        with self._lock:
            self._process = None

    def stop(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
