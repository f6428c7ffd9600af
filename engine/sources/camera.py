"""Cameras of this machine."""

import errno
import os
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import cv2
import numpy as np
from cv2_enumerate_cameras import enumerate_cameras

from engine.errors import DeviceBusy, DeviceLost, DeviceNotFound, PermissionDenied
from engine.media import Image
from engine.ports.sources import Clock, Source
from engine.sources.decoder import open_capture
from engine.sources.pump import PumpedSource

DEVICES = Path("/dev")
"""Where Linux keeps the device files `videoN`."""

_SETTINGS = {
    # Compressed, or a USB 2 camera gives 720p no more than ten times a second.
    cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
    cv2.CAP_PROP_FRAME_WIDTH: 1280,
    cv2.CAP_PROP_FRAME_HEIGHT: 720,
    cv2.CAP_PROP_BUFFERSIZE: 1,
}
_MISSES = 10
"""So many reads in a row without a picture: the camera is gone."""

Opener = Callable[[int], cv2.VideoCapture | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera that can be opened by `number` (counted from 0, with gaps) or by `name`."""

    number: int
    name: str


def cameras() -> tuple[Camera, ...]:
    """The cameras plugged in now, by number."""
    backend = _backend()
    found = enumerate_cameras(backend)
    return tuple(
        Camera(number=info.index, name=info.name or f"camera {info.index}")
        for info in sorted(found, key=lambda info: info.index)
    )


def open_camera(
    address: str,
    run: str,
    clock: Clock,
    *,
    origin: int,
    listing: Callable[[], tuple[Camera, ...]] = cameras,
    opener: Opener | None = None,
) -> Source:
    """Open a camera by its number or by a part of its name. `origin`: monotonic time at pts 0.

    Raises:
        DeviceNotFound: no such camera is plugged in.
        PermissionDenied: the system does not let Nacre use it.
        DeviceBusy: another program holds it.
    """
    number = _number(address, listing)
    if sys.platform.startswith("linux"):
        _ask_for_permission(DEVICES / f"video{number}", listing)
    capture = (opener or _open)(number)
    if capture is None:
        if not any(camera.number == number for camera in listing()):
            raise _none(address, listing)
        raise _busy(number)
    return PumpedSource(_CameraStream(capture, number), run, clock, origin=origin)


class _CameraStream:
    """The pictures of an open camera, which is closed by the thread that reads it."""

    def __init__(self, capture: cv2.VideoCapture, number: int) -> None:
        self._capture, self._number = capture, number
        self._aborted = Event()

    def pictures(self) -> Generator[Image]:
        misses, any_picture = 0, False
        try:
            while not self._aborted.is_set():
                got, image = self._capture.read()
                if got:
                    misses, any_picture = 0, True
                    yield np.asarray(image, np.uint8)
                    continue
                misses += 1
                if misses >= _MISSES:
                    break
                self._aborted.wait(0.05)
        finally:
            self._capture.release()
        if any_picture:
            raise DeviceLost(
                f"Camera {self._number} stopped sending pictures. Is it still plugged in?"
            )
        # A camera that another program uses can often be opened, but gives no picture.
        raise _busy(self._number)

    def abort(self) -> None:
        self._aborted.set()


def _open(number: int) -> cv2.VideoCapture | None:
    return open_capture(number, _backend(), _SETTINGS)


def _backend() -> int:
    backends = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_MSMF}
    return backends.get(sys.platform, cv2.CAP_ANY)


def _number(address: str, listing: Callable[[], tuple[Camera, ...]]) -> int:
    if address.isdecimal():
        return int(address)
    for camera in listing():
        if address.casefold() in camera.name.casefold():
            return camera.number
    raise _none(address, listing)


def _ask_for_permission(device: Path, listing: Callable[[], tuple[Camera, ...]]) -> None:
    """Open the device file and close it again: OpenCV does not tell why it could not."""
    number = device.name.removeprefix("video")
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise PermissionDenied(
                f"The system does not let Nacre use camera {number}. Allow this user to use it "
                "(usually by adding them to the group “video”), then log in again."
            ) from None
        if error.errno == errno.EBUSY:
            raise _busy(int(number)) from None
        raise _none(number, listing) from None


def _busy(number: int) -> DeviceBusy:
    return DeviceBusy(
        f"Camera {number} is in use by another program. Close that program; Nacre keeps trying."
    )


def _none(address: str, listing: Callable[[], tuple[Camera, ...]]) -> DeviceNotFound:
    there = ", ".join(f"{camera.number} ({camera.name})" for camera in listing())
    which = f"camera {address}" if address.isdecimal() else f"camera named “{address[:40]}”"
    return DeviceNotFound(
        f"There is no {which}. " + (f"There are: {there}." if there else "No camera is plugged in.")
    )
