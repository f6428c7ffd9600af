from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.media import NANOSECONDS, Span
from tests.fakes.household import MOMO, MUM, RUN, Household, shelf
from ui.pictures import Moment
from ui.preferences import Preferences
from ui.watch.timeline import Timeline
from ui.watch.timeline_data import load, moment_at, slots, step
from ui.watch.timeline_paint import BANDS_Y, LANE_H, MARKS_Y
from ui.window import MainWindow


def timeline(qtbot: QtBot, window: MainWindow, home: Household) -> Timeline:
    made = window.watch.timeline
    made.now = lambda: home.now
    made.reload()
    qtbot.waitUntil(lambda: bool(made.strip.bands) and bool(made.concept_colours))
    return made


def wheel(widget: Timeline, turn: QPoint, at: QPointF) -> None:
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        turn,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_all_of_a_stretch_is_loaded(home: Household) -> None:
    strip = load(home.archive, home.at(0, 270))
    assert [b.name for b in strip.bands].count("Mum") == 2
    assert len({b.lane for b in strip.bands if b.concept == MUM.id}) == 1
    lanes = {b.lane for b in strip.bands if b.concept == MOMO.id}
    assert lanes.isdisjoint({b.lane for b in strip.bands if b.concept == MUM.id})
    assert sorted({m.kind for m in strip.marks}) == ["remark", "text"]
    assert len(load(home.archive, home.at(0, 12)).clips) == 3


def test_pictures_keep_their_places_while_time_goes_on(home: Household) -> None:
    early = dict(slots(load(home.archive, home.at(0, 250)), 82, 800)[1])
    late = dict(slots(load(home.archive, home.at(10, 260)), 82, 800)[1])
    shared = early.keys() & late.keys()
    inner = sorted(shared)[1:-1]
    assert len(inner) >= 4
    assert all(early[k] is late[k] for k in inner)


def test_a_point_leads_to_the_run_watched_then(home: Household) -> None:
    strip = load(home.archive, home.at(0, 270))
    at = home.at(100, 101).start
    found = moment_at(strip, at)
    assert found is not None
    assert (found.run, found.at) == (RUN, at)
    assert abs(found.pts - home.pts(100, 101).start) < NANOSECONDS // 1000


def test_clip_by_clip(home: Household) -> None:
    strip = load(home.archive, home.at(0, 270))
    at = home.at(60, 61).start
    assert step(strip, at, forward=True).at == home.at(66, 67).start
    assert step(strip, at, forward=False).at == home.at(54, 55).start
    assert step(strip, home.now, forward=True) is None


def test_a_click_shows_the_moment(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    strip = timeline(qtbot, watching, home)
    at = home.at(100, 101).start
    where = QPoint(round(strip.scale().x(at)), 20)
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=where)
    moment: Moment = chosen.args[0]
    assert abs(moment.at - at) < 2 * NANOSECONDS
    qtbot.waitUntil(watching.watch.live_chip.isVisible)


def test_the_wheel_zooms_and_a_drag_moves(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    strip = timeline(qtbot, watching, home)
    length = strip.view.end - strip.view.start
    wheel(strip, QPoint(0, 120), QPointF(100, 20))
    assert strip.view.end - strip.view.start < length
    wheel(strip, QPoint(0, -120), QPointF(100, 20))
    assert strip.follows
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(100, 20))
    qtbot.mouseMove(strip, QPoint(300, 20))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(300, 20))
    assert not strip.follows
    assert strip.view.end < home.now
    assert not watching.watch.live_chip.isVisible()
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert strip.follows


def test_keys_go_from_clip_to_clip(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    strip = timeline(qtbot, watching, home)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert strip.marked == home.at(258, 259).start
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.marked == home.at(264, 265).start
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.marked is None


def test_bands_have_the_colour_of_their_concept(
    qtbot: QtBot, watching: MainWindow, home: Household
) -> None:
    strip = timeline(qtbot, watching, home)
    momo = next(b for b in strip.strip.bands if b.concept == MOMO.id)
    image = strip.grab().toImage()
    x = round(strip.scale().x(momo.at.start + (momo.at.end - momo.at.start) // 2))
    found = image.pixelColor(x, BANDS_Y + momo.lane * LANE_H + LANE_H // 2).name()
    assert found.upper() == MOMO.colour
    remark = next(m for m in strip.strip.marks if m.kind == "remark")
    x = round(strip.scale().x(remark.moment.at))
    assert image.pixelColor(x, MARKS_Y + 7).name().upper() == watching.colours.second


def test_thumbnails_are_read_once(qtbot: QtBot, watching: MainWindow, home: Household) -> None:
    asked: list[tuple[str, int]] = []
    picture = home.archive.pictures

    def counted(run: str, pts: int):
        asked.append((run, pts))
        return picture(run, pts)

    home.archive.pictures = counted
    watching.pictures.forget()
    strip = timeline(qtbot, watching, home)

    def painted() -> bool:
        """What is visible grows with the time, so it is painted until all of it is there."""
        strip.grab()
        return len(asked) >= 3 and not watching.pictures.waiting

    qtbot.waitUntil(painted)
    strip.grab()
    qtbot.waitUntil(lambda: not watching.pictures.waiting)
    strip.grab()
    assert len(asked) == len(set(asked))


def test_the_first_minute_fills_the_strip_which_then_grows(qtbot: QtBot, home: Household) -> None:
    (run,) = home.archive.runs
    home.archive.runs[:] = [replace(run, at=home.at(240, 270))]
    window = MainWindow(home.assistant, shelf(), Preferences(theme="dark"))
    qtbot.addWidget(window)
    window.show()
    strip = window.watch.timeline
    strip.now = lambda: home.now
    strip.reload()
    qtbot.waitUntil(lambda: bool(strip.strip.watched))

    def visible() -> float:
        return (strip.view.end - strip.view.start) / NANOSECONDS

    assert visible() == 60
    for more, low, high in ((100, 130, 140), (1000, 300, 300)):
        home.now += more * NANOSECONDS
        at = Span(start=home.at(240, 240).start, end=home.now)
        home.archive.runs[:] = [replace(run, at=at)]
        strip.reload()
        qtbot.waitUntil(lambda low=low, high=high: low <= visible() <= high)
