"""A data folder of its own for a benchmark: the user's memory and keyring are left alone."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import keyring
from keyring.backends.fail import Keyring

from app.paths import Paths
from app.shelf import open_shelf

KEYRING_VARIABLE = "PYTHON_KEYRING_BACKEND"
NO_KEYRING = "keyring.backends.fail.Keyring"


@contextmanager
def borrowed_home(paths: Paths) -> Generator[Paths]:
    """An empty data folder that is removed afterwards, with the installed models of `paths`.

    Processes that are started meanwhile find it too: the models are linked into it.
    """
    before, variable = keyring.get_keyring(), os.environ.get(KEYRING_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        data = Path(folder)
        if paths.models.is_dir():
            (data / "models").symlink_to(paths.models, target_is_directory=True)
        keyring.set_keyring(Keyring())
        os.environ[KEYRING_VARIABLE] = NO_KEYRING
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
            if variable is None:
                del os.environ[KEYRING_VARIABLE]
            else:
                os.environ[KEYRING_VARIABLE] = variable


def installed(paths: Paths) -> str:
    """Which models are used, in words: what a figure was measured with."""
    names = [card.id for card in open_shelf(paths).cards() if card.installed]
    return ", ".join(names) or "none"
