"""The gallery as one encrypted file: written, and taken in."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.messages import Event, Failed, ImportConcepts
from engine.ports.memory import GalleryFiles
from ui.bridge import Bridge
from ui.dialogs import ask_text
from ui.wording import count

ENDING = ".nacre"
KIND = f"Nacre gallery (*{ENDING});;All files (*)"
SHORTEST = 8
Say = Callable[[str, bool], None]
"""A sentence about how it went, and whether it went badly."""


def export(page: QWidget, bridge: Bridge, files: GalleryFiles, say: Say) -> None:
    """Ask for a passphrase, twice, and a place; write it."""
    first: list[str] = []

    def agreed(typed: str) -> str:
        if typed != first[0]:
            return "That is not the same. Type the passphrase again."
        path, _ = QFileDialog.getSaveFileName(page, "Export the gallery", f"gallery{ENDING}", KIND)
        if path:
            place = Path(path if Path(path).suffix else f"{path}{ENDING}")
            say("Writing …", False)
            bridge.read(
                lambda: files.write(place, typed),
                page,
                lambda number: say(_written(number, place), False),
                lambda why: say(why, True),
            )
        return ""

    def again(typed: str) -> str:
        if len(typed) < SHORTEST:
            return f"It needs at least {SHORTEST} characters."
        first[:] = [typed]
        _ask(page, "Export the gallery", "The same passphrase again", "Choose a file …", agreed)
        return ""

    _ask(page, "Export the gallery", "A passphrase: without it nobody can open it", "Next", again)


def take_in(page: QWidget, bridge: Bridge, files: GalleryFiles, say: Say) -> None:
    """Ask for a file and its passphrase; take in what it holds, which Undo takes back."""
    path, _ = QFileDialog.getOpenFileName(page, "Import a gallery", "", KIND)
    if not path:
        return

    def taken(command: ImportConcepts) -> None:
        def done(_: Event) -> None:
            names = count(len(command.concepts), "name was", "names were")
            say(f"{names} taken in. Undo takes them back.", False)

        def failed(failed: Failed) -> None:
            say(failed.reason, True)

        bridge.request(command, page, done, failed)

    def opened(typed: str) -> str:
        say("Opening …", False)
        read = partial(files.read, Path(path), typed)
        bridge.read(read, page, taken, lambda why: say(why, True))
        return ""

    _ask(page, f"Import “{Path(path).name}”", "Its passphrase", "Import", opened)


def _ask(page: QWidget, title: str, text: str, yes: str, check: Callable[[str], str]) -> None:
    ask_text(page, title=title, text=text, yes=yes, check=check, secret=True)


def _written(number: int, path: Path) -> str:
    names = count(number, "name is", "names are")
    return f"{names} in “{path.name}”. Keep the passphrase: without it nobody can open it."
