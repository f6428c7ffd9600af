"""A real HTTP server on the loopback that serves files, and misbehaves as it is told."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class ModelServer:
    """What is served, and how badly. Lists of numbers are used up, one a request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.published: dict[str, dict[str, str]] = {}
        """Headers that the answer to a HEAD request carries beside those of a GET."""
        self.etag: str | None = '"one"'
        self.ignore_ranges = False
        self.range_shift = 0
        """Answer a range request with bytes that begin so much later."""
        self.announce_size = True
        self.break_after: list[int] = []
        """Close the connection after so many bytes of the body."""
        self.statuses: list[int] = []
        """Answer with these first."""
        self.hold_after: int | None = None
        """Send so many bytes, set `held`, and wait for `go`."""
        self.held = Event()
        self.go = Event()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.heads: list[str] = []
        """The path of every HEAD request."""
        self.sent = 0
        self.address = ""

    @property
    def ranges(self) -> list[str | None]:
        """The `Range` of every request."""
        return [headers.get("range") for _, headers in self.asked]


@contextmanager
def model_server() -> Generator[ModelServer]:
    state = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            state.heads.append(self.path)
            headers = dict(state.published.get(self.path, {}))
            if self.path in state.redirects:
                return self._empty(302, {"Location": state.redirects[self.path], **headers})
            if state.statuses:
                return self._empty(state.statuses.pop(0), {})
            known = self.path in state.files or headers
            return self._empty(200 if known else 404, headers)

        def do_GET(self) -> None:
            state.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            if self.path in state.redirects:
                return self._empty(302, {"Location": state.redirects[self.path]})
            if state.statuses:
                return self._empty(state.statuses.pop(0), {})
            body = state.files.get(self.path)
            if body is None:
                return self._empty(404, {})
            return self._serve(body)

        def _empty(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def _serve(self, body: bytes) -> None:
            start = self._start(len(body))
            if start >= len(body):
                return self._empty(416, {"Content-Range": f"bytes */{len(body)}"})
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            if state.etag:
                self.send_header("ETag", state.etag)
            if state.announce_size:
                self.send_header("Content-Length", str(len(body) - start))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            return self._send(body[start:])

        def _start(self, size: int) -> int:
            found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            wanted = self.headers.get("If-Range")
            if found is None or state.ignore_ranges or (wanted and wanted != state.etag):
                return 0
            return int(found[1]) + state.range_shift

        def _send(self, body: bytes) -> None:
            end = state.break_after.pop(0) if state.break_after else len(body)
            body = body[:end]
            pause = len(body) if state.hold_after is None else state.hold_after
            try:
                self._write(body[:pause])
                if state.hold_after is not None:
                    state.held.set()
                    state.go.wait(30)
                    self._write(body[pause:])
            except OSError:
                pass  # the client has hung up
            self.close_connection = True

        def _write(self, data: bytes) -> None:
            for at in range(0, len(data), 16_384):
                piece = data[at : at + 16_384]
                self.wfile.write(piece)
                state.sent += len(piece)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.go.set()
        server.shutdown()
        thread.join()
        server.server_close()
