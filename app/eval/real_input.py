"""Where real input for measuring lies: the folder named by `NACRE_SHARED`, or `shared` beside the
checkout. It is not part of the project; what needs it says so where it is missing."""

import os
from pathlib import Path

from app.paths import resources
from engine.errors import ConfigError

VARIABLE = "NACRE_SHARED"
SIGNERS = {
    "A": ("again", "brother", "help", "no", "student", "yes"),
    "B": ("bird", "milk", "please", "sorry", "thanks"),
}
"""Who is in which clip (the data's MANIFEST)."""


def real_data(name: str) -> Path:
    """The folder or file `name` of the real input.

    Raises:
        ConfigError: it is not on this machine.
    """
    folder = Path(os.environ.get(VARIABLE) or resources().parent / "shared") / "data" / name
    if not folder.exists():
        raise ConfigError(
            f"The real input ({name}) that this is measured on is not on this machine. Nothing "
            f"was measured. Put its folder's path into {VARIABLE}."
        )
    return folder
