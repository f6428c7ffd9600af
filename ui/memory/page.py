"""The Memory page."""

from datetime import datetime, timedelta
from time import time_ns

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLineEdit, QWidget

from engine.media import NANOSECONDS, Span
from ui.controls import chips, column
from ui.flow import FlowLayout
from ui.memory.hits import Hit, Kind, Search, find
from ui.memory.results import Results
from ui.memory.storage import Storage
from ui.page import Page
from ui.pictures import Moment
from ui.surroundings import Surroundings

TYPING_MS = 250
KINDS: tuple[tuple[Kind | None, str], ...] = (
    (None, "All"),
    ("visit", "Seen"),
    ("text", "Read"),
    ("utterance", "Heard"),
    ("observation", "Described"),
    ("remark", "Remarks"),
    ("answer", "Answers"),
)
TIMES = (("", "Any time"), ("hour", "Last hour"), ("today", "Today"), ("week", "Last 7 days"))


def since(choice: str, now: int) -> Span | None:
    """The wall time that a choice of the list means."""
    moment = datetime.fromtimestamp(now / NANOSECONDS).astimezone()
    begins = {
        "hour": moment - timedelta(hours=1),
        "today": moment.replace(hour=0, minute=0, second=0, microsecond=0),
        "week": moment - timedelta(days=7),
    }.get(choice)
    return None if begins is None else Span(start=int(begins.timestamp()) * NANOSECONDS, end=now)


def _side_by_side(*controls: QWidget) -> QWidget:
    """In lines, as many as they need."""
    held = QWidget()
    flow = FlowLayout(held)
    for control in controls:
        flow.addWidget(control)
    return held


class MemoryPage(Page):
    """Searches while typing; the newest search wins."""

    shown = Signal(Moment)

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Memory", "All that was seen and read, kept on this computer only.")
        self._bridge = around.bridge
        self._latest = 0
        self.line = QLineEdit()
        self.line.setPlaceholderText("Search for a name or for words")
        self.line.setAccessibleName("Search the memory")
        self.line.setClearButtonEnabled(True)
        self._group = QButtonGroup(self)
        kinds = chips(self._group, [title for _, title in KINDS], "Show")
        kinds[0].setChecked(True)
        self.times = QComboBox()
        self.times.setAccessibleName("When")
        for value, words in TIMES:
            self.times.addItem(words, value)
        self.results = Results(around)
        self.results.shown.connect(self.shown)
        self.storage = Storage(around, self._time)
        left = column(self.line, spacing=12)
        left.addWidget(_side_by_side(*kinds, self.times))
        left.addWidget(self.results)
        left.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(24)
        both.addLayout(left, 1)
        both.addWidget(self.storage, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(both)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.search)
        self.line.textChanged.connect(self._typed)
        self._group.idToggled.connect(self._typed)
        self.times.currentIndexChanged.connect(self._typed)
        self._bridge.forgotten.connect(self._forgotten)

    def search(self) -> None:
        """Look for what is typed, off the GUI thread."""
        self._latest += 1
        number, archive = self._latest, self._bridge.archive
        wanted = Search(
            text=self.line.text(),
            kind=KINDS[max(self._group.checkedId(), 0)][0],
            at=self._time(),
        )

        def came(hits: tuple[Hit, ...]) -> None:
            if number == self._latest:
                searched = bool(wanted.text or wanted.kind or wanted.at)
                self.results.show_hits(hits, searched=searched)

        self._bridge.read(lambda: find(archive, wanted), self, came)

    def _time(self) -> Span | None:
        return since(str(self.times.currentData()), time_ns())

    def _typed(self) -> None:
        self._typing.start()

    def _forgotten(self, _: object) -> None:
        self.results.show_hits((), searched=False)
        if self.isVisible():
            self.search()
            self.storage.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.search()
        self.storage.refresh()
