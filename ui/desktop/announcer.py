"""Remarks as notifications of the desktop, while the window is not in front."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap

from engine.errors import EngineError
from engine.facts import Remark
from engine.media import Image, nanoseconds
from engine.messages import Forgotten, Remarked, Withdrawn
from ui.bridge import Bridge
from ui.desktop.bus import NOT_THIS, SHOW, Notification, NotificationBus
from ui.desktop.tray import Tray
from ui.pictures import Moment
from ui.pixels import thumbnail
from ui.preferences import Preferences
from ui.watching import Watching
from ui.wording import clock

WIDTH, HEIGHT = 256, 144
NEAR_NS = nanoseconds(2)
"""The newest picture of the run is that of the remark when it is not further from it."""
LONGEST = 200


class Announcer(QObject):
    """Shows them, and takes back what was forgotten or is no longer so."""

    not_this = Signal(str)
    """The alert whose remark was not wanted."""
    moment_wanted = Signal(Moment)
    _acted = Signal(int, str)
    _closed = Signal(int)

    def __init__(
        self,
        bridge: Bridge,
        watching: Watching,
        preferences: Preferences,
        tray: Tray,
        in_front: Callable[[], bool],
    ) -> None:
        super().__init__(bridge)
        self._bridge, self._watching, self._tray = bridge, watching, tray
        self._preferences, self._in_front = preferences, in_front
        self.shown: dict[int, Remark] = {}
        """What still stands, by the desktop's id."""
        self._last: Remark | None = None
        self._bus = NotificationBus(self._acted.emit, self._closed.emit)
        self._acted.connect(self._act)
        self._closed.connect(self._has_gone)
        tray.message_pressed.connect(self._press_last)
        bridge.remarked.connect(self._remarked)
        bridge.withdrawn.connect(self._withdrawn)
        bridge.forgotten.connect(self._forgotten)

    def close(self) -> None:
        """What nobody could act on any more is taken back."""
        for shown in tuple(self.shown):
            self._take_back(shown)
        self._bus.close()

    def _remarked(self, event: Remarked) -> None:
        remark = event.remark
        run = self._watching.runs.get(remark.run)
        demo = run is not None and run.spec.kind == "demo"
        wanted = self._preferences.notifications and "notification" in event.ways
        if not wanted or self._in_front() or demo:
            return
        label = run.spec.label if run is not None else ""
        text = " · ".join(part for part in (clock(remark.at), label) if part)
        work = partial(self._show, event, text, self._newest(remark))
        self._bridge.read(work, self, partial(self._came, remark, text))

    def _newest(self, remark: Remark) -> Image | None:
        frame = self._bridge.newest(remark.run)
        near = frame is not None and abs(frame.pts - remark.pts) <= NEAR_NS
        return frame.image if frame is not None and near else None

    def _show(self, event: Remarked, text: str, image: Image | None) -> tuple[int, QImage | None]:
        """In a thread of the pool: the id, 0 where the desktop shows none, and the picture."""
        remark = event.remark
        if image is None:
            image = self._bridge.archive.picture(remark.run, remark.pts)
        picture = None if image is None else thumbnail(image, WIDTH, HEIGHT)
        actions = [(SHOW, "Show")] + ([(NOT_THIS, "Not this")] if remark.alert else [])
        shown = Notification(
            title=shortened(remark.text),
            text=text,
            picture=picture,
            actions=tuple(actions),
            sound="sound" in event.ways,
        )
        try:
            return self._bus.show(shown), picture
        except EngineError:
            return 0, picture

    def _came(self, remark: Remark, text: str, told: tuple[int, QImage | None]) -> None:
        shown, picture = told
        if shown:
            self.shown[shown] = remark
            return
        icon = QIcon() if picture is None else QIcon(QPixmap.fromImage(picture))
        if self._tray.say(shortened(remark.text), text, icon):
            self._last = remark

    def _act(self, shown: int, action: str) -> None:
        remark = self.shown.pop(shown, None)
        if remark is None:
            return
        if action == NOT_THIS:
            self.not_this.emit(remark.alert)
        elif action == SHOW:
            self._go_to(remark)

    def _has_gone(self, shown: int) -> None:
        self.shown.pop(shown, None)

    def _press_last(self) -> None:
        if self._last is not None:
            self._go_to(self._last)

    def _go_to(self, remark: Remark) -> None:
        self.moment_wanted.emit(Moment(run=remark.run, pts=remark.pts, at=remark.at))

    def _withdrawn(self, event: Withdrawn) -> None:
        self._drop(lambda remark: remark.text == event.said)

    def _forgotten(self, _: Forgotten) -> None:
        """A notification may quote what was forgotten."""
        self._last = None
        self._drop(lambda _: True)

    def _drop(self, which: Callable[[Remark], bool]) -> None:
        for shown in [n for n, remark in self.shown.items() if which(remark)]:
            del self.shown[shown]
            self._bridge.read(partial(self._take_back, shown), self, lambda _: None)

    def _take_back(self, shown: int) -> None:
        try:
            self._bus.take_back(shown)
        except EngineError:
            return


def shortened(text: str) -> str:
    """One line, as long as a notification shows."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
