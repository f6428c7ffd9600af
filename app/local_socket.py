"""Requests and replies between two processes of one user: JSON over a local socket.

On Unix the socket lies in the data folder, whose mode 0700 keeps everybody else out; on Windows
it is a named pipe, which only its user may write into. Nothing is ever unpickled.
"""

import contextlib
import hashlib
import json
import logging
import os
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, cast

from app.log import where
from app.paths import Paths
from engine.errors import ConfigError, EngineError, StoreLocked

log = logging.getLogger(__name__)

MESSAGE_BYTES_MAX = 64 * 1024**2
PATH_BYTES_MAX = 100
"""Addresses of local sockets hold 104 to 108 bytes, by system."""
SILENCE_MAX_S = 30
"""A peer that neither writes nor reads for so long is hung up on."""
REPLY_WAIT_S = 180
VISITORS_MAX = 16

Handler = Callable[[object], dict[str, Any]]


@contextlib.contextmanager
def _address(path: Path) -> Generator[str]:
    """An address for this socket that the system accepts, also where the path is too long."""
    if os.name == "nt":
        yield rf"\\.\pipe\nacre-{hashlib.sha256(os.fsencode(path)).hexdigest()[:24]}"
    elif len(os.fsencode(path)) <= PATH_BYTES_MAX:
        yield str(path)
    elif sys.platform == "linux":
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{folder}/{path.name}"
        finally:
            os.close(folder)
    else:
        yield str(_stand_in(path))


def _stand_in(path: Path) -> Path:
    """A short path in a private folder, for systems that cannot name a folder by a number."""
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"nacre-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise ConfigError(
            f"The folder {folder} belongs to somebody else, so Nacre cannot be reached there. "
            "Choose a data folder with a shorter path."
        )
    return folder / path.name


class Server:
    """Lets other processes of the user reach `handler`, each in a thread of its own.

    Only the process that holds the claim on the data folder may make one.
    """

    def __init__(self, paths: Paths, handler: Handler) -> None:
        self._path = paths.socket
        self._handler = handler
        self._closing = threading.Event()
        self._room = threading.BoundedSemaphore(VISITORS_MAX)
        if os.name == "posix":
            self._path.unlink(missing_ok=True)
        with _address(self._path) as address:
            family = "AF_PIPE" if os.name == "nt" else "AF_UNIX"
            self._listener = Listener(address, family, backlog=VISITORS_MAX)
        self._thread = threading.Thread(target=self._accept, name="office", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more requests. Those under way are let finish by their own threads."""
        if self._closing.is_set():
            return
        self._closing.set()
        with contextlib.suppress(OSError, EngineError), _connected(self._path):
            pass  # wakes the accepting thread
        self._thread.join(timeout=5)
        with contextlib.suppress(OSError):
            self._listener.close()
        if os.name == "posix":
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                if self._closing.wait(0.1):
                    return
                continue
            if self._closing.is_set() or not self._room.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(
                target=self._serve, args=(connection,), name="visitor", daemon=True
            ).start()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                _limit_silence(connection)
                connection.send_bytes(_packed(self._reply(connection)))
        except (OSError, EOFError):
            log.info("a visitor left before the reply")
        finally:
            self._room.release()

    def _reply(self, connection: Connection) -> dict[str, Any]:
        if not connection.poll(SILENCE_MAX_S):
            raise EOFError
        data = connection.recv_bytes(MESSAGE_BYTES_MAX)
        try:
            return self._handler(json.loads(data))
        except (ValueError, RecursionError):
            reason = "The request is not JSON. Nothing was done."
            return {"ok": False, "error": "ConfigError", "reason": reason}
        except Exception as error:  # noqa: BLE001 (the outermost handler of this thread)
            log.error("a request failed: %s", where(error))
            reason = "The running Nacre could not do this; its log says where."
            return {"ok": False, "error": "EngineError", "reason": reason}


def call(paths: Paths, request: dict[str, Any], *, wait_s: float | None = None) -> dict[str, Any]:
    """Ask the process that holds the data folder; it has `REPLY_WAIT_S` to answer, or `wait_s`.

    Raises:
        ConnectionError, FileNotFoundError: nobody listens there (yet, or any more).
        StoreLocked: somebody does, and did not answer.
        ConfigError: the request is too large.
    """
    wait_s = REPLY_WAIT_S if wait_s is None else wait_s
    data = _packed(request)
    if len(data) > MESSAGE_BYTES_MAX:
        raise ConfigError("The request is too large to be handed over. Nothing was done.")
    with _connected(paths.socket) as connection:
        _limit_silence(connection)
        try:
            connection.send_bytes(data)
            if not connection.poll(wait_s):
                raise StoreLocked(
                    f"The running Nacre did not answer within {wait_s:g} s. "
                    "It may still do what was asked."
                )
            reply = json.loads(connection.recv_bytes(MESSAGE_BYTES_MAX))
        except (OSError, EOFError, ValueError):
            raise StoreLocked(
                "The running Nacre ended before it answered. It may or may not have done what "
                "was asked. Look, and ask again."
            ) from None
    return cast(dict[str, Any], reply) if isinstance(reply, dict) else {}


def _connected(path: Path) -> Connection:
    with _address(path) as address:
        return Client(address, "AF_PIPE" if os.name == "nt" else "AF_UNIX")


def _limit_silence(connection: Connection) -> None:
    if os.name != "posix":
        return
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        limit = struct.pack("ll", SILENCE_MAX_S, 0)
        same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _packed(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")


def answers(paths: Paths) -> bool:
    """Whether somebody listens there now."""
    try:
        _connected(paths.socket).close()
    except OSError:
        return False
    return True
