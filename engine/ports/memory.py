"""What remembers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine.effects import (
    EraseAlert,
    EraseConcept,
    EraseScope,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistConsent,
    PersistMerge,
    PersistVectors,
    UndoChange,
)
from engine.facts import (
    Alert,
    Concept,
    Exemplar,
    GalleryChange,
    GalleryEntry,
    MemoryStats,
    Passage,
    Query,
    Recall,
    ScreenText,
    Sighting,
    Utterance,
    Watched,
)
from engine.media import Image, Span
from engine.messages import ImportConcepts

StoreEffect = (
    Persist
    | PersistConsent
    | PersistConcept
    | PersistMerge
    | PersistVectors
    | UndoChange
    | PersistAlert
    | EraseAlert
    | EraseConcept
    | EraseScope
)


class Store(Protocol):
    """The writing side of the memory. One process, one thread."""

    def apply(self, effects: Sequence[StoreEffect]) -> None:
        """Perform the effects in order, in one transaction.

        Raises:
            StoreError: nothing of the batch was kept.
        """
        ...

    def enforce_retention(self, now: int) -> None:
        """Delete the oldest until the memory is within its budget. `now` in wall nanoseconds."""
        ...

    def close(self) -> None: ...


class Archive(Protocol):
    """The reading side of the memory: safe from any thread, sees all that was committed."""

    def recall(self, query: Query) -> Recall: ...

    def search(self, text: str, *, limit: int = 50, at: Span | None = None) -> tuple[Passage, ...]:
        """Words read, remarks and answers that fit the text, best first."""
        ...

    def sightings(self, *, run: str | None = None, at: Span | None = None) -> tuple[Sighting, ...]:
        """All sightings, oldest first."""
        ...

    def clips(self, *, run: str | None = None, at: Span | None = None) -> "tuple[ClipEntry, ...]":
        """Kept clips without their pictures, oldest first."""
        ...

    def texts(self, *, run: str | None = None, at: Span | None = None) -> tuple[ScreenText, ...]:
        """Words read on a screen, oldest first: once when they came, and once when they had
        gone."""
        ...

    def utterances(
        self, *, run: str | None = None, at: Span | None = None
    ) -> tuple[Utterance, ...]:
        """What was heard, oldest first."""
        ...

    def watched(self) -> tuple[Watched, ...]: ...

    def picture(self, run: str, pts: int) -> Image | None:
        """The kept picture nearest in time; None when nothing of the run is kept."""
        ...

    def crop(self, exemplar: str) -> Image | None: ...

    def concepts(self) -> tuple[Concept, ...]: ...

    def gallery(self) -> tuple[GalleryEntry, ...]: ...

    def changes(self) -> tuple[GalleryChange, ...]:
        """What can be undone in the gallery, oldest first."""
        ...

    def exemplars(self) -> tuple[Exemplar, ...]: ...

    def vectors(self) -> tuple[Exemplar, ...]:
        """Every exemplar without its pixels, which `crop` has: what recognising needs."""
        ...

    def alerts(self) -> tuple[Alert, ...]: ...

    def consents(self) -> frozenset[str]: ...

    def stats(self) -> MemoryStats: ...


class ClipEntry(Protocol):
    """A kept clip, as the timeline shows it."""

    @property
    def run(self) -> str: ...

    @property
    def span(self) -> Span: ...

    @property
    def at(self) -> Span: ...

    @property
    def key_frames(self) -> tuple[int, ...]:
        """The pts of its kept pictures."""
        ...


class GalleryFiles(Protocol):
    """The gallery as one encrypted file, as the window and the command line see it. Calls
    block."""

    def write(self, path: Path, passphrase: str) -> int:
        """Write all of it into a new file; how many names that are.

        Raises:
            ConceptError: it cannot be written; nothing was left behind.
        """
        ...

    def read(self, path: Path, passphrase: str) -> ImportConcepts:
        """What a file holds, checked, to be taken in.

        Raises:
            ConceptError: it cannot be opened, or is not as an export would have been.
        """
        ...
