"""Pictures of every page, dark and light, large and small: `python -m tests.screenshots`."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import time_ns

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QRect, QSize, QTimer
from PySide6.QtGui import QCursor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea

from app.gallery_files import GalleryFile
from engine.facts import Proposal
from engine.media import nanoseconds
from engine.messages import (
    AnswerExtended,
    AnswerFinished,
    AnswerStarted,
    Ask,
    Failed,
    ModelChanged,
    OpenSource,
    Propose,
    Proposed,
    Remarked,
    TeachConcept,
)
from engine.ports.shelf import Preparation
from engine.prompts import ModelStatus
from engine.sources.windows import PRIVATE_APPLICATIONS, PRIVATE_TITLES
from tests.fakes.assistant import FakeAssistant, FakeShelf
from tests.fakes.chooser import RECKONED, FakeChooser, language_cards
from tests.fakes.household import CAMERA, FEATURES, SCREEN, Household, shelf
from tests.fakes.scene import CAT, HEIGHT, MUG, WIDTH, person_box, room
from ui.pictures import Moment
from ui.preferences import Preferences
from ui.start import application
from ui.watch.page import WatchPage
from ui.watch.region import Frozen, RegionQuestion
from ui.window import MainWindow

SIZES = {"1280x800": QSize(1280, 800), "960x600": QSize(960, 600)}
SCENE_T = 3.0


def settle(ms: int = 250) -> None:
    QTest.qWait(ms)


def lively(theme: str) -> tuple[MainWindow, Household]:
    """A window in which something has happened."""
    home = Household(time_ns())
    window = MainWindow(
        home.assistant,
        FakeShelf([*shelf().cards(), *language_cards()], shelf().folder),
        chooser=FakeChooser(),
        files=GalleryFile(home.assistant.archive),
        preferences=Preferences(
            theme=theme,  # pyright: ignore
            retention_days=30.0,
            data_folder=Path("~/.local/share/nacre"),
            version="0.1.0",
            excluded_applications=PRIVATE_APPLICATIONS,
            excluded_titles=PRIVATE_TITLES,
            usual_applications=PRIVATE_APPLICATIONS,
            usual_titles=PRIVATE_TITLES,
        ),
    )
    window.show()
    run = window.open_source(CAMERA)
    settle(50)
    picture = room(SCENE_T)
    feed = QTimer(window, interval=40)
    feed.timeout.connect(lambda: home.assistant.show(run, picture))
    feed.start()
    tracked = home.tracked(SCENE_T)
    home.assistant.emit(replace(tracked, run=run), ModelChanged(features=FEATURES))
    settle(150)
    return window, home


CRASHED = (
    "The model's process ended unexpectedly five times within a minute. What was seen is kept. "
    "Choose a smaller model, or try again."
)


def talk(window: MainWindow, home: Household) -> None:
    """A short conversation."""
    says = {
        "What is Momo doing?": ("Momo is on the chair since 20 s after the start.", (20, 80, 140)),
        "Who was at the door yesterday?": ("I have not seen that.", ()),
    }
    for question, (text, starts) in says.items():
        window.watch.conversation.submit(question)
        asked = [c for c in home.assistant.commands if isinstance(c, Ask)][-1]
        hint = "" if starts else "Let Nacre watch the door; nothing was watched yesterday."
        answer = home.answer(asked.ref, question, text, *starts, help=hint)
        home.assistant.emit(AnswerFinished(answer=answer))
    home.assistant.emit(Remarked(remark=home.remark("Mum came in.", 186)))
    settle()


def propose(home: Household) -> None:
    found = (
        Proposal(box=person_box(SCENE_T), kind="person", score=0.93),
        Proposal(box=CAT, kind="pet", score=0.88),
        Proposal(box=MUG, kind="thing", score=0.61),
    )
    home.assistant.answers[Propose] = lambda c: (Proposed(ref=c.ref, proposals=found),)


def scenes(window: MainWindow, home: Household) -> dict[str, Callable[[], None]]:
    """What each picture shows, in this order."""
    watch: WatchPage = window.watch

    def answering() -> None:
        remote = ModelStatus(model="Eye", state="ready", backend="models.example", remote=True)
        home.assistant.emit(ModelChanged(features=FEATURES, model=remote))
        watch.conversation.submit("What is Mum holding?")
        asked = [c for c in home.assistant.commands if isinstance(c, Ask)][-1]
        home.assistant.emit(
            AnswerStarted(question=asked.text, ref=asked.ref),
            AnswerExtended(text="Mum holds a red mug in her", ref=asked.ref),
        )
        settle(100)

    def registering() -> None:
        watch.conversation.interrupt()
        failed = ModelStatus(model="Eye", state="failed", reason=CRASHED)
        home.assistant.emit(ModelChanged(features=FEATURES, model=failed))
        propose(home)
        watch.remember_now()
        settle(100)

    def naming() -> None:
        watch.registration.layer.take(watch.registration.layer.boxes[1])
        watch.registration.card.name.setText("Momo")

    def refused() -> None:
        reason = "Nothing in the box could be known again. It was not saved. Drag a larger box."
        home.assistant.answers[TeachConcept] = lambda c: (
            Failed(reason=reason, kind="ConceptError", ref=c.ref),
        )
        watch.registration.card.name.returnPressed.emit()
        settle(100)

    def past() -> None:
        watch.registration.cancel()
        watch.timeline.chosen.emit(_moment(window))

    def paused() -> None:
        watch.back_to_live()
        watch.toggle_pause()

    def consent() -> None:
        window.notices.hide()
        home.assistant.answers[OpenSource] = lambda c: (
            Failed(reason="Not allowed yet.", kind="ConsentMissing", ref=c.ref),
        )
        window.open_source(SCREEN)
        settle(100)

    def notice() -> None:
        close_dialog()
        window.open_page(0)
        watch.toggle_pause()
        reason = "Another program uses the camera. Nothing was lost. Close it and press Retry."
        home.assistant.answers[OpenSource] = lambda c: (
            Failed(reason=reason, kind="DeviceBusy", ref=c.ref),
        )
        window.open_source(SCREEN)
        settle(100)

    def span() -> None:
        window.open_page(3)
        button = next(b for b in window.memory.findChildren(QPushButton) if "span" in b.text())
        button.click()

    def language() -> None:
        bar = window.models.findChild(QScrollArea).verticalScrollBar()
        bar.setValue(window.models.language.y() - 24)

    def language_loading() -> None:
        chosen = ModelStatus(model="", state="loading", progress=0.4, id="smolvlm2-500m")
        chosen = replace(chosen, model="SmolVLM2 500M")
        home.assistant.emit(ModelChanged(features=FEATURES, model=chosen))
        settle(100)
        language()

    def language_failed() -> None:
        failed = ModelStatus(
            model="SmolVLM2 500M", state="failed", reason=CRASHED, id="smolvlm2-500m"
        )
        home.assistant.emit(ModelChanged(features=FEATURES, model=failed))
        settle(100)
        language()

    def language_in_use() -> None:
        ready = ModelStatus(model="SmolVLM2 500M", state="ready", backend="CPU", id="smolvlm2-500m")
        home.assistant.emit(ModelChanged(features=FEATURES, model=ready))
        settle(100)
        language()

    def server() -> None:
        close_dialog()
        window.open_page(5)
        chooser = window._chooser  # pyright: ignore[reportPrivateUsage]
        assert isinstance(chooser, FakeChooser)
        chooser.use_server("https://models.example/v1", "qwen3-vl-32b", "key")
        remote = ModelStatus(model="Eye", state="ready", backend="models.example", remote=True)
        home.assistant.emit(ModelChanged(features=FEATURES, model=remote))
        settle(200)
        assert window.settings.server is not None
        bar = window.settings.findChild(QScrollArea).verticalScrollBar()
        bar.setValue(window.settings.server.parentWidget().y() - 24)

    def settings() -> None:
        close_dialog()
        window.open_page(5)

    def settings_below() -> None:
        bar = window.settings.findChild(QScrollArea).verticalScrollBar()
        bar.setValue(bar.maximum())

    def region() -> None:
        window.open_page(0)
        still = QImage(room(SCENE_T).tobytes(), WIDTH, HEIGHT, QImage.Format.Format_BGR888)
        area = QRect(0, 0, WIDTH, HEIGHT)
        screen = Frozen("Screen 1", area, QPixmap.fromImage(still))
        RegionQuestion(window, [screen]).ask(print)

    def pages(number: int) -> Callable[[], None]:
        return lambda: window.open_page(number)

    return {
        "watch": lambda: talk(window, home),
        "watch-answering": answering,
        "watch-registering": registering,
        "watch-naming": naming,
        "watch-refused": refused,
        "watch-moment": past,
        "watch-paused": paused,
        "gallery": pages(1),
        "alerts": pages(2),
        "memory": pages(3),
        "models": pages(4),
        "models-language": language_in_use,
        "models-loading": language_loading,
        "models-failed": language_failed,
        "memory-span": span,
        "settings": settings,
        "settings-server": server,
        "settings-below": settings_below,
        "watch-region": region,
        "notice": notice,
        "consent": consent,
    }


def _moment(window: MainWindow) -> Moment:
    strip = window.watch.timeline.strip
    at = strip.span.end - nanoseconds(80)
    return Moment(run=strip.watched[0].run, pts=nanoseconds(190), at=at)


def close_dialog() -> None:
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        dialog.close()


def empty(theme: str) -> MainWindow:
    """A window on its first day."""
    assistant = FakeAssistant(opens=False)
    assistant.features = tuple(
        f if f.name == "text on screen" else replace(f, on=False, reason="Not installed.")
        for f in FEATURES
    )
    cards = [replace(card, installed=False) for card in shelf().cards()]
    window = MainWindow(
        assistant,
        FakeShelf([*cards, *(replace(card, installed=False) for card in language_cards())]),
        Preferences(theme=theme),  # pyright: ignore
        preparation=_preparing,
        chooser=FakeChooser(RECKONED),
        files=GalleryFile(assistant.archive),
    )
    window.show()
    settle()
    return window


def _preparing(told: Callable[[Preparation], None]) -> Callable[[], None]:
    told(Preparation(state="building", percent=40))
    return lambda: None


def shoot(folder: Path) -> None:
    """Write every picture."""
    folder.mkdir(parents=True, exist_ok=True)

    def save(window: MainWindow, name: str, theme: str) -> None:
        for label, size in SIZES.items():
            window.resize(size)
            settle(350)
            picture = window.grab()
            dialog = QApplication.activeModalWidget()
            if dialog is not None:
                painter = QPainter(picture)
                spare = size - dialog.size()
                place = QPoint(spare.width() // 2, spare.height() // 2)
                painter.drawPixmap(place, dialog.grab())
                painter.end()
            picture.save(str(folder / f"{name}-{theme}-{label}.png"))

    for theme in ("dark", "light"):
        window, home = lively(theme)
        for name, act in scenes(window, home).items():
            act()
            settle(100)
            save(window, name, theme)
        close_dialog()
        window.close()
        first = empty(theme)
        for number, name in enumerate(("watch", "gallery", "alerts", "memory", "models")):
            first.open_page(number)
            save(first, f"empty-{name}", theme)
        missing = "A C++ compiler is missing: sudo apt-get install g++"
        for part in (first.models, first.rail):
            part.show_preparation(Preparation(state="failed", reason=missing))
        save(first, "empty-models-failed", theme)
        first.close()


def main() -> int:
    app: QApplication = application()
    QCursor.setPos(4000, 4000)
    QTimer.singleShot(240_000, app.quit)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    shoot(folder)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
