"""The icon set: line drawings of 20 px, coloured for the theme at hand."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from weakref import ReferenceType, ref

import shiboken6
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from ui.theme import Colours

DRAWN_IN = "#9FB0B8"
"""The stroke colour written in the files, replaced by the one asked for."""


@cache
def _drawing(file: Path) -> str:
    return file.read_text(encoding="utf-8")


class Icons:
    """The drawings of one folder, in the colours of the window."""

    def __init__(self, folder: Path, colours: Colours) -> None:
        self._folder = folder
        self._colours = colours
        self._drawn: dict[tuple[str, str, int, float], QPixmap] = {}
        self._put: list[tuple[ReferenceType[QWidget], Callable[[], None]]] = []

    @property
    def folder(self) -> Path:
        return self._folder

    def put(self, button: QAbstractButton, name: str, colour: str = "text", on: str = "") -> None:
        """Give a button its icon, for every theme to come; `on` colours it while checked."""
        it = ref(button)
        self._keep(button, lambda: _set_icon(it(), self.icon(name, colour, on)))

    def put_drawing(self, label: QLabel, name: str, colour: str, size: int) -> None:
        """Show a drawing in a label, for every theme to come."""
        it = ref(label)

        def draw() -> None:
            shown = it()
            if shown is not None:
                ratio = shown.devicePixelRatioF()
                value = getattr(self._colours, colour)
                shown.setPixmap(self.pixmap(name, value, size, ratio))

        self._keep(label, draw)

    def dress(self) -> None:
        """The colours have changed."""
        self._put = [(w, act) for w, act in self._put if _alive(w())]
        for _, act in self._put:
            act()

    def _keep(self, widget: QWidget, act: Callable[[], None]) -> None:
        self._put = [(w, a) for w, a in self._put if _alive(w()) and w() is not widget]
        self._put.append((ref(widget), act))
        act()

    def pixmap(self, name: str, colour: str, size: int = 20, scale: float = 1.0) -> QPixmap:
        """A drawing `size` px wide, for a screen of this device pixel ratio."""
        key = (name, colour, size, scale)
        if key not in self._drawn:
            self._drawn[key] = self._draw(name, colour, size, scale)
        return self._drawn[key]

    def _draw(self, name: str, colour: str, size: int, scale: float) -> QPixmap:
        side = round(size * scale)
        pixmap = QPixmap(QSize(side, side))
        pixmap.fill(Qt.GlobalColor.transparent)
        file = self._folder / f"{name}.svg"
        if file.is_file():
            drawing = _drawing(file).replace(DRAWN_IN, colour)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            renderer = QSvgRenderer(QByteArray(drawing.encode()))
            renderer.render(painter, QRectF(0, 0, side, side))
            painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def icon(self, name: str, colour: str = "text", on: str = "") -> QIcon:
        """An icon for screens of 1x to 3x, in colours of the theme given by name."""
        icon = QIcon()
        value, dimmed = getattr(self._colours, colour), self._colours.muted
        for scale in (1.0, 2.0, 3.0):
            icon.addPixmap(self.pixmap(name, value, scale=scale))
            icon.addPixmap(self.pixmap(name, dimmed, scale=scale), QIcon.Mode.Disabled)
            if on:
                checked = self.pixmap(name, getattr(self._colours, on), scale=scale)
                icon.addPixmap(checked, QIcon.Mode.Normal, QIcon.State.On)
        return icon

    def mark(self) -> QIcon:
        """Nacre's own sign, for the window and the task bar."""
        return QIcon(str(self._folder / "nacre.svg"))


def _alive(widget: QWidget | None) -> bool:
    return widget is not None and shiboken6.isValid(widget)


def _set_icon(button: QWidget | None, icon: QIcon) -> None:
    if isinstance(button, QAbstractButton) and shiboken6.isValid(button):
        button.setIcon(icon)
