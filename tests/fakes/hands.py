# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
"""Mouse and keyboard of an X display (the XTEST extension), and eyes on what stands there."""

import os
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

import cv2
import mss
import numpy as np
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

from engine.media import Box, Image

NAMED_KEYS = {" ": "space", "\n": "Return"}


class Hands:
    """Clicks, types and looks on one display. Use it in a `with`."""

    def __init__(self, display: str) -> None:
        self._name = display
        self._display = Display(display)

    def window(self, application: str) -> tuple[Any, Box] | None:
        """The shown top-level window of this WM_CLASS, and where it is; None while there is
        none."""
        for window in self._display.screen().root.query_tree().children:
            shown = window.get_attributes().map_state == X.IsViewable
            if shown and application in (window.get_wm_class() or ()):
                place = window.get_geometry()
                return window, Box(place.x, place.y, place.width, place.height)
        return None

    def click(self, window: Any, x: int, y: int) -> None:
        """Click there on the screen; the window gets the keyboard, for here no window manager
        gives it."""
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self._display, X.ButtonPress, 1)
        xtest.fake_input(self._display, X.ButtonRelease, 1)
        self._display.sync()

    def write(self, text: str) -> None:
        """Lower-case letters, figures, spaces and line ends."""
        for sign in text:
            key = self._display.keysym_to_keycode(XK.string_to_keysym(NAMED_KEYS.get(sign, sign)))
            xtest.fake_input(self._display, X.KeyPress, key)
            xtest.fake_input(self._display, X.KeyRelease, key)
        self._display.sync()

    def look(self) -> Image:
        """What stands on the display, Nacre's own windows too."""
        with patch.dict(os.environ, {"DISPLAY": self._name}), mss.MSS() as session:
            shot = session.grab(session.monitors[0])
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), np.uint8)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._display.close()
