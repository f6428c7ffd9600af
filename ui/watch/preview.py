"""The preview: the newest picture, as large as fits, with what is drawn over it."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.facts import Overlay
from engine.media import Box, Frame, Image
from engine.messages import Tracked
from ui.pixels import fitted
from ui.theme import Colours
from ui.watch.maybe import MaybeChips
from ui.watch.overlays import draw
from ui.wording import how_sure, unmarked

BLANK: Image = np.zeros((1, 1, 3), np.uint8)


class Preview(QWidget):
    """Paints what it is given; scaling happens once a frame, so that repainting is a blit."""

    painted = Signal()
    """A picture has been put on the screen."""
    judged = Signal(Overlay, bool)
    """The user said yes or no to "maybe X?"."""
    resized = Signal()
    dismissed = Signal()
    """Esc was pressed on the picture."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.colours = colours
        self.show_unknown = False
        self.veiled = False
        self.message = ""
        """Shown in place of a picture."""
        self._image: Image | None = None
        self._pixels: Image = BLANK
        self._shown: QImage | None = None
        self._tracked: Tracked | None = None
        self._hovered: int | None = None
        self._pointer: QPointF | None = None
        self.chips = MaybeChips(self, self.judged.emit)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(320, 180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Preview")

    def show_frame(self, frame: Frame) -> None:
        self.show_image(frame.image)

    def show_image(self, image: Image | None) -> None:
        """Show a picture, or none."""
        before = self.picture_rect()
        self._image = image
        self._fit()
        if self.picture_rect() != before:
            self._place_chips()
        self.update()

    def show_tracked(self, tracked: Tracked | None) -> None:
        """Draw these overlays from now on."""
        if tracked is not self._tracked:
            self._tracked = tracked
            self._place_chips()
            self._tell()
            self._explain()
            self.update()

    def veil(self, veiled: bool) -> None:
        if veiled != self.veiled:
            self.veiled = veiled
            self._place_chips()
            self.update()

    @property
    def has_picture(self) -> bool:
        return self._shown is not None

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        return self._tracked.overlays if self._tracked else ()

    def picture_rect(self) -> QRectF:
        """Where the picture lies, in the widget's own coordinates."""
        if self._shown is None:
            return QRectF(self.rect())
        ratio = self.devicePixelRatioF()
        w, h = self._shown.width() / ratio, self._shown.height() / ratio
        return QRectF((self.width() - w) / 2, (self.height() - h) / 2, w, h)

    def to_view(self, box: Box, size: tuple[int, int] | None = None) -> QRectF:
        """A box of the picture (of this size in pixels) in the widget's coordinates."""
        place = self.picture_rect()
        width, height = size or self._size()
        sx, sy = place.width() / width, place.height() / height
        return QRectF(place.x() + box.x * sx, place.y() + box.y * sy, box.w * sx, box.h * sy)

    def to_picture(self, area: QRectF) -> Box:
        """An area of the widget as a box of the picture, clipped to it."""
        place = self.picture_rect()
        width, height = self._size()
        sx, sy = width / place.width(), height / place.height()
        left, top = (area.x() - place.x()) * sx, (area.y() - place.y()) * sy
        found = Box(round(left), round(top), round(area.width() * sx), round(area.height() * sy))
        return found.clipped(width, height)

    @property
    def pointed(self) -> tuple[int, int] | None:
        """What the mouse points at, in pixels of the picture; None: at nothing in it."""
        if self._pointer is None or self._image is None or self.veiled:
            return None
        if not self.picture_rect().contains(self._pointer):
            return None
        at = self.to_picture(QRectF(self._pointer, self._pointer + QPointF(1, 1)))
        return at.x, at.y

    def _size(self) -> tuple[int, int]:
        if self._image is None:
            return max(self.width(), 1), max(self.height(), 1)
        return int(self._image.shape[1]), int(self._image.shape[0])

    def _fit(self) -> None:
        if self._image is None:
            self._shown, self._pixels = None, BLANK
            return
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        self._shown, self._pixels = fitted(self._image, max(width, 1), max(height, 1))
        self._shown.setDevicePixelRatio(ratio)

    def _place_chips(self) -> None:
        tracked = self._tracked
        if tracked is None or self.veiled:
            self.chips.place((), self.to_view, self.picture_rect())
            return
        self.chips.place(
            tracked.overlays, lambda box: self.to_view(box, tracked.size), self.picture_rect()
        )

    def _tell(self) -> None:
        """Say for whom cannot see it what is drawn over the picture."""
        named = {"sure": "{}", "maybe": "maybe {}"}
        known = [named[o.certainty].format(o.name) for o in self.overlays if o.certainty in named]
        words = f"In the picture: {', '.join(known)}." if known else ""
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def _explain(self) -> None:
        """How sure the name is that the mouse is at."""
        told = (how_sure(one) for one in self.overlays if one.track == self._hovered)
        self.setToolTip(unmarked(next(told, "")))

    def _at(self, point: QPointF) -> int | None:
        size = self._tracked.size if self._tracked else None
        inside = [o for o in self.overlays if self.to_view(o.box, size).contains(point)]
        return min(inside, key=lambda o: o.box.area).track if inside else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        hovered = self._at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self._explain()
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        self._place_chips()
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        back = QColor("#0A0D0F") if self.colours.dark else self.colours.colour("inset")
        painter.fillRect(self.rect(), back)
        if self._shown is None:
            self._say(painter, self.message)
            return
        place = self.picture_rect()
        painter.drawImage(place.topLeft(), self._shown)
        if self.veiled:
            painter.fillRect(place, QColor(10, 13, 15, 215))
            painter.setPen(QColor("#E8EDEF"))
            centre = Qt.AlignmentFlag.AlignCenter
            painter.drawText(place, centre, "Paused. Nothing is looked at or kept.")
        elif self._tracked is not None:
            size = self._tracked.size
            draw(
                painter,
                self._tracked.overlays,
                lambda box: self.to_view(box, size),
                place,
                show_unknown=self.show_unknown,
                hovered=self._hovered,
            )
        self.painted.emit()

    def _say(self, painter: QPainter, text: str) -> None:
        painter.setPen(self.colours.colour("muted"))
        area = QRectF(self.rect()).adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area, int(flags), text)
