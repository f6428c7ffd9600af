"""Arguments, start, exit code: 0 done, 1 failed (one line on standard error), 2 wrong usage."""

import contextlib
import logging
import multiprocessing
import os
import sys
import traceback
from collections.abc import Sequence

import click

from engine.errors import EngineError

log = logging.getLogger(__name__)

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; every failure ends here as one line of words."""
    from app.cli.root import Invocation, nacre

    invocation = Invocation()
    try:
        code = nacre.main(
            args=None if argv is None else list(argv),
            prog_name="nacre",
            standalone_mode=False,
            obj=invocation,
        )
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        return _tell(_usage(error), error.exit_code, invocation.debug)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except EngineError as error:
        return _tell(str(error), 1, invocation.debug)
    except (OSError, MemoryError) as error:
        return _tell(_system(error), 1, invocation.debug)
    except Exception as error:  # noqa: BLE001 (the outermost handler of the process)
        return _tell(_unexpected(error), 1, invocation.debug)
    return code if isinstance(code, int) else 0


def _usage(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".") + "."
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return f"{text} See `{ctx.command_path} --help`." if ctx else text


def _system(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory for this. What was kept before is safe."
    what = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {what}" if error.filename else what


def _unexpected(error: Exception) -> str:
    from app.log import where

    log.error("unexpected: %s", where(error))
    return (
        f"something went wrong inside ({type(error).__name__}). What was kept before is safe. "
        "--debug shows where."
    )


def _tell(text: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    with contextlib.suppress(BrokenPipeError):
        print(f"nacre: {' '.join(text.split())}", file=sys.stderr, flush=True)
    return code


def _silence_stdout() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    # In the frozen program a child process starts here, too.
    multiprocessing.freeze_support()
    sys.exit(main())
