"""The program itself, as a person starts it: in a process of its own, with a home and a data folder
of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

import keyring.backends.fail

from engine.memory.archive import SqlCipherArchive
from engine.memory.opening import open_archive
from tests.fakes.waiting import wait_for

ROOT = Path(__file__).parents[2]
NOT_PASSED_ON = ("NACRE_", "XDG_", "QT_", "PYTHON", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_")

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Line]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Program:
    """`nacre` on one data folder. The key of its memory lies in a file, so that no keyring of this
    machine is touched."""

    home: Path
    display: str = ""
    extra: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(NOT_PASSED_ON)}
        kept |= {
            "HOME": str(self.home),
            "NACRE_DATA_DIR": str(self.data),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "PYTHONUNBUFFERED": "1",
        }
        return kept | ({"DISPLAY": self.display} if self.display else {}) | self.extra

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "app", *map(str, arguments)]

    def run(self, *arguments: str | Path, limit_s: float = 120, code: int | None = None) -> Said:
        """Run a command to its end; `code`, where given, is what it must exit with."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        said = Said(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in said.err, said.err
        assert code is None or said.code == code, said
        return said

    def do(self, *arguments: str | Path, limit_s: float = 120) -> Said:
        """Run a command that must succeed and complain of nothing."""
        said = self.run(*arguments, limit_s=limit_s, code=0)
        assert said.err == "", said.err
        return said

    def ask(self, question: str) -> Line:
        """The answer to a question, asked in a process of its own."""
        answer: Line = self.do("ask", question, "--json").json
        return answer

    def start(self, *arguments: str | Path) -> "Started":
        return Started(self, arguments)

    def archive(self) -> SqlCipherArchive:
        """The memory itself, for reading."""
        return open_archive(self.data, keyring=keyring.backends.fail.Keyring())

    @property
    def key(self) -> bytes:
        """The key of the memory."""
        return bytes.fromhex((self.data / "memory.key").read_text("ascii").strip())


class Started:
    """A command that runs; what it prints is collected as it comes. Use it in a `with`: at its end
    the process is gone."""

    def __init__(self, program: Program, arguments: Sequence[str | Path]) -> None:
        self.process = subprocess.Popen(
            program.command(*arguments),
            cwd=ROOT,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.printed: list[str] = []
        self._complaints: list[str] = []
        self._readers = [
            Thread(target=self._read, args=(self.process.stdout, self.printed)),
            Thread(target=self._read, args=(self.process.stderr, self._complaints)),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, into: list[str]) -> None:
        with stream:
            for line in stream:
                into.append(line)

    @property
    def lines(self) -> list[Line]:
        """The events so far; a line cut off by a kill is not one of them."""
        return [json.loads(line) for line in tuple(self.printed) if line.endswith("\n")]

    @property
    def err(self) -> str:
        return "".join(self._complaints)

    def events(self, name: str, source: str | None = None) -> list[Line]:
        return [
            line
            for line in self.lines
            if line["event"] == name and source in (None, line.get("source"))
        ]

    def until(self, holds: Callable[["Started"], Any], what: str, *, limit_s: float = 60) -> Any:
        """Wait until it holds.

        Raises:
            AssertionError: it does not in time, or the process ends before it does.
        """

        def looked() -> Any:
            over = self.process.poll() is not None
            held = holds(self)
            assert held or not over, f"{what}: the program ended before: {self.err or self.lines}"
            return held

        return wait_for(looked, limit_s=limit_s, what=f"{what}; so far {self.printed} {self.err}")

    def states(self, source: str | None = None) -> list[str]:
        return [line["state"] for line in self.events("source", source)]

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self._gone()

    def stop(self, limit_s: float = 60) -> int:
        """Ctrl-C, the polite way of ending it; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait(limit_s)

    def wait(self, limit_s: float = 120) -> int:
        """The exit code, when it has ended by itself."""
        code = self.process.wait(limit_s)
        self._gone()
        assert "Traceback" not in self.err, self.err
        return code

    def _gone(self) -> None:
        self.process.wait(10)
        for reader in self._readers:
            reader.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._gone()
