"""How Nacre looks."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from ui.controls import check, chips, column, row
from ui.preferences import Preferences, Theme

THEMES: tuple[tuple[Theme, str], ...] = (
    ("system", "As the system"),
    ("dark", "Dark"),
    ("light", "Light"),
)


class Appearance(QWidget):
    """Each change holds at once."""

    theme_changed = Signal()

    def __init__(self, preferences: Preferences, save: Callable[[], None]) -> None:
        super().__init__()
        self._preferences, self._save = preferences, save
        group = QButtonGroup(self)
        themes = chips(group, [title for _, title in THEMES], "Colours")
        themes[[theme for theme, _ in THEMES].index(preferences.theme)].setChecked(True)
        group.idClicked.connect(self._choose_theme)
        still = "Less motion: captions go away without fading"
        self.still = check(still, preferences.less_motion, self._choose_still)
        inner = column(spacing=12)
        inner.addLayout(row(*themes, None))
        inner.addWidget(self.still)
        self.setLayout(inner)

    def _choose_theme(self, number: int) -> None:
        self._preferences.theme = THEMES[number][0]
        self._save()
        self.theme_changed.emit()

    def _choose_still(self, on: bool) -> None:
        self._preferences.less_motion = on
        self._save()
