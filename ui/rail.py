"""The rail at the left edge: one button a page."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton

from engine.ports.shelf import Preparation
from ui.controls import column, label
from ui.icons import Icons

PAGES = ("Watch", "Gallery", "Alerts", "Memory", "Models", "Settings")


class Rail(QFrame):
    """Ctrl+1 to Ctrl+6 do the same."""

    chosen = Signal(int)

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self.setAccessibleName("Pages")
        self.setFixedWidth(78)
        self._group = QButtonGroup(self)
        layout = column(spacing=4)
        layout.setContentsMargins(4, 8, 4, 8)
        self.setLayout(layout)
        for number, title in enumerate(PAGES):
            item = QToolButton()
            item.setText(title)
            icons.put(item, title.lower(), "muted", "accent")
            item.setIconSize(QSize(20, 20))
            item.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            item.setCheckable(True)
            item.setProperty("role", "rail")
            item.setAccessibleName(title)
            item.setToolTip(f"{title} (Ctrl+{number + 1})")
            item.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(item, number)
            layout.addWidget(item, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.preparing = label("", "small", wrap=True)
        self.preparing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.preparing.setAccessibleName("Language model engine")
        self.preparing.hide()
        layout.addWidget(self.preparing)
        self._group.idClicked.connect(self.chosen)

    def show_preparation(self, now: Preparation) -> None:
        """A quiet word at the lower edge while the language model's engine is made."""
        self.preparing.setText(f"Preparing\n{now.percent} %")
        self.preparing.setToolTip(
            "The language model engine is being prepared. Everything else works meanwhile."
        )
        self.preparing.setVisible(now.state == "building")

    def mark(self, number: int) -> None:
        """Show which page is open."""
        self._group.button(number).setChecked(True)
