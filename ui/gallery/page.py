"""The Gallery page: everyone and everything known by name."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import time_ns

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from engine.facts import MAYBE, SURE, Concept, GalleryChange, GalleryEntry
from engine.media import Frame, Image
from engine.messages import (
    CallAlso,
    CorrectConcept,
    Describe,
    DescribeByLook,
    Event,
    Failed,
    ForgetConcept,
    GalleryChanged,
    MarkMe,
    MergeInto,
    ModelChanged,
    NamesLearned,
    RejectPicture,
    Rename,
    Sighted,
    TeachConcept,
    UndoCorrection,
)
from ui.abilities import names_missing
from ui.controls import button, label
from ui.dialogs import ask_text, choose, confirm
from ui.flow import FlowLayout
from ui.gallery.card import ConceptCard
from ui.gallery.files import export, take_in
from ui.page import Empty, Page
from ui.pixels import from_file
from ui.surroundings import Surroundings
from ui.wording import count, unmarked

PICTURES = "Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.gif *.tif *.tiff);;All files (*)"


HOW = (
    "Press R while watching, click the box around a person, a pet or a thing, and type its name. "
    "It is known from the next picture on."
)


class GalleryPage(Page):
    """One card a concept; what a card wants is done here."""

    models_wanted = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Gallery")
        self._around = around
        self._bridge = around.bridge
        self.cards: dict[str, ConceptCard] = {}
        self._change: GalleryChange | None = None
        self._unspoken: frozenset[str] = frozenset()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Find a name")
        self.filter.setAccessibleName("Find a name in the gallery")
        self.filter.setFixedWidth(220)
        self.filter.textChanged.connect(self._sift)
        self.undo: QPushButton = button("Undo", self._undo)
        self.undo.hide()
        self.head.addWidget(self.undo)
        self.head.addWidget(self.filter)
        self.export = button("Export…", self._export, name="Export the gallery into a file")
        self.take_in = button("Import…", self._take_in, name="Import a gallery from a file")
        for one in (self.export, self.take_in):
            self.head.addWidget(one)
            if around.files is None:
                one.hide()
        self.said = label("", "small", wrap=True)
        self.said.hide()
        self.body.addWidget(self.said)
        self._empty = Empty("Nobody is known yet", HOW)
        self.open_models = self._empty.offer("Open Models", self.models_wanted.emit)
        self.open_models.hide()
        self._grid = QWidget()
        self._flow = FlowLayout(self._grid, gap=12)
        self.body.addWidget(self._empty)
        self.body.addWidget(self._grid)
        self._bridge.gallery_changed.connect(self.show_gallery)
        self._bridge.model_changed.connect(self._abilities)
        self._bridge.sighted.connect(self._sighted)
        self._bridge.names_learned.connect(self._learned)
        self._count((), 0)

    def show_gallery(self, event: GalleryChanged) -> None:
        """Show the whole gallery as it is now; cards that stay keep their place and focus."""
        wanted = {entry.concept.id: entry for entry in event.entries}
        for gone in [i for i in self.cards if i not in wanted]:
            card = self.cards.pop(gone)
            self._flow.removeWidget(card)
            card.hide()
            card.deleteLater()
        for concept, entry in wanted.items():
            card = self.cards.get(concept)
            if card is None:
                card = ConceptCard(self._around.pictures, self._around.icons)
                card.wanted.connect(partial(self._wish, card))
                card.dropped.connect(partial(self._dropped, card))
                self.cards[concept] = card
                self._flow.addWidget(card)
            self._show(card, entry)
        self._count(event.entries, event.waiting)
        self._sift()
        self._offer_undo(event.change)

    def _sighted(self, event: Sighted) -> None:
        """A name was given just now."""
        card = self.cards.get(event.sighting.concept or "")
        if card is not None and card.entry is not None and not card.said:
            self._show(card, replace(card.entry, seen=event.sighting.score))

    def _learned(self, event: NamesLearned) -> None:
        """What was said of a card stays, unless the card changes."""
        before, self._unspoken = self._unspoken, frozenset(event.unspoken)
        for card in self.cards.values():
            if card.entry is not None and card.entry.concept.name in before ^ self._unspoken:
                self._show(card, card.entry)

    def _show(self, card: ConceptCard, entry: GalleryEntry) -> None:
        card.show_entry(entry, unspoken=entry.concept.name in self._unspoken)

    def say(self, text: str, bad: bool = False) -> None:
        """A sentence about what was asked of the whole page."""
        self.said.setProperty("role", "danger" if bad else "small")
        self.said.style().polish(self.said)
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def _export(self) -> None:
        if self._around.files is not None:
            export(self, self._bridge, self._around.files, self.say)

    def _take_in(self) -> None:
        if self._around.files is not None:
            take_in(self, self._bridge, self._around.files, self.say)

    def _dropped(self, card: ConceptCard, concept: str) -> None:
        """One card was dropped on another: both may be the same."""
        other = self.cards.get(concept)
        if card.entry is None or other is None or other.entry is None:
            return
        into, source = card.entry.concept, other.entry.concept
        confirm(
            self,
            title=f"Merge “{source.name}” into “{into.name}”?",
            text=f"All views and sightings of “{source.name}” will belong to “{into.name}”. "
            "Undo takes it back.",
            yes="Merge",
            act=lambda: self._correct(other, source, MergeInto(concept=into.id)),
        )

    def _offer_undo(self, change: GalleryChange | None) -> None:
        self._change = change
        self.undo.setVisible(change is not None)
        if change is not None:
            self.undo.setToolTip(unmarked(f"Undo: {change.words}"))
            self.undo.setAccessibleName(f"Undo: {change.words}")

    def _undo(self) -> None:
        if self._change is not None:
            self._bridge.request(UndoCorrection(change=self._change.id), self)

    def _abilities(self, event: ModelChanged) -> None:
        missing = names_missing(event.features)
        self._empty.words.setText(missing or HOW)
        self.open_models.setVisible(bool(missing))

    def _count(self, entries: tuple[GalleryEntry, ...], waiting: int) -> None:
        self._empty.setVisible(not entries)
        self._grid.setVisible(bool(entries))
        self.filter.setVisible(len(entries) > 1)
        known = count(len(entries), "name is known", "names are known")
        anew = ""
        if waiting:
            views = count(waiting, "view is", "views are")
            anew = f" {views} being looked at anew with another model, and not known until then."
        policy = (
            f"Who is at least {round(SURE * 100)} % likely to be one of them is named, from "
            f"{round(MAYBE * 100)} % on Nacre asks, and everyone else stays unnamed."
        )
        self.under.setText(f"{known}. {policy}{anew}" if entries else "")
        self.under.setVisible(bool(entries))

    def _sift(self) -> None:
        text = self.filter.text().casefold().strip()
        for card in self.cards.values():
            if card.entry is not None:
                names = (card.entry.concept.name, *card.entry.concept.aliases)
                card.setVisible(any(text in n.casefold() for n in names))
        self._flow.invalidate()

    def _wish(self, card: ConceptCard, wish: str) -> None:
        if card.entry is None:
            return
        concept = card.entry.concept
        if wish == "rename":
            self._rename(card, concept)
        elif wish == "me":
            self._correct(card, concept, MarkMe(is_me=not concept.is_me))
        elif wish == "merge":
            self._merge(card, concept)
        elif wish == "describe":
            self._describe(card, concept)
        elif wish == "look":
            self._look(card, concept)
        elif wish == "alias":
            self._alias(card, concept)
        elif wish in ("view", "reject"):
            self._from_file(card, concept, wish)
        elif wish == "remove":
            self._remove(card, concept)

    def _correct(
        self,
        card: ConceptCard,
        concept: Concept,
        correction: Rename | MergeInto | MarkMe | Describe | CallAlso,
    ) -> None:
        command = CorrectConcept(concept=concept.id, correction=correction)
        self._bridge.request(command, card, failed=_sayer(card))

    def _rename(self, card: ConceptCard, concept: Concept) -> None:
        def rename(name: str) -> str:
            self._correct(card, concept, Rename(name=name))
            return ""

        ask_text(
            self,
            title="Rename",
            text="New name",
            yes="Rename",
            check=rename,
            value=concept.name,
        )

    def _describe(self, card: ConceptCard, concept: Concept) -> None:
        def describe(words: str) -> str:
            self._correct(card, concept, Describe(description=words))
            return ""

        ask_text(
            self,
            title=f"What is “{concept.name}” known by?",
            text="What does not change: hair and build, colour and make.",
            yes="Save",
            check=describe,
            value=concept.description,
            placeholder="short grey hair",
            empty=True,
        )

    def _look(self, card: ConceptCard, concept: Concept) -> None:
        """The model writes what it is known by; Undo brings back what was there."""
        card.say("The model is looking at it …")
        command = DescribeByLook(concept=concept.id)
        self._bridge.request(command, card, _done(card), _sayer(card))

    def _alias(self, card: ConceptCard, concept: Concept) -> None:
        def call(name: str) -> str:
            self._correct(card, concept, CallAlso(alias=name))
            return ""

        title = f"What is “{concept.name}” also called?"
        ask_text(self, title=title, text="Another name", yes="Save", check=call)

    def _merge(self, card: ConceptCard, concept: Concept) -> None:
        others = [
            (c.entry.concept.id, c.entry.concept.name)
            for i, c in self.cards.items()
            if c.entry is not None and i != concept.id and not c.entry.concept.demo
        ]
        if not others:
            card.say("There is no other name to merge this into.")
            return
        choose(
            self,
            title=f"Merge “{concept.name}” into …",
            text="All its views and sightings will belong to the other name.",
            yes="Merge",
            options=others,
            act=lambda other: self._correct(card, concept, MergeInto(concept=other)),
        )

    def _remove(self, card: ConceptCard, concept: Concept) -> None:
        command = ForgetConcept(concept=concept.id)
        confirm(
            self,
            title=f"Remove “{concept.name}”?",
            text="Its views, its sightings and its name are deleted for good.",
            yes="Remove",
            act=lambda: self._bridge.request(command, card, failed=_sayer(card)),
            erases=True,
        )

    def _from_file(self, card: ConceptCard, concept: Concept, wish: str) -> None:
        title = f"A picture of {concept.name}"
        if wish == "reject":
            title = f"A picture that is not {concept.name}"
        path, _ = QFileDialog.getOpenFileName(self, title, "", PICTURES)
        if not path:
            return
        card.say("Looking at the picture …")

        def came(image: Image) -> None:
            frame = Frame(image=image, pts=0, at=time_ns(), run="")
            if wish == "reject":
                command = CorrectConcept(concept=concept.id, correction=RejectPicture(frame=frame))
            else:
                command = TeachConcept(name=concept.name, kind=concept.kind, frame=frame)
            self._bridge.request(command, card, _done(card), _sayer(card))

        self._bridge.read(
            lambda: from_file(Path(path)), card, came, lambda why: card.say(why, bad=True)
        )


def _sayer(card: ConceptCard) -> Callable[[Failed], None]:
    def say(failed: Failed) -> None:
        card.say(failed.reason, bad=True)

    return say


def _done(card: ConceptCard) -> Callable[[Event], None]:
    def done(_: Event) -> None:
        card.say("")

    return done
