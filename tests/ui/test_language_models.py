"""The language models on the Models page: how each would run here, and which one is asked."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import ModelNotInstalled
from engine.messages import ModelChanged, RetryModel
from engine.ports.shelf import ModelChoice, Preparation
from engine.prompts import ModelStatus
from tests.fakes.assistant import FakeShelf
from tests.fakes.chooser import OUTLOOK, RECKONED, FakeChooser, language_cards
from tests.fakes.household import Household, shelf
from ui.models.asked import told
from ui.models.card import ModelRow
from ui.models.expected import expected, pace, summary
from ui.models.page import ModelsPage
from ui.preferences import Preferences
from ui.window import MODELS, SETTINGS, MainWindow

LEFT = Qt.MouseButton.LeftButton
READY = ModelStatus(model="SmolVLM2 500M", state="ready", backend="CPU", id="smolvlm2-500m")
BEST = ["smolvlm2-500m", "qwen3-vl-2b", "minicpm-v", "nacre-demo"]


@pytest.fixture
def chooser() -> FakeChooser:
    return FakeChooser()


@pytest.fixture
def main(qtbot: QtBot, home: Household, chooser: FakeChooser) -> Iterator[MainWindow]:
    cards = [*shelf().cards(), *language_cards()]
    made = MainWindow(home.assistant, FakeShelf(cards), Preferences(theme="dark"), chooser=chooser)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    chooser.go.set()
    made.close()


@pytest.fixture
def page(qtbot: QtBot, main: MainWindow) -> ModelsPage:
    """Opened, and measured."""
    main.open_page(MODELS)
    qtbot.waitUntil(lambda: main.models.language.order == BEST)
    return main.models


def row(page: ModelsPage, model: str) -> ModelRow:
    return page.rows[model]


def tell(home: Household, status: ModelStatus | None) -> None:
    home.assistant.emit(ModelChanged(features=(), model=status))


def test_nothing_is_measured_before_the_page_is_opened(
    main: MainWindow, chooser: FakeChooser
) -> None:
    assert chooser.asked == []
    assert not main.models.isVisible()


def test_the_best_for_this_computer_come_first_with_what_to_expect(page: ModelsPage) -> None:
    assert page.language.order == BEST
    well, slow, not_here = (row(page, model) for model in BEST[:3])
    assert (well.badge.text(), slow.badge.text()) == ("Runs well", "Runs slowly")
    assert well.expected.text() == (
        "About 1.2 frames a second · first word after 0.6 s · 1.4 GB of memory"
    )
    assert slow.expected.text().startswith("A frame in about 6.2 s")
    assert not_here.badge.text() == "Does not fit"
    assert not_here.expected.text() == "It needs 9.1 GB, this computer has 8.2 GB."
    assert not_here.get.property("role") == ""
    assert "4 cores (8 threads)" in page.computer.words
    assert "Of the language models, SmolVLM2 500M should run well here." in page.computer.words
    # What needs no such model has no such badge.
    assert not row(page, "yunet").badge.isVisible()
    assert "yunet" not in page.language.order


def test_the_window_lives_while_it_is_measured_once(
    qtbot: QtBot, main: MainWindow, chooser: FakeChooser
) -> None:
    chooser.go.clear()
    main.open_page(MODELS)
    page = main.models
    qtbot.waitUntil(lambda: chooser.asked == [False] and len(page.rows) == 8)
    assert "about ten seconds" in page.computer.words
    assert not page.computer.measure.isEnabled()
    assert not row(page, "qwen3-vl-2b").badge.isVisible()
    main.open_page(SETTINGS)
    main.open_page(MODELS)
    chooser.go.set()
    qtbot.waitUntil(row(page, "qwen3-vl-2b").badge.isVisible)
    assert chooser.asked == [False]
    qtbot.mouseClick(page.computer.measure, LEFT)
    qtbot.waitUntil(lambda: chooser.asked == [False, True] and page.computer.measure.isEnabled())


def test_closing_the_window_breaks_the_measurement_off(
    qtbot: QtBot, main: MainWindow, chooser: FakeChooser
) -> None:
    chooser.go.clear()
    main.open_page(MODELS)
    qtbot.waitUntil(lambda: chooser.asked == [False])
    main.close()
    assert not chooser.go.is_set()


def test_what_is_only_reckoned_says_so_and_is_measured_once_it_can_be(
    qtbot: QtBot, main: MainWindow, chooser: FakeChooser
) -> None:
    chooser.told = RECKONED
    main.open_page(MODELS)
    page = main.models
    page.show_preparation(Preparation(state="building", percent=40))
    qtbot.waitUntil(lambda: page.language.order == BEST)
    assert row(page, BEST[0]).expected.text().endswith("reckoned, not measured")
    assert "not compiled yet. The figures are reckoned" in page.computer.words
    chooser.told = OUTLOOK
    page.show_preparation(Preparation(state="ready", percent=100))
    qtbot.waitUntil(lambda: "reckoned" not in row(page, BEST[0]).expected.text())
    assert "not compiled" not in page.computer.words
    assert chooser.asked == [False, True]


def test_a_model_that_was_taken_in_since_is_ranked_without_measuring_again(
    qtbot: QtBot, page: ModelsPage, chooser: FakeChooser
) -> None:
    held = page.shelf
    assert isinstance(held, FakeShelf)
    own = replace(language_cards()[0], id="my-eye", title="My eye")
    held.all["my-eye"] = own
    fit = replace(OUTLOOK.fits[0], model="my-eye", title="My eye", frames_per_s=0.0)
    fit = replace(fit, fitness="not known")
    chooser.told = replace(OUTLOOK, fits=(*OUTLOOK.fits, fit))
    page.refresh()
    qtbot.waitUntil(lambda: "my-eye" in page.rows and row(page, "my-eye").badge.isVisible())
    assert row(page, "my-eye").badge.text() == "Speed not known"
    assert chooser.asked == [False, False]


def test_a_measurement_that_fails_says_why(
    qtbot: QtBot, main: MainWindow, chooser: FakeChooser
) -> None:
    chooser.refuses = ModelNotInstalled("The catalogue cannot be read.")
    main.open_page(MODELS)
    qtbot.waitUntil(lambda: "catalogue cannot be read" in main.models.computer.words)
    assert main.models.computer.measure.isEnabled()


def test_what_is_here_stands_before_what_could_be_got(
    qtbot: QtBot, main: MainWindow, page: ModelsPage
) -> None:
    held = page.shelf
    assert isinstance(held, FakeShelf)
    held.all["nacre-demo"] = replace(held.all["nacre-demo"], installed=True)
    page.refresh()
    qtbot.waitUntil(lambda: row(page, "nacre-demo").state.text() == "Installed")
    assert page.language.order == BEST  # Nothing moves under the mouse.
    main.open_page(SETTINGS)
    main.open_page(MODELS)
    assert page.language.order == ["smolvlm2-500m", "qwen3-vl-2b", "nacre-demo", "minicpm-v"]


def test_the_demo_model_says_that_it_knows_the_drawn_world_only(page: ModelsPage) -> None:
    demo = row(page, "nacre-demo")
    words = [x.text() for x in demo.findChildren(QLabel) if x.isVisible()]
    assert any("only the drawn world of the bundled clip" in text for text in words)
    assert page.language.order[-1] == "nacre-demo"
    others = [x.text() for x in row(page, BEST[0]).findChildren(QLabel) if x.isVisible()]
    assert not any("drawn world" in text for text in others)
    only_demo = replace(OUTLOOK, fits=OUTLOOK.fits[-1:])
    assert "fits on this computer" in summary(only_demo, frozenset({"nacre-demo"}))


def test_an_installed_model_is_used_with_one_click(
    qtbot: QtBot, page: ModelsPage, chooser: FakeChooser, home: Household
) -> None:
    slow = row(page, "qwen3-vl-2b")
    assert slow.use.isVisible()
    assert not row(page, "minicpm-v").use.isVisible()
    assert page.language.words.startswith("None is asked yet")
    qtbot.mouseClick(slow.use, LEFT)
    qtbot.waitUntil(lambda: slow.state.text() == "Chosen")
    assert chooser.used == ["qwen3-vl-2b"]
    assert not slow.use.isVisible()
    assert page.language.words == "Qwen3-VL 2B is chosen, but it is not loaded."
    tell(home, replace(READY, model="Qwen3-VL 2B", id="qwen3-vl-2b"))
    qtbot.waitUntil(lambda: slow.state.text() == "In use")
    assert page.language.words == "Qwen3-VL 2B is asked, as you chose. It runs on CPU."
    assert row(page, BEST[0]).state.text() == "Installed"
    assert "in use" in slow.accessibleName()
    qtbot.mouseClick(page.language.let_choose, LEFT)
    qtbot.waitUntil(lambda: not page.language.let_choose.isVisible())
    assert chooser.used == ["qwen3-vl-2b", ""]


def test_it_is_used_by_keyboard(qtbot: QtBot, page: ModelsPage, chooser: FakeChooser) -> None:
    page.window().activateWindow()
    slow = row(page, "qwen3-vl-2b")
    page.computer.measure.setFocus()
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() is slow.use:
            break
    assert QApplication.focusWidget() is slow.use
    qtbot.keyClick(slow.use, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: chooser.used == ["qwen3-vl-2b"])


def test_a_choice_that_cannot_be_kept_says_why(
    qtbot: QtBot, page: ModelsPage, chooser: FakeChooser
) -> None:
    chooser.refuses = ModelNotInstalled("It is not installed. Nothing was changed.")
    qtbot.mouseClick(row(page, "qwen3-vl-2b").use, LEFT)
    qtbot.waitUntil(lambda: page.said == "It is not installed. Nothing was changed.")
    assert row(page, "qwen3-vl-2b").use.isVisible()


def test_loading_failing_and_trying_again(qtbot: QtBot, page: ModelsPage, home: Household) -> None:
    mine = row(page, BEST[0])
    tell(home, replace(READY, state="loading", progress=0.4, backend=""))
    qtbot.waitUntil(lambda: mine.state.text() == "Loading: 40 %")
    assert mine.bar.isVisible()
    assert mine.bar.value() == 400
    assert not mine.use.isVisible()
    tell(home, replace(READY, state="restarting", reason="It hung. It is started again."))
    qtbot.waitUntil(lambda: mine.state.text() == "Starting again")
    assert mine.said.text() == "It hung. It is started again."
    tell(home, replace(READY, state="failed", reason="It needs more memory than there is."))
    qtbot.waitUntil(lambda: mine.state.text() == "Failed")
    assert mine.said.text() == "It needs more memory than there is."
    assert not mine.bar.isVisible()
    qtbot.mouseClick(mine.again, LEFT)
    assert any(isinstance(c, RetryModel) for c in home.assistant.commands)
    # On less than what was asked for: said, and can be tried again.
    tell(home, replace(READY, reason="The graphics card gave up: it runs on the processor."))
    qtbot.waitUntil(lambda: mine.state.text() == "In use")
    assert "graphics card gave up" in mine.said.text()
    assert mine.again.isVisible()
    tell(home, READY)
    qtbot.waitUntil(lambda: not mine.again.isVisible())
    assert not mine.said.isVisible()


def test_while_a_server_is_asked_no_model_here_is_in_use(
    qtbot: QtBot, page: ModelsPage, home: Household, chooser: FakeChooser
) -> None:
    chooser.now = ModelChoice(model="qwen3-vl-2b", server="https://models.example", on_server="eye")
    tell(home, ModelStatus(model="eye", state="ready", backend="models.example", remote=True))
    qtbot.waitUntil(lambda: "once no server is" in page.language.words)
    assert "Pictures leave this computer." in page.language.words
    assert "Qwen3-VL 2B is asked once no server is." in page.language.words
    assert row(page, "qwen3-vl-2b").state.text() == "Chosen"
    qtbot.mouseClick(page.language.server, LEFT)
    main = page.window()
    assert isinstance(main, MainWindow)
    assert main.stack.currentIndex() == SETTINGS


def test_words() -> None:
    assert pace(0.0) == "how fast it sees is not known"
    assert pace(12.34) == "about 12 frames a second"
    assert pace(1.24) == "about 1.2 frames a second"
    assert pace(0.25) == "a frame in about 4.0 s"
    assert pace(1 / 798) == "a frame in about 13 min"
    quick = replace(OUTLOOK.fits[0], first_token_s=0.01)
    assert "first word after less than 0.1 s" in expected(quick, measured=True)
    failed = replace(READY, state="failed")
    cards = language_cards()
    assert told(ModelChoice(), failed, cards).startswith("SmolVLM2 500M failed.")
    assert told(ModelChoice(), None, ()).endswith("quoting the memory. Get one below.")
    assert told(ModelChoice(), None, cards).endswith("quoting the memory.")
    chosen = ModelChoice(model="qwen3-vl-2b")
    assert told(chosen, None, cards, "building") == (
        "Qwen3-VL 2B is chosen, but it is not loaded. The language model engine is being prepared "
        "for it."
    )
    assert told(chosen, None, cards, "failed").endswith("The language model engine is missing.")
    assert told(ModelChoice(), READY, cards) == (
        "SmolVLM2 500M is asked: the best one that is installed and fits. It runs on CPU."
    )


@pytest.mark.parametrize("size", [QSize(960, 600), QSize(1280, 800)])
def test_every_control_has_a_name_and_is_not_cut_off(
    qtbot: QtBot, page: ModelsPage, size: QSize
) -> None:
    page.window().resize(size)
    QApplication.processEvents()
    buttons = [w for w in page.findChildren(QAbstractButton) if w.isVisible()]
    assert all(w.accessibleName() for w in buttons)
    assert [w.text() for w in buttons if w.width() < w.minimumSizeHint().width()] == []
    badges = [shown.badge for shown in page.language.rows.values()]
    assert all(b.width() >= b.sizeHint().width() for b in badges)
    names = [w.accessibleName() for w in page.findChildren(QWidget) if isinstance(w, ModelRow)]
    assert "SmolVLM2 500M, installed, runs well" in names
