"""The source picker: what is open, what this machine offers, a file, an address."""

from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QSize, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QFileDialog, QMenu, QSizePolicy, QToolButton, QWidget

from engine.facts import SourceSpec, screen_window
from ui.bridge import Bridge
from ui.dialogs import ask_text
from ui.icons import Icons
from ui.watch.region import RegionQuestion, freeze
from ui.watching import OpenRun, Watching

ICONS = {
    "recording": "film",
    "camera": "camera",
    "screen": "screen",
    "url": "link",
    "demo": "play",
}
VIDEOS = "Videos (*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.wmv);;All files (*)"
HIDING_MS = 300
"""How long a desktop may take to draw what was behind the window."""
STATES = {"ended": " — over", "lost": " — no signal", "stalled": " — no signal"}


def spec_of_file(path: str) -> SourceSpec:
    return SourceSpec(kind="recording", address=path, label=Path(path).stem)


def spec_of_url(url: str) -> SourceSpec | None:
    """None when this is no address of a stream."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https", "rtsp", "rtsps") or not parts.hostname:
        return None
    return SourceSpec(kind="url", address=url.strip(), label=parts.hostname)


class SourcePicker(QToolButton):
    """Names the shown source; its menu switches between sources and opens more."""

    failed = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        watching: Watching,
        icons: Icons,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._watching = bridge, watching
        self._icons = icons
        self._offered: tuple[SourceSpec, ...] = ()
        self._loaded = False
        movies = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        self._folder = movies if Path(movies).is_dir() else str(Path.home())
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(20, 20))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(300)
        self._menu = QMenu(self)
        self._menu.setAccessibleName("Sources")
        self._menu.aboutToShow.connect(self._about_to_show)
        self.setMenu(self._menu)
        watching.changed.connect(self.refresh)
        self.refresh()
        self.look()

    def look(self) -> None:
        """Look for cameras and screens, in the background."""
        self._bridge.read(self._bridge.assistant.available_sources, self, self._found)

    def refresh(self) -> None:
        """Name what is shown."""
        shown = self._watching.selected
        text = shown.spec.label if shown else "Choose a source"
        icon = ICONS[shown.spec.kind] if shown else "camera"
        room = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 200)
        self.setText(f" {room}  ▾")
        self._icons.put(self, icon)
        self.setAccessibleName(f"Source: {text}")
        self.setToolTip(text)
        self._fill()

    def open_file(self) -> None:
        """Ask for a recording."""
        path, _ = QFileDialog.getOpenFileName(self, "Open a recording", self._folder, VIDEOS)
        if path:
            self._folder = str(Path(path).parent)
            self._watching.open(spec_of_file(path))

    def open_url(self) -> None:
        """Ask for the address of a stream."""
        ask_text(
            self,
            title="Open an address",
            text="Address of an MJPEG or RTSP stream",
            yes="Watch",
            placeholder="http:// … or rtsp:// …",
            check=self._open_address,
        )

    def _open_address(self, url: str) -> str:
        spec = spec_of_url(url)
        if spec is None:
            return "This is not the address of a stream. It begins with http:// or rtsp://."
        self._watching.open(spec)
        return ""

    def open_region(self) -> None:
        """Ask for a part of the screen, on a picture of it without this window."""
        self.window().hide()
        QTimer.singleShot(HIDING_MS, self, self._ask_region)

    def _ask_region(self) -> None:
        screens = freeze()
        self.window().show()
        RegionQuestion(self, screens).ask(self._watching.open)

    def open_window(self) -> None:
        """Ask for a window by its title."""
        ask_text(
            self,
            title="Watch a window",
            text="A part of its title",
            yes="Watch",
            check=self._open_titled,
        )

    def _open_titled(self, title: str) -> str:
        self._watching.open(screen_window(title))
        return ""

    def _about_to_show(self) -> None:
        self._fill()
        self.look()

    def _found(self, sources: tuple[SourceSpec, ...]) -> None:
        if not self._loaded or sources != self._offered:
            self._offered, self._loaded = sources, True
            self._fill()

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        runs = list(self._watching.runs.values())
        for run in runs:
            menu.addAction(self._of_run(run, menu))
        if runs:
            menu.addSeparator()
        opened = {r.spec.consent_key for r in runs}
        for spec in self._offered:
            if spec.consent_key not in opened:
                action = QAction(self._icon(ICONS[spec.kind]), spec.label, menu)
                action.triggered.connect(lambda _=False, s=spec: self._watching.open(s))
                menu.addAction(action)
        if not self._loaded:
            menu.addAction("Looking for cameras and screens …").setEnabled(False)
        menu.addSeparator()
        menu.addAction(self._icon("screen"), "Screen region…", self.open_region)
        menu.addAction(self._icon("screen"), "Window…", self.open_window)
        menu.addAction(self._icon("folder"), "Open file…", self.open_file)
        menu.addAction(self._icon("link"), "Open address…", self.open_url)
        shown = self._watching.selected
        if shown is not None:
            menu.addSeparator()
            text = f"Stop watching {shown.spec.label}"
            menu.addAction(self._icon("close"), text, self._close_shown)

    def _of_run(self, run: OpenRun, menu: QMenu) -> QAction:
        text = run.spec.label + STATES.get(run.state or "", "")
        shown = run is self._watching.selected
        # A menu draws no check mark beside an icon, so the icon itself is one.
        icon = self._icons.icon("check", "accent") if shown else self._icon(ICONS[run.spec.kind])
        action = QAction(icon, text, menu)
        action.setCheckable(True)
        action.setChecked(shown)
        action.triggered.connect(lambda _=False, r=run.run: self._watching.select(r))
        return action

    def _close_shown(self) -> None:
        if self._watching.selected is not None:
            self._watching.close(self._watching.selected.run)

    def _icon(self, name: str) -> QIcon:
        return self._icons.icon(name, "muted")
