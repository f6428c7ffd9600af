"""Kept pictures, read off the GUI thread and remembered small."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from engine.media import Image
from ui.bridge import Bridge
from ui.pixels import thumbnail

KEEP = 600
AGAIN_MS = (250, 1000, 4000, 8000)
"""When to look again for a picture that is not there: what has just been seen is written a moment
later, and the last pictures of a clip when it ends."""

Key = tuple[str, int, int, int]
Then = Callable[[QImage | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time of a run, in both clocks; where a link or a thumbnail leads."""

    run: str
    pts: int
    at: int


class Pictures(QObject):
    """Thumbnails by run and time. Each is read once, however many places show it."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept: OrderedDict[Key, QImage] = OrderedDict()
        self._asked: dict[Key, list[Then]] = {}
        self._missed: set[Key] = set()
        self._generation = 0

    @property
    def waiting(self) -> int:
        """How many thumbnails are being read."""
        return len(self._asked)

    def held(self, run: str, pts: int, width: int, height: int) -> QImage | None:
        """The thumbnail, if it is here already."""
        key = (run, pts, width, height)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def fetch(self, run: str, pts: int, width: int, height: int, then: Then) -> None:
        """Have the thumbnail; None when nothing is kept there. `then` must outlive its owner."""
        key = (run, pts, width, height)
        held = self.held(*key)
        if held is not None:
            then(held)
            return
        if key in self._missed:
            then(None)
            return
        if key in self._asked:
            self._asked[key].append(then)
            return
        self._asked[key] = [then]
        archive = self._bridge.archive

        def work() -> QImage | None:
            image = archive.picture(run, pts)
            return None if image is None else thumbnail(image, width, height)

        self._look(work, self, partial(self._came, key, self._generation))

    def full(self, moment: Moment, owner: QObject, then: Callable[[Image | None], None]) -> None:
        """The kept picture itself, nearest to the moment."""
        archive = self._bridge.archive

        def work() -> Image | None:
            return archive.picture(moment.run, moment.pts)

        self._bridge.read(work, owner, then, lambda _: then(None), priority=1)

    def crop(self, exemplar: str, side: int, owner: QObject, then: Then) -> None:
        """The crop of an exemplar as a square."""
        archive = self._bridge.archive

        def work() -> QImage | None:
            image = archive.crop(exemplar)
            return None if image is None else thumbnail(image, side, side)

        self._look(work, owner, then)

    def forget(self) -> None:
        """Drop everything; what is still being read is not kept either."""
        self._generation += 1
        self._kept.clear()
        self._missed.clear()

    def _look(
        self, work: Callable[[], QImage | None], owner: QObject, then: Then, tries: int = 0
    ) -> None:
        """Read, and read again later what is not there yet; None when it never came."""

        def came(image: QImage | None) -> None:
            if image is not None or tries == len(AGAIN_MS):
                then(image)
                return
            again = partial(self._look, work, owner, then, tries + 1)
            QTimer.singleShot(AGAIN_MS[tries], owner, again)

        self._bridge.read(work, owner, came, lambda _: came(None))

    def _came(self, key: Key, generation: int, image: QImage | None) -> None:
        waiting = self._asked.pop(key, [])
        if generation != self._generation:
            image = None
        if image is None:
            self._missed.add(key)
        else:
            self._kept[key] = image
            while len(self._kept) > KEEP:
                self._kept.popitem(last=False)
        for then in waiting:
            then(image)
