"""Recordings: any file that OpenCV can decode, with the file's own timestamps."""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from engine.errors import DeviceLost, DeviceNotFound, PermissionDenied, UnreadableMedia
from engine.media import NANOSECONDS, Frame
from engine.ports.sources import Clock
from engine.sources.decoder import open_capture
from engine.sources.stream_time import StreamTime
from engine.sources.wholeness import is_cut_off

_PART = 1024 * 1024


class RecordingSource:
    """A video file, frame by frame, as fast as it is read.

    `pts` counts from the first frame. `at` is `started_at + pts` where the start is known, else the
    wall time of the reading.

    Raises:
        DeviceNotFound: no such file.
        PermissionDenied: the file may not be read.
        UnreadableMedia: it is empty, or no video that can be decoded.
    """

    def __init__(
        self, path: Path, run: str, clock: Clock, *, started_at: int | None = None
    ) -> None:
        self._identity = content_identity(path)
        capture = open_capture(str(path))
        if capture is None:
            raise UnreadableMedia(_NO_VIDEO.format(path.name))
        self._capture = capture
        self._time = StreamTime(capture.get(cv2.CAP_PROP_FPS))
        self._name, self._run, self._clock, self._started_at = path.name, run, clock, started_at
        self._cut_off = is_cut_off(path)
        self._last: int | None = None

    @property
    def identity(self) -> str | None:
        return self._identity

    def read(self) -> Frame | None:
        """The next frame; None never comes.

        Raises:
            EOFError: the recording is over.
            UnreadableMedia: not one frame could be decoded, or the file was cut off here.
        """
        got, image = self._capture.read()
        if not got:
            if self._last is None:
                raise UnreadableMedia(_NO_VIDEO.format(self._name))
            if self._cut_off:
                raise UnreadableMedia(_BREAKS_OFF.format(self._name, self._last / NANOSECONDS))
            raise EOFError
        self._last = pts = self._time.next(self._capture.get(cv2.CAP_PROP_POS_MSEC))
        at = self._clock.wall() if self._started_at is None else self._started_at + pts
        return Frame(image=np.asarray(image, np.uint8), pts=pts, at=at, run=self._run)

    def close(self) -> None:
        self._capture.release()


_NO_VIDEO = (
    "“{}” holds no video that can be decoded: it is damaged, cut off, or another kind of file. "
    "Nothing was kept of it; try to play it, or convert it to MP4."
)

_BREAKS_OFF = (
    "“{}” breaks off after {:.1f} s: the file was cut off. What was seen up to there is kept; get "
    "the whole file to watch the rest."
)


def content_identity(path: Path) -> str:
    """Equal for equal recordings, wherever they lie: SHA-256 over size, first and last MiB.

    Raises:
        DeviceNotFound, PermissionDenied, UnreadableMedia, DeviceLost: the file cannot be read.
    """
    try:
        if path.is_dir():
            raise DeviceNotFound(f"“{path.name}” is a folder; name one video file in it.")
        if path.exists() and not path.is_file():
            raise UnreadableMedia(f"“{path.name}” is no ordinary file, so it was not opened.")
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if not size:
                raise UnreadableMedia(f"“{path.name}” is empty: there is nothing to watch in it.")
            digest = hashlib.sha256(str(size).encode())
            for begin in (0, max(size - _PART, 0)):
                file.seek(begin)
                digest.update(file.read(_PART))
    except FileNotFoundError:
        raise DeviceNotFound(f"There is no file “{path.name}” any more.") from None
    except PermissionError:
        raise PermissionDenied(
            f"You have no permission to read “{path.name}”; change its permissions, then try again."
        ) from None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise DeviceLost(f"“{path.name}” could not be read ({reason}); try again.") from None
    return f"file:{digest.hexdigest()}"
