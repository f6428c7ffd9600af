"""Recordings: real videos of every kind of soundness."""

import hashlib
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import DeviceNotFound, PermissionDenied, SourceError, UnreadableMedia
from engine.media import Frame
from engine.ports.sources import Source
from engine.sources.recording import RecordingSource, content_identity
from tests.fakes.clock import EPOCH_2026, ManualClock
from tests.fakes.sources import picture

MS = 1_000_000


def write_video(path: Path, count: int = 12, fps: float = 10, fourcc: str = "mp4v") -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (64, 48))
    assert writer.isOpened()
    for n in range(count):
        writer.write(picture(n * 20))
    writer.release()
    return path


def read_all(source: RecordingSource) -> list[Frame]:
    frames: list[Frame] = []
    while True:
        try:
            frame = source.read()
        except EOFError:
            source.close()
            return frames
        assert frame is not None
        frames.append(frame)


def all_pts(source: Source) -> list[int]:
    """The times of all frames, without keeping their pictures."""
    pts: list[int] = []
    try:
        while True:
            frame = source.read()
            pts += [frame.pts] if frame else []
    except EOFError:
        source.close()
        return pts


def test_every_frame_comes_in_order_with_its_own_time(tmp_path: Path, clock: ManualClock) -> None:
    source = RecordingSource(write_video(tmp_path / "a.mp4"), "r1", clock)
    frames = read_all(source)
    assert [frame.pts for frame in frames] == [n * 100 * MS for n in range(12)]
    assert {frame.run for frame in frames} == {"r1"}
    assert {frame.at for frame in frames} == {EPOCH_2026}
    assert frames[0].image.shape == (48, 64, 3)
    assert not np.array_equal(frames[0].image, frames[-1].image)


def test_a_known_start_gives_every_frame_its_wall_time(tmp_path: Path, clock: ManualClock) -> None:
    source = RecordingSource(write_video(tmp_path / "a.mp4"), "r", clock, started_at=1000)
    assert [frame.at for frame in read_all(source)][:3] == [1000, 1000 + 100 * MS, 1000 + 200 * MS]


def test_uneven_timestamps_are_real_ones(real_data: Path, clock: ManualClock) -> None:
    frames = read_all(RecordingSource(real_data / "people" / "asl_bird.mkv", "r", clock))
    assert [frame.pts for frame in frames[:4]] == [0, 34 * MS, 67 * MS, 100 * MS]
    assert len(frames) == 63


def test_a_real_video_keeps_time_to_its_end(real_data: Path, clock: ManualClock) -> None:
    path = real_data / "scenes" / "one_by_one_person.mp4"
    pts = all_pts(RecordingSource(path, "r", clock))
    assert len(pts) == 1394
    assert pts[-1] == pytest.approx(139.3e9, abs=1e6)
    assert all(b > a for a, b in pairwise(pts))


def test_a_stream_without_timestamps_goes_forward(tmp_path: Path, clock: ManualClock) -> None:
    write_video(tmp_path / "a.avi", fourcc="MJPG")
    jpegs = [cv2.imencode(".jpg", picture(n))[1].tobytes() for n in range(8)]
    (tmp_path / "raw.mjpeg").write_bytes(b"".join(jpegs))
    pts = [frame.pts for frame in read_all(RecordingSource(tmp_path / "raw.mjpeg", "r", clock))]
    assert len(pts) >= 7
    assert all(b > a for a, b in pairwise(pts))


def test_a_copy_has_the_same_identity_and_another_video_has_not(
    tmp_path: Path, clock: ManualClock
) -> None:
    first = write_video(tmp_path / "a.mp4")
    shutil.copy(first, tmp_path / "b.mp4")
    write_video(tmp_path / "c.mp4", count=13)
    identities = [content_identity(tmp_path / f"{name}.mp4") for name in "abc"]
    assert identities[0] == identities[1] != identities[2]
    source = RecordingSource(first, "r", clock)
    assert source.identity == identities[0]
    source.close()
    source.close()


def test_the_identity_of_a_large_file_reads_both_its_ends(tmp_path: Path) -> None:
    mib = 1024 * 1024
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.write(b"a" * mib)
        file.truncate(5 * mib)
        file.seek(4 * mib)
        file.write(b"z" * mib)
    want = hashlib.sha256(str(5 * mib).encode() + b"a" * mib + b"z" * mib).hexdigest()
    assert content_identity(path) == f"file:{want}"


def test_a_truncated_video_is_watched_as_far_as_it_goes(
    real_data: Path, tmp_path: Path, clock: ManualClock
) -> None:
    whole = (real_data / "people" / "asl_bird.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[:30_000])
    source = RecordingSource(tmp_path / "cut.mkv", "r", clock)
    pts: list[int] = []
    with pytest.raises(UnreadableMedia, match=r"“cut\.mkv” breaks off after .*kept") as told:
        pts.extend(frame.pts for frame in iter(source.read, None) if frame)
    assert 0 < len(pts) < 63
    assert f"after {pts[-1] / 1e9:.1f} s" in str(told.value)


def bad_files(folder: Path) -> dict[str, Path]:
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("hello, this is a text\n" * 50)
    whole = write_video(folder / "whole.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "noise.mkv").write_bytes(os.urandom(5000))
    (folder / "folder.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    return {path.stem: path for path in folder.iterdir()} | {"missing": folder / "missing.mp4"}


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("empty", UnreadableMedia, "empty"),
        ("text", UnreadableMedia, "no video"),
        ("cut", UnreadableMedia, "no video"),
        ("noise", UnreadableMedia, "no video"),
        ("folder", DeviceNotFound, "folder"),
        ("pipe", UnreadableMedia, "no ordinary file"),
        ("missing", DeviceNotFound, "no file"),
    ],
)
def test_bad_files_get_one_clear_line(
    tmp_path: Path, clock: ManualClock, name: str, kind: type[SourceError], words: str
) -> None:
    path = bad_files(tmp_path)[name]
    with pytest.raises(kind, match=words) as failure:
        RecordingSource(path, "r", clock).read()
    assert path.name in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_file_that_may_not_be_read(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, who may read anything
    with pytest.raises(PermissionDenied, match="permission"):
        RecordingSource(path, "r", clock)


def test_the_decoder_writes_nothing_on_the_terminal(tmp_path: Path) -> None:
    """In a process of its own, because the decoder reads its settings once."""
    bad_files(tmp_path)
    program = """
import sys
from pathlib import Path
from app.clock import SystemClock
from engine.errors import SourceError
from engine.sources.camera import open_camera
from engine.sources.recording import RecordingSource
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        RecordingSource(path, "r", SystemClock()).read()
    except SourceError:
        pass
try:
    open_camera("97", "r", SystemClock(), origin=0)
except SourceError:
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
