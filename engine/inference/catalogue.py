"""The catalogue: every model that may be loaded, with its size and SHA-256. A file that is not
pinned gets both from its publisher when it is first downloaded (see `recorded`)."""

import re
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.errors import ConfigError, ModelError

Role = Literal[
    "face-detector",
    "face-embedder",
    "object-detector",
    "pose-estimator",
    "image-embedder",
    "text-embedder",
    "speech-recogniser",
    "vision-language-model",
]
Domain = Literal["general", "demo"]
"""What a vision-language model has learned to see: the world, or the drawn one of the demo."""

_COMMIT = re.compile(r"/[0-9a-f]{40}/")


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address can only mean this machine."""
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _safe_address(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise ValueError("not a web address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("an address of the catalogue must begin with https")
    return url


class CatalogueFile(BaseModel):
    """One file of a model. `size` in bytes, `sha256` in lower-case hexadecimal; without one the
    file is not pinned, and its size is what it was when the entry was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    url: Annotated[str, AfterValidator(_safe_address)] | None = None

    @property
    def pinned(self) -> bool:
        """Whether these are known to be the right bytes."""
        return bool(self.sha256)

    @model_validator(mode="after")
    def _steady(self) -> Self:
        if not self.pinned and self.url is None:
            raise ValueError("neither pinned nor published anywhere")
        hub = (self.url or "").startswith("https://huggingface.co/")
        if hub and self.pinned and not _COMMIT.search(self.url or ""):
            raise ValueError("a pinned file must lie at a commit, not at a branch")
        return self


class VisionSpec(BaseModel):
    """What is to be known of a vision-language model before it is here. Its files are the text
    model and the projector, in this order. What is None is not known, of a model of the user's
    own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    architecture: str
    projector: str
    quantization: str
    parameters: Annotated[int, Field(gt=0)]
    """Of the text model."""
    vision_parameters: Annotated[int, Field(gt=0)]
    vision_width: Annotated[int, Field(gt=0)] | None = None
    vision_layers: Annotated[int, Field(gt=0)] | None = None
    patches: Annotated[int, Field(gt=0)] | None = None
    """That the vision tower looks at in one frame."""
    image_tokens: Annotated[int, Field(gt=0)] | None = None
    """That a frame becomes."""
    kv_bytes: Annotated[int, Field(gt=0)]
    """Of one token in the KV cache, 16 bits a number."""
    context: Annotated[int, Field(gt=0)]
    """Tokens it was trained on."""
    domain: Domain = "general"


class CatalogueEntry(BaseModel):
    """A model: one or several files that are of use only together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
    role: Role
    title: str
    files: Annotated[tuple[CatalogueFile, ...], Field(min_length=1)]
    licence: str
    source: str
    unlocks: str
    note: str = ""
    obtainable: bool
    vision: VisionSpec | None = None

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def command(self) -> str:
        """The command line that brings this model here."""
        return f"nacre models get {self.id}" if self.obtainable else "nacre models import PATH"

    @property
    def remedy(self) -> str:
        """The same as a sentence."""
        if self.obtainable:
            return f"`{self.command}` gets it."
        return f"`{self.command}` takes {self.files[0].name} from a folder."

    def file(self, name: str | None = None) -> CatalogueFile:
        """The file of this name; without a name the first, which is the model itself."""
        if name is None:
            return self.files[0]
        for file in self.files:
            if file.name == name:
                return file
        raise ModelError(f"{self.title} has no file {name}.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({file.name.lower() for file in self.files}) != len(self.files):
            raise ValueError("two files of one name")
        if self.obtainable and any(file.url is None for file in self.files):
            raise ValueError("obtainable, but a file has no address")
        if (self.vision is not None) != (self.role == "vision-language-model"):
            raise ValueError("`vision` belongs to a vision-language model, and to no other")
        if self.vision is not None and len(self.files) != 2:
            raise ValueError("a vision-language model is two files")
        return self


class BundledEntry(CatalogueEntry):
    """A model that lies in the program, in this folder beside the catalogue."""

    folder: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]


class Catalogue(BaseModel):
    """All entries, in the order in which they are shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: tuple[CatalogueEntry, ...]
    bundled: tuple[BundledEntry, ...] = ()
    """What comes with the program, and is neither installed nor removed."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        everything = (*self.model, *self.bundled)
        if len({entry.id for entry in everything}) != len(everything):
            raise ValueError("two entries of one id")
        return self

    @property
    def entries(self) -> tuple[CatalogueEntry, ...]:
        return self.model

    def part(self, model: str) -> BundledEntry:
        """What comes with the program under this id.

        Raises:
            ModelError: nothing does.
        """
        for entry in self.bundled:
            if entry.id == model:
                return entry
        raise ModelError(f"Nothing that comes with the program is called {model[:50]!r}.")

    def entry(self, model: str) -> CatalogueEntry:
        """The entry of this id.

        Raises:
            ModelError: there is none.
        """
        for entry in self.model:
            if entry.id == model:
                return entry
        known = ", ".join(entry.id for entry in self.model)
        raise ModelError(f"No model is called {model[:50]!r}. Known are: {known}.")


def load_catalogue(path: Path) -> Catalogue:
    """Read and check a catalogue (TOML).

    Raises:
        ConfigError: it cannot be read, or it contradicts itself.
    """
    try:
        return Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "The model catalogue cannot be read: this installation is incomplete. Install it again."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The model catalogue is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"The model catalogue is wrong at {where}: {first['msg']}.") from error
