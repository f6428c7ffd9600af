"""One concept of the gallery."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.facts import Concept, GalleryEntry, likely
from ui.controls import button, empty, label, row, tool
from ui.icons import Icons
from ui.pictures import Pictures
from ui.wording import KINDS, cannot_be_said, count, unmarked

WIDTH, SIDE, MOST_CROPS = 264, 72, 3
CORNER_PX = 6
_END = Qt.TextElideMode.ElideRight
_SMOOTH = Qt.TransformationMode.SmoothTransformation


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
    """One of `rename`, `alias`, `describe`, `look`, `me`, `merge`, `view`, `reject`, `remove`."""

    dropped = Signal(str)
    """Another card was dropped on this one: its concept."""

    def __init__(self, pictures: Pictures, icons: Icons) -> None:
        super().__init__()
        self._pictures, self._icons = pictures, icons
        self._crops: tuple[str, ...] | None = None
        self.entry: GalleryEntry | None = None
        self._unspoken = False
        self.setProperty("role", "card")
        self.setFixedSize(WIDTH, 216)
        self.setAcceptDrops(True)
        self._pressed: QPoint | None = None
        self._strip = QHBoxLayout()
        self._strip.setSpacing(8)
        self._dot = ColourDot()
        self.name = label("", "heading")
        self._sure = label("", "small")
        self._line = label("", "small")
        self._traits = label("", "muted")
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
        layout.addLayout(row(self._dot, self.name, None, self._sure))
        layout.addWidget(self._line)
        layout.addWidget(self._traits)
        layout.addWidget(self._said)
        layout.addStretch(1)
        layout.addLayout(row(self.add_view, None, self.more))

    def show_entry(self, entry: GalleryEntry, *, unspoken: bool = False) -> None:
        """Show a concept as it is now; `unspoken`: its name can be typed, but not said."""
        if (entry, unspoken) == (self.entry, self._unspoken):
            self.say("")
            return
        self.entry, self._unspoken = entry, unspoken
        concept = entry.concept
        self._dot.colour = concept.colour
        self._dot.update()
        name = self.fontMetrics().elidedText(concept.name, _END, 190 if entry.seen is None else 150)
        self.name.setText(name)
        self.name.setToolTip("" if name == concept.name else "The name is shortened here.")
        parts = ["Me" if concept.is_me else dict(KINDS)[concept.kind]]
        if unspoken:
            parts.append("only typed")
        parts.append(count(entry.positives, "view"))
        if concept.demo:
            parts.append("part of the demo")
        if entry.negatives:
            parts.append(f"{entry.negatives} “not this”")
        self._line.setText(self._line.fontMetrics().elidedText(" · ".join(parts), _END, WIDTH - 28))
        self._line.setToolTip(unmarked(cannot_be_said([concept.name])) if unspoken else "")
        need = self._tell(concept, entry)
        need += self._tell_sure(entry.seen)
        self.say("")
        self.setAccessibleName(f"{concept.name}: {' · '.join([*parts, *need])}")
        self.more.setAccessibleName(f"More for {concept.name}")
        self.add_view.setAccessibleName(f"Add a view of {concept.name}")
        self._fill_menu(entry)
        for part in (self.add_view, self.more):
            part.setVisible(not concept.demo)
        most = MOST_CROPS - bool(entry.negatives)
        wrong = entry.exemplars[entry.positives :][-1:]
        right = entry.exemplars[: min(most, entry.positives)]
        if (*right, *wrong) != self._crops:
            self._crops = (*right, *wrong)
            self._show_crops(right, wrong)

    def _tell(self, concept: Concept, entry: GalleryEntry) -> list[str]:
        """Its other names, and what it is known by; or what it needs, which comes back."""
        also = f"also {', '.join(concept.aliases)}" if concept.aliases else ""
        words = " · ".join(part for part in (also, concept.description) if part)
        need: list[str] = []
        if entry.unseen:
            every = entry.unseen == len(entry.exemplars)
            need = [f"{'needs' if every else f'{entry.unseen} views need'} showing again"]
            words = need[0]
        words = f"{words[:1].upper()}{words[1:]}"
        self._traits.setText(self.fontMetrics().elidedText(words, _END, WIDTH - 28))
        self._traits.setToolTip(unmarked(words))
        self._traits.setVisible(bool(words))
        return need

    def _tell_sure(self, seen: float | None) -> list[str]:
        """How probable the name was when it was given last; and the same in words."""
        chance = "" if seen is None else likely(seen)
        self._sure.setText(chance.removesuffix(" likely"))
        self._sure.setToolTip(chance and f"When it was named last, it was {chance}.")
        self._sure.setVisible(bool(chance))
        return [f"named last: {chance}"] if chance else []

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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = event.position().toPoint() if left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It is picked up, to be dropped on the card that it is the same as."""
        entry, start = self.entry, self._pressed
        if entry is None or start is None or entry.concept.demo:
            return
        moved = (event.position().toPoint() - start).manhattanLength()
        if moved < QApplication.startDragDistance():
            return
        self._pressed = None
        data = QMimeData()
        data.setData(DRAGGED, entry.concept.id.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab().scaledToWidth(WIDTH // 2, _SMOOTH))
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._takes(event.mimeData()) is not None:
            self._mark(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        concept = self._takes(event.mimeData())
        self._mark(False)
        if concept is not None:
            event.acceptProposedAction()
            # The drag must have ended before anything is asked.
            QTimer.singleShot(0, self, lambda: self.dropped.emit(concept))

    def _takes(self, data: QMimeData) -> str | None:
        """The concept of the card that is held over this one, if it can be the same."""
        entry = self.entry
        if entry is None or entry.concept.demo or not data.hasFormat(DRAGGED):
            return None
        concept = bytes(data.data(DRAGGED).data()).decode()
        return None if concept == entry.concept.id else concept

    def _mark(self, on: bool) -> None:
        """Show that what is held would be dropped here."""
        self.setProperty("role", "card-marked" if on else "card")
        self.style().unpolish(self)
        self.style().polish(self)

    def _fill_menu(self, entry: GalleryEntry) -> None:
        self.menu.clear()
        self._item("edit", "Rename…", "rename")
        self._item("text", "Known by…", "describe")
        self._item("text", "Have the model describe it", "look")
        self._item("add", "Also called…", "alias")
        if entry.concept.kind == "person":
            self._item("me", "This is not me" if entry.concept.is_me else "This is me", "me")
        self._item("merge", "Merge into…", "merge")
        self._item("close", "Not this, from a picture…", "reject")
        self.menu.addSeparator()
        self._item("trash", "Remove…", "remove")

    def _item(self, icon: str, text: str, wish: str) -> None:
        act: Callable[[], None] = lambda: self.wanted.emit(wish)  # noqa: E731
        self.menu.addAction(self._icons.icon(icon, "muted"), text, act)

    def _show_crops(self, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
        """Views, and last one of what it was said not to be, struck through."""
        empty(self._strip)
        name = self.entry.concept.name if self.entry else ""
        for exemplar in (*right, *wrong):
            place = QLabel()
            place.setFixedSize(SIDE, SIDE)
            self._strip.addWidget(place)
            struck = exemplar in wrong
            words = f"Not {name}" if struck else f"A view of {name}"
            place.setToolTip(unmarked(words))
            place.setAccessibleName(words)
            self._pictures.crop(exemplar, SIDE * 2, self, _into(place, struck=struck))
        if not right and not wrong:
            place = QLabel()
            place.setFixedSize(SIDE, SIDE)
            self._icons.put_drawing(
                place, self.entry.concept.kind if self.entry else "thing", "muted", 40
            )
            self._strip.addWidget(place)
        self._strip.addStretch(1)


DRAGGED = "application/x-nacre-concept"


def _into(place: QLabel, *, struck: bool) -> Callable[[QImage | None], None]:
    def show(image: QImage | None) -> None:
        if image is not None and shiboken6.isValid(place):
            place.setPixmap(_rounded(image, struck=struck))

    return show


def _rounded(image: QImage, *, struck: bool = False) -> QPixmap:
    pixmap = QPixmap(image.size())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    corners = QPainterPath()
    corners.addRoundedRect(pixmap.rect(), CORNER_PX * 2, CORNER_PX * 2)
    painter.setClipPath(corners)
    painter.drawImage(0, 0, image)
    if struck:
        painter.fillRect(pixmap.rect(), QColor(16, 20, 23, 130))
        for width, colour in ((10, QColor(16, 20, 23)), (5, QColor("#EE7B78"))):
            painter.setPen(QPen(colour, width))
            painter.drawLine(0, image.height(), image.width(), 0)
    painter.end()
    pixmap.setDevicePixelRatio(image.width() / SIDE)
    return pixmap
