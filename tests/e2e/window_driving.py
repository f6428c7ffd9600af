"""Nacre's window in the hands of a person: what stands in it, clicks and keys."""

import re
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TypeVar

from jeepney import DBusErrorResponse

from engine.media import Image
from tests.e2e.window_desktop import Desktop
from tests.e2e.window_tree import ENABLED, FOCUSED, REGISTRY, ROOT, Node, Place
from tests.fakes.program import Program, Started

LIMIT_S = 45.0

T = TypeVar("T")


class Driven:
    """A window of the program in a process of its own. Use it in a `with`."""

    def __init__(self, nacre: Program, desktop: Desktop) -> None:
        nacre.extra |= desktop.environment
        self.desktop = desktop
        self.program = nacre
        self._started = Started(nacre, ())
        self._root: Node | None = None

    @property
    def root(self) -> Node:
        """The application, once it can be reached."""
        if self._root is None:
            self._root = self.until(self._application, "the window's accessible tree")
        return self._root

    def _application(self) -> Node | None:
        registry = Node(self.desktop, REGISTRY, ROOT)
        return next((n for n in registry.children() if n.name == "nacre"), None)

    def everything(self) -> list[Node]:
        """All that is shown, from the outside in."""
        return list(self.root.shown())

    def every(self, name: str, role: str = "") -> list[Node]:
        """What is shown under a name (a regular expression for the whole of it)."""
        fits = re.compile(name, re.DOTALL)
        return [n for n in self.everything() if fits.fullmatch(n.name) and role in ("", n.role)]

    def find(self, name: str, role: str = "") -> Node | None:
        found = self.every(name, role)
        return found[-1] if found else None

    def wait(self, name: str, role: str = "", limit_s: float = LIMIT_S) -> Node:
        """What is shown under this name, as soon as it is."""
        return self.until(lambda: self.find(name, role), f"{role} {name!r} to be shown", limit_s)

    def gone(self, name: str, role: str = "") -> None:
        """Wait until nothing is shown under this name."""
        self.until(lambda: not self.every(name, role), f"{role} {name!r} to be gone")

    def until(self, holds: Callable[[], T | None], what: str, limit_s: float = LIMIT_S) -> T:
        """The first true value; the window must live until then."""

        def looked() -> T | None:
            assert self._started.process.poll() is None, f"the window ended: {self._started.err}"
            try:
                return holds()
            except DBusErrorResponse:
                return None

        pause, end = Event(), monotonic() + limit_s
        while monotonic() < end:
            if value := looked():
                return value
            pause.wait(0.05)
        self.desktop.look("failed")
        shown = [f"{n.role} {n.name!r}" for n in self.everything() if n.name]
        raise AssertionError(f"waited {limit_s:.0f} s in vain for {what}; shown are {shown}")

    def click(self, what: str | Node | tuple[int, int], role: str = "") -> None:
        """Move the mouse there and press its left button."""
        if isinstance(what, str):
            what = self._at_rest(what, role)
        x, y = what.place.centre if isinstance(what, Node) else what
        self.desktop.press("mousemove", x, y, "click", 1)

    def _at_rest(self, name: str, role: str) -> Node:
        """What can be clicked and does not move any more."""
        seen: list[Place] = []

        def rests() -> Node | None:
            node = self.find(name, role)
            if node is None or not node.has(ENABLED):
                return None
            seen.append(node.place)
            return node if len(seen) > 1 and seen[-1] == seen[-2] else None

        return self.until(rests, f"{role} {name!r} to be ready for a click")

    def key(self, *keys: str) -> None:
        self.desktop.press("key", "--clearmodifiers", *keys)

    def tab_to(self, name: str, role: str = "", most: int = 60) -> None:
        """Press Tab until it has the focus; a page scrolls to it by itself."""
        wanted = self.wait(name, role)
        for _ in range(most):
            if wanted.has(FOCUSED):
                return
            self.key("Tab")
        raise AssertionError(f"{name!r} cannot be reached by Tab")

    def type(self, text: str, *, enter: bool = True) -> None:
        self.desktop.press("type", "--delay", 15, text)
        if enter:
            self.key("Return")

    def say(self, text: str) -> None:
        """Type a line into the conversation."""
        self.click("Ask or say something", "text")
        self.type(text)

    def open_file(self, path: Path) -> None:
        """Choose a recording as a person does: picker, menu, file name."""
        self.choose_source("Open file…")
        self.wait("File &?name:", "text")
        self.type(str(path))
        self.wait(f"Source: {path.stem}", "button menu")

    def choose_source(self, item: str) -> None:
        """Open the menu of sources and click an item. Qt leaves menus out of the tree, so the
        menu is found by way of the item that has the focus after an arrow key."""
        self.click("Source: .*", "button menu")
        self.until(self.desktop.menus, "the menu of sources")
        self.desktop.focused()

        def found() -> Node | None:
            self.key("Down")
            focused = self.desktop.focused()
            menu = Node(self.desktop, *focused).parent() if focused else None
            fits = [n for n in menu.children() if n.name == item] if menu else []
            return fits[0] if fits and fits[0].role == "menu item" else None

        self.click(self.until(found, f"{item!r} in the menu of sources"))
        self.until(lambda: not self.desktop.menus(), "the menu to close")

    def picture(self) -> Image:
        """The pixels of the preview."""
        return self.pixels("Preview")

    def pixels(self, name: str) -> Image:
        """What stands on the screen where something of this name is shown."""
        place = self.wait(name).place
        shot = self.desktop.look()
        return shot[place.y : place.y + place.h, place.x : place.x + place.w]

    def seen_in_picture(self) -> str:
        """What the preview says stands in its picture."""
        return self.wait("Preview").description

    def close(self) -> None:
        """Close it as a person does; it must end well."""
        self.key("ctrl+q")
        assert self._started.wait(60) == 0, self._started.err

    def __enter__(self) -> "Driven":
        self._started.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._started.__exit__(None, None, None)
