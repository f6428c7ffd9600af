"""Downloads from a real server on the loopback, and everything such a server can do wrong."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread

import httpx
import pytest

from engine.errors import DownloadFailed, ModelCorrupt, ModelError
from engine.inference.download import Patience, permitted
from engine.ports.shelf import Progress
from tests.engine.inference.models import EYE, content, get, store
from tests.fakes.model_server import ModelServer, model_server

PATH = "/pinned/eye.onnx"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as serving:
        serving.files[PATH] = EYE
        yield serving


def test_a_file_arrives_whole(tmp_path: Path, server: ModelServer):
    shelf = store(tmp_path, server.address)
    told = get(shelf)
    assert shelf.path("eye").read_bytes() == EYE
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}
    assert told[-1].received == told[-1].total == len(EYE)
    assert all(a.received <= b.received for a, b in pairwise(told))


def test_what_is_installed_is_not_fetched_again(tmp_path: Path, server: ModelServer):
    shelf = store(tmp_path, server.address)
    get(shelf)
    told = get(shelf)
    assert len(server.asked) == 1
    assert told[-1].received == len(EYE)


def test_a_connection_that_breaks_off_is_resumed_at_once(tmp_path: Path, server: ModelServer):
    server.break_after = [100_000]
    shelf = store(tmp_path, server.address)
    get(shelf)
    assert server.ranges == [None, "bytes=100000-"]
    assert server.asked[1][1]["if-range"] == '"one"'
    assert server.sent == len(EYE)
    assert shelf.path("eye").read_bytes() == EYE


def test_after_too_many_breaks_the_rest_is_kept_and_resumed_later(
    tmp_path: Path, server: ModelServer
):
    server.break_after = [100_000, 50_000, 0]
    with pytest.raises(DownloadFailed, match=r"broke off\. 150 kB of 300 kB are kept"):
        get(store(tmp_path, server.address))
    assert content(tmp_path)["eye/eye.onnx.part"] == 150_000
    assert "eye/eye.onnx" not in content(tmp_path)
    shelf = store(tmp_path, server.address)
    told = get(shelf)
    assert server.ranges[-1] == "bytes=150000-"
    assert told[0].received == 150_000
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_a_server_that_ignores_ranges_is_read_from_the_start(tmp_path: Path, server: ModelServer):
    server.ignore_ranges = True
    server.break_after = [100_000]
    get(store(tmp_path, server.address))
    assert server.ranges == [None, "bytes=100000-"]
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_a_file_that_changed_meanwhile_is_read_from_the_start(tmp_path: Path, server: ModelServer):
    server.break_after = [100_000, 0, 0]
    with pytest.raises(DownloadFailed):
        get(store(tmp_path, server.address))
    server.etag = '"two"'
    shelf = store(tmp_path, server.address)
    get(shelf)
    assert shelf.path("eye").read_bytes() == EYE


def test_without_a_tag_a_wrong_beginning_is_thrown_away(tmp_path: Path, server: ModelServer):
    """The older bytes came from elsewhere: the whole is wrong, and fetched once more."""
    server.etag = None
    (tmp_path / "eye").mkdir()
    (tmp_path / "eye/eye.onnx.part").write_bytes(b"x" * 1000)
    shelf = store(tmp_path, server.address)
    get(shelf)
    assert server.ranges == ["bytes=1000-", None]
    assert shelf.path("eye").read_bytes() == EYE


def test_a_part_longer_than_the_file_is_thrown_away(tmp_path: Path, server: ModelServer):
    (tmp_path / "eye").mkdir()
    (tmp_path / "eye/eye.onnx.part").write_bytes(b"x" * (len(EYE) + 1))
    get(store(tmp_path, server.address))
    assert server.ranges == [None]
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_another_range_than_was_asked_for_is_not_appended(tmp_path: Path, server: ModelServer):
    server.range_shift = 1000
    server.break_after = [100_000]
    get(store(tmp_path, server.address))
    assert server.ranges == [None, "bytes=100000-", None]
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_wrong_bytes_are_never_visible(tmp_path: Path, server: ModelServer):
    server.files[PATH] = EYE[:-1] + bytes([EYE[-1] ^ 1])
    with pytest.raises(ModelCorrupt, match=r"127\.0\.0\.1 does not serve the pinned eye\.onnx"):
        get(store(tmp_path, server.address))
    assert content(tmp_path) == {}


def test_a_wrong_download_leaves_the_installed_file_alone(tmp_path: Path, server: ModelServer):
    (tmp_path / "eye").mkdir()
    (tmp_path / "eye/eye.onnx").write_bytes(b"damaged")
    server.files[PATH] = b"y" * len(EYE)
    with pytest.raises(ModelCorrupt):
        get(store(tmp_path, server.address))
    assert (tmp_path / "eye/eye.onnx").read_bytes() == b"damaged"
    server.files[PATH] = EYE
    get(store(tmp_path, server.address))
    assert (tmp_path / "eye/eye.onnx").read_bytes() == EYE


def test_another_size_is_refused_before_it_is_read(tmp_path: Path, server: ModelServer):
    server.files[PATH] = EYE + b"more"
    with pytest.raises(ModelCorrupt, match="300,004 bytes instead of 300,000"):
        get(store(tmp_path, server.address))
    assert content(tmp_path) == {}


def test_no_more_than_the_pinned_size_is_taken(tmp_path: Path, server: ModelServer):
    server.announce_size = False
    server.files[PATH] = EYE + bytes(40_000_000)
    with pytest.raises(ModelCorrupt, match="more bytes than are pinned"):
        get(store(tmp_path, server.address))
    assert content(tmp_path) == {}
    assert server.sent < 20_000_000


def test_a_body_of_unknown_length_that_ends_early_is_not_taken_for_whole(
    tmp_path: Path, server: ModelServer
):
    server.announce_size = False
    server.break_after = [100_000]
    get(store(tmp_path, server.address))
    assert server.ranges == [None, "bytes=100000-"]
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_cancelling_a_slow_download_keeps_what_came(tmp_path: Path, server: ModelServer):
    server.hold_after = 100_000
    told: list[Progress] = []
    with pytest.raises(DownloadFailed, match="Stopped"):
        store(tmp_path, server.address).get("eye", told.append, server.held.is_set)
    assert 0 < content(tmp_path)["eye/eye.onnx.part"] <= 100_000
    server.go.set()
    server.hold_after = None
    get(store(tmp_path, server.address))
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_a_silent_server_is_given_up(tmp_path: Path, server: ModelServer):
    server.hold_after = 100_000
    patience = Patience(silence_s=0.2, tries=1)
    with pytest.raises(DownloadFailed, match="silent"):
        get(store(tmp_path, server.address, patience=patience))
    assert content(tmp_path)["eye/eye.onnx.part"] == 100_000


def test_a_second_download_of_the_same_model_is_refused(tmp_path: Path, server: ModelServer):
    server.hold_after = 100_000
    stop = [False]
    ended: list[BaseException] = []

    def first() -> None:
        try:
            store(tmp_path, server.address).get("eye", lambda _: None, lambda: stop[0])
        except DownloadFailed as error:
            ended.append(error)

    thread = Thread(target=first)
    thread.start()
    try:
        assert server.held.wait(10)
        with pytest.raises(ModelError, match="Another Nacre is working on Eye"):
            get(store(tmp_path, server.address))
    finally:
        stop[0] = True
        thread.join(10)
    assert len(ended) == 1


def test_a_busy_server_is_tried_again(tmp_path: Path, server: ModelServer):
    server.statuses = [503, 429]
    get(store(tmp_path, server.address))
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [401, 403, 400])
def test_a_refusal_is_final(tmp_path: Path, server: ModelServer, status: int):
    server.statuses = [status]
    with pytest.raises(DownloadFailed, match=f"answered {status}"):
        get(store(tmp_path, server.address))
    assert len(server.asked) == 1


def test_a_file_that_is_not_there(tmp_path: Path, server: ModelServer):
    server.files.clear()
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1 does not have eye\.onnx"):
        get(store(tmp_path, server.address))
    assert content(tmp_path) == {}


def test_nobody_listens(tmp_path: Path):
    with pytest.raises(DownloadFailed, match=r"no connection\. Nothing was changed"):
        get(store(tmp_path))
    assert content(tmp_path) == {}


def test_a_redirect_is_followed(tmp_path: Path, server: ModelServer):
    server.redirects[PATH] = "/elsewhere"
    server.files["/elsewhere"] = EYE
    get(store(tmp_path, server.address))
    assert content(tmp_path) == {"eye/eye.onnx": len(EYE)}


def test_a_redirect_in_a_circle_ends(tmp_path: Path, server: ModelServer):
    server.redirects[PATH] = PATH
    with pytest.raises(DownloadFailed, match="only points elsewhere"):
        get(store(tmp_path, server.address))
    assert len(server.asked) <= 7


def test_a_redirect_to_another_host_without_encryption_is_refused(
    tmp_path: Path, server: ModelServer
):
    server.redirects[PATH] = server.address.replace("127.0.0.1", "localhost") + "/elsewhere"
    server.files["/elsewhere"] = EYE
    with pytest.raises(DownloadFailed, match="without encryption"):
        get(store(tmp_path, server.address))
    assert [path for path, _ in server.asked] == [PATH]


@pytest.mark.parametrize(
    ("first", "target", "allowed"),
    [
        ("https://a.example/x", "https://b.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "http://127.0.0.1/x", False),
        ("https://a.example/x", "file:///etc/passwd", False),
        ("http://mirror.example/x", "http://mirror.example/y", True),
        ("http://mirror.example/x", "http://b.example/x", False),
        ("http://mirror.example/x", "https://b.example/x", True),
    ],
)
def test_encryption_is_never_given_up(first: str, target: str, allowed: bool):
    assert permitted(httpx.URL(first), httpx.URL(target)) is allowed
