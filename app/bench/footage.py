"""Recordings to measure on: real ones where this machine has them, else the bundled clip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from app.clock import SystemClock
from app.eval.real_input import real_data
from app.paths import Paths
from engine.errors import ConfigError, SourceError
from engine.media import Frame, Image
from engine.sources.recording import RecordingSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Files to watch, and what they are, in words."""

    files: tuple[Path, ...]
    what: str


def people(paths: Paths) -> Footage:
    """Short clips of people who sign a word, 640x480, 30 frames/s; else the bundled clip."""
    try:
        folder = real_data("people")
    except ConfigError:
        return _bundled(paths)
    return Footage(files=tuple(sorted(folder.glob("*.mkv"))), what="clips of people signing")


def visits(paths: Paths) -> Footage:
    """A room that people enter and leave, 768x432, 10 frames/s; else the bundled clip."""
    try:
        file = real_data("scenes") / "one_by_one_person.mp4"
    except ConfigError:
        return _bundled(paths)
    return Footage(files=(file,), what="people come and go")


def _bundled(paths: Paths) -> Footage:
    if not paths.demo_clip.is_file():
        raise ConfigError(
            "The bundled clip is missing from this installation. Nothing was measured. Install "
            "Nacre again."
        )
    return Footage(
        files=(paths.demo_clip,), what="the bundled clip (the real input is not on this machine)"
    )


def frames(files: Sequence[Path], run: str = "bench") -> Iterator[Frame]:
    """The frames of all files, one file after the other, on one time line."""
    begin = 0
    for path in files:
        source = RecordingSource(path, run, SystemClock())
        last = 0
        try:
            while True:
                frame = source.read()
                if frame is not None:
                    last = frame.pts
                    yield replace(frame, pts=begin + frame.pts)
        except EOFError:
            begin += last + 33_333_333
        finally:
            source.close()


def resized(image: Image, width: int, height: int) -> Image:
    return np.asarray(cv2.resize(image, (width, height)), np.uint8)


def widened(image: Image, width: int, height: int) -> Image:
    """As high as asked for; the edges are drawn out to the width."""
    rows, columns = image.shape[:2]
    across = min(round(columns * height / rows), width)
    left = (width - across) // 2
    edges = (0, 0, left, width - across - left)
    scaled = resized(image, across, height)
    return np.asarray(cv2.copyMakeBorder(scaled, *edges, cv2.BORDER_REPLICATE), np.uint8)


def write_video(
    path: Path, pictures: Sequence[Image], *, count: int, fps: float, hold: int = 1
) -> None:
    """Write `count` frames, playing the pictures to and fro so that nothing jumps; each stands for
    `hold` frames.

    Raises:
        SourceError: OpenCV cannot write it.
    """
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
    if not writer.isOpened():
        raise SourceError("The video to measure on cannot be written. Nothing was measured.")
    there_and_back = [*pictures, *pictures[-2:0:-1]]
    try:
        for number in range(count):
            writer.write(there_and_back[number // hold % len(there_and_back)])
    finally:
        writer.release()
