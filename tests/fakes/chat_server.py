"""A real HTTP server on the loopback that answers like an OpenAI-compatible one, and misbehaves as
it is told."""

import json
import math
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class ChatServer:
    """What is answered, and how badly."""

    def __init__(self) -> None:
        self.words: list[str] = ["The ", "cat ", "sleeps."]
        self.probability = 0.8
        self.first: dict[str, float] = {"yes": 0.6, " Yes": 0.2, "no": 0.1}
        """Alternatives to the first token of a whole answer."""
        self.tells_probabilities = True
        self.refuses_logprobs = False
        self.finish = "stop"
        self.statuses: list[int] = []
        """Answer with these first."""
        self.location = ""
        self.raw: bytes | None = None
        """Send this instead of an answer."""
        self.coding = ""
        """What the body is said to be coded in."""
        self.endless: bytes | None = None
        """Send this again and again, until the client goes."""
        self.trickles = False
        """Send the answer byte by byte, spaces without end before it."""
        self.break_after: int | None = None
        """Hang up after so many words."""
        self.hold_after: int | None = None
        """Set `held` after so many words, and wait for `go`."""
        self.held = Event()
        self.go = Event()
        self.hung_up = Event()
        """The client has gone before the end."""
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.address = ""


@contextmanager
def chat_server() -> Generator[ChatServer]:
    state = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(body)
            state.headers.append({k.lower(): v for k, v in self.headers.items()})
            state.paths.append(self.path)
            if state.refuses_logprobs and "logprobs" in body:
                return self._status(400)
            if state.statuses:
                return self._status(state.statuses.pop(0))
            self.send_response(200)
            if state.coding:
                self.send_header("Content-Encoding", state.coding)
            self.end_headers()
            try:
                self._answer(body)
            except OSError:
                state.hung_up.set()
            return None

        def _status(self, status: int) -> None:
            self.send_response(status)
            if state.location:
                self.send_header("Location", state.location)
            self.end_headers()

        def _answer(self, body: dict[str, Any]) -> None:
            if state.raw is not None:
                self.wfile.write(state.raw)
            elif state.trickles:
                while not state.go.wait(0.02):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            elif state.endless is not None:
                while not state.go.is_set():
                    self.wfile.write(state.endless)
            elif body.get("stream"):
                self._stream(body["max_tokens"])
            else:
                self.wfile.write(json.dumps({"choices": [self._whole()]}).encode())

        def _whole(self) -> dict[str, Any]:
            choice: dict[str, Any] = {"message": {"content": "".join(state.words)}}
            if state.tells_probabilities:
                top = [{"token": t, "logprob": math.log(p)} for t, p in state.first.items()]
                told = {"token": top[0]["token"], "logprob": top[0]["logprob"], "top_logprobs": top}
                choice["logprobs"] = {"content": [told]}
            return choice

        def _stream(self, most: int) -> None:
            for n, word in enumerate(state.words[:most]):
                if n == state.break_after:
                    return
                if n == state.hold_after:
                    state.held.set()
                    state.go.wait(30)
                choice: dict[str, Any] = {"delta": {"content": word}}
                if state.tells_probabilities:
                    told = {"token": word, "logprob": math.log(state.probability)}
                    choice["logprobs"] = {"content": [told]}
                self._event(choice)
            finish = "length" if len(state.words) > most else state.finish
            self._event({"delta": {}, "finish_reason": finish})
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, choice: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
            self.wfile.flush()

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
