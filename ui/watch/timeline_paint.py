"""How the timeline strip is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from engine.media import NANOSECONDS, Span
from engine.ports.memory import ClipEntry
from ui.theme import Colours
from ui.watch.overlays import ink_on
from ui.watch.timeline_data import LANES, Band, Mark, Strip, slots
from ui.wording import clock

THUMB_W, THUMB_H, WIDEST_THUMB = 78, 44, 124
TOP, GAP, LANE_H, MARK_H, AXIS_H = 8, 6, 18, 14, 18
BANDS_Y = TOP + THUMB_H + GAP
MARKS_Y = BANDS_Y + LANES * LANE_H
AXIS_Y = MARKS_Y + MARK_H
HEIGHT = AXIS_Y + AXIS_H
NARROWEST_NAME = 44
"""A name that does not fit is cut off only where something of it can still be read."""
TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the painter needs besides the strip itself."""

    colours: Colours
    concept_colours: dict[str, str]
    lent_names: dict[str, str]
    picture: Callable[[ClipEntry], QImage | None]
    cursor: int | None
    now: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Wall time to pixels and back."""

    view: Span
    width: int

    def x(self, at: int) -> float:
        return (at - self.view.start) / (self.view.end - self.view.start) * self.width

    def at(self, x: float) -> int:
        share = x / max(self.width, 1)
        return self.view.start + round(share * (self.view.end - self.view.start))


def draw(painter: QPainter, strip: Strip, scale: Scale, look: Look) -> None:
    """Paint thumbnails, bands, marks, the axis, the shown moment and now."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    _watched(painter, strip, scale, look)
    shown = Strip(span=scale.view, clips=strip.clips)
    painter.save()
    painter.setClipRect(QRectF(0, 0, scale.x(look.now), HEIGHT))
    length, pictures = slots(shown, THUMB_W, scale.width)
    width = min(scale.x(scale.view.start + length) - 2, WIDEST_THUMB)
    for start, clip in pictures:
        area = QRectF(scale.x(start) + 1, TOP, width, THUMB_H)
        _thumb(painter, area, look.picture(clip), look)
    painter.restore()
    for band in strip.bands:
        _band(painter, band, scale, look)
    for mark in strip.marks:
        _mark(painter, mark, scale, look)
    _axis(painter, scale, look)
    if look.cursor is not None:
        _line(painter, scale.x(look.cursor), look.colours.text)
    _line(painter, scale.x(look.now), look.colours.accent)


def _watched(painter: QPainter, strip: Strip, scale: Scale, look: Look) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colours.colour("inset"))
    for stretch in strip.watched:
        x0, x1 = scale.x(stretch.at.start), scale.x(stretch.at.end)
        painter.drawRect(QRectF(x0, TOP, max(x1 - x0, 1), THUMB_H))


def _thumb(painter: QPainter, area: QRectF, image: QImage | None, look: Look) -> None:
    if image is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colours.colour("hover"))
        painter.drawRect(area)
        return
    height = image.width() * area.height() / area.width()
    part = QRectF(0, (image.height() - height) / 2, image.width(), height)
    painter.drawImage(area, image, part.intersected(QRectF(image.rect())))


def _band(painter: QPainter, band: Band, scale: Scale, look: Look) -> None:
    x0, x1 = scale.x(band.at.start), scale.x(band.at.end)
    area = QRectF(x0, BANDS_Y + band.lane * LANE_H + 1, max(x1 - x0, 4), LANE_H - 3)
    colour = look.concept_colours.get(band.concept or "", look.colours.line)
    known = band.concept in look.concept_colours
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(area, 3, 3)
    metrics = QFontMetricsF(painter.font())
    visible = area.intersected(QRectF(0, area.y(), scale.width, area.height()))
    inner = visible.adjusted(4, 0, -4, 0)
    name = look.lent_names.get(band.concept or "", band.name)
    whole = metrics.horizontalAdvance(name)
    if inner.width() >= min(whole, NARROWEST_NAME):
        painter.setPen(QColor(ink_on(colour) if known else look.colours.text))
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _mark(painter: QPainter, mark: Mark, scale: Scale, look: Look) -> None:
    x, y = scale.x(mark.moment.at), MARKS_Y + MARK_H / 2
    painter.setPen(Qt.PenStyle.NoPen)
    if mark.kind == "remark":
        painter.setBrush(look.colours.colour("second"))
        corners = [QPointF(x, y - 6), QPointF(x + 5, y), QPointF(x, y + 6), QPointF(x - 5, y)]
        painter.drawPolygon(QPolygonF(corners))
        return
    painter.setBrush(look.colours.colour("muted"))
    for row in range(3):
        width = 8 if row < 2 else 5
        painter.drawRoundedRect(QRectF(x - 4, y - 5 + row * 4, width, 2), 1, 1)


def _axis(painter: QPainter, scale: Scale, look: Look) -> None:
    visible = (scale.view.end - scale.view.start) / NANOSECONDS
    step = next((t for t in TICKS_S if visible / t <= max(scale.width / 90, 1)), TICKS_S[-1])
    length = step * NANOSECONDS
    painter.setPen(QPen(look.colours.colour("muted"), 1))
    metrics = QFontMetricsF(painter.font())
    at = -(-scale.view.start // length) * length
    now_from = scale.x(look.now) - metrics.horizontalAdvance("now") - 8
    while at <= scale.view.end:
        x = scale.x(at)
        text = clock(at, seconds=step < 60)
        half = metrics.horizontalAdvance(text) / 2
        if x - half >= 4 and x + half <= min(scale.width - 4, now_from - 8):
            painter.drawText(QPointF(x - half, AXIS_Y + 12), text)
        at += length
    if scale.view.start <= look.now <= scale.view.end:
        painter.setPen(look.colours.colour("accent"))
        painter.drawText(QPointF(now_from, AXIS_Y + 12), "now")


def _line(painter: QPainter, x: float, colour: str) -> None:
    painter.setPen(QPen(QColor(colour), 2))
    painter.drawLine(QPointF(x, 4), QPointF(x, AXIS_Y))
