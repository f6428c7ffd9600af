"""Colours and the style sheet, dark and light; follows the system's scheme."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.preferences import Theme
from ui.style import STYLE

RADIUS = 8
GRID = 4
FONT_PX = 13


@dataclass(slots=True, kw_only=True)
class Colours:
    """One colour for each purpose, as `#rrggbb`. The window has one instance that every widget
    holds, and changes it in place when the theme changes."""

    dark: bool
    surface: str
    raised: str
    inset: str
    line: str
    hover: str
    text: str
    muted: str
    accent: str
    on_accent: str
    second: str
    warning: str
    danger: str
    on_danger: str

    def colour(self, name: str) -> QColor:
        return QColor(getattr(self, name))

    def become(self, other: "Colours") -> None:
        """Take over all colours of another theme."""
        for name in Colours.__dataclass_fields__:
            setattr(self, name, getattr(other, name))


DARK = Colours(
    dark=True,
    surface="#101417",
    raised="#171C20",
    inset="#20272C",
    line="#2C353B",
    hover="#2A3339",
    text="#E8EDEF",
    muted="#9FB0B8",
    accent="#6FD3C7",
    on_accent="#0C1F1D",
    second="#C3A6E8",
    warning="#F2B872",
    danger="#EE7B78",
    on_danger="#2A0D0C",
)

LIGHT = Colours(
    dark=False,
    surface="#F7F9F9",
    raised="#FFFFFF",
    inset="#E9EEEF",
    line="#D3DCDF",
    hover="#DDE5E7",
    text="#172024",
    muted="#52636B",
    accent="#0A7568",
    on_accent="#FFFFFF",
    second="#6D46A3",
    warning="#8A5200",
    danger="#B3322F",
    on_danger="#FFFFFF",
)
"""The accent is a shade darker than the design's #0C8F80, which as text on #F7F9F9 is only
3.8:1; the second accent, warning and danger are darkened for the same reason."""


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""

    def luminance(name: str) -> float:
        def linear(c: float) -> float:
            return c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4

        q = QColor(name)
        r, g, b = linear(q.redF()), linear(q.greenF()), linear(q.blueF())
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def choose(theme: Theme) -> Colours:
    """The colours of a setting; where the system does not say, dark."""
    if theme == "light":
        return LIGHT
    if theme == "dark":
        return DARK
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK


def palette(c: Colours) -> QPalette:
    """The same colours for what the style sheet does not reach (native dialogs, selections)."""
    p = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: c.surface,
        role.WindowText: c.text,
        role.Base: c.raised,
        role.AlternateBase: c.inset,
        role.Text: c.text,
        role.Button: c.inset,
        role.ButtonText: c.text,
        role.BrightText: c.danger,
        role.ToolTipBase: c.inset,
        role.ToolTipText: c.text,
        role.PlaceholderText: c.muted,
        role.Highlight: c.accent,
        role.HighlightedText: c.on_accent,
        role.Link: c.accent,
        role.LinkVisited: c.accent,
        role.Accent: c.accent,
        role.Mid: c.line,
        role.Light: c.hover,
        role.Dark: c.line,
        role.Shadow: c.line,
    }
    for name, value in pairs.items():
        p.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        p.setColor(QPalette.ColorGroup.Disabled, name, QColor(c.muted))
    return p


def style_sheet(c: Colours, icons: Path) -> str:
    """The style sheet with its `@name` tokens filled in; `icons` is the folder of drawings."""
    sheet = STYLE.replace("@icons", icons.as_posix())
    sheet = sheet.replace("@scheme", "dark" if c.dark else "light")
    names = sorted((n for n in Colours.__dataclass_fields__ if n != "dark"), reverse=True)
    for name in names:
        sheet = sheet.replace(f"@{name};", f"{getattr(c, name)};")
        sheet = sheet.replace(f"@{name} ", f"{getattr(c, name)} ")
    return sheet


def apply(app: QApplication, c: Colours, icons: Path) -> None:
    """Dress the whole application."""
    sheet = style_sheet(c, icons)
    if app.styleSheet() == sheet:
        return
    font = QFont(app.font())
    font.setPixelSize(FONT_PX)
    app.setFont(font)
    app.setStyle("Fusion")
    app.setPalette(palette(c))
    app.setStyleSheet(sheet)


def follow_system(changed: Callable[[], None]) -> None:
    """Call back whenever the system's scheme changes."""

    def scheme_changed(_: Qt.ColorScheme) -> None:
        changed()

    QGuiApplication.styleHints().colorSchemeChanged.connect(scheme_changed)
