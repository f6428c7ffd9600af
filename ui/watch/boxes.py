"""The layer over the frozen picture on which one box is clicked or dragged."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from engine.facts import ConceptKind, Proposal
from engine.media import Box
from ui.theme import Colours
from ui.watch.preview import Preview

DRAG_FROM_PX = 6
SMALLEST_PX = 8
LINE = "#FFFFFF"


class ProposalBox(QAbstractButton):
    """One proposed box: a thin outline, reached by the mouse (through its layer) and by Tab."""

    def __init__(self, parent: QWidget, proposal: Proposal, number: int, colour: str) -> None:
        super().__init__(parent)
        self.proposal = proposal
        self._colour = QColor(colour)
        self.chosen = False
        self.hovered = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"Proposal {number}: {proposal.kind}, {proposal.score:.0%} sure")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        strong = self.chosen or self.hovered or self.hasFocus()
        painter.setPen(QPen(QColor(0, 0, 0, 120), 3.0))
        painter.drawRoundedRect(area, 4, 4)
        painter.setPen(QPen(self._colour if strong else QColor(LINE), 2.0 if strong else 1.2))
        if strong:
            tint = QColor(self._colour)
            tint.setAlpha(36)
            painter.setBrush(tint)
        painter.drawRoundedRect(area, 4, 4)


class BoxLayer(QWidget):
    """Covers the preview; a click takes the smallest proposal there, a drag draws a box."""

    chosen = Signal(object, str)
    """`Box` (None: the whole picture) and the guessed kind."""

    cancelled = Signal()

    def __init__(self, preview: Preview, colours: Colours) -> None:
        super().__init__(preview)
        self._preview = preview
        self._colours = colours
        self._boxes: list[ProposalBox] = []
        self._from: QPointF | None = None
        self._drag: QRectF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        preview.resized.connect(self.place)
        self.hide()

    def begin(self) -> None:
        """Cover the preview with nothing chosen."""
        self.clear()
        self.place()
        self.show()
        self.raise_()

    def clear(self) -> None:
        for box in self._boxes:
            box.hide()
            box.deleteLater()
        self._boxes, self._drag, self._from = [], None, None
        self.update()

    def offer(self, proposals: tuple[Proposal, ...]) -> None:
        """Show these boxes."""
        colour = self._colours.accent if self._colours.dark else "#6FD3C7"
        for number, proposal in enumerate(proposals, 1):
            box = ProposalBox(self, proposal, number, colour)
            box.clicked.connect(self._take_sender)
            self._boxes.append(box)
        for box in sorted(self._boxes, key=lambda b: -b.proposal.box.area):
            box.raise_()
        self.place()
        for box in self._boxes:
            box.show()

    @property
    def boxes(self) -> list[ProposalBox]:
        return self._boxes

    def place(self) -> None:
        self.setGeometry(self._preview.rect())
        for box in self._boxes:
            area = self._preview.to_view(box.proposal.box)
            box.setGeometry(area.toRect().adjusted(-2, -2, 2, 2))

    def take(self, box: ProposalBox) -> None:
        """Choose a proposal."""
        self._drag = None
        for other in self._boxes:
            other.chosen = other is box
            other.update()
        self.update()
        self.chosen.emit(box.proposal.box, box.proposal.kind)

    def marked(self) -> QRect | None:
        """Where the chosen box lies in the layer."""
        if self._drag is not None:
            return self._drag.toRect()
        return next((b.geometry() for b in self._boxes if b.chosen), None)

    def _take_sender(self) -> None:
        sender = self.sender()
        if isinstance(sender, ProposalBox):
            self.take(sender)

    def _under(self, point: QPointF) -> ProposalBox | None:
        inside = [b for b in self._boxes if b.geometry().contains(point.toPoint())]
        return min(inside, key=lambda b: b.proposal.box.area) if inside else None

    def _guess(self, box: Box) -> ConceptKind:
        best = max(self._boxes, key=lambda b: b.proposal.box.overlap(box), default=None)
        if best is not None and best.proposal.box.overlap(box) > 0.3:
            return best.proposal.kind
        return "thing"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._from is None:
            under = self._under(point)
            for box in self._boxes:
                if box.hovered != (box is under):
                    box.hovered = box is under
                    box.update()
            return
        if self._drag or (point - self._from).manhattanLength() >= DRAG_FROM_PX:
            area = QRectF(self._from, point).normalized()
            self._drag = area.intersected(self._preview.picture_rect())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        began, self._from = self._from, None
        dragged = (event.position() - began).manhattanLength() >= DRAG_FROM_PX
        if dragged and self._drag is not None:
            box = self._preview.to_picture(self._drag)
            if min(box.w, box.h) >= SMALLEST_PX:
                for other in self._boxes:
                    other.chosen = False
                    other.update()
                self.chosen.emit(box, self._guess(box))
            return
        under = self._under(event.position())
        if under is not None:
            self.take(under)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self._preview.picture_rect(), QColor(0, 0, 0, 60))
        if self._drag is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 120), 4.0))
        painter.drawRoundedRect(self._drag, 4, 4)
        painter.setPen(QPen(QColor("#6FD3C7"), 2.0))
        painter.setBrush(QColor(111, 211, 199, 36))
        painter.drawRoundedRect(self._drag, 4, 4)
