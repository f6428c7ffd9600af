"""A language model on a server of the user's own."""

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from engine.ports.shelf import ModelChoice, ModelChooser
from engine.prompts import ModelStatus
from ui.bridge import Bridge
from ui.controls import button, column, dress, label, row
from ui.wording import breakable

ABOUT = (
    "Open questions can be asked of a model on an OpenAI-compatible server instead of one on this "
    "computer. Pictures of what is seen then leave this computer: they are sent to that server. "
    "The key is kept in the keyring of your system and nowhere else."
)
KEPT = "A key is kept. Type another one to replace it."
NO_KEY = "Only where the server wants one"


class ModelServer(QWidget):
    """Three fields and two buttons. Nothing changes before the first is pressed."""

    def __init__(self, bridge: Bridge, chooser: ModelChooser) -> None:
        super().__init__()
        self._bridge, self._chooser = bridge, chooser
        self._choice = ModelChoice()
        self._status: ModelStatus | None = None
        self.address = self._line("Address of the model server", "https://models.example/v1")
        self.model = self._line("Name of the model on the server", "As the server calls it")
        self.key = self._line("Key for the model server", NO_KEY)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.use = button("Use this server", self._use)
        self.forget = button("Forget the server", self._forget)
        self.said = label("", "small", wrap=True)
        fields = QGridLayout()
        fields.setHorizontalSpacing(16)
        fields.setVerticalSpacing(8)
        lines = (("Address", self.address), ("Model", self.model), ("Key", self.key))
        for number, (words, line) in enumerate(lines):
            name = label(words)
            name.setBuddy(line)
            fields.addWidget(name, number, 0)
            fields.addWidget(line, number, 1)
            line.textChanged.connect(self._compare)
            line.returnPressed.connect(self._use)
        fields.setColumnStretch(1, 1)
        self.now = label("", wrap=True, select=True)
        layout = column(label(ABOUT, "muted", wrap=True), self.now, spacing=12)
        layout.addLayout(fields)
        under = row(self.use, self.forget, self.said)
        under.setStretch(2, 1)
        layout.addLayout(under)
        self.setLayout(layout)
        self._show_now()
        self._compare()

    def _line(self, name: str, hint: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(hint)
        made.setMaxLength(500)
        return made

    def refresh(self) -> None:
        """Read again which server is asked."""
        self._bridge.read(self._chooser.choice, self, self.show_choice)

    def show_choice(self, choice: ModelChoice) -> None:
        """What holds now. What is being typed stays, unless something else holds than before."""
        before, self._choice = self._choice, choice
        if (choice.server, choice.on_server) != (before.server, before.on_server):
            self.address.setText(choice.server)
            self.model.setText(choice.on_server)
        self.key.setPlaceholderText(KEPT if choice.has_key else NO_KEY)
        self._show_now()
        self._compare()

    def show_status(self, status: ModelStatus | None) -> None:
        self._status = status
        self._show_now()

    def _show_now(self) -> None:
        choice, status = self._choice, self._status
        words, role = "No server is asked: nothing leaves this computer.", "muted"
        if choice.server:
            words = f"{choice.on_server} on {choice.server} is asked."
            if status is None or status.remote:
                words, role = f"{words} Pictures leave this computer.", "warning"
            if status is not None and status.state == "failed" and status.reason:
                words = f"{words} {status.reason}"
        dress(self.now, breakable(words), role)
        self.forget.setEnabled(bool(choice.server))

    @property
    def _wanted(self) -> tuple[str, str]:
        return self.address.text().strip(), self.model.text().strip()

    def _compare(self) -> None:
        held = (self._choice.server, self._choice.on_server)
        changed = self._wanted != held or bool(self.key.text())
        self.use.setEnabled(changed and all(self._wanted))
        if changed:
            self._say("")

    def _use(self) -> None:
        if not self.use.isEnabled():
            return
        address, model = self._wanted
        key = self.key.text() or None
        self._wait("Saving …")
        self._bridge.read(
            lambda: self._chooser.use_server(address, model, key), self, self._used, self._refused
        )

    def _used(self, _: None) -> None:
        self.key.clear()
        self._done("Saved. It is asked from now on.")

    def _forget(self) -> None:
        self._wait("Forgetting …")
        self._bridge.read(self._chooser.forget_server, self, self._forgotten, self._refused)

    def _forgotten(self, _: None) -> None:
        self.key.clear()
        self._done("Forgotten, and its key. No server is asked any more.")

    def _done(self, words: str) -> None:
        def came(choice: ModelChoice) -> None:
            self.show_choice(choice)
            self._say(words)

        self._bridge.read(self._chooser.choice, self, came)

    def _refused(self, reason: str) -> None:
        self._show_now()
        self._compare()
        self._say(reason, "danger")

    def _wait(self, words: str) -> None:
        self.use.setEnabled(False)
        self.forget.setEnabled(False)
        self._say(words)

    def _say(self, text: str, role: str = "small") -> None:
        dress(self.said, breakable(text), role)
