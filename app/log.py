"""Logging, set up once: a rotating file, crashes of native code, exceptions nobody caught.

Nothing of the user's (names, paths, words, pictures) belongs in a log; modules log what happened,
not to whom.
"""

import faulthandler
import logging
import sys
import threading
import traceback
from copy import copy
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

log = logging.getLogger(__name__)

FORMAT = "%(asctime)s %(levelname)s %(processName)s/%(threadName)s %(name)s: %(message)s"
MAX_BYTES = 1_000_000
KEPT_FILES = 3


class _Private(logging.Formatter):
    """Leaves the texts of exceptions out: they quote names and paths of the user."""

    def format(self, record: logging.LogRecord) -> str:
        mine = copy(record)
        mine.exc_text = None  # what another handler made of it, with the text
        return super().format(mine)

    def formatException(self, ei: object) -> str:  # noqa: N802 (name of the base class)
        error = ei[1] if isinstance(ei, tuple) else None  # pyright: ignore[reportUnknownVariableType]
        return where(error) if isinstance(error, BaseException) else ""


def where(error: BaseException) -> str:
    """The kind of an exception and the lines it passed through, without its text."""
    lines = [
        f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join([type(error).__name__, *lines])


_ours: list[logging.Handler] = []
_crashes: list[TextIO] = []


def set_up(folder: Path, *, debug: bool = False) -> None:
    """Log into `folder`; one that cannot be written into only costs the log."""
    tear_down()
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for noisy in ("httpx", "httpcore", "PIL", "RapidOCR"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    handler: logging.Handler
    try:
        crashes = (folder / "crash.log").open("a", encoding="utf-8")
        handler = RotatingFileHandler(
            folder / "nacre.log",
            maxBytes=MAX_BYTES,
            backupCount=KEPT_FILES,
            encoding="utf-8",
            delay=True,
        )
    except OSError:
        handler = logging.NullHandler()
    else:
        _crashes.append(crashes)
        faulthandler.enable(crashes)
        handler.setFormatter(_Private(FORMAT))
    _ours.append(handler)
    root.addHandler(handler)
    _hook(debug=debug)


def tear_down() -> None:
    """Take back what `set_up` did."""
    for handler in _ours:
        logging.getLogger().removeHandler(handler)
        handler.close()
    _ours.clear()
    if _crashes:
        faulthandler.disable()
        _crashes.pop().close()
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__


def _hook(*, debug: bool) -> None:
    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("uncaught: %s", where(error.with_traceback(trace)))
        if debug:
            sys.__excepthook__(kind, error, trace)
        else:
            print(f"nacre: unexpected error ({kind.__name__}); see the log", file=sys.stderr)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
