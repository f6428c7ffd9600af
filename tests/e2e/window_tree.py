"""What a program shows, as assistive technology is told it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from jeepney import DBusAddress, DBusErrorResponse

from tests.e2e.window_desktop import Desktop

ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"
PROPERTIES = "org.freedesktop.DBus.Properties"
REGISTRY, ROOT = "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"
"""Where all programs are found."""
ON_SCREEN = 0
ENABLED, FOCUSED, SHOWING = 8, 12, 25
"""Bits of a state, as AT-SPI numbers them."""


class Place(NamedTuple):
    """A rectangle of the screen."""

    x: int
    y: int
    w: int
    h: int

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2


@dataclass(frozen=True, slots=True)
class Node:
    """One thing that is shown."""

    desktop: Desktop
    bus: str
    path: str
    role: str = ""
    name: str = ""

    def _at(self, interface: str) -> DBusAddress:
        return DBusAddress(self.path, self.bus, interface)

    def _property(self, name: str) -> str:
        value = self.desktop.ask(self._at(PROPERTIES), "Get", "ss", ACCESSIBLE, name)[0]
        return str(value[1])

    @property
    def description(self) -> str:
        return self._property("Description")

    @property
    def states(self) -> int:
        low, high = self.desktop.ask(self._at(ACCESSIBLE), "GetState")[0]
        return int(low) | int(high) << 32

    def has(self, state: int) -> bool:
        return bool(self.states >> state & 1)

    @property
    def place(self) -> Place:
        return Place(*self.desktop.ask(self._at(COMPONENT), "GetExtents", "u", ON_SCREEN)[0])

    def parent(self) -> "Node":
        """What holds it."""
        bus, path = self.desktop.ask(self._at(PROPERTIES), "Get", "ss", ACCESSIBLE, "Parent")[0][1]
        return Node(self.desktop, bus, path)

    def children(self) -> list["Node"]:
        """What it holds; what went away meanwhile is left out."""
        found: list[Node] = []
        for bus, path in self.desktop.ask(self._at(ACCESSIBLE), "GetChildren")[0]:
            node = Node(self.desktop, bus, path)
            try:
                role = str(self.desktop.ask(node._at(ACCESSIBLE), "GetRoleName")[0])
                found.append(Node(self.desktop, bus, path, role, node._property("Name")))
            except DBusErrorResponse:
                continue
        return found

    def shown(self) -> Iterator["Node"]:
        """Everything under it that is on the screen just now."""
        try:
            children = self.children()
        except DBusErrorResponse:
            return
        for child in children:
            try:
                visible = child.has(SHOWING)
            except DBusErrorResponse:
                continue
            if visible:
                yield child
                yield from child.shown()
