"""The Settings page."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QLayout, QPushButton

from ui.controls import column, empty, frame, label, row
from ui.page import Page
from ui.preferences import Theme
from ui.surroundings import Surroundings
from ui.wording import size

THEMES: tuple[tuple[Theme, str], ...] = (
    ("system", "As the system"),
    ("dark", "Dark"),
    ("light", "Light"),
)
KEYS = (
    ("Ctrl+1 … Ctrl+6", "the six pages"),
    ("R", "remember who or what is in the picture"),
    ("Ctrl+P", "pause, and go on"),
    ("Enter, Esc", "ask, and stop the answer"),
    ("← →", "on the timeline: the clip before, the clip after"),
    ("+ − End", "on the timeline: closer, further, now"),
    ("Ctrl+Q", "close Nacre"),
)
CONSENT_WORDS = {
    "recording": "Recording",
    "camera": "Camera",
    "screen": "Screen",
    "url": "Address",
    "demo": "Bundled clip",
}


class SettingsPage(Page):
    """Each change holds at once and is saved at once."""

    theme_changed = Signal()
    changed = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Settings")
        self.under.hide()
        self._bridge, self._preferences = around.bridge, around.preferences
        self._group = QButtonGroup(self)
        chips: list[QPushButton] = []
        for number, (theme, title) in enumerate(THEMES):
            chip = QPushButton(title)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setChecked(theme == self._preferences.theme)
            chip.setAccessibleName(f"Colours: {title}")
            self._group.addButton(chip, number)
            chips.append(chip)
        self._group.idClicked.connect(self._choose_theme)
        self.unknown = QCheckBox("Draw boxes also around people and things without a name")
        self.unknown.setAccessibleName(self.unknown.text())
        self.unknown.setChecked(self._preferences.show_unknown)
        self.unknown.toggled.connect(self._choose_unknown)
        self._allowed = column(spacing=4)
        self._section("Appearance", row(*chips, None))
        self._section("Preview", row(self.unknown, None))
        self._section("Memory", self._memory())
        self._section("Allowed sources", self._allowed)
        self._section("Keys", self._keys())
        version = f"Nacre {self._preferences.version}".strip()
        about = column(
            label(version, "heading"),
            label("Free software under the Apache Licence 2.0.", "muted"),
            label("Nothing that is seen or asked leaves this computer.", "muted"),
            spacing=4,
        )
        self._section("About", about)

    def _section(self, title: str, inner: QLayout) -> None:
        box = frame("card")
        layout = column(label(title, "heading"), spacing=8)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.addLayout(inner)
        box.setLayout(layout)
        self.body.addWidget(box)

    def _memory(self) -> QLayout:
        p = self._preferences
        budget = f"{p.retention_days:g} days and up to {size(p.retention_bytes)}"
        text = f"Kept for {budget}; the oldest goes first."
        lines = column(label(text, wrap=True), spacing=4)
        if p.data_folder is not None:
            where = f"Everything lies, encrypted, in {p.data_folder}"
            lines.addWidget(label(where, "muted", wrap=True, select=True))
        return lines

    def _keys(self) -> QLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for number, (keys, what) in enumerate(KEYS):
            grid.addWidget(label(keys), number, 0)
            grid.addWidget(label(what, "muted", wrap=True), number, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _choose_theme(self, number: int) -> None:
        self._preferences.theme = THEMES[number][0]
        self._preferences.save(self._preferences)
        self.theme_changed.emit()

    def _choose_unknown(self, on: bool) -> None:
        self._preferences.show_unknown = on
        self._preferences.save(self._preferences)
        self.changed.emit()

    def show_consents(self, consents: frozenset[str]) -> None:
        """The sources that may be watched without asking again."""
        empty(self._allowed)
        for consent in sorted(consents):
            kind, _, address = consent.partition(":")
            words = f"{CONSENT_WORDS.get(kind, kind)} {address}".strip()
            self._allowed.addWidget(label(words, wrap=True, select=True))
        if not consents:
            text = "None yet. Each source is asked about once, before it is looked at."
            self._allowed.addWidget(label(text, "muted", wrap=True))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bridge.read(self._bridge.archive.consents, self, self.show_consents)
