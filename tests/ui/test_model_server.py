"""A model server of the user's own, on the Settings page."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from engine.errors import ConfigError
from engine.messages import ModelChanged
from engine.ports.shelf import ModelChoice
from engine.prompts import ModelStatus
from tests.fakes.assistant import FakeShelf
from tests.fakes.chooser import FakeChooser
from tests.fakes.household import Household
from ui.preferences import Preferences
from ui.settings.server import KEPT, NO_KEY, ModelServer
from ui.window import SETTINGS, MainWindow

LEFT = Qt.MouseButton.LeftButton
ADDRESS = "https://models.example/v1"


@pytest.fixture
def chooser() -> FakeChooser:
    return FakeChooser()


@pytest.fixture
def server(qtbot: QtBot, home: Household, chooser: FakeChooser) -> Iterator[ModelServer]:
    made = MainWindow(home.assistant, FakeShelf(), Preferences(theme="dark"), chooser=chooser)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.open_page(SETTINGS)
    assert made.settings.server is not None
    yield made.settings.server
    made.close()


def fill(qtbot: QtBot, server: ModelServer, key: str = "") -> None:
    for line, text in ((server.address, ADDRESS), (server.model, "eye"), (server.key, key)):
        line.selectAll()
        qtbot.keyClicks(line, text)


def test_nothing_is_sent_anywhere_at_first(server: ModelServer) -> None:
    assert "nothing leaves this computer" in server.now.text()
    assert not server.use.isEnabled()
    assert not server.forget.isEnabled()
    assert server.key.echoMode() == QLineEdit.EchoMode.Password


def test_a_server_is_named_and_its_key_kept(
    qtbot: QtBot, server: ModelServer, chooser: FakeChooser, home: Household
) -> None:
    fill(qtbot, server, "s3cret")
    assert chooser.servers == []
    qtbot.mouseClick(server.use, LEFT)
    qtbot.waitUntil(lambda: server.said.text() == "Saved. It is asked from now on.")
    assert chooser.servers == [(ADDRESS, "eye", "s3cret")]
    assert "Pictures leave this computer." in server.now.text()
    assert server.now.property("role") == "warning"
    assert server.key.text() == ""
    assert server.key.placeholderText() == KEPT
    assert not server.use.isEnabled()
    near = ModelStatus(model="eye", state="ready", backend="localhost")
    home.assistant.emit(ModelChanged(features=(), model=near))
    qtbot.waitUntil(lambda: "leave" not in server.now.text())


def test_by_keyboard_alone(qtbot: QtBot, server: ModelServer, chooser: FakeChooser) -> None:
    server.window().activateWindow()
    server.address.setFocus()
    for text in (ADDRESS, "eye"):
        qtbot.keyClicks(QApplication.focusWidget(), text)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is server.key
    qtbot.keyClick(server.key, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chooser.servers == [(ADDRESS, "eye", None)])
    assert server.key.placeholderText() == NO_KEY


def test_what_is_refused_stays_to_be_mended(
    qtbot: QtBot, server: ModelServer, chooser: FakeChooser
) -> None:
    chooser.refuses = ConfigError("The address begins with http. Nothing was changed.")
    fill(qtbot, server, "s3cret")
    qtbot.mouseClick(server.use, LEFT)
    qtbot.waitUntil(lambda: server.said.text().endswith("Nothing was changed."))
    assert server.said.property("role") == "danger"
    assert (server.address.text(), server.key.text()) == (ADDRESS, "s3cret")
    assert server.use.isEnabled()


def test_the_server_is_forgotten(
    qtbot: QtBot, server: ModelServer, chooser: FakeChooser, home: Household
) -> None:
    # Another process named it.
    chooser.now = ModelChoice(server=ADDRESS, on_server="eye", has_key=True)
    status = ModelStatus(model="eye", state="ready", backend="models.example", remote=True)
    home.assistant.emit(ModelChanged(features=(), model=status))
    qtbot.waitUntil(server.forget.isEnabled)
    assert server.address.text() == ADDRESS
    qtbot.mouseClick(server.forget, LEFT)
    qtbot.waitUntil(lambda: server.said.text().startswith("Forgotten"))
    assert chooser.now == ModelChoice()
    assert server.address.text() == ""
    assert "nothing leaves this computer" in server.now.text()
    assert not server.forget.isEnabled()


def test_a_server_that_does_not_answer_says_why(
    qtbot: QtBot, server: ModelServer, chooser: FakeChooser, home: Household
) -> None:
    chooser.now = ModelChoice(server=ADDRESS, on_server="eye")
    status = ModelStatus(
        model="eye", state="failed", reason="The key was refused.", backend="models.example",
        remote=True,
    )  # fmt: skip
    home.assistant.emit(ModelChanged(features=(), model=status))
    qtbot.waitUntil(lambda: server.now.text().endswith("The key was refused."))


def test_what_is_being_typed_is_not_taken_away(
    qtbot: QtBot, server: ModelServer, home: Household
) -> None:
    qtbot.keyClicks(server.address, "https://half")
    home.assistant.emit(ModelChanged(features=(), model=None))
    server.refresh()
    qtbot.wait(50)
    assert server.address.text() == "https://half"
