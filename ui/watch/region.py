"""Choosing a part of the screen, on a picture of it or by its numbers."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QScreen,
)
from PySide6.QtWidgets import QComboBox, QSpinBox, QVBoxLayout, QWidget

from engine.facts import SourceSpec, screen_region
from ui.controls import button, indent, label, row
from ui.dialogs import WIDTH, Question

SMALLEST_PX = 16
LINE = "#6FD3C7"
SHARE_W, SHARE_H = 0.7, 0.55
"""How much of the screen the picture of it may cover."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A screen as it was; `area` in pixels of the whole desktop."""

    name: str
    area: QRect
    picture: QPixmap


def freeze() -> list[Frozen]:
    """All screens, as they are now. A picture is null where the desktop gives none."""
    screens = QGuiApplication.screens()
    return [_frozen(number, screen) for number, screen in enumerate(screens, 1)]


def _frozen(number: int, screen: QScreen) -> Frozen:
    picture, area = screen.grabWindow(0), screen.geometry()
    # Qt scales the size of a screen but not where it begins; macOS counts in scaled pixels.
    if sys.platform != "darwin" and not picture.isNull():
        area = QRect(area.topLeft(), picture.size())
    return Frozen(f"Screen {number}", area, picture)


class Picture(QWidget):
    """The frozen screen, on which a rectangle is drawn."""

    drawn = Signal(QRect)
    """In pixels of the whole desktop."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Frozen("", QRect(0, 0, 1, 1), QPixmap())
        self._marked = QRect()
        self._from: QPoint | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Picture of the screen")

    def show_screen(self, frozen: Frozen, room: QSize) -> None:
        self._shown = frozen
        self.setFixedSize(frozen.area.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
        self.setVisible(not frozen.picture.isNull())
        self.update()

    def mark(self, area: QRect) -> None:
        """Show this rectangle, in pixels of the whole desktop."""
        self._marked = area
        self.update()

    def _scale(self) -> float:
        return self._shown.area.width() / max(self.width(), 1)

    def _to_desktop(self, point: QPoint) -> QPoint:
        x, y = round(point.x() * self._scale()), round(point.y() * self._scale())
        area = self._shown.area
        x, y = min(max(x, 0), area.width()), min(max(y, 0), area.height())
        return area.topLeft() + QPoint(x, y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        one, other = self._to_desktop(self._from), self._to_desktop(event.position().toPoint())
        left, top = min(one.x(), other.x()), min(one.y(), other.y())
        size = QSize(abs(one.x() - other.x()), abs(one.y() - other.y()))
        if size.width() >= SMALLEST_PX and size.height() >= SMALLEST_PX:
            self.drawn.emit(QRect(QPoint(left, top), size))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)
        self._from = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(self.rect(), self._shown.picture)
        scale, origin = self._scale(), self._shown.area.topLeft()
        corner = (self._marked.topLeft() - origin) / scale
        inside = QRect(corner, self._marked.size() / scale)
        painter.save()
        painter.setClipRegion(self.visibleRegion().subtracted(inside))
        painter.fillRect(self.rect(), QColor(10, 13, 15, 150))
        painter.restore()
        painter.setPen(QPen(QColor(LINE), 2))
        painter.drawRect(inside.adjusted(0, 0, -1, -1))


class RegionQuestion(Question):
    """Which part of which screen; the picture is gone with this window."""

    def __init__(self, parent: QWidget, screens: list[Frozen]) -> None:
        text = (
            "Draw a rectangle, or type where it lies. The picture is shown here only and not kept."
        )
        super().__init__(parent, "Which part of the screen?", text)
        self._screens = screens
        self.picture = Picture()
        self.picture.drawn.connect(self.show_area)
        self.left, self.top = self._number("Left"), self._number("Top")
        self.across, self.down = self._number("Width"), self._number("Height")
        self.choice = QComboBox()
        self.choice.setAccessibleName("Screen")
        for frozen in screens:
            self.choice.addItem(frozen.name)
        self.choice.setVisible(len(screens) > 1)
        self.choice.currentIndexChanged.connect(self._show_screen)
        numbers = row(self.choice, spacing=12)
        for number in (self.left, self.top, self.across, self.down):
            named = QVBoxLayout()
            named.setSpacing(4)
            named.addWidget(label(number.accessibleName(), "small"))
            named.addWidget(number)
            numbers.addLayout(named)
            number.valueChanged.connect(self._typed)
        self.body.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addLayout(numbers)
        self._show_screen(0)

    def ask(self, act: Callable[[SourceSpec], object]) -> None:
        """Open it; `act` is called with the source that was chosen."""

        def take() -> None:
            area = self.area
            self.accept()
            act(screen_region(area.x(), area.y(), area.width(), area.height()))

        self.no, self.yes = button("Cancel", self.reject), button("Watch", take, "primary")
        self.body.addSpacing(4)
        self.body.addLayout(row(None, self.no, self.yes))
        self.yes.setDefault(True)
        self.left.setFocus()
        self._fit()
        self.open()

    @property
    def area(self) -> QRect:
        """In pixels of the whole desktop."""
        corner = QPoint(self.left.value(), self.top.value())
        return QRect(corner, QSize(self.across.value(), self.down.value()))

    def show_area(self, area: QRect) -> None:
        values = (area.x(), area.y(), area.width(), area.height())
        for number, value in zip(self._numbers, values, strict=True):
            number.blockSignals(True)
            number.setValue(value)
            number.blockSignals(False)
        self._typed()

    @property
    def _numbers(self) -> tuple[QSpinBox, QSpinBox, QSpinBox, QSpinBox]:
        return self.left, self.top, self.across, self.down

    def _number(self, name: str) -> QSpinBox:
        made = QSpinBox()
        made.setAccessibleName(name)
        made.setMinimumWidth(84)
        indent(made)
        return made

    def _typed(self) -> None:
        self.picture.mark(self.area)

    def _show_screen(self, number: int) -> None:
        frozen = self._screens[number]
        area, there = frozen.area, self.screen().availableGeometry().size()
        room = QSize(round(there.width() * SHARE_W), round(there.height() * SHARE_H))
        self.picture.show_screen(frozen, room)
        margins = self.body.contentsMargins()
        wide = 0 if frozen.picture.isNull() else self.picture.width()
        self.setFixedWidth(max(WIDTH, wide + margins.left() + margins.right()))
        self.left.setRange(area.x(), area.x() + area.width() - SMALLEST_PX)
        self.top.setRange(area.y(), area.y() + area.height() - SMALLEST_PX)
        self.across.setRange(SMALLEST_PX, area.width())
        self.down.setRange(SMALLEST_PX, area.height())
        quarter = QSize(area.width() // 4, area.height() // 4)
        middle = area.topLeft() + QPoint(quarter.width(), quarter.height())
        self.show_area(QRect(middle, quarter * 2))
        self._fit()

    def _fit(self) -> None:
        """As high as the wrapped words and the picture need."""
        self.body.activate()
        self.setFixedHeight(self.body.totalHeightForWidth(self.width()))
