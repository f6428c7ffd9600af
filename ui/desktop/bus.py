# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportPrivateUsage=false
"""Notifications of a Linux desktop (Desktop Notifications Specification 1.2) over its session bus.

By jeepney and not by QtDBus, which PySide gives no way to say that a number is unsigned, as the
first one of `Notify` has to be.
"""

import logging
from collections.abc import Callable
from concurrent.futures import InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from PySide6.QtGui import QImage

from engine.errors import EngineError

log = logging.getLogger(__name__)

NAME = "org.freedesktop.Notifications"
ANSWER_S = 3.0
SHOW, NOT_THIS = "default", "not-this"
"""The actions; the first is a press on the notification itself."""
REFUSED = "The desktop shows no notification. It stands in the window."


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What is shown. `title` is taken as it is, `text` is escaped here."""

    title: str
    text: str
    picture: QImage | None = None
    actions: tuple[tuple[str, str], ...] = ((SHOW, "Show"),)
    sound: bool = False


class NotificationBus:
    """Connected at the first notification, and again after the bus was gone. Safe from any thread;
    `acted` (id, action) and `closed` (id) are called from one of its own."""

    def __init__(self, acted: Callable[[int, str], None], closed: Callable[[int], None]) -> None:
        self._acted, self._closed = acted, closed
        self._lock = Lock()
        self._router: Any = None
        self._server = ""

    def show(self, notification: Notification) -> int:
        """Returns the id of the notification. Blocks until the desktop has answered.

        Raises:
            EngineError: nobody shows notifications here.
        """
        hints: dict[str, Any] = {"desktop-entry": ("s", "nacre")}
        if notification.sound:
            hints["sound-name"] = ("s", "message-new-instant")
        else:
            hints["suppress-sound"] = ("b", True)
        if notification.picture is not None:
            hints["image-data"] = ("(iiibiiay)", pixels(notification.picture))
        actions = [part for action in notification.actions for part in action]
        values = ("Nacre", 0, "nacre", notification.title, escaped(notification.text))
        (shown,) = self._call("Notify", "susssasa{sv}i", (*values, actions, hints, -1))
        return int(shown)

    def take_back(self, shown: int) -> None:
        """Have it closed, if it still stands.

        Raises:
            EngineError: nobody shows notifications here.
        """
        self._call("CloseNotification", "u", (shown,))

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _call(self, method: str, signature: str, values: tuple[Any, ...]) -> Any:
        try:
            import jeepney

            address = jeepney.DBusAddress(f"/{NAME.replace('.', '/')}", NAME, NAME)
            message = jeepney.new_method_call(address, method, signature, values)
            reply = self._answer(message)
        except (ImportError, KeyError, OSError, RuntimeError) as error:
            self.close()
            log.info("the session bus cannot be used: %s", type(error).__name__)
            raise EngineError(REFUSED) from error
        if reply.header.message_type is not jeepney.MessageType.method_return:
            raise EngineError(REFUSED)
        self._server = reply.header.fields.get(jeepney.HeaderFields.sender, "")
        return reply.body

    def _answer(self, message: Any) -> Any:
        """A bus that is gone is noticed only when something is sent; there may be another."""
        before = self._router
        try:
            return self._ask(message)
        except ConnectionError:
            if before is None:
                raise
            self.close()
            return self._ask(message)

    def _ask(self, message: Any) -> Any:
        from jeepney.io.common import RouterClosed

        router = self._connected()
        try:
            return router.send_and_get_reply(message, timeout=ANSWER_S)
        except (RouterClosed, KeyError) as error:  # The latter when jeepney has forgotten who asks.
            raise ConnectionResetError from error

    def _connected(self) -> Any:
        """The connection; made by the first who needs it.

        Raises:
            KeyError: no session bus is named.
            OSError: it does not answer.
        """
        with self._lock:
            if self._router is None or not self._router._rcv_thread.is_alive():
                self._disconnect()
                self._router = self._connect()
            return self._router

    def _disconnect(self) -> None:
        router, self._router = self._router, None
        if router is not None:
            with suppress(OSError):
                router.close()
                router.conn.close()

    def _connect(self) -> Any:
        from jeepney import MatchRule
        from jeepney.bus_messages import message_bus
        from jeepney.io.threading import DBusRouter, open_dbus_connection

        class Router(DBusRouter):
            """Ends quietly when the bus does."""

            def _receiver(self) -> None:
                # The latter when an answer comes as the bus goes.
                with suppress(OSError, InvalidStateError):
                    super()._receiver()

        router = Router(open_dbus_connection())
        path = f"/{NAME.replace('.', '/')}"
        rule = MatchRule(type="signal", interface=NAME, path=path)
        router.filter(rule, queue=_Handed(self._told))  # pyright: ignore[reportArgumentType]
        router.send_and_get_reply(message_bus.AddMatch(rule), timeout=ANSWER_S)
        return router

    def _told(self, message: Any) -> None:
        from jeepney import HeaderFields

        fields = message.header.fields
        # Any program of the session can say this; only who shows the notifications may.
        if fields.get(HeaderFields.sender) != self._server:
            return
        match fields.get(HeaderFields.member), message.body:
            case "ActionInvoked", (int() as shown, str() as action):
                self._acted(shown, action)
            case "NotificationClosed", (int() as shown, int()):
                self._closed(shown)
            case _:
                log.debug("a signal of the notifications was left aside")


class _Handed:
    """Where jeepney puts messages: handed on at once."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        self.put_nowait = take


def pixels(picture: QImage) -> tuple[int, int, int, bool, int, int, bytes]:
    """The picture as the specification wants it: width, height, bytes a row, whether there is an
    alpha channel, bits a sample, channels, RGB."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    size = (plain.width(), plain.height(), plain.bytesPerLine())
    return (*size, False, 8, 3, bytes(plain.constBits()))


def escaped(text: str) -> str:
    """What was seen or typed is never markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
