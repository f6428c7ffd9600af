"""Where things lie: the user's data, cache and logs, and the files that come with the program.

The same names work from a source tree and from a frozen program (PyInstaller unpacks what comes
with it into `sys._MEIPASS`).
"""

import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigError

DATA_DIR_VARIABLE = "NACRE_DATA_DIR"


def resources() -> Path:
    """The folder that holds `assets/` and `models/`: the repository, or the unpacked program."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if frozen else Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Every folder and file that the program uses."""

    data: Path
    """The memory, its key file, the settings, the lock and the local socket; mode 0700."""
    cache: Path
    log: Path
    assets: Path
    """What comes with the program: icons, style, the bundled clip. Read only."""
    models: Path
    """The model store: where model files are installed."""
    catalogue: Path
    """The list of models that the program knows. Read only."""

    @classmethod
    def locate(cls, data_dir: str | os.PathLike[str] | None = None) -> "Paths":
        """`data_dir`, else `NACRE_DATA_DIR`, else the system's folders for the user.

        Nothing is created here; see `prepare`.
        """
        chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
        if chosen:
            data = Path(os.path.abspath(os.path.expanduser(chosen)))
            cache, log = data / "cache", data / "log"
        else:
            import platformdirs

            system = platformdirs.PlatformDirs("nacre", appauthor=False)
            data, cache = system.user_data_path, system.user_cache_path
            log = system.user_log_path
        return cls(
            data=data,
            cache=cache,
            log=log,
            assets=resources() / "assets",
            models=data / "models",
            catalogue=resources() / "models" / "catalogue.toml",
        )

    @property
    def settings(self) -> Path:
        return self.data / "settings.toml"

    @property
    def lock(self) -> Path:
        """Held by the one process that has the memory open."""
        return self.data / "nacre.lock"

    @property
    def socket(self) -> Path:
        """Where that process can be reached."""
        return self.data / "nacre.sock"

    @property
    def demo_clip(self) -> Path:
        return self.assets / "demo.mp4"

    def prepare(self) -> None:
        """Create the folders, the data folder with mode 0700.

        Raises:
            ConfigError: a folder cannot be created or written into.
        """
        for folder in (self.data, self.cache, self.log, self.models):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if os.name == "posix" and folder == self.data:
                    _make_private(folder)
                with tempfile.TemporaryFile(dir=folder):
                    pass
            except OSError as error:
                raise ConfigError(_unusable(folder, error)) from error


def _make_private(folder: Path) -> None:
    status = folder.stat()
    if stat.S_IMODE(status.st_mode) != 0o700:
        folder.chmod(0o700)


def _unusable(folder: Path, error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        why = "it, or a part of it, is a file"
    else:
        why = (error.strerror or str(error)).lower()
    return (
        f"The folder {folder} cannot be written into: {why}. Nothing was changed. "
        f"Choose another with --data-dir, or mend its permissions."
    )
