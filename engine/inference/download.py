"""Downloading one file: resumable, bounded, cancellable, and never over a weaker connection than
was asked for (range requests after RFC 9110, sections 13 and 14)."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from engine.errors import DownloadFailed, ModelCorrupt
from engine.inference.catalogue import is_loopback
from engine.inference.intake import size_words
from engine.inference.part import PartFile

_CANCEL_CHECK_S = 0.1
_WORTH_ANOTHER_ROUND = 1024**2
"""Bytes that one try must bring for the count of tries to start anew."""
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_ABSENT = frozenset({404, 410})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a server may take, and how often it is tried. Times in seconds."""

    connect_s: float = 15.0
    silence_s: float = 30.0
    tries: int = 5
    wait_s: float = 1.0
    """Before the second try; doubled before each further one."""
    redirects: int = 5


class _Passing(Exception):
    """Something that may be better the next time."""


class _Absent(Exception):
    """The server does not have the file under this address."""


def fetch(
    addresses: Sequence[str],
    part: PartFile,
    *,
    received: Callable[[int], None],
    cancelled: Callable[[], bool],
    patience: Patience,
) -> None:
    """Download from the first address that has the file, until `part` is whole and published.

    `received` is told the bytes that are there; `cancelled` is asked every 0.1 s.

    Raises:
        DownloadFailed: not whole; what came is kept for the next call.
        ModelCorrupt: the server gives other bytes than the pinned ones; they are thrown away.
        ModelError: the disk is full or refuses.
    """
    asyncio.run(_Transfer(part, received, patience).run(addresses, cancelled))


def permitted(first: httpx.URL, target: httpx.URL) -> bool:
    """Whether a download that was begun at `first` may be sent on to `target`: never from https
    to http, and from a mirror without encryption only within the same host."""
    if target.scheme == "https":
        return True
    return target.scheme == first.scheme == "http" and target.host == first.host


class _Transfer:
    def __init__(self, part: PartFile, received: Callable[[int], None], patience: Patience) -> None:
        self._part = part
        self._pinned = part.pinned
        self._received = received
        self._patience = patience

    async def run(self, addresses: Sequence[str], cancelled: Callable[[], bool]) -> None:
        work = asyncio.ensure_future(self._from_any(addresses))
        while not work.done():
            await asyncio.wait({work}, timeout=_CANCEL_CHECK_S)
            if not work.done() and cancelled():
                work.cancel()
                await asyncio.wait({work})
                raise DownloadFailed(f"Stopped. {self._kept()}")
        work.result()

    async def _from_any(self, addresses: Sequence[str]) -> None:
        for address in addresses:
            resumed = self._part.kept > 0
            try:
                await self._until_whole(address)
                self._publish(address)
            except _Absent:
                continue
            except ModelCorrupt:
                if not resumed:
                    raise
                # The older bytes may be the wrong ones: once more, from the first byte.
                await self._until_whole(address)
                self._publish(address)
            return
        raise DownloadFailed(
            f"{_host(addresses[0])} does not have {self._pinned.name}. Nothing was changed. "
            "Import the file from a folder, or use a mirror that has it."
        )

    def _publish(self, address: str) -> None:
        try:
            self._part.publish()
        except ModelCorrupt as error:
            self._part.clear()
            raise self._other_bytes(address, str(error)) from error

    async def _until_whole(self, address: str) -> None:
        tried = 0
        async with self._client(address) as client:
            while not self._part.whole:
                before = self._part.kept
                try:
                    await self._once(client, address)
                except (_Passing, httpx.TransportError) as error:
                    brought = self._part.kept - before
                    tried = 1 if brought >= _WORTH_ANOTHER_ROUND else tried + 1
                    if isinstance(error, httpx.UnsupportedProtocol) or tried >= (
                        self._patience.tries
                    ):
                        raise self._failed(address, _words(error, self._patience)) from error
                    await asyncio.sleep(self._patience.wait_s * 2 ** (tried - 1))
                except (httpx.TooManyRedirects, httpx.InvalidURL) as error:
                    raise self._failed(address, _words(error, self._patience)) from error

    def _client(self, address: str) -> httpx.AsyncClient:
        first = httpx.URL(address)

        async def guard(request: httpx.Request) -> None:
            if not permitted(first, request.url):
                raise self._failed(address, "it points to an address without encryption")

        return httpx.AsyncClient(
            follow_redirects=True,
            max_redirects=self._patience.redirects,
            timeout=httpx.Timeout(self._patience.silence_s, connect=self._patience.connect_s),
            headers={"Accept-Encoding": "identity", "User-Agent": "nacre"},
            event_hooks={"request": [guard]},
            trust_env=not is_loopback(first.host),
        )

    async def _once(self, client: httpx.AsyncClient, address: str) -> None:
        kept = self._part.kept
        headers: dict[str, str] = {}
        if kept:
            headers["Range"] = f"bytes={kept}-"
            if tag := self._part.tag:
                headers["If-Range"] = tag
        async with client.stream("GET", address, headers=headers) as response:
            self._place(response, kept, address)
            self._received(self._part.kept)
            async for piece in response.aiter_raw():
                if self._part.kept + len(piece) > self._pinned.size:
                    self._part.clear()
                    raise self._other_bytes(address, "it sends more bytes than are pinned.")
                self._part.append(piece)
                self._received(self._part.kept)
        if not self._part.whole:
            raise _Passing("the connection broke off")

    def _place(self, response: httpx.Response, kept: int, address: str) -> None:
        """Decide from status and headers where the coming bytes belong."""
        status = response.status_code
        if status == 206 and kept:
            found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if found is None or int(found[1]) != kept:
                self._part.clear()
                raise _Passing("it sent another part than was asked for")
            self._same_size(found[2], address)
        elif status == 200:
            self._same_size(response.headers.get("Content-Length", "*"), address)
            self._part.start(_tag(response))
        elif status == 416:
            self._part.clear()
            raise _Passing("it cannot resume")
        elif status in _ABSENT:
            raise _Absent
        elif status in _PASSING:
            raise _Passing(f"it answered {status}")
        else:
            raise self._failed(address, f"it answered {status}")

    def _same_size(self, size: str, address: str) -> None:
        if size.isdecimal() and int(size) != self._pinned.size:
            raise self._other_bytes(
                address, f"it has {int(size):,} bytes instead of {self._pinned.size:,}."
            )

    def _other_bytes(self, address: str, how: str) -> ModelCorrupt:
        return ModelCorrupt(
            f"{_host(address)} does not serve the pinned {self._pinned.name}: {how} "
            "It was not installed. Import the file from a folder, or use a mirror."
        )

    def _failed(self, address: str, why: str) -> DownloadFailed:
        return DownloadFailed(
            f"{self._pinned.name} could not be had from {_host(address)}: {why}. {self._kept()}"
        )

    def _kept(self) -> str:
        if kept := self._part.kept:
            size = self._pinned.size
            return (
                f"{size_words(kept)} of {size_words(size)} are kept: the same again resumes there."
            )
        return "Nothing was changed. Check the connection and try again, or use a mirror."


def _tag(response: httpx.Response) -> str:
    etag = response.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified", "")


def _host(address: str) -> str:
    return httpx.URL(address).host


def _words(error: Exception, patience: Patience) -> str:
    match error:
        case _Passing():
            return str(error)
        case httpx.ConnectTimeout():
            return f"no connection within {patience.connect_s:.0f} s"
        case httpx.TimeoutException():
            return f"it was silent for {patience.silence_s:.0f} s"
        case httpx.ConnectError():
            return "no connection"
        case httpx.TooManyRedirects():
            return "it only points elsewhere"
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return "that is no address of the web"
        case _:
            return "the connection broke off"
