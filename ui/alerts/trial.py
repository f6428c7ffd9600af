"""What an alert would have said in the last day: how often, when, with pictures."""

from collections.abc import Callable
from time import time_ns

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from engine.media import NANOSECONDS, Span
from engine.messages import BacktestAlert, Backtested, Event, Failed
from ui.controls import column, empty, label
from ui.flow import FlowLayout
from ui.pictures import Moment
from ui.surroundings import Surroundings
from ui.thumbnail import Thumbnail
from ui.wording import clock, count

DAY = 86_400 * NANOSECONDS
MOST_TIMES, MOST_THUMBS = 12, 12
THUMB = QSize(88, 54)


class Trial(QWidget):
    """Nothing until it is run."""

    moment_wanted = Signal(Moment)

    def __init__(self, around: Surroundings, alert: str, failed: Callable[[Failed], None]) -> None:
        super().__init__()
        self._around, self._alert, self._failed = around, alert, failed
        self.words = label("", "small", wrap=True)
        shown = QWidget()
        self._thumbs = FlowLayout(shown, gap=4)
        self.setLayout(column(self.words, shown, spacing=2))
        self.hide()

    def run(self) -> None:
        """Go through the last day of the memory."""
        now = time_ns()
        command = BacktestAlert(alert=self._alert, at=Span(start=now - DAY, end=now))
        self.words.setText("Looking through what is remembered …")
        self.show()
        self._around.bridge.request(command, self, self._tried, self._refused)

    def _refused(self, failed: Failed) -> None:
        self.hide()
        self._failed(failed)

    def _tried(self, event: Event) -> None:
        if not isinstance(event, Backtested):
            return
        found = event.remarks
        times = [clock(remark.at, seconds=True) for remark in found[:MOST_TIMES]]
        said = f"In the last 24 h it would have spoken {count(len(found), 'time')}"
        words = f"{said}{': ' if times else '.'}{', '.join(times)} {event.why_not}"
        self.words.setText(words.strip())
        empty(self._thumbs)
        for remark in found[:MOST_THUMBS]:
            when = Moment(run=remark.run, pts=remark.pts, at=remark.at)
            words = clock(remark.at, seconds=True)
            thumb = Thumbnail(self._around.pictures, when, words, THUMB)
            thumb.chosen.connect(self.moment_wanted)
            self._thumbs.addWidget(thumb)
