"""From what the user asked for to an open source."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import DeviceNotFound, PermissionDenied
from engine.facts import SourceSpec
from engine.sources import camera, factory
from engine.sources.address import parse_source
from engine.sources.camera import Camera
from engine.sources.factory import Sources
from engine.sources.windows import Exclusions
from tests.engine.sources.test_recording import all_pts, write_video
from tests.fakes.clock import ManualClock


@pytest.fixture
def demo_clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "demo.mp4")


@pytest.fixture
def sources(clock: ManualClock, demo_clip: Path) -> Sources:
    return Sources(clock, Exclusions, demo_clip)


def test_a_file_and_the_bundled_clip_are_recordings(sources: Sources, demo_clip: Path) -> None:
    file = sources.open(parse_source(str(demo_clip)), "a")
    demo = sources.open(parse_source("demo"), "b")
    assert file.identity == demo.identity is not None
    assert all_pts(file) == all_pts(demo) == [n * 100_000_000 for n in range(12)]


def test_a_known_start_reaches_the_frames(sources: Sources, demo_clip: Path) -> None:
    source = sources.open(parse_source(str(demo_clip), started_at=77), "a")
    frame = source.read()
    source.close()
    assert frame is not None
    assert (frame.at, frame.run) == (77, "a")


def test_an_installation_without_the_clip_says_so(clock: ManualClock, tmp_path: Path) -> None:
    sources = Sources(clock, Exclusions, tmp_path / "none.mp4")
    with pytest.raises(DeviceNotFound, match="demo clip is missing"):
        sources.open(parse_source("demo"), "a")
    assert not [spec for spec in sources.available() if spec.kind == "demo"]


def test_what_can_be_watched_here(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = (
        Camera(number=0, name="Webcam"),
        Camera(number=2, name="Desk"),
        Camera(number=4, name="Desk"),
    )
    monkeypatch.setattr(factory, "cameras", lambda: cameras)
    monkeypatch.setattr(factory, "screen_count", lambda: 2)
    found = sources.available()
    assert [(spec.kind, spec.address, spec.label) for spec in found] == [
        ("camera", "0", "Webcam"),
        ("camera", "2", "Desk (2)"),
        ("camera", "4", "Desk (4)"),
        ("screen", "1", "screen 1"),
        ("screen", "2", "screen 2"),
        ("demo", "demo", "demo clip"),
    ]
    assert all(spec.as_screen == (spec.kind == "screen") for spec in found)


def test_a_machine_without_camera_and_desktop(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(camera, "DEVICES", tmp_path)
    monkeypatch.setattr(camera, "enumerate_cameras", lambda _backend: [])
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert [spec.kind for spec in sources.available()] == ["demo"]
    with pytest.raises(DeviceNotFound, match="No camera is plugged in"):
        sources.open(parse_source("camera"), "a")
    with pytest.raises(PermissionDenied, match="Wayland"):
        sources.open(parse_source("screen"), "a")


def test_this_process_is_always_left_out_of_the_screen(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Exclusions] = []

    class Screen:
        def __init__(self, *_: object, exclusions: Callable[[], Exclusions], **__: object) -> None:
            given.append(exclusions())

    monkeypatch.setattr(factory, "MssScreen", Screen)
    mine = Exclusions(titles=("x",), own_pids=frozenset({5}))
    Sources(clock, lambda: mine, Path("none")).open(
        SourceSpec(kind="screen", address="1", label="screen 1"), "a"
    )
    assert given[0].own_pids == {5, os.getpid()}
    assert given[0].titles == ("x",)


def test_what_is_excluded_is_asked_again_at_every_look(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Callable[[], Exclusions]] = []

    class Screen:
        def __init__(self, *_: object, exclusions: Callable[[], Exclusions], **__: object) -> None:
            asked.append(exclusions)

    monkeypatch.setattr(factory, "MssScreen", Screen)
    titles = ["x"]
    sources = Sources(clock, lambda: Exclusions(titles=tuple(titles)), Path("none"))
    sources.open(SourceSpec(kind="screen", address="1", label="screen 1"), "a")
    titles.append("y")
    assert asked[0]().titles == ("x", "y")
