"""Windows on the screen, and which of them must never be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.media import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A visible window. Boxes are in pixels of the whole desktop."""

    id: int
    title: str
    applications: tuple[str, ...]
    """What the program calls itself (on X11 both parts of WM_CLASS)."""
    pid: int | None
    box: Box
    opaque: tuple[Box, ...]
    """Parts through which nothing behind can be seen."""
    parent: int | None = None
    """The window this one belongs to, for dialogs and menus."""
    popup: bool = False
    """A menu, a tooltip or the like, not a window of its own."""


class WindowList(Protocol):
    """What the desktop tells about its windows. Used by one thread."""

    def windows(self) -> Sequence[Window]:
        """Visible windows, the frontmost first.

        Raises:
            DeviceLost: the desktop is gone.
        """
        ...

    def close(self) -> None: ...


PRIVATE_APPLICATIONS = (
    "1password",
    "authenticator",
    "bitwarden",
    "buttercup",
    "dashlane",
    "enpass",
    "gcr-prompter",
    "gnome-passwordsafe",
    "kdewallet",
    "keepass",
    "keepassx",
    "keeper",
    "kwalletd",
    "kwalletmanager",
    "lastpass",
    "nordpass",
    "passwordsafe",
    "pinentry",
    "polkit",
    "proton pass",
    "roboform",
    "seahorse",
    "secrets",
    "tor browser",
)
"""Password managers, prompts for passwords, and the browser that keeps nothing."""

PRIVATE_TITLES = (
    "(incognito)",
    "(inprivate)",
    "(private)",
    "[inprivate]",
    "incognito mode",
    "inprivate browsing",
    "navegación privada",
    "navigation privée",
    "private browsing",
    "privater modus",
    "privates fenster",
    "tor browser",
    "- incognito",
    "- inprivate",
    "1password",
    "bitwarden",
    "keepass",
    "lastpass",
)
"""What browsers write into the titles of private windows, and password managers into theirs."""

_OWN_NAME = "nacre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusions:
    """What is painted over before a picture leaves the screen source.

    Applications are matched at the start of what a program calls itself, titles anywhere; both
    without regard to case. Nacre's own windows are always excluded: those of the processes
    `own_pids`, and every window whose program calls itself Nacre.
    """

    applications: tuple[str, ...] = PRIVATE_APPLICATIONS
    titles: tuple[str, ...] = PRIVATE_TITLES
    own_pids: frozenset[int] = frozenset()

    def hides(self, window: Window) -> bool:
        """Whether this window, looked at alone, must not be seen."""
        names = [name.casefold() for name in window.applications]
        if window.pid in self.own_pids or _OWN_NAME in names:
            return True
        title = window.title.casefold()
        return any(text.casefold() in title for text in self.titles if text) or any(
            _begins(name, text.casefold()) for name in names for text in self.applications if text
        )


def _begins(name: str, text: str) -> bool:
    """`org.keepassxc.KeePassXC` begins with `keepassx`, as far as people are concerned."""
    return name.startswith(text) or name.rpartition(".")[2].startswith(text)


def hidden_ids(windows: Sequence[Window], exclusions: Exclusions) -> frozenset[int]:
    """The excluded windows, with the dialogs, menus and tooltips that belong to them."""
    hidden = {window.id for window in windows if exclusions.hides(window)}
    pids = {window.pid for window in windows if window.id in hidden and window.pid is not None}
    grown = True
    while grown:
        more = {
            window.id
            for window in windows
            if window.id not in hidden
            and (window.parent in hidden or (window.popup and window.pid in pids))
        }
        hidden |= more
        grown = bool(more)
    return frozenset(hidden)


def visible_parts(windows: Sequence[Window], ids: frozenset[int]) -> tuple[Box, ...]:
    """The parts of these windows that no opaque window in front covers. Rather too much than too
    little: what might shine through counts as visible."""
    parts: list[Box] = []
    in_front: list[Box] = []
    for window in windows:
        if window.id in ids:
            left = [window.box]
            for cover in in_front:
                left = [piece for box in left for piece in _without(box, cover)]
            parts += left
        in_front += window.opaque
    return tuple(parts)


def _without(box: Box, cover: Box) -> list[Box]:
    """What is left of a box when another one covers it: at most four pieces."""
    if not box.intersection(cover):
        return [box]
    right, bottom = box.x + box.w, box.y + box.h
    top_edge, bottom_edge = max(box.y, cover.y), min(bottom, cover.y + cover.h)
    pieces = [
        Box(box.x, box.y, box.w, top_edge - box.y),
        Box(box.x, bottom_edge, box.w, bottom - bottom_edge),
        Box(box.x, top_edge, cover.x - box.x, bottom_edge - top_edge),
        Box(cover.x + cover.w, top_edge, right - cover.x - cover.w, bottom_edge - top_edge),
    ]
    return [piece for piece in pieces if piece.w > 0 and piece.h > 0]
