# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""A desktop of its own: X server, window manager, and the bus on which programs tell assistive
technology what they show."""

import os
import subprocess
from collections import deque
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import mss
import numpy as np
from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MatchRule,
    Message,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from Xlib import X, Xatom
from Xlib.display import Display

from engine.media import Image
from tests.fakes.waiting import wait_for
from tests.fakes.xvfb import Xvfb

WIDTH, HEIGHT = 1360, 860
LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
CALL_S = 20.0


class Desktop:
    """Everything a person would have before starting a program. Use it in a `with`."""

    def __init__(self, pictures: Path) -> None:
        self._pictures = pictures
        self._ended = ExitStack()
        server = self._ended.enter_context(Xvfb(WIDTH, HEIGHT))
        self.display = server.display
        self.session = self._start_session_bus()
        self._start("openbox", "--sm-disable")
        launcher = next(path for path in LAUNCHERS if Path(path).exists())
        self._start(launcher, "--launch-immediately")
        self.bus = self._accessibility_bus()
        self._focused = self._hear_of_focus()

    @property
    def environment(self) -> dict[str, str]:
        """What a program on this desktop is started with."""
        return {
            "DISPLAY": self.display,
            "DBUS_SESSION_BUS_ADDRESS": self.session,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }

    def press(self, *arguments: str | int) -> None:
        """Real events, by xdotool; its own words for them."""
        subprocess.run(
            ["xdotool", *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.display},
            check=True,
            capture_output=True,
            timeout=60,
        )

    def menus(self) -> int:
        """How many menus are open."""
        display = Display(self.display)
        try:
            menu = display.intern_atom("_NET_WM_WINDOW_TYPE_POPUP_MENU")
            kind = display.intern_atom("_NET_WM_WINDOW_TYPE")
            windows = display.screen().root.query_tree().children
            shown = [w for w in windows if w.get_attributes().map_state == X.IsViewable]
            kinds = [w.get_full_property(kind, Xatom.ATOM) for w in shown]
            return sum(k is not None and menu in k.value for k in kinds)
        finally:
            display.close()

    def focused(self) -> tuple[str, str] | None:
        """Who told last that something has the focus, and where that is found; told once."""
        self.ask(_bus("org.freedesktop.DBus.Peer"), "Ping")
        told = [m for m in self._focused if m.body[0] == "focused" and m.body[1]]
        self._focused.clear()
        if not told:
            return None
        fields = told[-1].header.fields
        return str(fields[HeaderFields.sender]), str(fields[HeaderFields.path])

    def look(self, name: str = "") -> Image:
        """The whole screen, BGR; kept as a picture where a name is given."""
        with mss.MSS(display=self.display) as screen:
            shot = np.asarray(screen.grab(screen.monitors[0]))
        image = cv2.cvtColor(shot, cv2.COLOR_BGRA2BGR)
        if name:
            self._pictures.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(self._pictures / f"e2e-{name}.png"), image)
        return image.astype(np.uint8, copy=False)

    def ask(
        self, address: DBusAddress, method: str, signature: str = "", *values: Any
    ) -> tuple[Any, ...]:
        """Call a method on the bus of what is shown.

        Raises:
            DBusErrorResponse: what was asked is not there any more.
        """
        message = new_method_call(address, method, signature or None, values)
        reply = self.bus.send_and_get_reply(message, timeout=CALL_S)
        if reply.header.message_type.name == "error":
            raise DBusErrorResponse(reply)
        return tuple(reply.body)

    def _start_session_bus(self) -> str:
        process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._ended.callback(partial(_end, process))
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def _start(self, *command: str) -> None:
        process = subprocess.Popen(
            command,
            env={
                **os.environ,
                "DISPLAY": self.display,
                "DBUS_SESSION_BUS_ADDRESS": self.session,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ended.callback(partial(_end, process))

    def _accessibility_bus(self) -> DBusConnection:
        with open_dbus_connection(self.session) as connection:
            where = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")

            def address() -> str:
                reply = connection.send_and_get_reply(
                    new_method_call(where, "GetAddress"), timeout=CALL_S
                )
                return reply.body[0] if reply.header.message_type.name != "error" else ""

            return self._ended.enter_context(
                open_dbus_connection(wait_for(address, limit_s=30, what="the accessibility bus"))
            )

    def _hear_of_focus(self) -> deque[Message]:
        registry = "org.a11y.atspi.Registry"
        where = DBusAddress("/org/a11y/atspi/registry", registry, registry)
        self.ask(where, "RegisterEvent", "s", "object:state-changed:focused")
        rule = MatchRule(
            type="signal", interface="org.a11y.atspi.Event.Object", member="StateChanged"
        )
        self.ask(_bus("org.freedesktop.DBus"), "AddMatch", "s", rule.serialise())
        heard: deque[Message] = deque(maxlen=100)
        self._ended.enter_context(self.bus.filter(rule, queue=heard))
        return heard

    def close(self) -> None:
        self._ended.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _bus(interface: str) -> DBusAddress:
    return DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", interface)


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    process.wait(10)
    if process.stdout is not None:
        process.stdout.close()
