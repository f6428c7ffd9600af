"""Starts the window, and (for `--smoke`) proves that a picture appears in it."""

import logging
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.facts import SourceSpec
from engine.ports.assistant import Assistant
from engine.ports.memory import GalleryFiles
from engine.ports.shelf import FollowPreparation, ModelChooser, ModelShelf
from ui.preferences import Preferences
from ui.window import MainWindow

log = logging.getLogger(__name__)

SWITCH_S = 0.001
"""How long the interpreter lets one thread go on while others wait. Drawing gives its turn up many
times in one picture, and with the usual 5 ms each time, another thread at work holds the window up
nearly twice as long (`nacre bench window`)."""
SMOKE_SHOWS_MS = 2000
SMOKE_WAITS_MS = 20_000
FIRST_PICTURE = "the first picture is on the screen"


def application() -> QApplication:
    """The one QApplication; its name is also the class of the window under X."""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    sys.setswitchinterval(SWITCH_S)
    app = QApplication([sys.argv[0] or "nacre"])
    app.setApplicationName("nacre")
    app.setApplicationDisplayName("Nacre")
    app.setDesktopFileName("nacre")
    return app


def run(
    assistant: Assistant,
    shelf: ModelShelf,
    preferences: Preferences,
    *,
    smoke: bool = False,
    open_first: SourceSpec | None = None,
    preparation: FollowPreparation | None = None,
    chooser: ModelChooser | None = None,
    files: GalleryFiles | None = None,
) -> int:
    """Show the window until it is closed. Without `open_first`, the bundled clip plays. How
    `preparation` stands is told in it.

    With `smoke`, shows `open_first` for 2 s after its first picture was painted, then closes:
    0, or 1 when no picture came within 20 s.
    """
    app = application()
    window = MainWindow(assistant, shelf, preferences, preparation, chooser, files=files)
    # `nacre bench start` reads the time of this line.
    window.first_painted.connect(lambda: log.info(FIRST_PICTURE))
    window.show()
    if open_first is not None:
        window.open_source(open_first, consented=smoke)
    else:
        window.open_default()
        window.watch.voice.start()
    return _smoke(app, window) if smoke else app.exec()


def _smoke(app: QApplication, window: MainWindow) -> int:
    outcome = 1
    limit = QTimer(window, singleShot=True, interval=SMOKE_WAITS_MS)
    limit.timeout.connect(window.close)

    def seen() -> None:
        nonlocal outcome
        outcome = 0
        limit.stop()
        QTimer.singleShot(SMOKE_SHOWS_MS, window, window.close)

    window.first_painted.connect(seen)
    window.watching.refused.connect(window.close)
    limit.start()
    app.exec()
    return outcome
