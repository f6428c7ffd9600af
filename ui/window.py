"""The one window."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import shiboken6
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from engine.facts import SourceSpec
from engine.messages import Failed, GalleryChanged, ModelChanged
from engine.ports.assistant import Assistant
from engine.ports.memory import GalleryFiles
from engine.ports.shelf import FollowPreparation, ModelChooser, ModelShelf, Preparation
from ui import theme
from ui.alerts.page import AlertsPage
from ui.bridge import Bridge
from ui.controls import bring_to_front, column
from ui.desktop.announcer import Announcer
from ui.desktop.tray import Tray
from ui.dialogs import confirm
from ui.gallery.page import GalleryPage
from ui.icons import Icons
from ui.memory.page import MemoryPage
from ui.models.page import ModelsPage
from ui.notice_bar import NoticeBar
from ui.notices import notice
from ui.pictures import Moment, Pictures
from ui.preferences import Preferences
from ui.rail import PAGES, Rail
from ui.settings.page import SettingsPage
from ui.surroundings import Surroundings
from ui.watch.mute import KEY
from ui.watch.page import WatchPage
from ui.watching import Watching

WATCH, GALLERY, ALERTS, MEMORY, MODELS, SETTINGS = range(6)


class MainWindow(QMainWindow):
    """Rail and pages over one `Assistant`. Closing it ends its subscription, not the engine."""

    first_painted = Signal()
    """The first picture of a source stands on the screen."""

    def __init__(
        self,
        assistant: Assistant,
        shelf: ModelShelf,
        preferences: Preferences,
        preparation: FollowPreparation | None = None,
        chooser: ModelChooser | None = None,
        *,
        files: GalleryFiles | None = None,
    ) -> None:
        super().__init__()
        self.preferences = preferences
        self._painted = False
        self._stand_in = ""
        self._unfollow: Callable[[], None] = lambda: None
        self.bridge = Bridge(assistant, self)
        self.watching = Watching(self.bridge, self)
        self.pictures = Pictures(self.bridge, self)
        self.colours = replace(theme.choose(preferences.theme))
        self.icons = Icons(preferences.assets / "icons", self.colours)
        self._shelf, self._chooser, self._files = shelf, chooser, files
        self.setWindowTitle("Nacre")
        self.setWindowIcon(self.icons.mark())
        self.setMinimumSize(QSize(960, 600))
        self.resize(1280, 800)
        self.bridge.forgotten.connect(self._forgotten)
        self.bridge.failed.connect(self._failed)
        self.watching.refused.connect(self._refused)
        self.watching.changed.connect(self._relieve)
        self.watching.consent_wanted.connect(self._ask_consent)
        for number in range(len(PAGES)):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self)
            shortcut.activated.connect(lambda n=number: self.open_page(n))
        QShortcut(QKeySequence.StandardKey.Quit, self).activated.connect(self.close)
        theme.follow_system(self._scheme_changed)
        self.dress()
        self._build()
        self.watch.preview.setFocus()
        self._read_gallery()
        if assistant.features:
            self.bridge.model_changed.emit(
                ModelChanged(features=assistant.features, model=assistant.model)
            )
        if preparation is not None:
            self._unfollow = preparation(self._on_preparation)

    def dress(self) -> None:
        """Put on the colours of the settings."""
        app = QApplication.instance()
        self.colours.become(theme.choose(self.preferences.theme))
        if isinstance(app, QApplication):
            theme.apply(app, self.colours, self.icons.folder)
        self.icons.dress()

    def _build(self) -> None:
        around = Surroundings(
            bridge=self.bridge,
            watching=self.watching,
            pictures=self.pictures,
            shelf=self._shelf,
            preferences=self.preferences,
            icons=self.icons,
            colours=self.colours,
            chooser=self._chooser,
            files=self._files,
        )
        self.watch = WatchPage(around)
        self.gallery = GalleryPage(around)
        self.alerts = AlertsPage(around)
        self.memory = MemoryPage(around)
        self.models = ModelsPage(around)
        self.settings = SettingsPage(around)
        self._assemble()
        self._reach_out()
        self.watch.painted.connect(self._on_painted)
        for page in (self.watch, self.gallery):
            page.models_wanted.connect(lambda: self.open_page(MODELS))
        self.memory.shown.connect(self.show_moment)
        self.alerts.moment_wanted.connect(self.show_moment)
        self.models.settings_wanted.connect(lambda: self.open_page(SETTINGS))
        self.settings.theme_changed.connect(self.dress)
        self.settings.changed.connect(self.watch.refresh_settings)
        self.settings.voice.microphone_changed.connect(self.watch.voice.change)

    def _assemble(self) -> None:
        self.rail = Rail(self.icons)
        self.rail.chosen.connect(self.open_page)
        self.notices = NoticeBar(self.icons)
        self.stack = QStackedWidget()
        pages = (self.watch, self.gallery, self.alerts, self.memory, self.models, self.settings)
        for page, title in zip(pages, PAGES, strict=True):
            page.setAccessibleName(title)
            self.stack.addWidget(page)
        body = QWidget()
        right = column(self.notices, self.stack, spacing=0)
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)
        self.setCentralWidget(body)
        self.rail.mark(WATCH)

    def _reach_out(self) -> None:
        """What is shown outside the window."""
        voice = self.watch.voice
        QShortcut(QKeySequence(KEY), self).activated.connect(voice.mute.press)
        self.tray = Tray(
            self.icons.mark(),
            pause=self.watch.toggle_pause,
            mute=voice.mute.press,
            end=self.close,
            parent=self,
        )
        self.tray.wanted.connect(lambda: bring_to_front(self))
        for changed in (self.watching.changed, voice.mute.changed):
            changed.connect(self._tell_tray)
        self._tell_tray()
        self.announcer = Announcer(
            self.bridge, self.watching, self.preferences, self.tray, self.isActiveWindow
        )
        self.announcer.not_this.connect(self.watch.conversation.not_this)
        self.announcer.moment_wanted.connect(self._go_to)

    def _tell_tray(self) -> None:
        self.tray.show_state(paused=self.watching.paused, muted=self.watch.voice.mute.on)

    def _go_to(self, moment: Moment) -> None:
        bring_to_front(self)
        self.show_moment(moment)

    def open_page(self, number: int) -> None:
        """Show one of the six pages."""
        self.stack.setCurrentIndex(number)
        self.rail.mark(number)

    def show_moment(self, moment: Moment) -> None:
        """Show a moment of the past on the Watch page."""
        self.open_page(WATCH)
        self.watch.show_moment(moment)

    def open_source(self, spec: SourceSpec, *, consented: bool = False) -> str:
        """Watch a source, after consent; returns the run."""
        return self.watching.open(spec, consented=consented)

    def open_default(self) -> None:
        """Play the bundled clip until something else is watched."""

        def found(sources: tuple[SourceSpec, ...]) -> None:
            demo = next((s for s in sources if s.kind == "demo"), None)
            if demo is not None and not self.watching.runs:
                self._stand_in = self.watching.open(demo)

        self.bridge.read(self.bridge.assistant.available_sources, self, found)

    def _relieve(self) -> None:
        """Stop the bundled clip that plays unasked as soon as something else is seen."""
        stand_in, runs = self._stand_in, self.watching.runs.values()
        if stand_in and any(r.state == "open" for r in runs if r.run != stand_in):
            self._stand_in = ""
            self.watching.close(stand_in)

    def _read_gallery(self) -> None:
        archive = self.bridge.archive
        told: list[GalleryChanged] = []
        self.bridge.gallery_changed.connect(told.append)

        def came(read: GalleryChanged) -> None:
            if not told:
                self.bridge.gallery_changed.emit(read)
            self.bridge.gallery_changed.disconnect(told.append)

        def read() -> GalleryChanged:
            changes = archive.changes()
            newest = changes[-1] if changes else None
            return GalleryChanged(entries=archive.gallery(), change=newest)

        self.bridge.read(read, self, came)

    def _on_painted(self) -> None:
        if not self._painted:
            self._painted = True
            self.first_painted.emit()

    def _ask_consent(self, spec: SourceSpec) -> None:
        confirm(
            self,
            title=f"May Nacre watch “{spec.label}”?",
            text="What it sees is kept, encrypted, on this computer only. "
            "Nothing has been looked at yet. You can pause, stop or forget at any time.",
            yes="Watch it",
            no="Not now",
            act=lambda: self.watching.open(spec, consented=True),
        )

    def _refused(self, failed: Failed, spec: SourceSpec) -> None:
        self.notices.say(notice(failed), "Retry", lambda: self.watching.open(spec))

    def _failed(self, failed: Failed) -> None:
        found = notice(failed)
        if found.models:
            self.notices.say(found, "Open Models", lambda: self.open_page(MODELS))
            return
        run = self.watching.runs.get(failed.run or "")
        if found.retry and run is not None and run.state == "ended":
            self.notices.say(found, "Retry", lambda: self.watching.open(run.spec))
        else:
            self.notices.say(found)

    def _forgotten(self, _: object) -> None:
        self.pictures.forget()

    def _on_preparation(self, now: Preparation) -> None:
        if shiboken6.isValid(self.bridge):
            self.bridge.post(self, partial(self._show_preparation, now))

    def _show_preparation(self, now: Preparation) -> None:
        self.models.show_preparation(now)
        self.rail.show_preparation(now)

    def _scheme_changed(self) -> None:
        if self.preferences.theme == "system":
            self.dress()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._unfollow()
        self.tray.hide()
        self.announcer.close()
        self.bridge.close()
        super().closeEvent(event)
