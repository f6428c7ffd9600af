"""A real camera on the network, as far as a program can tell: Motion JPEG over loopback HTTP."""

import base64
import socket
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2

from engine.media import Image

BOUNDARY = "nacreframe"


def encode(images: Iterable[Image]) -> list[bytes]:
    """The pictures as JPEG."""
    return [cv2.imencode(".jpg", image)[1].tobytes() for image in images]


def encode_video(path: Path) -> tuple[list[bytes], float]:
    """(JPEG pictures, frames a second) of a video file."""
    capture = cv2.VideoCapture(str(path))
    images: list[Image] = []
    while (read := capture.read())[0]:
        images.append(read[1])
    fps = capture.get(cv2.CAP_PROP_FPS)
    capture.release()
    return encode(images), fps


class MjpegServer:
    """Plays the pictures round and round, in real time, to everyone who asks for `url`.

    `cut` is a camera that loses its power: every connection breaks and nobody answers, until
    `restore` at the same address. `freeze` is one that hangs: connections stay, nothing comes,
    until `thaw`. Use it in a `with`.

    Other paths: `/private` wants the name `me` and the password `key`, `/missing` is not there,
    `/page` is a web page, `/broken` has an error, `/junk` sends parts that are no pictures,
    `/plain` names no part lengths, and `/clip` is the file given as `clip`.
    """

    def __init__(
        self, pictures: Sequence[bytes], *, fps: float = 30, clip: Path | None = None
    ) -> None:
        self.pictures, self.fps, self.clip = list(pictures), fps, clip
        self.ended = threading.Event()
        self._flowing = threading.Event()
        self._flowing.set()
        self._connections: set[socket.socket] = set()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.restore()

    @property
    def url(self) -> str:
        return self.at("/stream")

    def at(self, path: str, credentials: str = "") -> str:
        return f"http://{credentials}127.0.0.1:{self._port}{path}"

    @property
    def watchers(self) -> int:
        """Connections that are open now."""
        return len(self._connections)

    def restore(self) -> None:
        """Answer again."""
        self.ended.clear()
        owner = self

        class Handler(_Handler):
            camera = owner

        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="mjpeg-server"
        )
        self._thread.start()

    def cut(self) -> None:
        """Break every connection and answer nobody."""
        if self._server is None:
            return
        self.ended.set()
        self._flowing.set()
        self._server.shutdown()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join(10)
        self._server = None

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def next_picture(self, number: int) -> bytes | None:
        """The picture to send, when its time has come; None when the server was cut."""
        self.ended.wait(1 / self.fps)
        self._flowing.wait()
        return None if self.ended.is_set() else self.pictures[number % len(self.pictures)]

    def connected(self, connection: socket.socket) -> None:
        self._connections.add(connection)

    def disconnected(self, connection: socket.socket) -> None:
        self._connections.discard(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A watcher that goes away is nothing to speak of."""


class _Handler(BaseHTTPRequestHandler):
    camera: MjpegServer

    def setup(self) -> None:
        super().setup()
        self.camera.connected(self.connection)

    def finish(self) -> None:
        self.camera.disconnected(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        right = "Basic " + base64.b64encode(b"me:key").decode()
        match self.path:
            case "/missing":
                self.send_error(404)
            case "/broken":
                self.send_error(503)
            case "/page":
                self._send("text/html", b"<h1>hello</h1>")
            case "/clip" if self.camera.clip is not None:
                self._send("video/mp4", self.camera.clip.read_bytes())
            case "/private" if given != right:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
            case _:
                with suppress(OSError):
                    self._stream()

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        number = 0
        while (jpeg := self.camera.next_picture(number)) is not None:
            body = b"no picture" if self.path == "/junk" else jpeg
            length = b"" if self.path == "/plain" else b"Content-Length: %d\r\n" % len(body)
            self.wfile.write(b"--%s\r\nContent-Type: image/jpeg\r\n" % BOUNDARY.encode())
            self.wfile.write(length + b"\r\n" + body + b"\r\n")
            number += 1
