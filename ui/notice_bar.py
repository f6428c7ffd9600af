"""A line at the upper edge that says what did not work and what can be done."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.controls import button, label, tool
from ui.icons import Icons
from ui.notices import Notice
from ui.wording import breakable


class NoticeBar(QFrame):
    """Shows the newest notice; hidden while there is none."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self.setAccessibleName("Notice")
        self.title = label("", "heading")
        self.text = label("", wrap=True, select=True)
        self._act: Callable[[], object] | None = None
        self.action = button("Retry", self._press)
        self._close = tool(icons, "close", "Dismiss", self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self.title)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.action)
        layout.addWidget(self._close)
        self.hide()

    def say(
        self, notice: Notice, action: str = "", act: Callable[[], object] | None = None
    ) -> None:
        """Show it, with a button where something can be done."""
        self.title.setText(notice.title)
        self.text.setText(breakable(notice.text))
        self.setAccessibleDescription(f"{notice.title}. {notice.text}")
        self._act = act
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(act is not None)
        self.show()

    def _press(self) -> None:
        self.hide()
        if self._act:
            self._act()
