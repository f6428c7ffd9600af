"""A data folder of its own for a benchmark: the user's memory and keyring are left alone."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import keyring
from keyring.backends.fail import Keyring

from app.paths import Paths
from app.shelf import open_shelf
from engine.environment import variable

KEYRING_VARIABLE = "PYTHON_KEYRING_BACKEND"
NO_KEYRING = "keyring.backends.fail.Keyring"


@contextmanager
def borrowed_home(paths: Paths) -> Generator[Paths]:
    """An empty data folder that is removed afterwards, with the installed models of `paths`.

    Processes that are started meanwhile find it too: the models are linked into it.
    """
    before = keyring.get_keyring()
    with (
        tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder,
        variable(KEYRING_VARIABLE, NO_KEYRING),
    ):
        data = Path(folder)
        if paths.models.is_dir():
            (data / "models").symlink_to(paths.models, target_is_directory=True)
        keyring.set_keyring(Keyring())
        try:
            yield replace(
                paths,
                data=data,
                cache=data / "cache",
                log=data / "log",
                models=paths.models,
            )
        finally:
            keyring.set_keyring(before)


def installed(paths: Paths) -> str:
    """Which models are used, in words: what a figure was measured with."""
    names = [card.id for card in open_shelf(paths).cards() if card.installed]
    return ", ".join(names) or "none"
