"""What the settings say of the model that is asked, changed from another process."""

from app import settings
from app.paths import Paths
from app.settings import Settings

CHOICE = ("vision_model", "model_server", "model_on_server")
"""The settings that choose it."""


def choose(paths: Paths, **changes: str) -> None:
    """Save some of the settings that choose the model; all others stay as they are.

    Raises:
        ConfigError: the file cannot be written; nothing was changed.
    """
    paths.prepare()
    found = settings.load(paths.settings).settings
    settings.save(paths.settings, found.model_copy(update=changes))


def refresh(paths: Paths, held: Settings) -> None:
    """Bring what a running Nacre holds up to what the file says of the model, if there is one."""
    if not paths.settings.is_file():
        return
    loaded = settings.load(paths.settings)
    if loaded.notice:
        return
    for name in CHOICE:
        setattr(held, name, getattr(loaded.settings, name))
