""" "maybe Mum?": a question beside an unsure box, answered by one click."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from engine.facts import Overlay
from engine.media import Box
from ui.controls import button, label
from ui.wording import how_sure, unmarked

Judged = Callable[[Overlay, bool], None]


class MaybeChip(QFrame):
    """One question with its two answers."""

    def __init__(self, parent: QWidget, overlay: Overlay, judged: Judged) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        name = QFontMetrics(self.font()).elidedText(overlay.name, Qt.TextElideMode.ElideRight, 160)
        self.yes: QPushButton = button(
            "Yes", lambda: judged(self.overlay, True), "link", f"Yes, this is {overlay.name}"
        )
        self.no: QPushButton = button(
            "No", lambda: judged(self.overlay, False), "link", f"No, this is not {overlay.name}"
        )
        self.show_overlay(overlay)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 4, 2)
        layout.setSpacing(4)
        layout.addWidget(label(f"maybe {name}?"))
        layout.addWidget(self.yes)
        layout.addWidget(self.no)

    def show_overlay(self, overlay: Overlay) -> None:
        """How probable it is changes from look to look."""
        self.overlay = overlay
        self.setToolTip(unmarked(how_sure(overlay)))


class MaybeChips:
    """One chip for each unsure track; chips follow their boxes and keep the focus meanwhile."""

    def __init__(self, parent: QWidget, judged: Judged) -> None:
        self._parent = parent
        self._judged = judged
        self._chips: dict[tuple[int, str], MaybeChip] = {}
        self._settled: set[tuple[int, str]] = set()

    def place(
        self,
        overlays: Iterable[Overlay],
        to_view: Callable[[Box], QRectF],
        limits: QRectF,
    ) -> None:
        """Show a chip under each unsure box inside `limits`, and no other."""
        wanted = {(o.track, o.concept): o for o in overlays if o.certainty == "maybe" and o.concept}
        for key in [k for k in self._chips if k not in wanted]:
            gone = self._chips.pop(key)
            gone.hide()
            gone.deleteLater()
        for key, overlay in wanted.items():
            if key in self._settled:
                continue
            chip = self._chips.get(key)
            if chip is None:
                chip = self._chips[key] = MaybeChip(self._parent, overlay, self._answer)
            chip.show_overlay(overlay)
            chip.show()
            self._move(chip, to_view(overlay.box), limits)

    def all(self) -> list[MaybeChip]:
        return list(self._chips.values())

    def _answer(self, overlay: Overlay, right: bool) -> None:
        key = (overlay.track, overlay.concept or "")
        self._settled.add(key)
        chip = self._chips.pop(key, None)
        if chip is not None:
            chip.hide()
            chip.deleteLater()
        self._judged(overlay, right)

    @staticmethod
    def _move(chip: MaybeChip, place: QRectF, limits: QRectF) -> None:
        chip.adjustSize()
        x = min(max(place.left(), limits.left()), limits.right() - chip.width())
        y = place.top() - chip.height() - 4
        if y < limits.top():
            y = max(place.top(), limits.top()) + 4
        chip.move(round(x), round(y))
