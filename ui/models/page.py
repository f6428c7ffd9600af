"""The Models page: what works, what does not and why, and the models that would change it."""

from functools import partial
from pathlib import Path
from threading import Event as Flag

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QLabel

from engine.facts import Feature
from engine.messages import ModelChanged, RetryModel
from engine.ports.shelf import ModelCard, Outlook, Preparation, Progress
from ui.controls import button, column, empty, frame, label, laid_out_once, row
from ui.dialogs import confirm
from ui.models.card import ModelRow
from ui.models.computer import ComputerCard
from ui.models.language import ROLE, LanguageModels
from ui.models.preparation import PreparationLine
from ui.page import Page
from ui.surroundings import Surroundings
from ui.wording import by_hand, count, size


class ModelsPage(Page):
    """Everything that touches the shelf, or measures, runs off the GUI thread."""

    settings_wanted = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__("Models", "What this computer can recognise by itself.")
        self._around, self._bridge, self.shelf = around, around.bridge, around.shelf
        self.rows: dict[str, ModelRow] = {}
        self._cancel: dict[str, Flag] = {}
        self._chooser = around.chooser
        self._prepared = ""
        self._able: tuple[Feature, ...] = ()
        self._outlook: Outlook | None = None
        self._looked, self._looking, self._closing = False, False, Flag()
        self.importer = button("Import from folder…", self._import)
        self.head.addWidget(self.importer)
        box = frame("card")
        self._features = column(label("What works now", "heading"), spacing=8)
        self._features.setContentsMargins(16, 12, 16, 12)
        box.setLayout(self._features)
        self._lines = column(spacing=6)
        self._features.addLayout(self._lines)
        self._lines.addWidget(label("Looking …", "muted"))
        self.preparation = PreparationLine(around.icons)
        self._features.addWidget(self.preparation)
        self._said = label("", "muted", wrap=True)
        self._said.hide()
        self.computer = ComputerCard()
        self.computer.measure_wanted.connect(lambda: self._look(again=True))
        self._heading = label("Names, words and search", "heading")
        self._heading.hide()
        self._list = column(spacing=8)
        self.language = LanguageModels()
        self.language.choosing_wanted.connect(lambda: self._use(""))
        self.language.settings_wanted.connect(self.settings_wanted)
        self._folder = label("", "small", wrap=True, select=True)
        self.body.addWidget(box)
        self.body.addWidget(self.computer)
        self.body.addWidget(self._said)
        self.body.addSpacing(4)
        self.body.addWidget(self._heading)
        self.body.addLayout(self._list)
        self.body.addSpacing(4)
        self.body.addWidget(self.language)
        if around.chooser is None:
            self.computer.hide()
            self.language.server.hide()
        self.body.addWidget(self._folder)
        self._bridge.model_changed.connect(self._model_changed)
        self._bridge.closing.connect(self._stop_all)

    @property
    def said(self) -> str:
        """The sentence about the last import or removal."""
        return self._said.text()

    def refresh(self) -> None:
        """Read the shelf again."""
        self._bridge.read(self.shelf.cards, self, self.show_cards, self._say_bad)
        if self._chooser is not None:
            self._bridge.read(self._chooser.choice, self, self.language.show_choice)

    def show_cards(self, cards: tuple[ModelCard, ...]) -> None:
        with laid_out_once(self.language):
            self._place(cards)
        self._tell_outlook()
        self._rank_new()
        if not self._looked and self.isVisible():  # Only now: it takes the processor for itself.
            self._look()

    def _place(self, cards: tuple[ModelCard, ...]) -> None:
        for gone in [i for i in self.rows if i not in {c.id for c in cards}]:
            self.language.drop(gone)
            self.rows.pop(gone).deleteLater()
        for card in cards:
            shown = self.rows.get(card.id)
            if shown is None:
                shown = self.rows[card.id] = ModelRow(card)
                shown.get_wanted.connect(self._get)
                shown.cancel_wanted.connect(self._stop)
                shown.remove_wanted.connect(self._remove)
                shown.use_wanted.connect(self._use)
                shown.retry_wanted.connect(lambda: self._bridge.send(RetryModel()))
                if card.role == ROLE:
                    self.language.add(shown)
                else:
                    self._list.addWidget(shown)
            elif card.id not in self._cancel:
                shown.show_card(card)
        self.language.refresh()
        self._heading.setVisible(self._list.count() > 0)
        self._folder.setText(f"Model files lie in {self.shelf.folder}")

    def show_features(self, features: tuple[Feature, ...]) -> None:
        """Each ability, on or off, with the sentence that says why, or what its limits are; none:
        not known yet."""
        if not features or features == self._able:
            return
        self._able = features
        empty(self._lines)
        for feature in features:
            sign = QLabel()
            drawing, colour = ("check", "accent") if feature.on else ("close", "muted")
            self._around.icons.put_drawing(sign, drawing, colour, 16)
            words = feature.name[:1].upper() + feature.name[1:]
            if not feature.on:
                words += f": off. {by_hand(feature.reason, on_models=True)}"
            elif feature.reason:
                words += f". {feature.reason}"
            line = label(words, "" if feature.on else "muted", wrap=True)
            made = row(sign, line)
            made.setStretch(1, 1)
            self._lines.addLayout(made)

    def show_preparation(self, now: Preparation) -> None:
        """How the making of the language model's engine stands."""
        self.preparation.show_preparation(now)
        self.language.show_engine(now.state)
        came = now.state == "ready" and self._prepared not in ("", "ready")
        self._prepared = now.state
        if came and self._looked:
            self._look(again=True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.language.arrange()
        self.refresh()

    def _look(self, *, again: bool = False) -> None:
        """Have this computer measured, the first time and when asked again."""
        chooser = self._chooser
        if chooser is None or self._looking:
            return
        self._looked = self._looking = True
        self.computer.measuring()

        def failed(reason: str) -> None:
            self._looking = False
            self.computer.fail(reason)

        self._bridge.read(
            lambda: chooser.outlook(self._closing.is_set, again=again),
            self,
            self.show_outlook,
            failed,
            long=True,
        )

    def show_outlook(self, outlook: Outlook) -> None:
        """What this computer would do with each language model."""
        self._looking = False
        self._outlook = outlook
        self.language.show_outlook(outlook)
        self._tell_outlook()

    def _tell_outlook(self) -> None:
        if self._outlook is not None and not self._looking:
            self.computer.show_outlook(self._outlook, self.language.demos)

    def _rank_new(self) -> None:
        """A model that was taken in since is ranked as well; nothing is measured again."""
        known = {fit.model for fit in self._outlook.fits} if self._outlook else set[str]()
        if self._outlook is not None and self.language.rows.keys() - known:
            self._look()

    def _use(self, model: str) -> None:
        """Have this model asked; empty: Nacre chooses."""
        chooser = self._chooser
        if chooser is None:
            return
        self._bridge.read(
            lambda: chooser.use(model), self, lambda _: self._read_choice(), self._say_bad
        )

    def _read_choice(self) -> None:
        self._say("")
        if self._chooser is not None:
            self._bridge.read(self._chooser.choice, self, self.language.show_choice)

    def _model_changed(self, event: ModelChanged) -> None:
        self.show_features(event.features)
        self.language.show_status(event.model)
        if self.isVisible():
            self.refresh()

    def _get(self, model: str) -> None:
        if model in self._cancel:
            return
        shown, flag = self.rows[model], Flag()
        self._cancel[model] = flag
        shown.loading()

        def progress(now: Progress) -> None:
            if not flag.is_set() and shiboken6.isValid(self._bridge):
                self._bridge.post(shown, lambda: shown.show_progress(now))

        self._bridge.read(
            lambda: self.shelf.get(model, progress, flag.is_set),
            self,
            lambda _: self._got(model),
            partial(self._not_got, model),
            long=True,
        )

    def _got(self, model: str) -> None:
        stopped = self._cancel.pop(model).is_set()
        if stopped:
            self.rows[model].show_card(self.rows[model].card)
            self.rows[model].say("Stopped. What came is kept; Get goes on from there.")
        self.refresh()

    def _not_got(self, model: str, reason: str) -> None:
        stopped = self._cancel.pop(model).is_set()
        self.rows[model].show_card(self.rows[model].card)
        if stopped:
            self.rows[model].say("Stopped. What came is kept; Get goes on from there.")
        else:
            self.rows[model].say(reason, bad=True)

    def _stop(self, model: str) -> None:
        if model in self._cancel:
            self._cancel[model].set()

    def _stop_all(self) -> None:
        self._closing.set()
        for flag in self._cancel.values():
            flag.set()

    def _import(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Import models from a folder")
        if not path:
            return
        self._say("Checking the files …")
        self.importer.setEnabled(False)
        self._bridge.read(
            lambda: self.shelf.add(Path(path)), self, self._imported, self._say_bad, long=True
        )

    def _imported(self, found: tuple[str, ...]) -> None:
        self.importer.setEnabled(True)
        none = "No model of the catalogue was found there. Nothing was changed."
        self._say(f"{count(len(found), 'model')} imported." if found else none)
        self.refresh()

    def _remove(self, model: str) -> None:
        card = self.rows[model].card

        def remove() -> None:
            self._bridge.read(
                lambda: self.shelf.remove(model), self, lambda _: self.refresh(), self._say_bad
            )

        confirm(
            self,
            title=f"Remove {card.title}?",
            text=f"Frees {size(card.size_bytes)}. {card.unlocks} That stops until it is got again.",
            yes="Remove",
            act=remove,
            erases=True,
        )

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _say_bad(self, reason: str) -> None:
        self.importer.setEnabled(True)
        self._say(reason)
