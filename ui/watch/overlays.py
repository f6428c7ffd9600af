"""Boxes and names over the preview."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from engine.facts import Overlay, likely
from engine.media import Box
from ui.theme import contrast

PEN_PX = 2.0
CORNER_PX = 6.0
INK, PAPER = "#101417", "#FFFFFF"
NEUTRAL = "#E8EDEF"

ToView = Callable[[Box], QRectF]


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on this colour."""
    return INK if contrast(INK, colour) >= contrast(PAPER, colour) else PAPER


def draw(
    painter: QPainter,
    overlays: Iterable[Overlay],
    to_view: ToView,
    limits: QRectF,
    *,
    show_unknown: bool,
    hovered: int | None,
) -> None:
    """Known: solid box and name. Unsure: dashed (its question is a chip). Unknown: if wanted."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for overlay in overlays:
        if overlay.certainty == "unknown" and not show_unknown:
            continue
        known = overlay.certainty == "sure"
        colour = overlay.colour if overlay.concept else NEUTRAL
        place = to_view(overlay.box)
        _box(painter, place, colour, dashed=not known)
        if overlay.certainty == "maybe":
            continue
        text = overlay.name if known else (overlay.name or "someone")
        if overlay.track == hovered and known:
            text = f"{text}, {likely(overlay.score)}"
        _name(painter, place, text, colour, limits, filled=known)


def _box(painter: QPainter, place: QRectF, colour: str, *, dashed: bool) -> None:
    shadow = QPen(QColor(0, 0, 0, 110), PEN_PX + 2)
    pen = QPen(QColor(colour), PEN_PX)
    if dashed:
        pen.setDashPattern([4, 3])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if not dashed:
        painter.setPen(shadow)
        painter.drawRoundedRect(place, CORNER_PX, CORNER_PX)
    painter.setPen(pen)
    painter.drawRoundedRect(place, CORNER_PX, CORNER_PX)


def _name(
    painter: QPainter, place: QRectF, text: str, colour: str, limits: QRectF, *, filled: bool
) -> None:
    metrics = QFontMetricsF(painter.font())
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, min(240.0, limits.width() - 24))
    width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 4
    x = min(max(place.left(), limits.left()), limits.right() - width)
    y = place.top() - height - 4
    if y < limits.top():
        y = max(place.top(), limits.top()) + 4
        x = min(x + 4, limits.right() - width)
    pill = QRectF(QPointF(x, y), QPointF(x + width, y + height))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour) if filled else QColor(16, 20, 23, 200))
    painter.drawRoundedRect(pill, CORNER_PX, CORNER_PX)
    painter.setPen(QColor(ink_on(colour) if filled else NEUTRAL))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
