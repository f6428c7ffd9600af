"""What Nacre says without being asked for."""

from collections.abc import Callable
from typing import cast

from PySide6.QtWidgets import QComboBox, QWidget

from engine.messages import ChooseRemarks
from ui.bridge import Bridge
from ui.controls import check, column, label, row
from ui.preferences import Preferences, Remarks

REMARKS: tuple[tuple[Remarks, str], ...] = (
    ("off", "Nothing"),
    ("sparse", "Who of the gallery comes, at most 6 times an hour"),
    ("lively", "Whatever is new, at most 30 times an hour"),
)


class UnaskedSettings(QWidget):
    """Each change holds at once."""

    def __init__(self, bridge: Bridge, preferences: Preferences, save: Callable[[], None]) -> None:
        super().__init__()
        self._bridge, self._preferences, self._save = bridge, preferences, save
        self.remarks = QComboBox()
        self.remarks.setAccessibleName("What is said without being asked")
        for value, words in REMARKS:
            self.remarks.addItem(words, value)
        self.remarks.setCurrentIndex([value for value, _ in REMARKS].index(preferences.remarks))
        self.remarks.activated.connect(self._chosen)
        words = "Show remarks also as notifications of the desktop, while Nacre is not in front"
        self.notifications = check(words, preferences.notifications, self._toggled)
        told = "Alerts speak in any case. “Not this” under a remark ends its kind."
        inner = column(spacing=8)
        inner.addLayout(row(self.remarks, None))
        inner.addWidget(label(told, "muted", wrap=True))
        inner.addWidget(self.notifications)
        self.setLayout(inner)

    def _chosen(self) -> None:
        self._preferences.remarks = cast(Remarks, self.remarks.currentData())
        self._save()
        self._bridge.send(ChooseRemarks(remarks=self._preferences.remarks))

    def _toggled(self, on: bool) -> None:
        self._preferences.notifications = on
        self._save()
