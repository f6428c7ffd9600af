# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Cut the stream into clips of 1 to 8 s at its scene cuts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.config import SeeingConfig
from engine.facts import ClipRecord
from engine.media import NANOSECONDS, Frame, Image, Span, nanoseconds
from engine.ports.seeing import ImageEmbedder

if TYPE_CHECKING:
    from scenedetect.detectors import ContentDetector

GAP = 2 * NANOSECONDS
"""No frame for so long: the clip ended with the last one."""
WORTH_KEEPING = 2.0
"""Mean difference from the first picture, in grey levels, that makes a second one worth it."""


@dataclass(slots=True)
class _Clip:
    first: Frame
    thumbnail: Image
    last: Frame
    changed: Frame | None = None
    change: float = WORTH_KEEPING


class SceneCutter:
    """Cuts where the content changes by more than the threshold between two frames, as PEARL
    (arXiv 2603.20422) does with PySceneDetect, and at the longest length.

    Cuts that come sooner than the shortest length are part of the clip. Only the last clip of a
    run, and one before a gap, may be shorter. Of a stream that goes at the pace of the clock
    (`paced`), a pause is a gap too, even where it goes on where it stopped.
    """

    def __init__(self, config: SeeingConfig, *, paced: bool = False) -> None:
        self._paced = paced
        self._threshold = config.scene_threshold
        self._shortest = nanoseconds(config.clip_min_s)
        self._longest = nanoseconds(config.clip_max_s)
        self._clip: _Clip | None = None
        self._content: ContentDetector | None = None
        self._shape: tuple[int, ...] = ()
        self._frames = 0

    def add(
        self, frame: Frame, thumbnail: Image, embedder: ImageEmbedder | None
    ) -> tuple[ClipRecord, ...]:
        """The clip that this frame ended, if it did. `thumbnail` is the frame, small."""
        cut = self._cut(thumbnail)
        clip = self._clip
        if clip is not None:
            length = frame.pts - clip.first.pts
            if (
                length < self._longest
                and not (cut and length >= self._shortest)
                and not self._is_gap(clip.last, frame)
            ):
                _extend(clip, frame, thumbnail)
                return ()
        closed = self.close(embedder)
        self._clip = _Clip(first=frame, thumbnail=thumbnail, last=frame)
        return closed

    def close(self, embedder: ImageEmbedder | None) -> tuple[ClipRecord, ...]:
        """The clip that was open."""
        clip, self._clip = self._clip, None
        if clip is None:
            return ()
        kept = [clip.first] if clip.changed is None else [clip.first, clip.changed]
        return (
            ClipRecord(
                run=clip.first.run,
                span=Span(start=clip.first.pts, end=clip.last.pts),
                at=clip.last.at,
                key_frames=tuple((frame.pts, frame.image) for frame in kept),
                vector=embedder.embed(clip.first.image) if embedder else None,
                embedder=embedder.name if embedder else None,
            ),
        )

    def _is_gap(self, last: Frame, frame: Frame) -> bool:
        length = frame.pts - last.pts
        return length > GAP or (self._paced and frame.at - last.at - length > GAP)

    def _cut(self, thumbnail: Image) -> bool:
        # Importing it starts other programs to look for them, so that the window waits for it.
        from scenedetect.common import FrameTimecode
        from scenedetect.detectors import ContentDetector

        resized = bool(self._shape) and thumbnail.shape != self._shape
        if self._content is None or resized:
            # Its own least length counts frames; live frames come unevenly.
            self._content = ContentDetector(threshold=self._threshold, min_scene_len=0)
        self._shape = thumbnail.shape
        self._frames += 1
        found = self._content.process_frame(FrameTimecode(self._frames, 30.0), thumbnail)
        return resized or bool(found)


def _extend(clip: _Clip, frame: Frame, thumbnail: Image) -> None:
    clip.last = frame
    if thumbnail.shape == clip.thumbnail.shape:
        change = float(np.abs(thumbnail.astype(np.int16) - clip.thumbnail).mean())
        if change > clip.change:
            clip.change, clip.changed = change, frame
