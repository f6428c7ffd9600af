"""A camera on the network that goes and comes back, and several sources at once."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.media import seconds
from tests.fakes.mjpeg import MjpegServer, encode_video
from tests.fakes.program import Program
from tests.fakes.waiting import wait_for
from tests.fakes.xvfb import WindowProgram

CUT_S = 6.0
STALLED_AFTER_S = 2.0


@pytest.fixture(scope="session")
def pictures(real_data: Path) -> tuple[list[bytes], float]:
    """A person before a webcam, to be played round and round."""
    return encode_video(real_data / "people" / "asl_please.mkv")


@pytest.fixture
def camera(pictures: tuple[list[bytes], float]) -> Iterator[MjpegServer]:
    with MjpegServer(pictures[0], fps=pictures[1]) as server:
        yield server


@pytest.fixture
def second_camera(pictures: tuple[list[bytes], float]) -> Iterator[MjpegServer]:
    with MjpegServer(pictures[0], fps=pictures[1]) as server:
        yield server


def test_a_camera_that_is_cut_and_comes_back(nacre: Program, camera: MjpegServer) -> None:
    with nacre.start("watch", camera.url, "--yes", "--realtime", "--json") as watching:
        watching.until(lambda w: w.events("sighted"), "somebody is seen")
        camera.cut()
        cut = time.monotonic()
        watching.until(lambda w: w.states()[-1] == "stalled", "it stalls")
        watching.until(lambda w: w.states()[-1] == "lost", "it is lost")
        wait_for(lambda: time.monotonic() - cut >= CUT_S, what="the cut is over")
        camera.restore()
        watching.until(lambda w: w.states()[-1] == "open", "it is there again")
        back = watching.events("source")[-1]["t"]
        watching.until(lambda w: w.events("sighted")[-1]["t"] > back, "somebody is seen again")
        watching.process.send_signal(signal.SIGTERM)
        assert watching.wait() == 0
        assert watching.states() == ["open", "stalled", "lost", "open", "ended"]
        assert watching.err == ""
        # Nobody is said to have left while nobody looked.
        assert watching.events("left") == []
        times = [line["t"] for line in watching.events("source")]

    archive = nacre.archive()
    try:
        before, after = archive.watched()
    finally:
        archive.close()
    assert seconds(before.span.end) == pytest.approx(times[1], abs=0.01)
    assert seconds(after.span.start) == pytest.approx(times[3], abs=0.01)
    gap = seconds(after.span.start - before.span.end)
    assert gap == pytest.approx(seconds(after.at.start - before.at.end), abs=0.1)
    assert gap >= CUT_S - STALLED_AFTER_S - 0.5
    assert "interrupted" in nacre.ask("what happened today?")["text"]


def test_two_cameras_and_a_screen_go_into_one_memory(
    nacre: Program, camera: MjpegServer, second_camera: MjpegServer, display: str
) -> None:
    nacre.display = display
    sources = (camera.url, second_camera.url, "screen")
    labels = [
        *(url.removeprefix("http://").removesuffix("/stream") for url in sources[:2]),
        "screen 1",
    ]
    with (
        WindowProgram(display, "editor") as editor,
        nacre.start("watch", *sources, "--yes", "--until", "12", "--json") as watching,
    ):
        editor.show("notes", (40, 820, 1000, 120), "white", text="rendezvous by the lighthouse")
        assert watching.wait() == 0
        assert watching.err == ""
        for label in labels:
            assert watching.states(label) == ["open", "ended"]
        for camera_label in labels[:2]:
            assert watching.events("sighted", camera_label)
        assert "lighthouse" in watching.events("read", labels[2])[0]["text"].lower()

    assert nacre.do("memory", "stats", "--json").json["runs"] == 3
    read = nacre.ask("what did the screen say about the lighthouse?")
    assert [one["source"] for one in read["evidence"]] == labels[2:]
    seen = nacre.ask("when did somebody appear?")
    assert {one["source"] for one in seen["evidence"]} == set(labels[:2])
