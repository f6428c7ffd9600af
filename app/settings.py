"""The user's settings: a TOML file, checked by pydantic, carried forward by numbered migrations.

Keys that this version does not know, and the user's comments, stay in the file.
"""

import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tomlkit.exceptions import TOMLKitError

from engine.config import AlertConfig, EngineConfig, RetentionConfig
from engine.errors import ConfigError
from engine.sources.windows import PRIVATE_APPLICATIONS, PRIVATE_TITLES

log = logging.getLogger(__name__)

GIGABYTE = 1024**3
TIME_OF_DAY = r"^(|([01]\d|2[0-3]):[0-5]\d)$"


class Settings(BaseModel):
    """What the user can choose. Every field has a value that works."""

    model_config = ConfigDict(extra="allow", validate_assignment=True)

    theme: Literal["system", "dark", "light"] = "system"
    show_unknown: bool = False
    """Draw boxes around people and things without a name."""
    less_motion: bool = False
    """Nothing fades, also where the system does not ask for it."""
    retention_gb: float = Field(default=5.0, ge=0.05, le=100_000)
    retention_days: float = Field(default=30.0, ge=0.01, le=36_500)
    excluded_applications: list[str] = Field(default_factory=lambda: list(PRIVATE_APPLICATIONS))
    """Windows of these programs are painted over before anything is read or kept."""
    excluded_titles: list[str] = Field(default_factory=lambda: list(PRIVATE_TITLES))
    """The same for windows whose title contains one of these words."""
    mirror: str = ""
    """Folder or address from which models are fetched instead of their public addresses."""

    microphone: str = ""
    """Name of the microphone that is listened to; empty: the usual one."""
    listening: bool = False
    """Listen from the start, as it was when Nacre was closed last."""
    keep_speech: bool = True
    """Every utterance becomes a fact in the memory."""
    wake_phrase: bool = False
    """What follows "hey Nacre" is said to Nacre."""
    headphones: bool = False
    """The microphone does not hear the loudspeaker, so that the user's voice may interrupt."""
    aloud: Literal["never", "asked", "all"] = "asked"
    """What is said aloud: nothing, answers to what was spoken, what is said unasked as well."""
    quiet_from: str = Field(default="", pattern=TIME_OF_DAY)
    quiet_until: str = Field(default="", pattern=TIME_OF_DAY)
    """Between these nothing is said aloud."""
    muted: bool = False
    """Nothing is said aloud, until the key is pressed again."""

    remarks: Literal["off", "sparse", "lively"] = "off"
    """What is said without being asked for."""
    notifications: bool = True
    """Remarks come as notifications of the desktop while the window is not in front."""

    spare_bystanders: bool = False
    """People without a name are made unrecognisable in every picture that is kept, and nothing of
    them is kept by which they could be known again."""

    vision_model: str = ""
    """Id of the vision-language model that is asked; empty: the best one that is installed and
    fits this machine."""

    live_window: Literal["rebuilt", "rolled", "redecoded"] = "rebuilt"
    """How the model's view of the stream moves on (docs/decisions/0005): redecoded is exact, and
    answers later."""
    picture_cache: Literal["f16", "int8"] = "f16"
    """How pictures that the model has encoded are kept: int8 takes half the memory, and what is
    decoded again from it is near what it was, not the same."""

    model_server: str = ""
    """Address of an OpenAI-compatible server that is asked instead of a model on this machine;
    empty: none is. Its key lies in the system's keyring."""
    model_on_server: str = ""
    """Which of the server's models is asked."""

    def engine_config(self) -> EngineConfig:
        """The part that the engine is configured with."""
        retention = RetentionConfig(
            max_bytes=round(self.retention_gb * GIGABYTE), max_days=self.retention_days
        )
        return EngineConfig(
            retention=retention,
            alerts=AlertConfig(remarks=self.remarks),
            spare_bystanders=self.spare_bystanders,
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings as they were read; `notice` is a line for people when the file was not usable."""

    settings: Settings
    notice: str = ""


Migration = Callable[[dict[str, Any]], None]


MIGRATIONS: tuple[Migration, ...] = ()
"""The first entry carries a file of version 1 to version 2, and so on. Append only."""


def load(path: Path) -> Loaded:
    """Read the settings; a broken file is kept aside as `settings.broken.toml`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Loaded(Settings())
    except UnicodeDecodeError:
        return _set_aside(path, "it is not a text file")
    except OSError as error:
        return Loaded(Settings(), f"The settings cannot be read ({error.strerror}); defaults used.")
    try:
        values = migrated(tomlkit.parse(text).unwrap())
        return Loaded(Settings.model_validate(values))
    except TOMLKitError as error:
        return _set_aside(path, str(error))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _set_aside(path, f"{where}: {first['msg']}")


def migrated(
    values: dict[str, Any], migrations: tuple[Migration, ...] = MIGRATIONS
) -> dict[str, Any]:
    """A copy of `values`, carried to the newest version; a newer file is left as it is."""
    values = dict(values)
    version = values.pop("version", 1)
    for step in migrations[version - 1 if isinstance(version, int) and version > 0 else 0 :]:
        step(values)
    return values


def _set_aside(path: Path, why: str) -> Loaded:
    aside = path.with_name("settings.broken.toml")
    why = " ".join(why.split())
    try:
        os.replace(path, aside)
        kept = f"It was kept as {aside.name}; defaults are used."
    except OSError:
        kept = "Defaults are used."
    return Loaded(Settings(), f"The settings file is broken ({why}). {kept}")


def save(path: Path, settings: Settings) -> None:
    """Write the settings, all at once; comments and unknown keys of the file are kept.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError):
        document = tomlkit.document()
    plain = migrated(document.unwrap())
    for gone in [str(key) for key in document if key not in plain]:
        del document[gone]
    document["version"] = len(MIGRATIONS) + 1
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if name not in document or document[name] != value:
            document[name] = value
    try:
        _write(path, tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    except OSError as error:
        raise ConfigError(
            f"The settings cannot be saved: {(error.strerror or str(error)).lower()}. "
            "The old ones still hold."
        ) from error


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
