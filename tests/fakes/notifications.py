"""A session bus of a test's own, and a server of notifications on it, as a desktop has one."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.threading import DBusConnection, DBusRouter, ReceiveStopped, open_dbus_connection

NAME = "org.freedesktop.Notifications"
WHERE = DBusAddress("/org/freedesktop/Notifications", NAME, NAME)


@contextmanager
def session_bus() -> Generator[str]:
    """The address of a real bus."""
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@dataclass(frozen=True, kw_only=True)
class Shown:
    id: int
    title: str
    text: str
    actions: dict[str, str]
    hints: dict[str, Any]


class NotificationServer:
    """Keeps what it was sent; `press` does what a user does."""

    def __init__(self, bus: str) -> None:
        self.shown: list[Shown] = []
        self.closed: list[int] = []
        self._connection: DBusConnection = open_dbus_connection(bus)
        with DBusRouter(self._connection) as router:
            router.send_and_get_reply(message_bus.RequestName(NAME), timeout=5)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def press(self, shown: int, action: str) -> None:
        self._connection.send(new_signal(WHERE, "ActionInvoked", "us", (shown, action)))

    def close(self) -> None:
        self._connection.interrupt()
        self._thread.join(5)
        self._connection.close()

    def _serve(self) -> None:
        try:
            while True:
                message = self._connection.receive()
                if message.header.message_type is MessageType.method_call:
                    self._connection.send(self._answer(message))
        except (ReceiveStopped, OSError):
            return

    def _answer(self, message: Message) -> Message:
        fields = message.header.fields
        match fields.get(HeaderFields.member), fields.get(HeaderFields.signature):
            case "Notify", "susssasa{sv}i":
                _, _, _, title, text, actions, hints, _ = message.body
                pairs = dict(zip(actions[::2], actions[1::2], strict=True))
                found = {name: value for name, (_, value) in hints.items()}
                number = len(self.shown) + 1
                self.shown.append(
                    Shown(id=number, title=title, text=text, actions=pairs, hints=found)
                )
                return new_method_return(message, "u", (number,))
            case "CloseNotification", "u":
                self.closed.append(message.body[0])
                return new_method_return(message)
            case _:
                return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
