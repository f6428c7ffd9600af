"""The timeline strip: the wheel zooms, dragging moves, a click shows the moment."""

from collections.abc import Callable
from functools import partial
from time import time_ns

import shiboken6
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.media import NANOSECONDS, Span
from engine.ports.memory import ClipEntry
from ui.bridge import Bridge
from ui.pictures import Moment, Pictures
from ui.theme import Colours
from ui.watch import timeline_paint as paint
from ui.watch.timeline_data import Strip, first_of, load, moment_at, step
from ui.watch.timeline_paint import HEIGHT, THUMB_H, THUMB_W, Look, Scale
from ui.wording import unmarked

FIRST_S, LENGTH_S = 60, 300
"""What is visible at first, and how far that grows with what was watched."""
SHORTEST_S, LONGEST_S = 20, 7 * 86_400
AHEAD = 0.02
"""Share of the strip that lies right of now."""
RELOAD_MS, MOVE_MS = 1500, 500
RELOADS_A_LENGTH = 400
"""A long stretch moves slowly, so it is read again less often."""
DRAG_FROM_PX = 5


class Timeline(QWidget):
    """Follows now until it is moved; reads the memory off the GUI thread."""

    chosen = Signal(Moment)
    live = Signal()
    """The user asked for the present."""

    def __init__(self, bridge: Bridge, pictures: Pictures, colours: Colours) -> None:
        super().__init__()
        self._bridge, self._pictures, self._colours = bridge, pictures, colours
        self.now: Callable[[], int] = time_ns
        self.concept_colours: dict[str, str] = {}
        self.lent_names: dict[str, str] = {}
        """Of the demo's figures, which the memory does not name."""
        self.prefer: str | None = None
        """The run that a click means where several were watched at once."""
        self.marked: int | None = None
        self.grows = False
        """Whether something is being watched, so that the memory grows."""
        self._read_at = 0
        self._length = FIRST_S * NANOSECONDS
        self._zoomed = False
        self._end: int | None = None
        self._pressed: tuple[QPointF, Span] | None = None
        self._dragged = False
        self.strip = Strip(span=self.view)
        self._reading = False
        self._again = False
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(
            "Left and Right show the clip before or after, plus and minus zoom, End is now."
        )
        for interval, act in ((RELOAD_MS, self._tick), (MOVE_MS, self._move)):
            timer = QTimer(self, interval=interval)
            timer.timeout.connect(act)
            timer.start()
        for signal in (
            bridge.left,
            bridge.sighted,
            bridge.remarked,
            bridge.forgotten,
            bridge.gallery_changed,
        ):
            signal.connect(self._changed)

    @property
    def view(self) -> Span:
        """The visible stretch of wall time."""
        end = self._end if self._end is not None else self.now() + int(self._length * AHEAD)
        return Span(start=end - self._length, end=end)

    @property
    def follows(self) -> bool:
        return self._end is None

    def follow(self) -> None:
        """Go back to now."""
        self._end, self.marked = None, None
        self.reload()

    def show_moment(self, moment: Moment) -> None:
        """Mark a moment and bring it into view."""
        self.marked = moment.at
        view = self.view
        margin = self._length // 10
        if not view.start + margin <= moment.at <= view.end:
            self._end = moment.at + self._length // 2
        self.reload()

    def reload(self) -> None:
        """Read the visible stretch; at most one read at a time."""
        self.update()
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._read_at = self.now()
        view = self.view
        archive = self._bridge.archive
        self._bridge.read(lambda: load(archive, view), self, self._loaded, self._not_loaded)

    def scale(self) -> Scale:
        return Scale(self.view, self.width())

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    def _loaded(self, strip: Strip) -> None:
        self.strip, self._reading = strip, False
        self._again = self._grow() or self._again
        self.update()
        if self._again:
            self._again = False
            self.reload()

    def _not_loaded(self, _: str) -> None:
        self._reading = self._again = False

    def _changed(self, _: object) -> None:
        if self.isVisible():
            self.reload()

    def _tick(self) -> None:
        due = self.now() - self._read_at >= self._length // RELOADS_A_LENGTH
        if self.grows and due and self.follows and self.isVisible():
            self.reload()

    def _move(self) -> None:
        if self.follows and self.isVisible():
            self._grow()
            self.update()

    def _grow(self) -> bool:
        """Show all of the watching that goes on, as long as it is short."""
        begins = [stretch.at.start for stretch in self.strip.watched]
        if self._zoomed or not self.follows or not begins:
            return False
        wanted = min(round((self.now() - min(begins)) / (1 - AHEAD)), LENGTH_S * NANOSECONDS)
        longer = wanted > self._length
        self._length = max(self._length, wanted)
        return longer

    def _picture(self, clip: ClipEntry) -> QImage | None:
        moment = first_of(clip)
        width, height = THUMB_W * 2, THUMB_H * 2
        held = self._pictures.held(moment.run, moment.pts, width, height)
        if held is None:
            came = partial(_repaint, self)
            self._pictures.fetch(moment.run, moment.pts, width, height, came)
        return held

    def _zoom(self, factor: float, x: float) -> None:
        shortest, longest = SHORTEST_S * NANOSECONDS, LONGEST_S * NANOSECONDS
        length = min(max(round(self._length * factor), shortest), longest)
        if not self.follows:
            fixed = self.scale().at(x)
            share = 1 - x / max(self.width(), 1)
            self._end = fixed + round(length * share)
        self._length, self._zoomed = length, True
        self.reload()

    def _pan(self, by: int) -> None:
        limit = self.now() + int(self._length * AHEAD)
        end = self.view.end + by
        self._end = None if end >= limit else end
        self.reload()

    def _choose(self, x: float) -> None:
        at = self.scale().at(x)
        if at >= self.now():
            self.live.emit()
            return
        moment = self._under(x) or moment_at(self.strip, at, self.prefer)
        if moment is not None:
            self.chosen.emit(moment)

    def _under(self, x: float) -> Moment | None:
        scale = self.scale()
        near = [m for m in self.strip.marks if abs(scale.x(m.moment.at) - x) <= 6]
        return near[0].moment if near else None

    def _words_at(self, point: QPointF) -> str:
        scale, at = self.scale(), self.scale().at(point.x())
        if point.y() >= paint.MARKS_Y:
            near = [m for m in self.strip.marks if abs(scale.x(m.moment.at) - point.x()) <= 6]
            return near[0].text if near else ""
        if point.y() >= paint.BANDS_Y:
            lane = int((point.y() - paint.BANDS_Y) // paint.LANE_H)
            over = [b for b in self.strip.bands if b.lane == lane and b.at.start <= at <= b.at.end]
            if not over:
                return ""
            return f"{over[0].name} (corrected)" if over[0].changed else over[0].name
        return ""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self._words_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), unmarked(words), self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        sideways = turn.x() or (
            turn.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        )
        if sideways:
            self._pan(-round(sideways / 1200 * self._length))
        elif turn.y():
            self._zoom(0.8 ** (turn.y() / 120), event.position().x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = (event.position(), self.view), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        began, view = self._pressed
        by = event.position().x() - began.x()
        if self._dragged or abs(by) >= DRAG_FROM_PX:
            self._dragged = True
            self._pan(view.end - self.view.end - round(by / max(self.width(), 1) * self._length))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and not self._dragged:
            self._choose(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            at = self.marked if self.marked is not None else self.now()
            moment = step(self.strip, at, forward=key == Qt.Key.Key_Right)
            if moment is not None:
                self.chosen.emit(moment)
            elif key == Qt.Key.Key_Right:
                self.live.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(0.7, self.width() / 2)
        elif key == Qt.Key.Key_Minus:
            self._zoom(1 / 0.7, self.width() / 2)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            half = self._length // 2
            self._pan(-half if key == Qt.Key.Key_PageUp else half)
        elif key == Qt.Key.Key_End:
            self.live.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._colours.colour("raised"))
        empty = not (self.strip.clips or self.strip.bands or self.strip.watched)
        if empty and self.follows:
            painter.setPen(self._colours.colour("muted"))
            text = "What is seen and kept appears here, newest at the right."
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        look = Look(
            colours=self._colours,
            concept_colours=self.concept_colours,
            lent_names=self.lent_names,
            picture=self._picture,
            cursor=self.marked,
            now=self.now(),
        )
        paint.draw(painter, self.strip, self.scale(), look)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._colours.colour("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _repaint(timeline: Timeline, image: QImage | None) -> None:
    if image is not None and shiboken6.isValid(timeline):
        timeline.update()
