"""The icon set: line drawings of 20 px, coloured for the theme at hand."""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

DRAWN_IN = "#9FB0B8"
"""The stroke colour written in the files, replaced by the one asked for."""


@cache
def _drawing(file: Path) -> str:
    return file.read_text(encoding="utf-8")


class Icons:
    """The drawings of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pixmap(self, name: str, colour: str, size: int = 20, scale: float = 1.0) -> QPixmap:
        """A drawing `size` px wide, for a screen of this device pixel ratio."""
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

    def icon(self, name: str, colour: str, active: str | None = None) -> QIcon:
        """An icon for screens of 1x to 3x; `active` colours it while checked."""
        icon = QIcon()
        for scale in (1.0, 2.0, 3.0):
            icon.addPixmap(self.pixmap(name, colour, scale=scale))
            if active:
                icon.addPixmap(
                    self.pixmap(name, active, scale=scale), QIcon.Mode.Normal, QIcon.State.On
                )
        return icon

    def mark(self) -> QIcon:
        """Nacre's own sign, for the window and the task bar."""
        return QIcon(str(self._folder / "nacre.svg"))
