"""Logging, set up once: a rotating file, crashes of native code, exceptions nobody caught.

Nothing of the user's (names, paths, words, pictures) belongs in a log; modules log what happened,
not to whom.
"""

import faulthandler
import logging
import sys
import threading
import traceback
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


def set_up(folder: Path, *, debug: bool = False) -> None:
    """Log into `folder`; a folder that cannot be written into only costs the log."""
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for noisy in ("httpx", "httpcore", "PIL", "RapidOCR"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        handler = RotatingFileHandler(
            folder / "nacre.log",
            maxBytes=MAX_BYTES,
            backupCount=KEPT_FILES,
            encoding="utf-8",
            delay=True,
        )
        crashes: TextIO = (folder / "crash.log").open("a", encoding="utf-8")
    except OSError:
        root.addHandler(logging.NullHandler())
        return
    handler.setFormatter(_Private(FORMAT))
    root.addHandler(handler)
    faulthandler.enable(crashes)
    _hook(debug=debug)


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
