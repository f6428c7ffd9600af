"""Which Nacre this is."""

import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from app.paths import resources


def version() -> str:
    """The version of the installed program, or of the source tree."""
    try:
        return installed("nacre")
    except PackageNotFoundError:
        pass
    try:
        project = tomllib.loads((resources() / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"
