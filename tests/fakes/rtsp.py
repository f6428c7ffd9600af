"""A real RTSP server on loopback (RFC 2326), sending an MPEG transport stream over RTP in the same
connection (RFC 2250, and RFC 2326 section 10.12)."""

import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PACKETS = 7
"""Transport stream packets of 188 bytes in one RTP packet."""
_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:t\r\n"


class RtspServer:
    """Plays a transport stream file over and over to everyone who asks. Use it in a `with`."""

    def __init__(self, stream: Path, *, seconds: float) -> None:
        self._data, self._seconds = stream.read_bytes(), seconds
        self._ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="rtsp-server")]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._listening.getsockname()[1]}/live"

    def cut(self) -> None:
        """Break every connection and answer nobody any more."""
        self._ended.set()
        for one in (self._listening, *self._connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._ended.is_set():
                connection = self._listening.accept()[0]
                self._connections.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as asked:
            while line := asked.readline().decode("latin-1").strip():
                number = "0"
                while field := asked.readline().decode("latin-1").strip():
                    if field.lower().startswith("cseq:"):
                        number = field.partition(":")[2].strip()
                verb = line.split()[0]
                connection.sendall(self._answer(verb, number).encode())
                if verb == "PLAY":
                    self._play(connection)

    def _answer(self, verb: str, number: str) -> str:
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n"
        match verb:
            case "OPTIONS":
                return head + "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
            case "DESCRIBE":
                kind = f"Content-Type: application/sdp\r\nContent-Length: {len(_SDP)}\r\n"
                return f"{head}Content-Base: {self.url}/\r\n{kind}\r\n{_SDP}"
            case "SETUP":
                transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
                return f"{head}Session: 1;timeout=60\r\n{transport}\r\n"
            case _:
                return f"{head}Session: 1\r\n\r\n"

    def _play(self, connection: socket.socket) -> None:
        size = 188 * _PACKETS
        pieces = [self._data[n : n + size] for n in range(0, len(self._data), size)]
        pause = self._seconds / len(pieces)
        sequence = 0
        while not self._ended.is_set():
            for piece in pieces:
                stamp = round(sequence * pause * 90_000) & 0xFFFFFFFF
                head = struct.pack(">BBHII", 0x80, 33, sequence & 0xFFFF, stamp, 1)
                packet = head + piece
                connection.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                sequence += 1
                if self._ended.wait(pause):
                    return
