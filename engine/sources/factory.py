"""Which source opens what the user asked for."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import DeviceNotFound, SourceError
from engine.facts import SourceSpec
from engine.ports.sources import Clock, Source
from engine.sources.camera import Camera, cameras, open_camera
from engine.sources.recording import RecordingSource
from engine.sources.screen import MssScreen, screen_count
from engine.sources.windows import Exclusions


class Sources:
    """`engine.ports.sources.SourceFactory` of this machine.

    `exclusions` is asked at every look at a screen, so that a change holds at once. The windows of
    this process are always excluded, whatever it says.
    """

    def __init__(self, clock: Clock, exclusions: Callable[[], Exclusions], demo_clip: Path) -> None:
        self._clock = clock
        self._asked = exclusions
        self._demo_clip = demo_clip

    def open(self, spec: SourceSpec, run: str, *, first_pts: int = 0) -> Source:
        """Open the device, file or address; see the sources for their errors.

        Raises:
            SourceError: with the reason, in words for people.
        """
        origin = self._clock.monotonic() - first_pts
        match spec.kind:
            case "recording":
                return RecordingSource(
                    Path(spec.address), run, self._clock, started_at=spec.started_at
                )
            case "demo":
                return self._open_demo(run)
            case "url":
                # Its HTTP library takes long to load, and most never need it.
                from engine.sources.stream_url import open_stream

                return open_stream(spec.address, run, self._clock, origin=origin)
            case "camera":
                return open_camera(spec.address, run, self._clock, origin=origin)
            case "screen":
                return MssScreen(
                    spec.address, run, self._clock, origin=origin, exclusions=self._exclusions
                )
            case "microphone":
                raise SourceError("A microphone has no picture. Nothing was opened.")

    def _exclusions(self) -> Exclusions:
        asked = self._asked()
        return replace(asked, own_pids=asked.own_pids | {os.getpid()})

    def available(self) -> tuple[SourceSpec, ...]:
        """The cameras, the screens and the bundled clip of this machine. May take a second."""
        screens = [
            SourceSpec(kind="screen", address=str(n), label=f"screen {n}", as_screen=True)
            for n in range(1, screen_count() + 1)
        ]
        demo = [SourceSpec(kind="demo", address="demo", label="demo clip")]
        return (
            *_camera_specs(cameras()),
            *screens,
            *(demo if self._demo_clip.is_file() else []),
        )

    def _open_demo(self, run: str) -> Source:
        if not self._demo_clip.is_file():
            raise DeviceNotFound(
                "The demo clip is missing from this installation. Watch a file of your own, or "
                "install Nacre again."
            )
        return RecordingSource(self._demo_clip, run, self._clock)


def _camera_specs(found: tuple[Camera, ...]) -> list[SourceSpec]:
    """Two cameras of one name are told apart by their numbers."""
    names = [camera.name for camera in found]
    return [
        SourceSpec(
            kind="camera",
            address=str(camera.number),
            label=camera.name
            if names.count(camera.name) == 1
            else f"{camera.name} ({camera.number})",
        )
        for camera in found
    ]
