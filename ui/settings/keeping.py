"""How long and how much the memory keeps."""

from collections.abc import Callable

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from ui.controls import button, column, indent, label, row
from ui.dialogs import confirm
from ui.preferences import Preferences
from ui.wording import size

GIGABYTE = 1024**3
FEWEST_DAYS, MOST_DAYS = 1.0, 3650.0
LEAST_GB, MOST_GB = 0.5, 10_000.0


class Amount(QDoubleSpinBox):
    """A number without the zeros behind it. What was set by hand outside the bounds stays."""

    def __init__(self, value: float, low: float, high: float, step: float, unit: str) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.setDecimals(2)
        self.setRange(min(low, value), max(high, value))
        self.setSingleStep(step)
        self.setSuffix(unit)
        self.setValue(value)
        self.setFixedWidth(128)
        indent(self)

    def textFromValue(self, val: float) -> str:
        return f"{val:.10g}"


class Keeping(QWidget):
    """Two bounds and a button; what would delete is asked about first."""

    def __init__(self, preferences: Preferences, save: Callable[[], str]) -> None:
        """`save` returns why it could not, or nothing."""
        super().__init__()
        self._preferences, self._save = preferences, save
        gigabytes = preferences.retention_bytes / GIGABYTE
        self.days = Amount(preferences.retention_days, FEWEST_DAYS, MOST_DAYS, 1, " days")
        self.gigabytes = Amount(gigabytes, LEAST_GB, MOST_GB, 0.5, " GB")
        self.days.setAccessibleName("Days to keep")
        self.gigabytes.setAccessibleName("Gigabytes to keep")
        self.keep = button("Save", self._ask, name="Save how much is kept")
        self.said = label("", "small", wrap=True)
        self.said.hide()
        for amount in (self.days, self.gigabytes):
            amount.valueChanged.connect(self._compare)
        line = row(label("Keep"), self.days, label("and at most"), self.gigabytes, self.keep, None)
        words = "The oldest goes first. Names and their pictures stay until they are removed."
        layout = column(spacing=8)
        layout.addLayout(line)
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addWidget(self.said)
        self.setLayout(layout)
        self._compare()

    @property
    def _wanted(self) -> tuple[int, float]:
        return round(self.gigabytes.value() * GIGABYTE), self.days.value()

    @property
    def _held(self) -> tuple[int, float]:
        return self._preferences.retention_bytes, self._preferences.retention_days

    def _compare(self) -> None:
        size_differs = abs(self._wanted[0] - self._held[0]) > GIGABYTE // 200
        days_differ = abs(self._wanted[1] - self._held[1]) > 0.005
        self.keep.setEnabled(size_differs or days_differ)
        if self.keep.isEnabled():
            self.said.hide()

    def _ask(self) -> None:
        self.days.interpretText()
        self.gigabytes.interpretText()
        count, days = self._wanted
        if count >= self._held[0] and days >= self._held[1]:
            self._keep()
            return
        text = (
            f"What is older than {days:g} days, and the oldest of what is over {size(count)}, is "
            "deleted for good within ten minutes."
        )
        confirm(self, title="Keep less?", text=text, yes="Keep less", act=self._keep, erases=True)

    def _keep(self) -> None:
        before = self._held
        p = self._preferences
        p.retention_bytes, p.retention_days = self._wanted
        reason = self._save()
        if reason:
            p.retention_bytes, p.retention_days = before
        self._compare()
        self.said.setProperty("role", "danger" if reason else "small")
        self.said.style().polish(self.said)
        self.said.setText(reason or "Saved. It holds within ten minutes.")
        self.said.show()
