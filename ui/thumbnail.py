"""A kept picture as a button: shows the moment when it is pressed."""

import shiboken6
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from ui.pictures import Moment, Pictures

SHARPNESS = 2
"""Thumbnails are read at twice their size, for screens with many pixels."""


class Thumbnail(QToolButton):
    """Empty until its picture was read; stays empty when none is kept."""

    chosen = Signal(Moment)

    def __init__(
        self,
        pictures: Pictures,
        moment: Moment,
        words: str,
        size: QSize,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.moment = moment
        self._pictures = pictures
        self.setProperty("role", "picture")
        self.setFixedSize(size)
        self.setIconSize(size - QSize(4, 4))
        self.setAccessibleName(f"Picture of {words}. Shows this moment.")
        self.setToolTip(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self._press)
        self.fetch()

    def fetch(self) -> None:
        """Read the picture, unless it is shown already."""
        if self.icon().isNull():
            inner = self.iconSize() * SHARPNESS
            run, pts = self.moment.run, self.moment.pts
            self._pictures.fetch(run, pts, inner.width(), inner.height(), self._show)

    def _press(self) -> None:
        self.chosen.emit(self.moment)

    def _show(self, image: QImage | None) -> None:
        if image is not None and shiboken6.isValid(self):
            self.setIcon(QIcon(QPixmap.fromImage(image)))
