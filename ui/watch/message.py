"""One entry of the conversation, with its time, its evidence and its links."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.facts import Evidence, Scope
from ui.controls import button, label
from ui.flow import FlowLayout
from ui.pictures import Moment, Pictures
from ui.thumbnail import Thumbnail
from ui.wording import breakable, clock, moment

THUMB = QSize(88, 54)
MOST_THUMBS = 6
MOST_LINKS = 8


class Message(QWidget):
    """Who said it and when, the words, and below them what they rest on."""

    shown = Signal(Moment)

    def __init__(self, who: str, at: int, *, sign: QLabel | None = None) -> None:
        super().__init__()
        self.at = at
        self.ref = ""
        self.evidence: tuple[Evidence, ...] = ()
        self.growing = ""
        """What has come so far of an answer that comes in pieces."""
        self._actions: FlowLayout | None = None
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(clock(at), "small"))
        if sign is not None:
            head.addWidget(sign)
        head.addWidget(label(who, "small"))
        head.addStretch(1)
        self._body.addLayout(head)
        self.text = label("", wrap=True, select=True)
        self._body.addWidget(self.text)

    def say(self, text: str, role: str = "") -> None:
        """Set the words; `muted` makes them grey, as for an abstention."""
        self.text.setText(breakable(text))
        self.text.setProperty("role", role)
        self.text.style().unpolish(self.text)
        self.text.style().polish(self.text)
        self.setAccessibleName(text)

    def extend(self, text: str) -> None:
        """Add the next piece of an answer."""
        self.growing += text
        self.text.setText(breakable(self.growing.lstrip()))
        if self.text.property("role"):
            self.say(self.growing.lstrip())

    def withdraw(self, reason: str) -> None:
        """What was said is no longer so: struck through, with the reason."""
        font = self.text.font()
        font.setStrikeOut(True)
        self.text.setFont(font)
        self.add_help(reason)
        self.setAccessibleName(f"Withdrawn: {self.text.text()} {reason}")

    def touches(self, scope: Scope) -> bool:
        """Whether this was said inside the scope, or rests on something in it."""
        span = scope.at
        if scope.run is None and (span is None or span.start <= self.at <= span.end):
            return True
        return any(
            (scope.run is None or e.run == scope.run) and (span is None or e.at.overlaps(span))
            for e in self.evidence
        )

    def add_help(self, text: str) -> None:
        """What would make an answer possible."""
        line = label(text, "small", wrap=True, select=True)
        self._body.addWidget(line)

    def add_action(self, text: str, act: Callable[[], object]) -> None:
        if self._actions is None:
            row = QWidget()
            self._actions = FlowLayout(row, gap=4)
            self._body.addWidget(row)
        self._actions.addWidget(button(text, act, "link"))

    def add_evidence(
        self,
        evidence: Sequence[Evidence],
        pictures: Pictures,
        recorded: Callable[[str], bool],
    ) -> None:
        """Time links and thumbnails; each leads to its moment."""
        if not evidence:
            return
        self.evidence = tuple(evidence)
        moments = _moments(evidence, recorded)
        links, thumbs = QWidget(), QWidget()
        link_row, thumb_row = FlowLayout(links, gap=4), FlowLayout(thumbs, gap=4)
        for number, (words, when) in enumerate(moments):
            if number < MOST_LINKS:
                link_row.addWidget(self._link(f"▸ {words}", when, words))
            if number < MOST_THUMBS:
                thumb = Thumbnail(pictures, when, words, THUMB)
                thumb.chosen.connect(self.shown)
                thumb_row.addWidget(thumb)
        if len(moments) > MOST_LINKS:
            link_row.addWidget(label(f"and {len(moments) - MOST_LINKS} more", "small"))
        self._body.addWidget(links)
        self._body.addWidget(thumbs)

    def _link(self, text: str, when: Moment, words: str) -> QWidget:
        return button(text, lambda: self.shown.emit(when), "link", f"Show {words}")


def _moments(
    evidence: Sequence[Evidence], recorded: Callable[[str], bool]
) -> list[tuple[str, Moment]]:
    """Each moment once with its words: two links that read the same would show the same."""
    several = len({e.label for e in evidence}) > 1
    found: dict[tuple[str, str], Moment] = {}
    for item in evidence:
        when = Moment(run=item.run, pts=item.span.start, at=item.at.start)
        time = moment(when.at, when.pts, recorded=recorded(item.run))
        words = f"{time} · {item.label}" if several and item.label else time
        found.setdefault((item.run, words), when)
    return [(words, when) for (_, words), when in found.items()]
