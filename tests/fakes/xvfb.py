"""A real X server without a screen, and a program of another process that shows windows on it."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest


class Xvfb:
    """A virtual display on a free number; its name is `display`. Use it in a `with`."""

    def __init__(self, width: int = 800, height: int = 600) -> None:
        program = shutil.which("Xvfb")
        if program is None:
            pytest.skip("Xvfb is not installed")
        reading, writing = os.pipe()
        screen = f"{width}x{height}x24"
        self._process = subprocess.Popen(
            [
                program,
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                screen,
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as answer:
            self.display = f":{answer.readline().strip()}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class WindowProgram:
    """Another program's windows: plain colours under given titles. Use it in a `with`."""

    def __init__(self, display: str, application: str) -> None:
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), application],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def show(
        self,
        title: str,
        box: tuple[int, int, int, int],
        colour: str,
        *,
        popup: bool = False,
        text: str = "",
    ) -> None:
        """Show a window (or a `popup` without title bar), in front of all others."""
        self._ask("show", title, box, colour, popup, text)

    def move(self, title: str, box: tuple[int, int, int, int]) -> None:
        self._ask("move", title, box)

    def rename(self, title: str, new: str) -> None:
        self._ask("rename", title, new)

    def close(self, title: str) -> None:
        self._ask("close", title)

    def _ask(self, *what: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n", "the window program has ended"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=10)


def _main(application: str) -> None:
    """The program itself: one order a line on standard input, `done` for each."""
    from PySide6.QtCore import QRect, QSocketNotifier, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication([application])
    app.setApplicationName(application)
    app.setQuitOnLastWindowClosed(False)
    windows: dict[str, QLabel] = {}

    def obey() -> None:
        line = sys.stdin.readline()
        if not line:
            app.quit()
            return
        order, title, *rest = json.loads(line)
        if order == "show":
            box, colour, popup, text = rest
            flags = Qt.WindowType.ToolTip if popup else Qt.WindowType.Window
            window = windows[title] = QLabel(text, None, flags)
            window.setWindowTitle(title)
            window.setStyleSheet(f"background: {colour}; color: black; font: 28px;")
            window.setGeometry(QRect(*box))
            window.show()
            window.raise_()
            QTest.qWaitForWindowExposed(window)
        elif order == "move":
            windows[title].setGeometry(QRect(*rest[0]))
        elif order == "rename":
            windows[rest[0]] = windows.pop(title)
            windows[rest[0]].setWindowTitle(rest[0])
        else:
            windows.pop(title).close()
        app.processEvents()
        app.sync()
        print("done", flush=True)

    orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    orders.activated.connect(obey)
    app.exec()


if __name__ == "__main__":
    _main(sys.argv[1])
