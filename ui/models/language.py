"""The language models: what this computer would do with each, and which of them is asked."""

from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.ports.shelf import ModelChoice, Outlook
from engine.prompts import ModelStatus
from ui.controls import button, column, label, laid_out_once, row
from ui.models.asked import EngineState, told
from ui.models.card import ModelRow
from ui.wording import breakable

ROLE = "vision-language-model"


class LanguageModels(QWidget):
    """A heading, a sentence, and the rows in the order in which they fit this computer."""

    choosing_wanted = Signal()
    """Nacre shall choose the model."""
    settings_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, ModelRow] = {}
        self._choice, self._status = ModelChoice(), None
        self._engine: EngineState = "ready"
        self._outlook: Outlook | None = None
        self._told = label("", "muted", wrap=True, select=True)
        self.let_choose = button(
            "Let Nacre choose", self.choosing_wanted.emit, name="Let Nacre choose the model"
        )
        self.server = button(
            "Server…", self.settings_wanted.emit, name="The model server, in the settings"
        )
        self._list = column(spacing=8)
        words = column(label("Language models", "heading"), self._told, spacing=4)
        head = row(spacing=8)
        head.addLayout(words, 1)
        head.addWidget(self.let_choose)
        head.addWidget(self.server)
        layout = column(spacing=12)
        layout.addLayout(head)
        layout.addLayout(self._list)
        self.setLayout(layout)
        self.let_choose.hide()
        self.hide()

    @property
    def words(self) -> str:
        return self._told.text().replace("\u200b", "")

    @property
    def demos(self) -> frozenset[str]:
        """Those that know the drawn world alone."""
        return frozenset(i for i, shown in self.rows.items() if shown.card.demo)

    @property
    def order(self) -> list[str]:
        """The ids as they stand under each other."""
        placed = {shown: i for i, shown in self.rows.items()}
        items = [self._list.itemAt(n) for n in range(self._list.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [placed[w] for w in widgets if isinstance(w, ModelRow)]

    def add(self, shown: ModelRow) -> None:
        """A row of the shelf's."""
        self.rows[shown.card.id] = shown
        self._list.addWidget(shown)
        self.show()
        self.arrange()
        self.refresh()

    def drop(self, model: str) -> None:
        self.rows.pop(model, None)

    def show_choice(self, choice: ModelChoice) -> None:
        self._choice = choice
        self.refresh()

    def show_status(self, status: ModelStatus | None) -> None:
        self._status = status
        self.refresh()

    def show_engine(self, state: EngineState) -> None:
        """How the making of llama.cpp stands."""
        self._engine = state
        self.refresh()

    def show_outlook(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self.arrange()

    def refresh(self) -> None:
        """Say again what is asked."""
        cards = [shown.card for shown in self.rows.values()]
        words = told(self._choice, self._status, cards, self._engine)
        self._told.setText(breakable(words))
        self.let_choose.setVisible(bool(self._choice.model))
        for shown in self.rows.values():
            shown.show_asked(self._choice, self._status)

    def arrange(self) -> None:
        """Put what is here first, and of both what fits best."""
        if self._outlook is not None:
            with laid_out_once(self):
                self._place(self._outlook)

    def _place(self, outlook: Outlook) -> None:
        fits = {fit.model: fit for fit in outlook.fits}
        for i, shown in self.rows.items():
            shown.show_fit(fits.get(i), measured=outlook.measured)
        wanted = [i for i in fits if i in self.rows]
        wanted += [i for i in self.rows if i not in fits]
        wanted.sort(key=lambda i: not self.rows[i].card.installed)
        if wanted == self.order:
            return
        for i in wanted:
            self._list.removeWidget(self.rows[i])
            self._list.addWidget(self.rows[i])
        for before, after in pairwise(wanted):
            self.setTabOrder(self.rows[before].last, self.rows[after].first)
