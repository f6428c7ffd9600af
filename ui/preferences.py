"""What the window needs from the user's settings, and the way back to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Theme = Literal["system", "dark", "light"]
Aloud = Literal["never", "asked", "all"]
Remarks = Literal["off", "sparse", "lively"]

BESIDE_THE_CODE = Path(__file__).resolve().parent.parent / "assets"


def _forget_change(_: "Preferences") -> None:
    """Nothing is kept where no one gave a way to keep it."""


@dataclass(kw_only=True)
class Preferences:
    """Filled by the application; the settings page changes it and calls `save`, which raises an
    `EngineError` when nothing could be saved."""

    theme: Theme = "system"
    show_unknown: bool = False
    """Draw boxes also around people and things without a name."""
    less_motion: bool = False
    """Nothing fades, also where the system does not ask for it."""
    microphone: str = ""
    """Name of the microphone; empty: the usual one."""
    listening: bool = False
    """Listen from the start."""
    keep_speech: bool = True
    wake_phrase: bool = False
    headphones: bool = False
    """The microphone does not hear the loudspeaker: the user's voice may interrupt."""
    aloud: Aloud = "asked"
    quiet_from: str = ""
    quiet_until: str = ""
    muted: bool = False
    """Nothing is said aloud, until the key is pressed again."""
    remarks: Remarks = "off"
    """What is said without being asked for."""
    notifications: bool = True
    """Remarks come as notifications of the desktop while the window is not in front."""
    spare_bystanders: bool = False
    """People without a name are made unrecognisable in what is kept."""
    retention_bytes: int = 5 * 1024**3
    retention_days: float = 30.0
    excluded_applications: tuple[str, ...] = ()
    """Beginnings of the names of programs whose windows are never looked at."""
    excluded_titles: tuple[str, ...] = ()
    """The same for parts of the titles of windows."""
    usual_applications: tuple[str, ...] = ()
    """What is excluded before the user changes anything."""
    usual_titles: tuple[str, ...] = ()
    data_folder: Path | None = None
    """Where everything is kept, to be shown; None when the caller does not say."""
    assets: Path = BESIDE_THE_CODE
    """The folder that holds `icons/`."""
    version: str = ""
    save: Callable[["Preferences"], None] = _forget_change
