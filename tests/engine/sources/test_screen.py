"""The screen, on a real X server with real windows of other programs."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise

import mss
import numpy as np
import pytest

from app.clock import SystemClock
from engine.errors import DeviceLost, DeviceNotFound, PermissionDenied
from engine.media import Frame, Image
from engine.sources import screen
from engine.sources.screen import PAINT, MssScreen, open_desktop, screen_count
from engine.sources.windows import Exclusions
from engine.sources.windows_x11 import X11Windows
from tests.fakes.clock import ManualClock
from tests.fakes.waiting import wait_for
from tests.fakes.xvfb import WindowProgram, Xvfb

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with Xvfb(800, 600) as running:
        yield running.display


@pytest.fixture
def display(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DISPLAY", server)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    return server


@pytest.fixture
def program(display: str) -> Iterator[Callable[[str], WindowProgram]]:
    running: list[WindowProgram] = []

    def start(application: str) -> WindowProgram:
        running.append(WindowProgram(display, application))
        return running[-1]

    yield start
    for one in running:
        one.__exit__(None, None, None)


@pytest.fixture
def look(display: str) -> Iterator[Callable[..., MssScreen]]:
    opened: list[MssScreen] = []

    def open_screen(
        address: str = "1", exclusions: Callable[[], Exclusions] = Exclusions
    ) -> MssScreen:
        clock = SystemClock()
        opened.append(
            MssScreen(
                address,
                "run",
                clock,
                origin=clock.monotonic(),
                exclusions=exclusions,
            )
        )
        return opened[-1]

    yield open_screen
    for source in opened:
        source.close()
        source.close()


def shown(image: Image, colour: tuple[int, int, int]) -> int:
    """How many pixels have just this colour."""
    return int(np.all(image == colour, axis=2).sum())


def on_the_screen(colour: tuple[int, int, int]) -> int:
    """The same, of what the X server really shows."""
    with mss.MSS() as session:
        shot = session.grab(session.monitors[0])
    pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
    return shown(pixels[:, :, :3], colour)


def frame_with(source: MssScreen, good: Callable[[Image], bool], what: str) -> Frame:
    """The first frame like that, with every frame on the way to it looked at by `good`."""

    def fits() -> Frame | None:
        frame = source.read()
        return frame if frame is not None and good(frame.image) else None

    return wait_for(fits, what=what)


Start = Callable[[str], WindowProgram]
Look = Callable[..., MssScreen]


def test_a_whole_screen(look: Look, program: Start) -> None:
    program("editor").show("Notes", (100, 50, 200, 150), "#00ff00")
    source = look()
    frame = frame_with(source, lambda image: shown(image, GREEN) == 200 * 150, "the green window")
    assert frame.size == (800, 600)
    assert frame.run == "run"
    assert tuple(frame.image[60, 110]) == GREEN
    assert source.identity is None


def test_a_region_is_cut_to_the_screen(look: Look, program: Start) -> None:
    program("editor").show("Notes", (0, 0, 100, 100), "#00ff00")
    frame = frame_with(look("-20,-20,70,60"), lambda image: shown(image, GREEN) > 0, "green")
    assert frame.size == (50, 40)
    assert shown(frame.image, GREEN) == 50 * 40


@pytest.mark.parametrize(
    ("address", "words"),
    [("2", "no screen 2"), ("900,0,10,10", "outside"), ("window:Nothing", "no visible window")],
)
def test_what_is_not_on_this_screen(look: Look, address: str, words: str) -> None:
    with pytest.raises(DeviceNotFound, match=words):
        look(address)


def test_a_private_window_is_painted_over_wherever_it_goes(look: Look, program: Start) -> None:
    editor, vault = program("editor"), program("KeePassXC")
    editor.show("Notes", (0, 0, 100, 100), "#00ff00")
    source = look()
    vault.show("Unlocked", (300, 200, 120, 80), "#ff0000")
    wait_for(lambda: on_the_screen(RED) == 120 * 80, what="the red window to be really there")
    reds: list[int] = []

    def painted(size: int) -> Callable[[Image], bool]:
        def good(image: Image) -> bool:
            reds.append(shown(image, RED))
            return shown(image, PAINT) == size

        return good

    frame = frame_with(source, painted(120 * 80), "the paint")
    assert tuple(frame.image[210, 310]) == PAINT
    assert shown(frame.image, GREEN) == 100 * 100
    for x in range(300, 420, 20):
        vault.move("Unlocked", (x, 220, 90, 60))
        frame_with(source, painted(90 * 60), "the paint where it has moved to")
    assert on_the_screen(RED) == 90 * 60
    vault.close("Unlocked")
    frame_with(source, painted(0), "the paint to go")
    assert set(reds) == {0}


def test_only_what_can_be_seen_of_it_is_painted(look: Look, program: Start) -> None:
    program("bitwarden").show("Vault", (100, 100, 100, 100), "#ff0000")
    program("editor").show("Notes", (150, 100, 100, 100), "#00ff00")
    frame = frame_with(look(), lambda image: shown(image, PAINT) > 0, "paint")
    assert shown(frame.image, PAINT) == 50 * 100
    assert shown(frame.image, GREEN) == 100 * 100
    assert shown(frame.image, RED) == 0


def test_a_window_becomes_private_when_its_title_does(look: Look, program: Start) -> None:
    browser = program("firefox")
    browser.show("News", (0, 0, 100, 100), "#00ff00")
    source = look()
    frame_with(source, lambda image: shown(image, GREEN) == 100 * 100, "the page")
    browser.rename("News", "Bank — Mozilla Firefox Private Browsing")
    frame_with(source, lambda image: shown(image, PAINT) == 100 * 100, "paint on the private page")


def test_the_menus_of_a_private_window_are_painted_over(look: Look, program: Start) -> None:
    browser = program("firefox")
    browser.show("Bank - Private Browsing", (0, 0, 100, 100), "#ff0000")
    browser.show("menu", (200, 200, 60, 40), "#ff0000", popup=True)
    wait_for(lambda: on_the_screen(RED) == 100 * 100 + 60 * 40, what="both to be really there")
    frame = frame_with(look(), lambda image: shown(image, PAINT) > 0, "paint")
    assert shown(frame.image, PAINT) == 100 * 100 + 60 * 40
    assert shown(frame.image, RED) == 0


def test_nacre_does_not_see_itself(look: Look, program: Start) -> None:
    """By its name, from whatever process, and by the process, whatever its windows are called."""
    own = program("nacre")
    own.show("Answer", (0, 0, 100, 100), "#ff0000", text="dragon")
    own.show("caption", (300, 300, 60, 40), "#ff0000", popup=True)
    other = program("caption-program")
    other.show("Caption", (400, 0, 50, 50), "#ff0000")
    wait_for(lambda: on_the_screen(RED) > 8000, what="the windows to be really there")
    desktop = X11Windows()
    pids = {w.pid for w in desktop.windows() if "caption-program" in w.applications}
    desktop.close()
    exclusions = Exclusions(own_pids=frozenset(pid for pid in pids if pid))
    frame = frame_with(
        look("1", lambda: exclusions), lambda image: shown(image, PAINT) > 0, "paint"
    )
    assert shown(frame.image, PAINT) == 100 * 100 + 60 * 40 + 50 * 50
    assert shown(frame.image, RED) == 0


def test_what_is_excluded_later_is_painted_over_from_then_on(look: Look, program: Start) -> None:
    program("paper").show("Diary of today", (20, 20, 100, 100), "#ff0000")
    wait_for(lambda: on_the_screen(RED) == 100 * 100, what="the diary to be really there")
    titles: list[str] = []
    source = look("1", lambda: Exclusions(titles=tuple(titles)))
    frame_with(source, lambda image: shown(image, RED) == 100 * 100, "the diary")
    titles.append("diary")
    frame = frame_with(source, lambda image: shown(image, PAINT) > 0, "paint")
    assert (shown(frame.image, PAINT), shown(frame.image, RED)) == (100 * 100, 0)


def test_one_window_is_followed_and_nothing_else_is_seen(look: Look, program: Start) -> None:
    log, other = program("terminal"), program("mail")
    log.show("Build log", (50, 50, 200, 100), "#00ff00")
    source = look("window:build")
    frame = frame_with(source, lambda image: shown(image, GREEN) == 200 * 100, "the window")
    assert frame.size == (200, 100)
    log.move("Build log", (300, 300, 120, 90))
    frame_with(source, lambda image: image.shape[:2] == (90, 120), "its new size")
    other.show("Letter", (300, 300, 60, 90), "#0000ff")
    wait_for(lambda: on_the_screen(BLUE) == 60 * 90, what="the letter to be really there")
    frame = frame_with(source, lambda image: shown(image, PAINT) > 0, "paint on the letter")
    assert (shown(frame.image, PAINT), shown(frame.image, BLUE)) == (60 * 90, 0)
    log.close("Build log")

    def closed() -> bool:
        try:
            source.read()
        except DeviceLost as error:
            return "closed" in str(error)
        return False

    wait_for(closed, what="the window to be missed")


def test_a_private_window_cannot_be_watched(look: Look, program: Start) -> None:
    program("keepassxc").show("Passwords", (0, 0, 100, 100), "#ff0000")
    with pytest.raises(PermissionDenied, match="never looks at"):
        look("window:passwords")


def test_frames_come_five_times_a_second_and_go_forward(look: Look) -> None:
    source = look()
    frames = [frame for _ in range(4) if (frame := source.read())]
    assert len(frames) >= 3
    assert all(b.pts - a.pts >= 0.15e9 for a, b in pairwise(frames))


def test_the_frames_of_a_window_manager_are_looked_through(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openbox") is None:
        pytest.skip("openbox is not installed")
    with Xvfb(640, 480) as own:
        monkeypatch.setenv("DISPLAY", own.display)
        manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
        try:
            windows = X11Windows(own.display)

            def framed() -> bool:
                return on_the_screen(RED) == 120 * 80 and any(
                    w.title == "Unlocked" and w.box.area > 120 * 80 for w in windows.windows()
                )

            with WindowProgram(own.display, "keepassxc") as vault:
                vault.show("Unlocked", (100, 100, 120, 80), "#ff0000")
                wait_for(framed, what="the window in its frame")
                source = look()
                frame = frame_with(source, lambda image: shown(image, PAINT) > 0, "paint")
                assert shown(frame.image, PAINT) > 120 * 80  # its title bar too
                assert shown(frame.image, RED) == 0
                source.close()
            windows.close()
        finally:
            manager.terminate()
            manager.wait(10)


def test_a_desktop_that_goes_away(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    with Xvfb(320, 240) as own:
        monkeypatch.setenv("DISPLAY", own.display)
        source = MssScreen("1", "run", clock, origin=0, exclusions=Exclusions)
        assert source.read() is not None
    clock.advance(1)
    with pytest.raises(DeviceLost):
        source.read()
    source.close()


def test_wayland_gets_a_sentence_and_never_a_black_picture() -> None:
    for environment in ({"WAYLAND_DISPLAY": "wayland-0"}, {"XDG_SESSION_TYPE": "wayland"}):
        with pytest.raises(PermissionDenied, match=r"Wayland.*Xorg \(X11\) session.*--as-screen"):
            open_desktop(environment)


def test_a_wayland_desktop_with_an_x_server_for_old_programs(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its picture would be black."""
    monkeypatch.setattr(X11Windows, "rootless", True)
    with pytest.raises(PermissionDenied, match="Wayland"):
        look()
    assert screen_count() == 0


@pytest.mark.parametrize("name", ["", ":9999"])
def test_no_desktop_at_all(look: Look, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DISPLAY", name)
    with pytest.raises(DeviceNotFound, match="no desktop"):
        look()
    assert screen_count() == 0


def test_the_screens_are_counted(display: str) -> None:
    assert screen_count() == 1


def test_where_windows_cannot_be_listed_the_screen_is_not_watched(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is private could not be left out."""
    monkeypatch.setattr(screen.sys, "platform", "darwin")
    with pytest.raises(PermissionDenied, match="which windows are private"):
        look("1")
    assert screen_count() == 0
