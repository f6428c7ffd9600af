"""Two ends of the local socket, on real sockets."""

import contextlib
import os
import socket
import stat
import struct
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from app import local_socket
from app.claim import Claim
from app.local_socket import Server, answers, call
from app.paths import Paths
from engine.errors import ConfigError, StoreLocked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the socket in a folder is Unix's")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.locate(tmp_path / "data")
    paths.prepare()
    return paths


def echo(request: object) -> dict[str, Any]:
    return {"ok": True, "got": request}


@contextlib.contextmanager
def serving(paths: Paths, handler: Callable[[object], dict[str, Any]]) -> Generator[Server]:
    with Server(paths, handler) as server:
        yield server


def raw(paths: Paths) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(paths.socket))
    return connection


def test_a_request_is_answered(paths: Paths):
    with serving(paths, echo):
        assert call(paths, {"do": "x", "name": "أمي 🐈 \ud800"})["got"]["name"] == "أمي 🐈 \ud800"
        assert call(paths, {"n": 2})["got"] == {"n": 2}


def test_large_requests_go_through_and_huge_ones_are_refused(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
):
    with serving(paths, lambda request: {"n": len(request["text"])}):  # type: ignore[index]  # pyright: ignore
        assert call(paths, {"text": "x" * 8_000_000})["n"] == 8_000_000
        monkeypatch.setattr(local_socket, "MESSAGE_BYTES_MAX", 1000)
        with pytest.raises(ConfigError, match="too large"):
            call(paths, {"text": "x" * 2000})


def test_a_path_too_long_for_a_socket_works_too(tmp_path: Path):
    paths = Paths.locate(tmp_path / ("d" * 100) / ("e" * 100))
    paths.prepare()
    assert len(os.fsencode(paths.socket)) > 107
    with serving(paths, echo):
        assert answers(paths)
        assert call(paths, {"n": 1})["got"] == {"n": 1}
    assert not answers(paths)


def test_nobody_else_can_reach_the_socket(paths: Paths):
    with serving(paths, echo):
        assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700
        assert paths.socket.is_socket()
    assert not paths.socket.exists()


def test_a_socket_left_behind_by_a_killed_process_is_in_nobodys_way(paths: Paths):
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(paths.socket))
    left.close()
    assert not answers(paths)
    with pytest.raises(ConnectionError):
        call(paths, {})
    with serving(paths, echo):
        assert call(paths, {"n": 3})["got"] == {"n": 3}


def test_what_is_not_json_is_refused_in_words(paths: Paths):
    with serving(paths, echo), raw(paths) as connection:
        connection.sendall(struct.pack("!i", 5) + b"\x80\x04}q\x00")
        assert b"not JSON" in connection.recv(4096)
        assert call(paths, {"n": 4})["got"] == {"n": 4}


def test_strangers_in_the_line_do_not_stop_the_others(paths: Paths):
    """One says nothing, one breaks off in the middle, one promises more than is allowed, one
    leaves before the reply."""
    with serving(paths, echo), raw(paths), raw(paths) as half, raw(paths) as liar:
        half.sendall(struct.pack("!i", 1000) + b"{")
        liar.sendall(struct.pack("!iQ", -1, 2**40))
        with raw(paths) as hasty:
            hasty.sendall(struct.pack("!i", 2) + b"{}")
        assert call(paths, {"n": 5})["got"] == {"n": 5}


def test_a_handler_that_breaks_is_reported_without_its_text(paths: Paths):
    def break_down(_: object) -> dict[str, Any]:
        raise RuntimeError("secret words")

    with serving(paths, break_down):
        reply = call(paths, {})
    assert reply["ok"] is False
    assert "secret" not in reply["reason"]


def test_a_server_that_dies_before_the_reply_is_said(paths: Paths):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(paths.socket))
    listener.listen()

    def die() -> None:
        connection, _ = listener.accept()
        connection.recv(4)
        connection.close()

    thread = threading.Thread(target=die)
    thread.start()
    with pytest.raises(StoreLocked, match="ended before it answered"):
        call(paths, {"do": "ask"})
    thread.join()
    listener.close()


def test_a_server_that_stays_silent_is_not_waited_for_for_ever(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(local_socket, "REPLY_WAIT_S", 0.05)
    go_on = threading.Event()

    def wait(_: object) -> dict[str, Any]:
        go_on.wait(10)
        return {"ok": True}

    with serving(paths, wait):
        with pytest.raises(StoreLocked, match="did not answer"):
            call(paths, {})
        go_on.set()


def test_several_ask_at_once(paths: Paths):
    together = threading.Barrier(4)

    def meet(request: object) -> dict[str, Any]:
        together.wait(10)
        return echo(request)

    got: list[int] = []

    def ask(n: int) -> None:
        got.append(call(paths, {"n": n})["got"]["n"])

    with serving(paths, meet):
        threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(got) == [0, 1, 2, 3]


# --- the claim ---------------------------------------------------------------------------------


def test_only_one_holds_the_folder(paths: Paths):
    with Claim(paths) as first, Claim(paths) as second:
        assert first.take()
        assert not second.take()
        assert str(os.getpid()) in second.holder()
        first.give_back()
        assert second.take()


def test_a_claim_is_waited_for_unless_the_holder_stays(paths: Paths):
    with Claim(paths) as first, Claim(paths) as second:
        assert first.take()
        assert not second.take_within(0.01, unless=lambda: False)
        assert not second.take_within(60, unless=lambda: True)
        asked: list[int] = []

        def then_free() -> bool:
            asked.append(1)
            first.give_back()
            return False

        assert second.take_within(60, unless=then_free)
        assert asked
