"""What sees: detectors, embedders, readers, and what puts them together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.facts import (
    ActionsSought,
    Body,
    BodyPose,
    ClipRecord,
    ConceptKind,
    Figure,
    Motion,
    MotionClip,
    Proposal,
    ScreenText,
    SourceSpec,
    Track,
    View,
)
from engine.media import Box, Frame, Grey, Image, Vector


class Detection(Protocol):
    """One thing found in a picture."""

    @property
    def box(self) -> Box: ...

    @property
    def score(self) -> float: ...


class FaceDetection(Detection, Protocol):
    """A face with its five landmarks, shape (5, 2), x and y in pixels."""

    @property
    def landmarks(self) -> npt.NDArray[np.float32]: ...


class ObjectDetection(Detection, Protocol):
    """A proposed object; `is_person` is the only class that is ever used."""

    @property
    def is_person(self) -> bool: ...


class FaceDetector(Protocol):
    def detect(self, image: Image) -> Sequence[FaceDetection]:
        """Faces, most confident first."""
        ...


class ObjectDetector(Protocol):
    def detect(self, image: Image) -> Sequence[ObjectDetection]:
        """Objects, most confident first, after suppression of doubles."""
        ...


class FaceEmbedder(Protocol):
    @property
    def name(self) -> str:
        """Identifies model and preparation; vectors of different names are never compared."""
        ...

    def align(self, image: Image, face: FaceDetection) -> Image:
        """The face, upright, as the model wants it (112x112)."""
        ...

    def embed(self, aligned: Image) -> Vector: ...


class ImageEmbedder(Protocol):
    @property
    def name(self) -> str: ...

    def embed(self, image: Image) -> Vector: ...

    def embed_parts(self, image: Image) -> Vector:
        """The whole and its inner parts, each by itself (or all as one row): shape (parts, n), rows
        L2-normalised. Looks of one thing from near and from afar meet in one of their parts."""
        ...


class TextEmbedder(Protocol):
    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), n), rows L2-normalised."""
        ...


class TextReader(Protocol):
    """Reads the words in a picture."""

    def read(self, image: Image) -> Sequence[tuple[Box, str]]:
        """Lines from top to bottom."""
        ...


class PoseEstimator(Protocol):
    """Finds bodies and tells how each stands."""

    @property
    def name(self) -> str:
        """Poses of different names are never compared."""
        ...

    def find(self, grey: Grey) -> Sequence[BodyPose]:
        """Everybody in a small grey picture, the surest first; boxes in its pixels."""
        ...


class Perception(Protocol):
    """All that looks at pixels, as the runtime uses it. One `Seer` a run, in that run's thread;
    `examine` and `propose` may be called from another thread meanwhile."""

    def seer(self, spec: SourceSpec, run: str) -> "Seer": ...

    def examine(
        self,
        image: Image,
        box: Box | None,
        kind: ConceptKind,
        *,
        drawn: bool = False,
        spare: bool = False,
    ) -> tuple[View, ...]:
        """Embed what is in the box; `drawn`: the picture is of the demo's drawn world; `spare`:
        people are made unrecognisable first, unless one of them is to be known.

        Raises:
            ConceptError: nothing there that could be known again (no face, empty box).
            ModelNotInstalled: this kind needs a model that is not installed.
        """
        ...

    def propose(
        self, image: Image, *, drawn: bool = False, moving: Sequence[Box] = ()
    ) -> tuple[Proposal, ...]:
        """What could be registered in this picture, most likely first; at the end where something
        is `moving`."""
        ...

    def embedders(self) -> tuple[tuple[ConceptKind, str], ...]:
        """By which embedder each kind is known now; a kind without one is left out. Actions may
        be known by several."""
        ...

    def embed_again(
        self, crop: Image, kind: ConceptKind, embedder: str
    ) -> tuple[str, Vector] | None:
        """(embedder, vector) of the kept picture of an exemplar; None where it cannot be done.
        `embedder`: which of those in use for its kind."""
        ...

    def examine_motion(self, clip: MotionClip, *, drawn: bool = False) -> tuple[View, ...]:
        """Describe what is done in a clip, by the poses of who does it where these can be told, or
        by what moves; the crop holds its pictures. `drawn`: it is of the demo's drawn world.

        Raises:
            ConceptError: nothing moves there, or the clip is too short or too long.
        """
        ...


class Seer(Protocol):
    """Watches one run, frame by frame. Deterministic: the same frames give the same reports."""

    def see(self, frame: Frame, *, want_things: bool, spare: bool = False) -> "Seen":
        """`spare`: who is in the key frames of a clip is to be found, too."""
        ...

    def stir(self, frame: Frame, sought: ActionsSought) -> "Stir | None":
        """A glance at what moves; None where none is due at this frame. To be called with every
        frame."""
        ...

    def close(self) -> "Seen":
        """The run is over: what was still open (the last clip, text on the screen) is closed."""
        ...


class Seen(Protocol):
    """What came of one frame."""

    @property
    def tracks(self) -> tuple[Track, ...] | None:
        """None when the gate let nothing through and no look was due."""
        ...

    @property
    def changed(self) -> bool:
        """Whether the gate let anything through since the last look."""
        ...

    @property
    def clips(self) -> tuple[ClipRecord, ...]: ...

    @property
    def figures(self) -> tuple[Figure, ...] | None:
        """Everybody found in the newest look, those who are not followed yet too; None where
        people cannot be found."""
        ...

    @property
    def texts(self) -> tuple[tuple[ScreenText, bool], ...]:
        """(text, gone) pairs."""
        ...


class Stir(Protocol):
    """A glance at what moves."""

    @property
    def glance(self) -> Grey: ...

    @property
    def motions(self) -> tuple[Motion, ...]: ...

    @property
    def bodies(self) -> tuple[Body, ...]: ...

    @property
    def poses(self) -> str:
        """Whose poses those of the bodies are; empty where none are read."""
        ...
