"""The list of hits."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.controls import button, empty, frame, label, row
from ui.memory.hits import Hit
from ui.page import Empty
from ui.pictures import Moment
from ui.surroundings import Surroundings
from ui.thumbnail import Thumbnail

THUMB = QSize(104, 62)
ICONS = {
    "visit": "person",
    "text": "text",
    "utterance": "microphone",
    "observation": "watch",
    "remark": "diamond",
    "answer": "info",
}
WORDS = {
    "visit": "Seen",
    "text": "Read",
    "utterance": "Heard",
    "observation": "Described",
    "remark": "Remark",
    "answer": "Answer",
}
LONGEST = 240


class Results(QWidget):
    """Each hit: its picture, what it is, when and where; a press shows the moment."""

    shown = Signal(Moment)

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self.hits: tuple[Hit, ...] = ()
        self._searched: bool | None = None
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)

    def show_hits(self, hits: tuple[Hit, ...], *, searched: bool) -> None:
        """Show these and no others; the same ones again stay as they are, under the pointer, and
        get the pictures that were kept since."""
        if (hits, searched) == (self.hits, self._searched):
            for thumb in self.findChildren(Thumbnail):
                thumb.fetch()
            return
        self.hits, self._searched = hits, searched
        empty(self._list)
        for hit in hits:
            self._list.addWidget(self._row(hit))
        if not hits and searched:
            text = "Try another word, another kind or a longer time."
            self._list.addWidget(Empty("Nothing like that is kept", text))
        elif not hits:
            text = "Visits, words on a screen and remarks are found here once something is watched."
            self._list.addWidget(Empty("The memory is empty", text))

    def _row(self, hit: Hit) -> QFrame:
        box = frame("card")
        sign = QLabel()
        colour = "second" if hit.kind == "remark" else "muted"
        self._around.icons.put_drawing(sign, ICONS[hit.kind], colour, 16)
        kind = label(" · ".join(part for part in (WORDS[hit.kind], hit.source) if part), "small")
        title = hit.title if len(hit.title) <= LONGEST else hit.title[:LONGEST] + " …"
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(row(sign, kind, None, spacing=4))
        words.addWidget(label(title, wrap=True, select=True))
        layout = QHBoxLayout(box)
        layout.setContentsMargins(8, 8, 12, 8)
        layout.setSpacing(12)
        if hit.moment.run:
            words.addWidget(self._link(hit), 0, Qt.AlignmentFlag.AlignLeft)
            about = f"{hit.title}, {hit.when}"
            thumb = Thumbnail(self._around.pictures, hit.moment, about, THUMB)
            thumb.chosen.connect(self.shown)
            layout.addWidget(thumb)
        else:
            words.addWidget(label(hit.when, "small"))
            layout.addSpacing(THUMB.width() + 12)
        layout.addLayout(words, 1)
        return box

    def _link(self, hit: Hit) -> QPushButton:
        link = button(f"▸ {hit.when}", lambda: self.shown.emit(hit.moment), "link")
        link.setAccessibleName(f"Show {hit.title}, {hit.when}")
        return link
