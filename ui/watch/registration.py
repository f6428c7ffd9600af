"""Remembering something from the picture: freeze, choose a box, type a name, Enter."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from PySide6.QtCore import QObject, QPoint, QRect, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from engine.facts import ConceptKind
from engine.media import Box, Frame
from engine.messages import (
    Event,
    Failed,
    Propose,
    Proposed,
    TeachAction,
    TeachConcept,
    WhichOne,
    new_id,
)
from ui.bridge import Bridge
from ui.controls import button, label
from ui.theme import Colours
from ui.watch.boxes import BoxLayer
from ui.watch.name_card import NameCard
from ui.watch.preview import Preview
from ui.wording import by_hand

GAP = 8


class Registration(QObject):
    """Runs over the preview; the picture stands still from `begin` to `ended`."""

    ended = Signal()
    learned = Signal(str)
    """The name that is known from now on."""

    def __init__(self, bridge: Bridge, preview: Preview, colours: Colours) -> None:
        super().__init__(preview)
        self._bridge = bridge
        self._preview = preview
        self.layer = BoxLayer(preview, colours)
        self.layer.chosen.connect(self._chosen)
        self.layer.cancelled.connect(self.cancel)
        self.card = NameCard(self.layer)
        self.card.saved.connect(self._save)
        self.card.cancelled.connect(self.cancel)
        self.card.hide()
        self._hint = _Hint(self.layer, self._whole_picture, self.cancel)
        preview.resized.connect(self._place)
        self._frame: Frame | None = None
        self._box: Box | None = None
        self._ref = ""
        self._suggested = ""
        self._asked: WhichOne | None = None

    @property
    def active(self) -> bool:
        return self._frame is not None

    @property
    def shown(self) -> tuple[Frame | None, Box | None]:
        """The picture that stands still, and what was chosen in it."""
        return self._frame, self._box

    def begin(self, frame: Frame) -> None:
        """Freeze this picture and ask what could be remembered in it."""
        self._freeze(frame, "Looking for what could be remembered …")
        self.layer.setFocus()
        command = Propose(frame=frame)
        self._ref = command.ref
        self._bridge.request(command, self, self._proposed, self._no_proposals)

    def ask(self, which: WhichOne) -> None:
        """Freeze the picture in which something was given a name, and ask which one is meant."""
        name = which.teaching.name
        how = "Click it, or drag a box." if which.proposals else "Drag a box."
        self._freeze(which.teaching.frame, f"Which one is {name}? {how}")
        self._asked = which
        self.layer.offer(which.proposals)
        self._hint.raise_()
        self._place()

    def _freeze(self, frame: Frame, hint: str) -> None:
        self._frame, self._box, self._suggested, self._asked = frame, None, "", None
        self._preview.show_frame(frame)
        self._preview.show_tracked(None)
        self.card.hide()
        self.layer.begin()
        self._hint.say(hint)
        self._place()

    def suggest(self, name: str) -> None:
        """The name that was spoken stands in the card, to be changed or saved."""
        self._suggested = name[:1].upper() + name[1:]

    def cancel(self) -> None:
        """Go back to the live picture; nothing is kept."""
        if self.active:
            self._bridge.drop(self._ref)
            self._end()

    def _end(self) -> None:
        self._frame, self._box, self._asked = None, None, None
        self.card.hide()
        self.layer.clear()
        self.layer.hide()
        self.ended.emit()

    def _proposed(self, event: Event) -> None:
        if not self.active or not isinstance(event, Proposed) or event.ref != self._ref:
            return
        self.layer.offer(event.proposals)
        self._hint.say(
            "Click a box, or drag one."
            if event.proposals
            else "Nothing was found by itself. Drag a box."
        )
        self._hint.raise_()
        self.card.raise_()
        if self.layer.boxes and not self.card.isVisible():
            self.layer.boxes[0].setFocus()
        self._place()

    def _no_proposals(self, failed: Failed) -> None:
        self._hint_at(f"{failed.reason} You can still drag a box.")

    def _whole_picture(self) -> None:
        self._chosen(None, "place")

    def _chosen(self, box: object, kind: str) -> None:
        self._box = cast(Box | None, box)
        if self._asked is not None:
            self._teach_asked(self._asked, cast(ConceptKind, kind))
            return
        self.card.show()
        self.card.raise_()
        self.card.begin(cast(ConceptKind, kind))
        self.card.name.setText(self._suggested)
        self._place()

    def _teach_asked(self, which: WhichOne, kind: ConceptKind) -> None:
        """The name is known already; only the box was asked for."""
        teaching = which.teaching
        command = replace(
            teaching,
            box=self._box,
            kind=teaching.kind if which.kind_told else kind,
            ref=new_id(),
        )
        self._send(command, teaching.name, lambda failed: self._hint_at(failed.reason))

    def _hint_at(self, reason: str) -> None:
        if self.active:
            self._hint.say(by_hand(reason))
            self._place()

    def _save(self, name: str, kind: str) -> None:
        if self._frame is None:
            return
        self.card.say("")
        self.card.busy(True)
        command = (
            TeachAction(name=name, run=self._frame.run, until=self._frame.pts)
            if kind == "action"
            else TeachConcept(
                name=name, kind=cast(ConceptKind, kind), frame=self._frame, box=self._box
            )
        )
        self._send(command, name, self._not_saved)

    def _send(
        self, command: TeachConcept | TeachAction, name: str, failed: Callable[[Failed], None]
    ) -> None:
        self._ref = command.ref

        def done(_: Event) -> None:
            if self.active and self._ref == command.ref:
                self._end()
            self.learned.emit(name)

        self._bridge.request(command, self, done, failed)

    def _not_saved(self, failed: Failed) -> None:
        if self.active:
            self.card.busy(False)
            self.card.say(by_hand(failed.reason))
            self._place()

    def _place(self) -> None:
        self._hint.adjustSize()
        self._hint.move((self.layer.width() - self._hint.width()) // 2, GAP)
        if self.card.isVisible():
            self.card.adjustSize()
            self.card.move(beside(self.layer.marked(), self.card.rect(), self.layer.rect()))


def beside(box: QRect | None, card: QRect, room: QRect) -> QPoint:
    """Where a card goes: right of the box, left of it, or over it, at the edge that leaves most of
    it to be seen; always inside the room."""
    box = box or QRect(room.center(), room.center())
    x = box.right() + GAP
    if x + card.width() > room.right():
        x = box.left() - GAP - card.width()
    if x < room.left():
        on_the_right = box.center().x() > room.center().x()
        x = room.left() + GAP if on_the_right else room.right() - card.width() - GAP
    y = min(max(box.top(), room.top() + GAP), room.bottom() - card.height() - GAP)
    return QPoint(max(x, room.left()), max(y, room.top()))


class _Hint(QFrame):
    """What to do now, and the ways out."""

    def __init__(
        self, layer: BoxLayer, whole: Callable[[], None], cancel: Callable[[], None]
    ) -> None:
        super().__init__(layer)
        self.setProperty("role", "float")
        self._text = label()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 4, 4)
        layout.setSpacing(8)
        layout.addWidget(self._text)
        layout.addWidget(button("Whole picture", whole, "link"))
        layout.addWidget(button("Cancel", cancel, "link", "Cancel (Esc)"))

    def say(self, text: str) -> None:
        self._text.setText(text)
        self.adjustSize()
