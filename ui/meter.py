"""How loud the microphone is."""

from PySide6.QtWidgets import QProgressBar

QUIETEST, LOUDEST = -60, 0
LEVEL_MS = 50
"""How often it is looked at."""


class Meter(QProgressBar):
    """Shows dB of full scale, of the newest block of sound."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(QUIETEST, LOUDEST)
        self.setTextVisible(False)
        self.setFixedSize(72, 6)
        self.setAccessibleName("Loudness of the microphone")

    def show_level(self, level: float | None) -> None:
        """None: nothing comes."""
        self.setValue(QUIETEST if level is None else round(max(level, QUIETEST)))
