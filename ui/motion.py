"""Whether anything may move that need not."""

from PySide6.QtGui import QGuiApplication

from ui.preferences import Preferences


def is_reduced(preferences: Preferences) -> bool:
    """The user asks for less motion, here or (where Qt can tell, from 6.12 on) of the system."""
    if preferences.less_motion:
        return True
    asked = getattr(QGuiApplication.styleHints().accessibility(), "motionPreference", None)
    return asked is not None and asked().name == "ReducedMotion"
