"""The language model's engine is compiled behind the open window; this runs that and tells how it
stands (docs/decisions/0004-engine-built-behind-the-window.md).

`make run` asks for it through a variable of the environment: `nacre` alone builds nothing.
"""

import importlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread

import psutil

from app.paths import resources
from engine.ports.shelf import Preparation

BUILD_VARIABLE = "NACRE_MODEL_BUILD"
STOP_S = 5.0
_PERCENT = re.compile(r"engine: (\d+) %")
_FAILED = "could not be prepared. "

Told = Callable[[Preparation], None]


class ModelBuild:
    """One run of a build command, in a process group of its own. One use each."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._now = Preparation(state="absent")
        self._followers: tuple[Told, ...] = ()
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread: Thread | None = None
        self._stopped = False

    @property
    def now(self) -> Preparation:
        return self._now

    def follow(self, told: Told) -> Callable[[], None]:
        """`told` hears how it stands, now and whenever that changes, in any thread, until what
        is returned was called."""

        def end() -> None:
            with self._lock:
                self._followers = tuple(one for one in self._followers if one is not told)

        with self._lock:
            self._followers = (*self._followers, told)
        told(self._now)
        return end

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._thread = Thread(
            target=self._read, args=(self._process,), name="model-build", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End it if it still runs. What was compiled is kept: the next build goes on from there."""
        process, thread = self._process, self._thread
        if process is None or thread is None:
            return
        if process.poll() is None:
            self._stopped = True
            _end(process)
        thread.join(STOP_S)

    def _read(self, process: subprocess.Popen[str]) -> None:
        last = ""
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                last = line.strip() or last
                self._progress(line)
        code = process.wait()
        if self._stopped:
            self._tell(Preparation(state="absent", percent=self._now.percent))
        elif code == 0:
            importlib.invalidate_caches()
            self._tell(Preparation(state="ready", percent=100))
        else:
            self._tell(Preparation(state="failed", reason=last.partition(_FAILED)[2] or last))

    def _progress(self, line: str) -> None:
        if "preparing" in line:
            found = _PERCENT.search(line)
            percent = int(found[1]) if found else self._now.percent
            self._tell(Preparation(state="building", percent=percent))

    def _tell(self, now: Preparation) -> None:
        if now != self._now:
            self._now = now
            for told in self._followers:
                told(now)


def _end(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return


def wanted_build(environ: Mapping[str, str] = os.environ) -> ModelBuild | None:
    """The build that `make run` asks for; None: nobody did, or there is nothing to build from."""
    script = resources() / "installers" / "setup.sh"
    if not environ.get(BUILD_VARIABLE) or not script.is_file():
        return None
    return ModelBuild(("sh", str(script), "model"))


@contextmanager
def built_behind(
    build: ModelBuild | None, *, ready: Callable[[], None], say: Callable[[str], None]
) -> Generator[None]:
    """Run the build, if there is one, until the end of the block. `ready` is called when the
    engine is there and was not before; `say` with a line for the console now and then."""
    if build is None:
        yield
        return
    unfollow = build.follow(_Console(say, ready).hear)
    build.start()
    try:
        yield
    finally:
        build.close()
        unfollow()


class _Console:
    """Every tenth percent, and how it ended."""

    def __init__(self, say: Callable[[str], None], ready: Callable[[], None]) -> None:
        self._say, self._ready = say, ready
        self._began = False
        self._next = 0

    def hear(self, now: Preparation) -> None:
        if now.state == "building":
            self._began = True
            if now.percent >= self._next:
                self._next = now.percent // 10 * 10 + 10
                self._say(f"preparing the language model engine: {now.percent} %")
        elif now.state == "failed":
            self._say(f"the language model engine could not be prepared. {now.reason}")
        elif self._began and now.state == "ready":
            self._say("the language model engine is ready")
            self._ready()
        elif self._began:
            self._say(
                f"the language model engine is at {now.percent} %; the next `make run` goes on"
            )


def engine_installed() -> bool:
    """Whether llama.cpp is there; nothing of it is loaded."""
    return importlib.util.find_spec("llama_cpp") is not None


def standing(environment: Path | None = None) -> Preparation:
    """How the engine stands in this installation, whoever builds it. `environment`: where the
    set-up keeps its notes, by default the environment of this Python."""
    notes = (environment or Path(sys.prefix)) / "nacre-model"
    word, _, rest = _read_text(notes.with_name("nacre-model.state")).partition(" ")
    if word == "building":
        percent, _, process = rest.partition(" ")
        alive = process.isdigit() and psutil.pid_exists(int(process))
        return Preparation(
            state="building" if alive else "absent",
            percent=int(percent) if percent.isdigit() else 0,
        )
    if word == "failed":
        return Preparation(state="failed", reason=rest)
    if engine_installed():
        return Preparation(state="ready", percent=100)
    return Preparation(state="absent")


def built_for(environment: Path | None = None) -> str:
    """What the installed engine was compiled for: `cpu`, `cuda`, `vulkan` or `metal`; empty where
    the set-up has noted nothing, as in the frozen program."""
    return _read_text((environment or Path(sys.prefix)) / "nacre-model").partition(" ")[0]


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
