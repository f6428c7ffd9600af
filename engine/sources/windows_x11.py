# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""The windows of an X11 desktop (ICCCM and Extended Window Manager Hints 1.5)."""

import logging
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from Xlib import X, xauth
from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XError
from Xlib.ext import res, shape
from Xlib.protocol import request

from engine.errors import DeviceLost, DeviceNotFound
from engine.media import Box
from engine.sources.windows import Window

# It warns on standard output, where `nacre … --json` writes its events.
setattr(xauth, "print", logging.getLogger(__name__).debug)  # noqa: B010

_DEEPEST = 4
"""A client window lies at most so deep inside the frames of its window manager."""
_LONGEST = 4096
"""Of a property only so many 4-byte units are read."""


@dataclass(frozen=True, slots=True)
class _Client:
    """What does not change while a top-level window exists."""

    window: int
    pid: int | None
    managed: bool
    """Found by the mark of a window manager; otherwise it is looked for anew each time."""


class X11Windows:
    """`WindowList` over one connection to the X server.

    The stacking order is that of the children of the root window, so menus and tooltips are known
    too. A property that cannot be had makes a window count as see-through, never as opaque.

    Raises:
        DeviceNotFound: there is no X server to talk to.
    """

    def __init__(self, display: str | None = None) -> None:
        try:
            self._display = Display(display)
            self._root = self._display.screen().root
            self._has_res = self._display.has_extension("X-Resource")
            self._has_shape = self._display.has_extension("SHAPE")
            self._rootless = self._is_rootless()
        except (DisplayError, ConnectionClosedError, OSError) as error:
            raise DeviceNotFound("There is no desktop on this machine to look at.") from error
        self._clients: dict[int, _Client] = {}

    @property
    def rootless(self) -> bool:
        """Xwayland: the picture of this server stays empty, because Wayland shows its windows."""
        return self._rootless

    def _is_rootless(self) -> bool:
        if "XWAYLAND" in self._display.list_extensions():
            return True
        try:
            resources = self._root.xrandr_get_screen_resources_current()
            names = [
                self._display.xrandr_get_output_info(output, resources.config_timestamp).name
                for output in resources.outputs
            ]
        except (AttributeError, XError):
            return False
        return any(str(name).startswith("XWAYLAND") for name in names)

    def windows(self) -> Sequence[Window]:
        try:
            children = [window.id for window in self._root.query_tree().children]
            shown = self._shown(children)
            self._clients = {id_: c for id_, c in self._clients.items() if id_ in set(children)}
            found = [
                self._describe(id_, attributes, geometry) for id_, attributes, geometry in shown
            ]
        except (ConnectionClosedError, OSError) as error:
            raise DeviceLost("The desktop has gone; nothing can be seen of it.") from error
        return found[::-1]

    def close(self) -> None:
        try:
            self._display.close()
        except (ConnectionClosedError, OSError):
            return

    def _shown(self, ids: Iterable[int]) -> list[tuple[int, Any, Any]]:
        """(id, attributes, geometry) of those that can be seen; asked for in one go."""
        asked = [
            (
                id_,
                request.GetWindowAttributes(display=self._display.display, defer=True, window=id_),
                request.GetGeometry(display=self._display.display, defer=True, drawable=id_),
            )
            for id_ in ids
        ]
        shown: list[tuple[int, Any, Any]] = []
        for id_, attributes, geometry in asked:
            visible = _answered(attributes) and attributes.map_state == X.IsViewable
            if _answered(geometry) and visible and attributes.win_class == X.InputOutput:
                shown.append((id_, attributes, geometry))
        return shown

    def _describe(self, id_: int, attributes: Any, geometry: Any) -> Window:
        client, properties = self._look_into(id_)
        border = 2 * geometry.border_width
        box = Box(geometry.x, geometry.y, geometry.width + border, geometry.height + border)
        solid = geometry.depth == self._display.screen().root_depth and not self._shaped(id_)
        return Window(
            id=id_,
            title=_text(properties.get("_NET_WM_NAME") or properties.get("WM_NAME")),
            applications=_texts(properties.get("WM_CLASS")),
            pid=client.pid or _number(properties.get("_NET_WM_PID")),
            box=box,
            opaque=_opaque(box, solid, client.window == id_, properties),
            parent=self._frame_of(_number(properties.get("WM_TRANSIENT_FOR"))),
            popup=bool(attributes.override_redirect),
        )

    def _look_into(self, top: int) -> tuple[_Client, dict[str, bytes]]:
        """The program's own window inside the window manager's frames, and its properties."""
        try:
            if (client := self._clients.get(top)) is not None:
                properties = self._properties(client.window)
                if client.managed and properties:
                    return client, properties
            window, managed = self._find_client(top)
            client = _Client(window, self._pid(window), managed)
            self._clients[top] = client
            return client, self._properties(window)
        except XError:  # it closed while it was looked at; the next look will not find it
            return _Client(top, None, False), {}

    def _shaped(self, top: int) -> bool:
        if not self._has_shape:
            return True
        try:
            extents = shape.query_extents(self._display.create_resource_object("window", top))
        except XError:
            return True
        return bool(extents.bounding_shaped)

    def _find_client(self, top: int) -> tuple[int, bool]:
        state = self._display.get_atom("WM_STATE")
        level = [top]
        for _ in range(_DEEPEST):
            below: list[int] = []
            for id_ in level:
                window = self._display.create_resource_object("window", id_)
                if window.get_property(state, X.AnyPropertyType, 0, 2) is not None:
                    return id_, True
                below += [child.id for child in window.query_tree().children]
            level = below
        return top, False

    def _pid(self, window: int) -> int | None:
        """The process behind the window's connection, which needs no honesty of the program."""
        if not self._has_res:
            return None
        spec = {"client": window, "mask": res.LocalClientPIDMask}
        for found in self._display.res_query_client_ids([spec]).ids:
            values = list(found.value)
            if values:
                return int(values[0])
        return None

    def _properties(self, window: int) -> dict[str, bytes]:
        names = (
            "_NET_WM_NAME",
            "WM_NAME",
            "WM_CLASS",
            "_NET_WM_PID",
            "WM_TRANSIENT_FOR",
            "_NET_WM_OPAQUE_REGION",
            "_NET_WM_WINDOW_OPACITY",
        )
        asked = [
            request.GetProperty(
                display=self._display.display,
                defer=True,
                delete=False,
                window=window,
                property=self._display.get_atom(name),
                type=X.AnyPropertyType,
                long_offset=0,
                long_length=_LONGEST,
            )
            for name in names
        ]
        found: dict[str, bytes] = {}
        for name, reply in zip(names, asked, strict=True):
            if _answered(reply) and reply.value is not None:
                found[name] = _bytes(reply.value)
        return found

    def _frame_of(self, window: int | None) -> int | None:
        """The top-level window in which a program's window lies."""
        for top, client in self._clients.items():
            if window and window in (top, client.window):
                return top
        return None


def _opaque(
    box: Box, solid: bool, frameless: bool, properties: dict[str, bytes]
) -> tuple[Box, ...]:
    """The parts of a window that hide what is behind; the region is told in its own pixels."""
    opacity = _number(properties.get("_NET_WM_WINDOW_OPACITY"))
    if opacity is not None and opacity != 0xFFFFFFFF:
        return ()
    if solid:
        return (box,)
    numbers = _numbers(properties.get("_NET_WM_OPAQUE_REGION", b"")) if frameless else []
    quads = zip(*[iter(numbers)] * 4, strict=False)
    return tuple(Box(box.x + x, box.y + y, w, h) for x, y, w, h in quads)


def _answered(asked: Any) -> bool:
    """Whether the server answered: a window may have closed since it was listed."""
    try:
        asked.reply()
    except XError:
        return False
    return True


def _bytes(value: Any) -> bytes:
    """A property's value as it was sent: Xlib makes arrays of 16- and 32-bit units."""
    data = value[1]
    return data if isinstance(data, bytes) else data.tobytes()


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace").strip("\0")


def _texts(value: bytes | None) -> tuple[str, ...]:
    return tuple(part for part in _text(value).split("\0") if part)


def _numbers(value: bytes) -> list[int]:
    whole = len(value) // 4
    return list(struct.unpack(f"={whole}I", value[: whole * 4]))


def _number(value: bytes | None) -> int | None:
    numbers = _numbers(value) if value else []
    return numbers[0] if numbers else None
