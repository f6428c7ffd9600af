"""Small makers of widgets, so that every control has its role, name and tab stop."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.icons import Icons
from ui.wording import breakable

MOST_WIDTHS = 8
CHANGES_HEIGHT = frozenset(
    {
        QEvent.Type.FontChange,
        QEvent.Type.StyleChange,
        QEvent.Type.Polish,
        QEvent.Type.ContentsRectChange,
        QEvent.Type.DevicePixelRatioChange,
    }
)


class Words(QLabel):
    """A label that breaks its lines, and remembers how high it is for a width.

    Qt asks every line of a list for that whenever one of them changes, several times over, and each
    time lays the text out anew: in a conversation of 300 messages 75 ms for every piece of an
    answer. A style's padding counts as well, so what may change either forgets it.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._heights: dict[int, int] = {}
        self._of = ""

    def heightForWidth(self, arg__1: int) -> int:
        if (text := self.text()) != self._of:
            self._of = text
            self._heights.clear()
        height = self._heights.get(arg__1)
        if height is None:
            if len(self._heights) >= MOST_WIDTHS:
                self._heights.clear()
            height = self._heights[arg__1] = super().heightForWidth(arg__1)
        return height

    def event(self, e: QEvent) -> bool:
        if e.type() in CHANGES_HEIGHT:
            self._heights.clear()
        return super().event(e)


def label(text: str = "", role: str = "", *, wrap: bool = False, select: bool = False) -> QLabel:
    """A label that shows its text as it is: what was read or typed is never markup."""
    made = Words(breakable(text)) if wrap else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if select:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def chips(group: QButtonGroup, titles: Sequence[str], name: str) -> list[QPushButton]:
    """Buttons of which one is down, in `group` by their number; `name` says what they choose."""
    made: list[QPushButton] = []
    for number, title in enumerate(titles):
        chip = QPushButton(title)
        chip.setProperty("role", "chip")
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        chip.setAccessibleName(f"{name}: {title}")
        group.addButton(chip, number)
        made.append(chip)
    return made


def check(words: str, on: bool, toggled: Callable[[bool], object]) -> QCheckBox:
    """A box to tick, whose words are its name."""
    made = QCheckBox(words)
    made.setAccessibleName(words)
    made.setChecked(on)
    made.toggled.connect(toggled)
    return made


def button(text: str, clicked: Callable[[], object], role: str = "", name: str = "") -> QPushButton:
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    made.setAccessibleName(name or text.rstrip("…"))
    made.setAutoDefault(False)
    made.clicked.connect(ignoring_state(clicked))
    return made


def ignoring_state(clicked: Callable[[], object]) -> Callable[[bool], None]:
    """For signals that tell whether a button is checked."""

    def press(_checked: bool) -> None:
        clicked()

    return press


def tool(
    icons: Icons,
    drawing: str,
    name: str,
    clicked: Callable[[], object] | None = None,
    role: str = "quiet",
) -> QToolButton:
    """A button that is only an icon; its name is its tool tip."""
    made = QToolButton()
    icons.put(made, drawing)
    made.setIconSize(QSize(20, 20))
    made.setProperty("role", role)
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if clicked:
        made.clicked.connect(ignoring_state(clicked))
    return made


def dress(part: QLabel | QPushButton, text: str, role: str) -> None:
    """Change what a label or a button says, and how it looks."""
    if (part.property("role") or "") != role:
        part.setProperty("role", role)
        part.style().polish(part)
    part.setText(text)


@contextmanager
def laid_out_once(widget: QWidget) -> Generator[None]:
    """Lay out `widget`, and what holds it, once at the end: many changes inside cost one layout
    each otherwise."""
    resting: list[QLayout] = []
    holder: QWidget | None = widget
    while holder is not None and (layout := holder.layout()) is not None:
        if layout.isEnabled():
            layout.setEnabled(False)
            resting.append(layout)
        holder = holder.parentWidget()
    try:
        yield
    finally:
        for layout in reversed(resting):
            layout.setEnabled(True)
            layout.invalidate()


def indent(box: QAbstractSpinBox) -> None:
    """Set the text of a spin box off its left edge; its style sheet's padding does not."""
    box.lineEdit().setTextMargins(6, 0, 0, 0)


def frame(role: str) -> QFrame:
    made = QFrame()
    made.setProperty("role", role)
    return made


def rule() -> QFrame:
    """A thin horizontal line."""
    made = frame("rule")
    made.setFixedHeight(1)
    return made


def row(*items: QWidget | int | None, spacing: int = 8) -> QHBoxLayout:
    """Widgets beside each other; None stretches, a number is a gap."""
    made = QHBoxLayout()
    _fill(made, items, spacing)
    return made


def column(*items: QWidget | int | None, spacing: int = 8) -> QVBoxLayout:
    """Widgets under each other; None stretches, a number is a gap."""
    made = QVBoxLayout()
    _fill(made, items, spacing)
    return made


def _fill(
    layout: QHBoxLayout | QVBoxLayout, items: tuple[QWidget | int | None, ...], spacing: int
) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)


def scrolling(inside: QWidget, name: str) -> QScrollArea:
    """A scroll area that widens its content and never scrolls sideways."""
    inside.setProperty("role", "inside")
    made = QScrollArea()
    made.setWidget(inside)
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


def empty(layout: QLayout) -> None:
    """Remove everything from a layout."""
    while (item := layout.takeAt(0)) is not None:  # pyright: ignore[reportUnnecessaryComparison]
        widget = item.widget()
        if widget is not None:  # pyright: ignore[reportUnnecessaryComparison]
            widget.hide()
            widget.deleteLater()
        inner = item.layout()
        if inner is not None:  # pyright: ignore[reportUnnecessaryComparison]
            empty(inner)


def bring_to_front(window: QWidget) -> None:
    """Show it above all others, where the desktop lets a program do so."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()


def shrink(widget: QWidget) -> None:
    """Let a widget be narrower than its content wishes."""
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
