"""What the settings say of the model that is asked, changed by the command line or the window."""

from app import settings
from app.paths import Paths
from app.server_key import keep_key, read_key
from app.settings import Settings
from app.vision_model import require_installed
from engine.errors import ConfigError
from engine.inference.store import ModelStore

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


def choose_model(paths: Paths, store: ModelStore, model: str) -> None:
    """Have this model asked; empty: the best one that is installed and fits.

    Raises:
        ModelError: it is unknown, of another kind, or not here.
        ConfigError: the settings cannot be written. In both cases nothing was changed.
    """
    if model:
        require_installed(store, model)
    choose(paths, vision_model=model)


def choose_server(paths: Paths, address: str, model: str, key: str) -> None:
    """Have a model on a server of the user's asked, with this key or none: the key of the server
    before is nothing to this one.

    Raises:
        ConfigError: it is no address, the key would travel unencrypted or cannot be kept, or the
            settings cannot be written; nothing was changed.
    """
    # Its HTTP library takes long to load, and most never need it.
    from engine.inference.openai_server import OpenAiServer

    address, model = address.strip(), model.strip()
    if not (address and model):
        raise ConfigError("Name the server's address and one of its models. Nothing was changed.")
    OpenAiServer(address, model, key=key).close()
    _point_to(paths, address, model, key)


def forget_server(paths: Paths) -> None:
    """Ask no server any more, and forget its key.

    Raises:
        ConfigError: the settings cannot be written; nothing was changed.
    """
    _point_to(paths, "", "", "")


def _point_to(paths: Paths, address: str, model: str, key: str) -> None:
    before = read_key()
    if key != before:
        keep_key(key)
    try:
        choose(paths, model_server=address, model_on_server=model)
    except ConfigError:
        keep_key(before)
        raise
