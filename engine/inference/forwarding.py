"""Log lines of the model's process, on their way to the window's: without paths, and without the
texts of exceptions."""

import logging
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from engine.inference import protocol

_LINES_AT_ONCE = 200


def where(error: BaseException) -> str:
    """The kind of an exception and the lines it passed through, without its text, which may quote
    what the user has."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    return " < ".join([type(error).__name__, *reversed(lines)])


class Forwarding(logging.Handler):
    """Sends log lines to the window's process, without paths and without texts of exceptions."""

    def __init__(self, report: Callable[[protocol.Report], None]) -> None:
        super().__init__()
        self._send = report
        self._hidden: list[tuple[str, str]] = [(str(Path.home()), "~")]
        self._left = _LINES_AT_ONCE
        self._since = time.monotonic()

    def hide(self, load: protocol.Load) -> None:
        """Never quote where the model lies."""
        for file, name in ((load.projector, "PROJECTOR"), (load.model, "MODEL")):
            if file:
                self._hidden[:0] = [(file, name), (str(Path(file).resolve().parent), "…")]

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        if now - self._since > 10:
            self._since, self._left = now, _LINES_AT_ONCE
        self._left -= 1
        if self._left < 0:
            return
        text = f"{record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            text += f" ({where(record.exc_info[1])})"
        for path, instead in self._hidden:
            text = text.replace(path, instead)
        self._send(protocol.Logged(level=min(record.levelno, 50), text=text[:2000]))
