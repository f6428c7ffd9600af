"""What people may write for a source."""

from pathlib import Path

import pytest

from engine.errors import ConfigError, DeviceNotFound
from engine.sources.address import parse_source, region, window_title


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "holiday film.mp4"
    path.write_bytes(b"x")
    return path


def test_a_file_keeps_what_is_said_about_it(video: Path) -> None:
    spec = parse_source(str(video), realtime=True, as_screen=True, started_at=5)
    assert (spec.kind, spec.label) == ("recording", "holiday film.mp4")
    assert (spec.realtime, spec.as_screen, spec.started_at) == (True, True, 5)
    assert not spec.live


def test_a_file_is_found_from_any_folder(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(video.parent)
    spec = parse_source(video.name)
    assert spec.address == str(video)
    assert not spec.realtime


@pytest.mark.parametrize(
    ("text", "kind", "address", "label"),
    [
        ("camera", "camera", "0", "camera 0"),
        ("camera:2", "camera", "2", "camera 2"),
        ("camera:Integrated Webcam", "camera", "Integrated Webcam", "Integrated Webcam"),
        ("screen", "screen", "1", "screen 1"),
        ("screen:2", "screen", "2", "screen 2"),
        ("screen:-10,20,300,200", "screen", "-10,20,300,200", "screen region"),
        ("screen: 10, 20, 300, 200", "screen", "10,20,300,200", "screen region"),
        ("window:Build: log", "screen", "window:Build: log", "window Build: log"),
        ("demo", "demo", "demo", "demo clip"),
        ("rtsp://cam.local/live", "url", "rtsp://cam.local/live", "cam.local"),
        ("HTTP://10.0.0.7:8080/v?x=1", "url", "HTTP://10.0.0.7:8080/v?x=1", "10.0.0.7:8080"),
    ],
)
def test_the_other_forms(text: str, kind: str, address: str, label: str) -> None:
    spec = parse_source(text)
    assert (spec.kind, spec.address, spec.label) == (kind, address, label)
    assert spec.as_screen == (kind == "screen")


def test_the_label_of_an_address_tells_no_password() -> None:
    assert parse_source("http://me:secret@cam.local/stream").label == "cam.local"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "camera:",
        "camera:-1",
        "screen:0",
        "screen:left",
        "screen:1,2,3",
        "screen:0,0,0,5",
        "window:",
        "ftp://host/video.mp4",
        "http://",
        "http://host:port/",
        "a\0b",
    ],
)
def test_what_is_no_source_gets_one_clear_line(text: str) -> None:
    with pytest.raises(ConfigError) as failure:
        parse_source(text)
    assert "\n" not in str(failure.value)
    assert len(str(failure.value)) > 20


@pytest.mark.parametrize("text", ["missing.mp4", "~nobody-of-that-name/x.mp4", "x" * 10_000])
def test_a_missing_file(text: str) -> None:
    with pytest.raises(DeviceNotFound, match=r"no (such )?file") as failure:
        parse_source(text)
    assert len(str(failure.value)) < 300


def test_a_folder_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(DeviceNotFound, match="folder"):
        parse_source(str(tmp_path))


def test_a_start_time_is_for_recordings() -> None:
    with pytest.raises(ConfigError, match="start time"):
        parse_source("camera", started_at=1)


def test_the_parts_of_a_screen_address() -> None:
    assert region("1,2,3,4") == (1, 2, 3, 4)
    assert region("window:1,2,3,4") is None
    assert window_title("window:Mail") == "Mail"
    assert window_title("1") is None
