"""Cameras, on a machine that has none: a real video plays the part behind OpenCV's interface."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from engine.errors import (
    DeviceBusy,
    DeviceLost,
    DeviceNotFound,
    PermissionDenied,
    SourceError,
)
from engine.ports.sources import Source
from engine.sources import camera
from engine.sources.camera import Camera, cameras, open_camera
from engine.sources.decoder import open_capture
from tests.engine.sources.test_recording import write_video
from tests.fakes.clock import ManualClock
from tests.fakes.waiting import wait_for

LISTED = (Camera(number=0, name="Integrated Webcam"), Camera(number=4, name="Desk Cam"))

Open = Callable[..., Source]


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for listed in LISTED:
        (tmp_path / f"video{listed.number}").touch()
    monkeypatch.setattr(camera, "DEVICES", tmp_path)
    return tmp_path


@pytest.fixture
def opened(devices: Path, tmp_path: Path, clock: ManualClock) -> Open:
    """Open a camera that sends 12 pictures and is then pulled out."""
    video = write_video(tmp_path / "seen.mp4")

    def open_it(
        address: str, opener: Callable[[int], cv2.VideoCapture | None] | None = None
    ) -> Source:
        return open_camera(
            address,
            "run",
            clock,
            origin=0,
            listing=lambda: LISTED,
            opener=opener or (lambda _: open_capture(str(video))),
        )

    return open_it


def failure_of(source: Source) -> SourceError:
    def failed() -> SourceError | None:
        try:
            source.read()
        except SourceError as error:
            return error
        return None

    error = wait_for(failed, what="the source to fail")
    source.close()
    return error


def test_listing_works_on_any_machine() -> None:
    found = cameras()
    assert [c.number for c in found] == sorted(c.number for c in found)
    assert all(c.name for c in found)


@pytest.mark.parametrize(("address", "number"), [("4", 4), ("desk", 4), ("Webcam", 0)])
def test_a_camera_is_found_by_number_and_by_name(
    opened: Open, address: str, number: int, clock: ManualClock
) -> None:
    asked: list[int] = []

    def opener(wanted: int) -> None:
        asked.append(wanted)

    with pytest.raises(DeviceBusy):
        opened(address, opener)
    assert asked == [number]


def test_pictures_come_until_it_is_pulled_out(opened: Open, clock: ManualClock) -> None:
    clock.advance(2)
    source = opened("0")
    frame = wait_for(source.read, what="a picture")
    assert (frame.size, frame.pts, frame.at) == ((64, 48), 2_000_000_000, clock.wall())
    assert source.identity is None
    error = failure_of(source)
    assert isinstance(error, DeviceLost)
    assert "plugged in" in str(error)


def test_a_camera_without_pictures_is_in_use(opened: Open, tmp_path: Path) -> None:
    capture = open_capture(str(write_video(tmp_path / "short.mp4", count=1)))
    assert capture is not None
    capture.read()
    assert isinstance(failure_of(opened("0", lambda _: capture)), DeviceBusy)


def test_a_missing_camera_names_those_that_are_there(opened: Open) -> None:
    with pytest.raises(DeviceNotFound, match=r"no camera 7\. There are: 0 \(Integrated Webcam\)"):
        opened("7")
    with pytest.raises(DeviceNotFound, match="no camera named “Kitchen”"):
        opened("Kitchen")


def test_no_camera_at_all(devices: Path, clock: ManualClock) -> None:
    (devices / "video0").unlink()
    with pytest.raises(DeviceNotFound, match="No camera is plugged in"):
        open_camera("0", "run", clock, origin=0, listing=lambda: ())


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EACCES, PermissionDenied, "does not let Nacre use camera 0"),
        (errno.EBUSY, DeviceBusy, "another program"),
        (errno.ENODEV, DeviceNotFound, "no camera 0"),
    ],
)
def test_why_the_system_refuses(
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[SourceError],
    words: str,
) -> None:
    real = os.open

    def refuse(path: str | Path, flags: int, *more: int, **named: int) -> int:
        if Path(path).name == "video0":
            raise OSError(number, os.strerror(number))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(kind, match=words):
        opened("0")
