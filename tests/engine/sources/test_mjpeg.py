"""Taking a multipart stream apart, however it is cut into chunks."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.errors import UnreadableMedia
from engine.sources import mjpeg
from tests.fakes.mjpeg import encode
from tests.fakes.sources import picture

BODIES = [b"first", b"", b"third --b inside\r\n", b"last"]


def stream(bodies: list[bytes], *, lengths: bool = True, newline: bytes = b"\r\n") -> bytes:
    sent = b"preamble"
    for body in bodies:
        length = b"content-LENGTH: %d" % len(body) + newline if lengths else b""
        sent += b"--b" + newline + b"Content-Type: image/jpeg" + newline + length + newline
        sent += body + newline
    return sent + b"--b--" + newline


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[n : n + size] for n in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_parts_with_lengths(size: int, newline: bytes) -> None:
    got = list(mjpeg.parts(chunks(stream(BODIES, newline=newline), size), "b"))
    assert got == [body for body in BODIES if body]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_parts_without_lengths_end_at_the_next(size: int) -> None:
    got = list(mjpeg.parts(chunks(stream([b"one", b"two"], lengths=False), size), "--b"))
    assert [part.strip() for part in got] == [b"one", b"two"]


def test_damaged_pictures_are_left_out() -> None:
    good = encode([picture(1), picture(2)])
    broken = [good[0][: len(good[0]) // 2], b"junk"]
    got = list(mjpeg.decode([stream([good[0], *broken, good[1]])], "b"))
    assert [image.shape for image in got] == [(48, 64, 3)] * 2
    assert got[0].dtype == np.uint8


def test_a_stream_of_nothing_but_junk_is_given_up() -> None:
    with pytest.raises(UnreadableMedia, match="no JPEG"):
        list(mjpeg.decode([stream([b"junk"] * 60)], "b"))


def test_a_part_without_end_does_not_fill_the_memory() -> None:
    endless = (b"--b\r\n\r\n" + bytes(1024 * 1024) for _ in range(1))
    more = (bytes(1024 * 1024) for _ in range(100))
    with pytest.raises(UnreadableMedia, match="too large"):
        list(mjpeg.parts((c for source in (endless, more) for c in source), "b"))
    assert next(more)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=frame", "frame"),
        ('multipart/x-mixed-replace;boundary="--my frame"', "--my frame"),
        ("multipart/x-mixed-replace", None),
        ("image/jpeg", None),
        ("", None),
    ],
)
def test_the_boundary_stands_in_the_content_type(content_type: str, boundary: str | None) -> None:
    assert mjpeg.boundary_of(content_type) == boundary
