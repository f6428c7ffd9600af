"""The Alerts page."""

from PySide6.QtCore import Signal

from ui.page import Page
from ui.pictures import Moment
from ui.surroundings import Surroundings


class AlertsPage(Page):
    shown = Signal(Moment)
    theme_changed = Signal()
    changed = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Alerts")
