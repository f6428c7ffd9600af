"""One concept of the gallery."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from engine.facts import GalleryEntry
from ui.controls import button, empty, label, row, tool
from ui.icons import Icons
from ui.pictures import Pictures
from ui.wording import KINDS, count

WIDTH, SIDE, MOST_CROPS = 264, 72, 3
CORNER_PX = 6


class ColourDot(QWidget):
    """The concept's own colour, as its boxes have it."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = "#6FD3C7"
        self.setFixedSize(QSize(12, 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)


class ConceptCard(QFrame):
    """Crops, name, kind and counts; everything else is in its menu."""

    wanted = Signal(str)
    """One of `rename`, `me`, `merge`, `view`, `reject`, `remove`."""

    def __init__(self, pictures: Pictures, icons: Icons) -> None:
        super().__init__()
        self._pictures, self._icons = pictures, icons
        self._crops: tuple[str, ...] | None = None
        self.entry: GalleryEntry | None = None
        self.setProperty("role", "card")
        self.setFixedSize(WIDTH, 196)
        self._strip = QHBoxLayout()
        self._strip.setSpacing(8)
        self._dot = ColourDot()
        self.name = label("", "heading")
        self._line = label("", "small")
        self._said = label("", "small", wrap=True)
        self.more: QToolButton = tool(icons, "more", "More")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.more.setMenu(self.menu)
        self.add_view = button("Add a view…", lambda: self.wanted.emit("view"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self._strip)
        layout.addLayout(row(self._dot, self.name, None))
        layout.addWidget(self._line)
        layout.addWidget(self._said)
        layout.addStretch(1)
        layout.addLayout(row(self.add_view, None, self.more))

    def show_entry(self, entry: GalleryEntry) -> None:
        """Show a concept as it is now."""
        if entry == self.entry:
            self.say("")
            return
        self.entry = entry
        concept = entry.concept
        self._dot.colour = concept.colour
        self._dot.update()
        name = self.fontMetrics().elidedText(concept.name, Qt.TextElideMode.ElideRight, 190)
        self.name.setText(name)
        self.name.setToolTip("" if name == concept.name else "The name is shortened here.")
        parts = ["Me" if concept.is_me else dict(KINDS)[concept.kind]]
        parts.append(count(entry.positives, "view"))
        if concept.demo:
            parts.append("part of the demo")
        if entry.negatives:
            parts.append(f"{entry.negatives} “not this”")
        if entry.unseen:
            parts.append(
                "needs showing again"
                if entry.unseen == len(entry.exemplars)
                else f"{entry.unseen} to be shown again"
            )
        self._line.setText(" · ".join(parts))
        self.say("")
        self.setAccessibleName(f"{concept.name}: {self._line.text()}")
        self.more.setAccessibleName(f"More for {concept.name}")
        self.add_view.setAccessibleName(f"Add a view of {concept.name}")
        self._fill_menu(entry)
        for part in (self.add_view, self.more):
            part.setVisible(not concept.demo)
        shown = entry.exemplars[: min(MOST_CROPS, max(entry.positives, 1))]
        if shown != self._crops:
            self._crops = shown
            self._show_crops(shown)

    @property
    def said(self) -> str:
        """The sentence that `say` showed last."""
        return self._said.text()

    def say(self, text: str, *, bad: bool = False) -> None:
        """A sentence about the last thing that was asked of this card."""
        self._said.setProperty("role", "danger" if bad else "small")
        self._said.style().polish(self._said)
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _fill_menu(self, entry: GalleryEntry) -> None:
        self.menu.clear()
        self._item("edit", "Rename…", "rename")
        if entry.concept.kind == "person":
            self._item("me", "This is not me" if entry.concept.is_me else "This is me", "me")
        self._item("merge", "Merge into…", "merge")
        self._item("close", "Not this, from a picture…", "reject")
        self.menu.addSeparator()
        self._item("trash", "Remove…", "remove")

    def _item(self, icon: str, text: str, wish: str) -> None:
        act: Callable[[], None] = lambda: self.wanted.emit(wish)  # noqa: E731
        self.menu.addAction(self._icons.icon(icon, "muted"), text, act)

    def _show_crops(self, exemplars: tuple[str, ...]) -> None:
        empty(self._strip)
        for exemplar in exemplars:
            place = QLabel()
            place.setFixedSize(SIDE, SIDE)
            self._strip.addWidget(place)
            self._pictures.crop(exemplar, SIDE * 2, self, _into(place))
        if not exemplars:
            place = QLabel()
            place.setFixedSize(SIDE, SIDE)
            self._icons.put_drawing(
                place, self.entry.concept.kind if self.entry else "thing", "muted", 40
            )
            self._strip.addWidget(place)
        self._strip.addStretch(1)


def _into(place: QLabel) -> Callable[[QImage | None], None]:
    def show(image: QImage | None) -> None:
        if image is not None and shiboken6.isValid(place):
            place.setPixmap(_rounded(image))

    return show


def _rounded(image: QImage) -> QPixmap:
    pixmap = QPixmap(image.size())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    corners = QPainterPath()
    corners.addRoundedRect(pixmap.rect(), CORNER_PX * 2, CORNER_PX * 2)
    painter.setClipPath(corners)
    painter.drawImage(0, 0, image)
    painter.end()
    pixmap.setDevicePixelRatio(image.width() / SIDE)
    return pixmap
