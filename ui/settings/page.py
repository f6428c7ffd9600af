"""The Settings page."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLayout

from engine.errors import EngineError
from engine.messages import BystandersChanged, ModelChanged, SpareBystanders
from ui.controls import check, column, empty, frame, label, row
from ui.page import Page
from ui.settings.appearance import Appearance
from ui.settings.exclusions import ExcludedWindows
from ui.settings.keeping import Keeping
from ui.settings.server import ModelServer
from ui.settings.unasked import UnaskedSettings
from ui.settings.voice import VoiceSettings
from ui.surroundings import Surroundings

KEYS = (
    ("Ctrl+1 … Ctrl+6", "the six pages"),
    ("R", "remember who or what is in the picture"),
    ("F8 held", "talk to Nacre"),
    ("Esc, F9", "stop what is being said, and say nothing until F9 is pressed again"),
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
    "microphone": "Microphone",
}


class SettingsPage(Page):
    """Each change holds at once and is saved at once."""

    theme_changed = Signal()
    changed = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Settings")
        self.under.hide()
        self._bridge, self._preferences = around.bridge, around.preferences
        self.appearance = Appearance(self._preferences, self._save_chosen)
        self.appearance.theme_changed.connect(self.theme_changed)
        unknown = "Draw boxes also around people and things without a name"
        self.unknown = check(unknown, self._preferences.show_unknown, self._choose_unknown)
        self.keeping = Keeping(self._preferences, self._save)
        self.excluded = ExcludedWindows(self._preferences, self._save)
        self.said = label("", "danger", wrap=True)
        self.said.hide()
        self.body.addWidget(self.said)
        self._allowed = column(spacing=4)
        self._section("Appearance", column(self.appearance))
        self._section("Preview", row(self.unknown, None))
        self._section("Memory", self._memory())
        spared = "Make people without a name unrecognisable in everything that is kept"
        self.bystanders = check(spared, self._preferences.spare_bystanders, self._choose_bystanders)
        self._section("People without a name", self._bystanders())
        self.voice = VoiceSettings(self._bridge, self._preferences, self._save_chosen)
        self._section("Voice", column(self.voice))
        self.unasked = UnaskedSettings(self._bridge, self._preferences, self._save_chosen)
        self._section("Said without being asked", column(self.unasked))
        self.server: ModelServer | None = None
        if around.chooser is not None:
            self.server = ModelServer(self._bridge, around.chooser)
            self._section("Model server", column(self.server))
            self._bridge.model_changed.connect(self._model_changed)
        self._section("Never looked at on a screen", column(self.excluded))
        self._section("Allowed sources", self._allowed)
        self._section("Keys", self._keys())
        self._section("About", self._about())

    def _section(self, title: str, inner: QLayout) -> None:
        box = frame("card")
        layout = column(label(title, "heading"), spacing=8)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.addLayout(inner)
        box.setLayout(layout)
        self.body.addWidget(box)

    def _memory(self) -> QLayout:
        lines = column(self.keeping, spacing=8)
        folder = self._preferences.data_folder
        if folder is not None:
            where = f"Everything lies, encrypted, in {folder}"
            lines.addWidget(label(where, "muted", wrap=True, select=True))
        return lines

    def _bystanders(self) -> QLayout:
        how = (
            "Nothing is kept by which they could be known again. It holds from now on: what was "
            "kept before stays as it is. It needs the models that find people; without them whole "
            "pictures are made unrecognisable."
        )
        self._bridge.bystanders_changed.connect(self._bystanders_changed)
        return column(self.bystanders, label(how, "muted", wrap=True), spacing=8)

    def _about(self) -> QLayout:
        local = (
            "Nothing that is seen or asked leaves this computer, unless you name a model server."
        )
        return column(
            label(f"Nacre {self._preferences.version}".strip(), "heading"),
            label("Free software under the Apache Licence 2.0.", "muted"),
            label(local, "muted", wrap=True),
            spacing=4,
        )

    def _keys(self) -> QLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for number, (keys, what) in enumerate(KEYS):
            grid.addWidget(label(keys), number, 0)
            grid.addWidget(label(what, "muted", wrap=True), number, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _choose_unknown(self, on: bool) -> None:
        self._preferences.show_unknown = on
        self._save_chosen()
        self.changed.emit()

    def _choose_bystanders(self, on: bool) -> None:
        self._preferences.spare_bystanders = on
        self._save_chosen()
        self._bridge.send(SpareBystanders(on=on))

    def _bystanders_changed(self, event: BystandersChanged) -> None:
        """Also a command may have said so."""
        self._preferences.spare_bystanders = event.spared
        with QSignalBlocker(self.bystanders):
            self.bystanders.setChecked(event.spared)

    def _save(self) -> str:
        """Why it could not be saved, or nothing."""
        try:
            self._preferences.save(self._preferences)
        except EngineError as error:
            return str(error)
        return ""

    def _save_chosen(self) -> None:
        reason = self._save()
        self.said.setText(reason)
        self.said.setVisible(bool(reason))

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
        if self.server is not None:
            self.server.refresh()

    def _model_changed(self, event: ModelChanged) -> None:
        if self.server is not None:
            self.server.show_status(event.model)
            if self.isVisible():
                self.server.refresh()
