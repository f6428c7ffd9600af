"""Network streams, from a real server on loopback."""

import socket
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from app.clock import SystemClock
from engine.config import FeedConfig
from engine.errors import (
    DeviceLost,
    DeviceNotFound,
    PermissionDenied,
    SourceError,
    UnreadableMedia,
)
from engine.media import Frame
from engine.ports.sources import Clock, Source
from engine.reports import RunChanged, RunStarted
from engine.sources.address import parse_source
from engine.sources.factory import Sources
from engine.sources.feed import Feed
from engine.sources.stream_url import open_stream
from engine.sources.windows import Exclusions
from tests.engine.sources.test_recording import all_pts, write_video
from tests.fakes.clock import ManualClock
from tests.fakes.mjpeg import MjpegServer, encode, encode_video
from tests.fakes.rtsp import RtspServer
from tests.fakes.sources import picture
from tests.fakes.waiting import wait_for


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    wait_for(
        lambda: not [t for t in threading.enumerate() if t.name.startswith(("pump-", "source-"))],
        what="the threads of the sources to end",
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MjpegServer]:
    clip = write_video(tmp_path / "clip.mp4", count=5, fps=25)
    with MjpegServer(encode(picture(n) for n in range(0, 250, 50)), clip=clip) as running:
        yield running


def open_at(url: str, clock: Clock | None = None) -> Source:
    clock = clock or SystemClock()
    return open_stream(url, "run", clock, origin=clock.monotonic())


def read_some(source: Source, count: int) -> list[Frame]:
    got: list[Frame] = []

    def enough() -> bool:
        frame = source.read()
        got.extend([frame] if frame else [])
        return len(got) >= count

    wait_for(enough, what=f"{count} frames")
    return got


@pytest.mark.parametrize("path", ["/stream", "/plain"])
def test_the_pictures_of_a_network_camera_come_with_their_time(
    server: MjpegServer, path: str
) -> None:
    source = open_at(server.at(path))
    frames = read_some(source, 4)
    source.close()
    assert [frame.size for frame in frames] == [(64, 48)] * 4
    assert all(b.pts > a.pts for a, b in pairwise(frames))
    assert {frame.run for frame in frames} == {"run"}
    wait_for(lambda: server.watchers == 0, what="the connection to be given back")


def test_a_frame_carries_the_time_of_its_coming(server: MjpegServer, clock: ManualClock) -> None:
    clock.advance(5)
    source = open_stream(server.url, "run", clock, origin=clock.monotonic() - 3_000_000_000)
    frame = read_some(source, 1)[0]
    assert (frame.pts, frame.at) == (3_000_000_000, clock.wall())
    source.close()


def test_a_frozen_camera_is_silent_and_can_be_closed(server: MjpegServer) -> None:
    source = open_at(server.url)
    read_some(source, 1)
    server.freeze()
    wait_for(lambda: source.read() is None, what="silence")
    source.close()
    source.close()


def test_a_broken_connection_is_a_lost_device(server: MjpegServer) -> None:
    source = open_at(server.url)
    read_some(source, 1)
    server.cut()

    def lost() -> bool:
        try:
            return bool(source.read()) and False
        except DeviceLost as error:
            return "ended" in str(error)

    wait_for(lost, what="the loss to be noticed")
    source.close()


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/missing", DeviceNotFound, "nothing at this address"),
        ("/private", PermissionDenied, "password"),
        ("/broken", DeviceLost, "error of its own"),
        ("/page", UnreadableMedia, "no video"),
    ],
)
def test_why_an_address_is_of_no_use(
    server: MjpegServer, path: str, kind: type[SourceError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        open_at(server.at(path))


def test_a_name_and_password_in_the_address_are_given(server: MjpegServer) -> None:
    source = open_at(server.at("/private", "me:key@"))
    read_some(source, 1)
    source.close()
    with pytest.raises(PermissionDenied) as failure:
        open_at(server.at("/private", "me:wrong@"))
    assert "wrong" not in str(failure.value)


def test_pictures_that_are_none(server: MjpegServer) -> None:
    server.fps = 1000
    source = open_at(server.at("/junk"))

    def refused() -> bool:
        try:
            return bool(source.read()) and False
        except UnreadableMedia:
            return True

    wait_for(refused, what="the junk to be noticed")
    source.close()


def test_a_video_file_on_a_server_plays_to_its_end(server: MjpegServer) -> None:
    assert 1 <= len(all_pts(open_at(server.at("/clip")))) <= 5


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_nobody_answers(scheme: str) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with pytest.raises(DeviceLost, match="Nothing answers"):
            open_at(f"{scheme}://127.0.0.1:{port}/x")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_no_such_host(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DeviceNotFound, match=r"no host camera\.local"):
        open_at(f"{scheme}://camera.local/x")


def test_a_server_that_speaks_no_rtsp() -> None:
    def hang_up(listening: socket.socket) -> None:
        for _ in range(2):
            listening.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=hang_up, args=(listening,), daemon=True)
        thread.start()
        with pytest.raises(UnreadableMedia, match="no video"):
            open_at(f"rtsp://127.0.0.1:{listening.getsockname()[1]}/x")
        thread.join(10)


@pytest.fixture
def rtsp_server(tmp_path: Path) -> Iterator[RtspServer]:
    path = tmp_path / "camera.ts"
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mpg2"), 25, (320, 240)
    )
    for n in range(50):
        writer.write(picture(n * 5, 320, 240))
    writer.release()
    with RtspServer(path, seconds=2) as running:
        yield running


def test_an_rtsp_camera_until_it_is_cut(rtsp_server: RtspServer) -> None:
    source = open_at(rtsp_server.url)
    frames = read_some(source, 10)
    assert {frame.size for frame in frames} == {(320, 240)}
    assert all(b.pts > a.pts for a, b in pairwise(frames))
    rtsp_server.cut()

    def lost() -> bool:
        try:
            return bool(source.read()) and False
        except DeviceLost:
            return True

    wait_for(lost, limit_s=20, what="the loss to be noticed")
    source.close()


def test_an_rtsp_camera_can_be_closed_in_the_middle(rtsp_server: RtspServer) -> None:
    source = open_at(rtsp_server.url)
    read_some(source, 1)
    source.close()


class Log:
    """A feed, and its states."""

    def __init__(self, url: str, config: FeedConfig, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self.changes: list[RunChanged] = []
        self.frames: list[Frame] = []
        self.failures: list[SourceError] = []
        self.feed = Feed(
            factory=Sources(clock, Exclusions, Path("none")),
            spec=parse_source(url),
            run="cam",
            clock=clock,
            config=config,
            report=self._reported,
            failed=self.failures.append,
        )
        self._consumer = threading.Thread(target=self._consume)

    def __enter__(self) -> "Log":
        self.feed.start()
        self._consumer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.feed.stop()
        self._consumer.join(10)
        assert self.failures == []

    def _reported(self, report: RunStarted | RunChanged) -> None:
        if isinstance(report, RunChanged):
            self.changes.append(report)

    def _consume(self) -> None:
        self.frames.extend(self.feed.frames())

    def reach(self, *states: str) -> None:
        wait_for(lambda: [c.state for c in self.changes] == list(states), what=f"{states}")


SHORT = FeedConfig(stalled_after_s=1.0, lost_after_s=2.0, retry_first_s=0.1, retry_max_s=0.3)


def pumps() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("pump-")]


def test_a_camera_that_is_cut_for_a_while_and_comes_back(
    server: MjpegServer, clock: ManualClock
) -> None:
    with Log(server.url, FeedConfig(), clock) as log:
        log.reach("open")
        wait_for(lambda: log.frames)
        server.cut()
        wait_for(lambda: not pumps(), what="the cut to be noticed")
        clock.advance(2.1)
        log.reach("open", "stalled")
        clock.advance(3)
        log.reach("open", "stalled", "lost")
        server.restore()
        clock.advance(8)
        log.reach("open", "stalled", "lost", "open")
        wait_for(lambda: log.frames[-1].pts > 0, what="frames after the gap")
        states = [change.pts for change in log.changes]
        assert states == [0, 2_100_000_000, 5_100_000_000, 13_100_000_000]
        assert {frame.pts for frame in log.frames} == {0, 13_100_000_000}


def test_a_camera_that_hangs_and_comes_back(server: MjpegServer) -> None:
    with Log(server.url, SHORT) as log:
        log.reach("open")
        server.freeze()
        log.reach("open", "stalled", "lost")
        server.thaw()
        log.reach("open", "stalled", "lost", "open")


def test_a_camera_that_is_switched_on_later(server: MjpegServer) -> None:
    server.cut()
    with Log(server.url, SHORT) as log:
        log.reach("lost")
        assert "Nothing answers" in log.changes[0].reason
        server.restore()
        log.reach("lost", "open")


def test_a_people_clip_as_a_camera(real_data: Path) -> None:
    jpegs, fps = encode_video(real_data / "people" / "asl_thanks.mkv")
    with MjpegServer(jpegs, fps=fps) as server, Log(server.url, FeedConfig()) as log:
        wait_for(lambda: len(log.frames) > 15)
        assert log.frames[0].size == (640, 480)
        assert log.feed.newest() is not None
        assert [c.state for c in log.changes] == ["open"]
