"""The models of the catalogue, as the window shows them: chosen, fetched and got ready."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A model of the catalogue, as people see it."""

    id: str
    title: str
    role: str
    unlocks: str
    size_bytes: int
    licence: str
    source: str
    installed: bool
    obtainable: bool
    """False: no public address serves exactly these bytes; it can only be imported."""
    note: str = ""

    demo: bool = False
    """A vision-language model that knows the drawn world of the bundled clip and nothing else."""


Fitness = Literal["runs well", "runs slowly", "not known", "does not fit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What to expect of one vision-language model on this machine."""

    model: str
    title: str
    fitness: Fitness
    frames_per_s: float
    """0.0: not known."""
    first_token_s: float
    """Of a question about now: the stream is in the window already."""
    needs_bytes: int
    reason: str
    """Why it does not fit; empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What this machine would do with the vision-language models, told before one is here."""

    computer: str
    """Its cores, memory and graphics card, and how fast it is."""
    measured: bool
    """False: reckoned from the number of cores."""
    note: str
    """Why it could not be measured; empty otherwise."""
    fits: tuple[Fit, ...]
    """The best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which vision-language model the user wants asked."""

    model: str = ""
    """Its id; empty: the best one that is installed and fits."""
    server: str = ""
    """The address of a server that is asked instead; empty: none is."""
    on_server: str = ""
    """Which of its models."""
    has_key: bool = False
    """A key for it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a download is."""

    received: int
    total: int
    bytes_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How the making of the language model's engine stands on this machine."""

    state: Literal["absent", "building", "ready", "failed"]
    percent: int = 0
    """Of what is to be compiled; when it is absent, what a build that was broken off had done."""
    reason: str = ""
    """Why it failed: a sentence that names what is missing."""


FollowPreparation = Callable[[Callable[[Preparation], None]], Callable[[], None]]
"""Calls what it is given with how it stands now and whenever that changes, in any thread, until
what it returns is called."""


class ModelChooser(Protocol):
    """The choice of the vision-language model, as the window sees it. Calls block; each change
    holds at once, in the engine that runs as well."""

    def outlook(self, cancelled: Callable[[], bool], *, again: bool = False) -> Outlook:
        """Measure this machine, some ten seconds the first time and when asked `again`.

        Raises:
            ModelError: it was cancelled.
        """
        ...

    def choice(self) -> ModelChoice: ...

    def use(self, model: str) -> None:
        """Have this one asked; empty: the best one that is installed and fits.

        Raises:
            ModelError: it is unknown, of another kind, or not here.
            ConfigError: it could not be kept; nothing was changed.
        """
        ...

    def use_server(self, address: str, model: str, key: str | None) -> None:
        """Have a model on a server of the user's asked. The key goes into the keyring of the
        system; None: the one that is kept for this server stays.

        Raises:
            ConfigError: it is no address, the key would travel unencrypted, or something could not
                be kept; nothing was changed.
        """
        ...

    def forget_server(self) -> None:
        """Ask no server any more, and forget its key.

        Raises:
            ConfigError: it could not be kept; nothing was changed.
        """
        ...


class ModelShelf(Protocol):
    """The model store, as the window and the command line see it. Calls block."""

    @property
    def folder(self) -> Path: ...

    def cards(self) -> tuple[ModelCard, ...]: ...

    def get(
        self,
        model: str,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Download, check, and only then make visible.

        Raises:
            DownloadFailed: what came is kept; calling again resumes.
            ModelError: unknown, not obtainable, or the bytes are wrong.
        """
        ...

    def add(self, path: Path) -> tuple[str, ...]:
        """Import every file below `path` that the catalogue knows, by size and SHA-256; the ids."""
        ...

    def remove(self, model: str) -> None: ...
