"""A figure and an action are defined in the demo by typing, and asked about then and ten minutes of
the stream later."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.bootstrap import open_engine, open_model_store
from app.paths import Paths
from app.settings import Settings
from engine.media import seconds
from engine.messages import Done, Event
from engine.runtime import Engine
from engine.sources.address import parse_source
from tests.fakes.acts import OTHER
from tests.fakes.clock import PacedClock
from tests.fakes.later import BACK_S, BOWED_AGAIN_S, BOWED_S, GONE_S, ten_minutes_later
from ui.preferences import Preferences
from ui.window import MainWindow

LIMIT_MS = 120_000
HURRY = 30.0
"""The ten minutes in which nobody is there pass so many times as fast."""
LINGER = 0.05
"""While somebody types and reads, a slow machine must not lose sight of who is asked about."""
COLOUR = f"What colour is the one with {OTHER.hat.replace('a ', 'the ')}?"
"""Put to the demo model, which answers from the picture."""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """With another demo clip."""
    usual = Paths.locate(tmp_path / "data")
    assets = tmp_path / "assets"
    assets.mkdir()
    for one in usual.assets.iterdir():
        if one != usual.demo_clip:
            (assets / one.name).symlink_to(one)
    made = replace(usual, assets=assets)
    ten_minutes_later(made.demo_clip)
    return made


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def clock() -> PacedClock:
    return PacedClock()


@pytest.fixture
def engine(paths: Paths, events: list[Event], clock: PacedClock) -> Iterator[Engine]:
    with open_engine(paths, Settings(), clock=clock) as opened:
        opened.subscribe(events.append)
        yield opened


class Typing:
    """Somebody at the window."""

    def __init__(self, qtbot: QtBot, window: MainWindow, engine: Engine, run: str) -> None:
        self._qtbot, self._window, self._engine, self._run = qtbot, window, engine, run

    def shown_s(self) -> float:
        frame = self._engine.newest(self._run)
        return 0.0 if frame is None else seconds(frame.pts)

    def until(self, at_s: float) -> None:
        """Watch on until the clip is so far."""
        self._qtbot.waitUntil(lambda: self.shown_s() >= at_s, timeout=LIMIT_MS)

    def says(self, text: str) -> str:
        """What is answered."""
        conversation = self._window.watch.conversation
        conversation.line.setFocus()
        self._qtbot.keyClicks(conversation.line, text)
        self._qtbot.keyClick(conversation.line, Qt.Key.Key_Return)
        self._qtbot.waitUntil(lambda: not conversation.thinking, timeout=LIMIT_MS)
        return conversation.messages[-1].text.text()


def test_a_figure_and_an_action_are_known_ten_minutes_later(
    qtbot: QtBot, paths: Paths, engine: Engine, events: list[Event], clock: PacedClock
) -> None:
    window = MainWindow(engine, open_model_store(paths), Preferences(assets=paths.assets))
    qtbot.addWidget(window)
    window.show()
    run = window.open_source(parse_source("demo", realtime=True), consented=True)
    somebody = Typing(qtbot, window, engine, run)

    somebody.until(0.3)
    assert somebody.says("this is Pip") == "I know Pip from now on."
    somebody.until(BOWED_S + 0.5)
    clock.go(LINGER)
    assert somebody.says("call this the deep bow") == "I know deep bow from now on."
    assert somebody.says("who is here?").startswith("I see Pip ")
    qtbot.waitUntil(lambda: engine.model is not None and engine.model.demo, timeout=LIMIT_MS)
    assert somebody.says(COLOUR) == OTHER.colour
    assert somebody.says("when did Pip leave?").startswith("Still here. ")

    clock.go(1)
    somebody.until(GONE_S)
    clock.go(HURRY)
    somebody.until(BACK_S)
    clock.go(1)
    somebody.until(BOWED_AGAIN_S + 3)
    clock.go(LINGER)
    qtbot.waitUntil(lambda: any(isinstance(event, Done) for event in events), timeout=LIMIT_MS)
    assert somebody.says("who is here?").startswith("I see Pip ")
    assert somebody.says(COLOUR) == OTHER.colour
    assert somebody.says("when did Pip leave?").startswith("Pip left at 0:2")
    did = somebody.says("when did Pip do the deep bow?")
    assert did.startswith("Pip did the deep bow from 10:4")
    (done,) = [event for event in events if isinstance(event, Done)]
    assert (done.name, done.actor) == ("deep bow", "Pip")
    window.close()
