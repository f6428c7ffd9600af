"""What every source promises (`engine.ports.sources.Source`), fake or real."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.clock import SystemClock
from engine.errors import DeviceNotFound, SourceError
from engine.facts import SourceSpec
from engine.media import Frame
from engine.ports.sources import Source, SourceFactory
from engine.sources.address import parse_source
from engine.sources.factory import Sources
from engine.sources.windows import Exclusions
from tests.fakes.mjpeg import MjpegServer, encode
from tests.fakes.sources import FakeSource, FakeSources, ScriptedSource, frames, picture
from tests.fakes.waiting import wait_for
from tests.fakes.xvfb import Xvfb

FIRST_PTS = 5_000_000_000

Opened = tuple[SourceFactory, SourceSpec]


def _fake(_stack: ExitStack, _folder: Path, _patch: pytest.MonkeyPatch) -> Opened:
    return FakeSources(*(FakeSource("run") for _ in range(3))), SourceSpec(
        kind="recording", address="x", label="x"
    )


def _scripted(_stack: ExitStack, _folder: Path, _patch: pytest.MonkeyPatch) -> Opened:
    late = [ScriptedSource(frames(10, first=first)) for first in (0, 50)]
    return FakeSources(*late), SourceSpec(kind="camera", address="0", label="camera 0")


def _recording(_stack: ExitStack, folder: Path, _patch: pytest.MonkeyPatch) -> Opened:
    path = folder / "film.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    for n in range(10):
        writer.write(picture(n))
    writer.release()
    return Sources(SystemClock(), Exclusions, folder / "none"), parse_source(str(path))


def _network(stack: ExitStack, folder: Path, _patch: pytest.MonkeyPatch) -> Opened:
    server = stack.enter_context(MjpegServer(encode(picture(n) for n in range(5))))
    return Sources(SystemClock(), Exclusions, folder / "none"), parse_source(server.url)


def _screen(stack: ExitStack, folder: Path, patch: pytest.MonkeyPatch) -> Opened:
    patch.setenv("DISPLAY", stack.enter_context(Xvfb(320, 240)).display)
    return Sources(SystemClock(), Exclusions, folder / "none"), parse_source("screen")


Make = Callable[[ExitStack, Path, pytest.MonkeyPatch], Opened]
RECORDED: list[Make] = [_fake, _recording]
LIVE: list[Make] = [_scripted, _network, _screen]

every_source = pytest.mark.parametrize("make", [*RECORDED, *LIVE])
recordings = pytest.mark.parametrize("make", RECORDED)
live_sources = pytest.mark.parametrize("make", LIVE)


@pytest.fixture
def opened(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    with ExitStack() as stack:
        yield make(stack, tmp_path, monkeypatch)


def read(source: Source, count: int) -> list[Frame]:
    got: list[Frame] = []

    def enough() -> bool:
        frame = source.read()
        got.extend([frame] if frame else [])
        return len(got) >= count

    wait_for(enough, what=f"{count} frames")
    return got


@every_source
def test_frames_are_pictures_of_the_run_in_the_order_of_their_time(opened: Opened) -> None:
    factory, spec = opened
    source = factory.open(spec, "run")
    for earlier, later in pairwise(got := read(source, 4)):
        assert later.pts > earlier.pts
        assert later.at >= earlier.at
    for frame in got:
        assert frame.image.dtype == np.uint8
        assert frame.image.ndim == 3
        assert frame.image.shape[2] == 3
        assert frame.size == (frame.image.shape[1], frame.image.shape[0])
        assert frame.run == "run"
        assert frame.pts >= 0
    assert not any(np.shares_memory(a.image, b.image) for a, b in pairwise(got))
    source.close()


@every_source
def test_only_a_recording_has_an_identity_and_always_the_same(opened: Opened) -> None:
    factory, spec = opened
    identities: list[str | None] = []
    for _ in range(2):
        source = factory.open(spec, "run")
        identities.append(source.identity)
        source.close()
    assert identities[0] == identities[1]
    assert (identities[0] is None) == spec.live


@every_source
def test_closing_twice_is_safe(opened: Opened) -> None:
    factory, spec = opened
    source = factory.open(spec, "run")
    source.close()
    source.close()


@live_sources
def test_a_live_source_opened_again_goes_on_counting(opened: Opened) -> None:
    factory, spec = opened
    factory.open(spec, "run").close()
    source = factory.open(spec, "run", first_pts=FIRST_PTS)
    assert read(source, 1)[0].pts >= FIRST_PTS
    source.close()


@recordings
def test_a_recording_ends_with_eof_and_stays_ended(opened: Opened) -> None:
    factory, spec = opened
    source = factory.open(spec, "run")
    assert len(read(source, 10)) == 10
    for _ in range(2):
        with pytest.raises(EOFError):
            source.read()
    source.close()


@every_source
def test_what_cannot_be_opened_is_a_source_error(opened: Opened) -> None:
    factory, spec = opened
    if isinstance(factory, FakeSources):
        with suppress(SourceError):
            while True:
                factory.open(spec, "run")
    bad = SourceSpec(kind="recording", address="/nowhere/at/all.mp4", label="x")
    with pytest.raises(DeviceNotFound):
        factory.open(bad, "run")
