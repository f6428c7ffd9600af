"""The screen: a monitor, a region, or one window, at most some times a second."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

import cv2
import mss
import numpy as np
from mss.exception import ScreenShotError

from engine.errors import DeviceLost, DeviceNotFound, PermissionDenied, SourceError
from engine.media import Box, Frame, Image, nanoseconds
from engine.ports.sources import Clock
from engine.sources.address import region, window_title
from engine.sources.windows import (
    Exclusions,
    Window,
    WindowList,
    hidden_ids,
    visible_parts,
)

PAINT = (56, 52, 48)
"""The flat colour (BGR) over what must not be seen."""
_INTERVAL_S = 0.2
"""Screens are looked at five times a second."""
_PATIENCE_S = 0.25


class MssScreen:
    """Pictures of the screen, with excluded windows painted over before anyone sees them.

    The window list is read before and after each grab and both are painted, so that a window that
    moves meanwhile stays hidden; `exclusions` is asked again for each. A window source shows that
    window only: what lies in front of it and belongs to another program is painted over as well.
    Frames follow the window's size.

    Without a window list (systems other than X11) titles and programs cannot be honoured: a whole
    screen or a region is then shown as it is, and a window cannot be watched. A compositor that
    shows windows elsewhere than where they are (an overview, an animation) is not seen through.

    Raises:
        DeviceNotFound: no such screen, region or window.
        PermissionDenied: the desktop does not let programs see the screen, or the window is
            excluded.
    """

    def __init__(
        self,
        address: str,
        run: str,
        clock: Clock,
        *,
        origin: int,
        exclusions: Callable[[], Exclusions],
    ) -> None:
        self._run, self._clock, self._origin, self._exclusions = run, clock, origin, exclusions
        self._mss, windows = open_desktop()
        self._list: WindowList | None = windows
        try:
            self._area, self._window = self._find(address)
        except SourceError:
            self.close()
            raise
        self._due = clock.monotonic()

    @property
    def identity(self) -> str | None:
        return None

    def read(self) -> Frame | None:
        """The next look; None while the window is hidden.

        Raises:
            DeviceLost: the window was closed, or the screen has changed its size.
        """
        wait = self._due - self._clock.monotonic()
        if wait > 0:
            self._clock.sleep(min(wait / nanoseconds(1), _PATIENCE_S))
            if self._clock.monotonic() < self._due:
                return None
        self._due = self._clock.monotonic() + nanoseconds(_INTERVAL_S)
        image = self._look()
        if image is None:
            return None
        pts = self._clock.monotonic() - self._origin
        return Frame(image=image, pts=pts, at=self._clock.wall(), run=self._run)

    def close(self) -> None:
        if self._list is not None:
            self._list.close()
            self._list = None
        self._mss.close()

    def _look(self) -> Image | None:
        before = self._windows()
        area = self._area if self._window is None else self._follow(before)
        if area is None or not area.area:
            return None
        image = _grab(self._mss, area)
        after = self._windows()
        if self._window is not None and self._follow(after) != area:
            return None  # moved while it was looked at; the next look will find it
        for windows in (before, after):
            for part in visible_parts(windows, self._concealed(windows)):
                _paint(image, part, area)
        return image

    def _windows(self) -> Sequence[Window]:
        return self._list.windows() if self._list is not None else ()

    def _concealed(self, windows: Sequence[Window]) -> frozenset[int]:
        hidden = hidden_ids(windows, self._exclusions())
        if self._window is None:
            return hidden
        ids = [window.id for window in windows]
        target = windows[ids.index(self._window)]
        in_front = windows[: ids.index(self._window)]
        return hidden | {w.id for w in in_front if w.pid is None or w.pid != target.pid}

    def _follow(self, windows: Sequence[Window]) -> Box | None:
        """Where the watched window is now; None when it is outside the screen."""
        for window in windows:
            if window.id == self._window:
                return _inside(window.box, self._mss.monitors[0])
        raise DeviceLost("The window was closed or hidden; it is looked for again.")

    def _find(self, address: str) -> tuple[Box, int | None]:
        """(area, window id): the area to grab, or the window to follow."""
        monitors = self._mss.monitors
        title = window_title(address)
        if title is not None:
            return Box(0, 0, 0, 0), self._find_window(title)
        if (asked := region(address)) is not None:
            area = _inside(Box(*asked), monitors[0])
            if area is None:
                raise DeviceNotFound("This region lies outside the screen.")
            return area, None
        number = int(address)
        there = max(len(monitors) - 1, 1)
        if not 1 <= number <= there:
            raise DeviceNotFound(f"There is no screen {number}; this machine has {there}.")
        found = monitors[number if number < len(monitors) else 0]
        return Box(found["left"], found["top"], found["width"], found["height"]), None

    def _find_window(self, title: str) -> int:
        windows = self._windows()
        wanted = title.casefold()
        named = [w for w in windows if wanted in w.title.casefold() and not w.popup]
        if not named:
            raise DeviceNotFound(f"There is no visible window with “{title[:40]}” in its title.")
        allowed = [w for w in named if w.id not in hidden_ids(windows, self._exclusions())]
        if not allowed:
            raise PermissionDenied(
                "This window is on the list of what Nacre never looks at (private windows, "
                "password managers, Nacre itself), so nothing of it was seen."
            )
        exact = [w for w in allowed if w.title.casefold() == wanted]
        return (exact or allowed)[0].id


def screen_count() -> int:
    """How many screens can be watched now; 0 where none can."""
    try:
        session, windows = open_desktop()
    except SourceError:
        return 0
    count = max(len(session.monitors) - 1, 1)
    session.close()
    windows.close()
    return count


def open_desktop(
    environment: Mapping[str, str] = os.environ,
) -> tuple[mss.MSS, WindowList]:
    """(pictures, windows) of the desktop.

    Raises:
        PermissionDenied: a Wayland desktop, or a system whose windows cannot be listed here: what
            is private could not be left out.
        DeviceNotFound: no desktop at all.
    """
    if not sys.platform.startswith("linux"):
        raise PermissionDenied(UNLISTED)
    if not environment.get("DISPLAY"):
        if environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland":
            raise PermissionDenied(WAYLAND)
        raise DeviceNotFound(_NO_DESKTOP)
    try:
        session = mss.MSS()
        session.monitors  # noqa: B018 (the first look is when it fails)
    except (ScreenShotError, OSError) as error:
        raise DeviceNotFound(_NO_DESKTOP) from error
    try:
        return session, _x11_windows()
    except SourceError:
        session.close()
        raise


def _x11_windows() -> WindowList:
    from engine.sources.windows_x11 import X11Windows

    windows = X11Windows()
    if windows.rootless:
        windows.close()
        raise PermissionDenied(WAYLAND)
    return windows


_NO_DESKTOP = "There is no desktop on this machine to look at."
UNLISTED = (
    "On this system Nacre cannot tell yet which windows are private, so it does not look at the "
    "screen; nothing was watched. What works: a camera, or record the screen and watch the "
    "recording with --as-screen."
)
WAYLAND = (
    "This desktop runs on Wayland, which does not let Nacre see the screen; nothing was watched. "
    "What works: choose an Xorg (X11) session when you log in, or record the screen and watch the "
    "recording with --as-screen."
)


def _inside(box: Box, whole: Mapping[str, int]) -> Box | None:
    """The part of a box that lies on the desktop; None when nothing does."""
    moved = Box(box.x - whole["left"], box.y - whole["top"], box.w, box.h)
    part = moved.clipped(whole["width"], whole["height"])
    if not part.area:
        return None
    return Box(part.x + whole["left"], part.y + whole["top"], part.w, part.h)


def _grab(session: mss.MSS, area: Box) -> Image:
    try:
        shot = session.grab((area.x, area.y, area.x + area.w, area.y + area.h))
    except ScreenShotError as error:
        raise DeviceLost("The screen has changed; it is opened again.") from error
    pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), np.uint8)


def _paint(image: Image, part: Box, area: Box) -> None:
    scale_x, scale_y = image.shape[1] / area.w, image.shape[0] / area.h
    x0, y0 = int((part.x - area.x) * scale_x), int((part.y - area.y) * scale_y)
    x1 = int(np.ceil((part.x + part.w - area.x) * scale_x))
    y1 = int(np.ceil((part.y + part.h - area.y) * scale_y))
    image[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = PAINT
