"""A real OpenAI-compatible server on the loopback, with a model of random weights: the server that
llama-cpp-python brings, in a process of its own."""

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.fakes.waiting import wait_for

START_S = 120.0
CONTEXT = 8192


@dataclass(frozen=True)
class LlamaServer:
    """One that is ready."""

    address: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """As a crash does; the port is closed afterwards."""
        self.process.kill()
        self.process.wait()


@contextmanager
def llama_server(model: Path, name: str, log: Path) -> Generator[LlamaServer]:
    """Serve the model as one of text: what it would see, it is told in words.

    Raises:
        AssertionError: it ended, or did not get ready; with what it said.
    """
    port = _free_port()
    options = {
        "model": model, "model_alias": name, "host": "127.0.0.1", "port": port,
        "n_ctx": CONTEXT, "n_threads": 1, "n_threads_batch": 1,
    }  # fmt: skip
    command = [sys.executable, "-m", "llama_cpp.server"]
    for key, value in options.items():
        command += [f"--{key}", str(value)]
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
    server = LlamaServer(f"http://127.0.0.1:{port}", process)

    def ready() -> bool:
        assert process.poll() is None, f"the server ended: {log.read_text()[-2000:]}"
        try:
            answer = httpx.get(f"{server.address}/v1/models", trust_env=False, timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    try:
        wait_for(ready, limit_s=START_S, what="the server to be ready")
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        port: int = probing.getsockname()[1]
    return port
