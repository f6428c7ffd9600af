"""What stands in the preview's place while nothing is watched."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ui.controls import button, label, row
from ui.icons import Icons


class Welcome(QFrame):
    """Says what Nacre does, and offers the first step."""

    file_wanted = Signal()
    source_wanted = Signal()

    def __init__(self, over: QWidget, icons: Icons) -> None:
        super().__init__(over)
        self._over = over
        sign = QLabel()
        icons.put_drawing(sign, "watch", "accent", 40)
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = label("Nothing is watched", "title")
        text = label(
            "Choose a camera, a screen or a recording. What is seen stays on this computer.",
            "muted",
            wrap=True,
        )
        for line in (title, text):
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        choose = button("Choose a source", self.source_wanted.emit, "primary")
        file = button("Open a file…", self.file_wanted.emit)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        for item in (sign, title, text):
            layout.addWidget(item)
        layout.addSpacing(4)
        layout.addLayout(row(None, choose, file, None))
        self.setFixedWidth(340)
        self.hide()

    def place(self) -> None:
        """Stand in the middle."""
        self.adjustSize()
        x = (self._over.width() - self.width()) // 2
        self.move(max(x, 0), max((self._over.height() - self.height()) // 2, 0))
