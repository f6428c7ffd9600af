"""Streams from an address: Motion JPEG over HTTP, RTSP, and video files over HTTP."""

import ipaddress
import socket
import ssl
from collections.abc import Generator
from contextlib import suppress
from threading import Event
from urllib.parse import urlsplit

import cv2
import httpx
import numpy as np

from engine.errors import (
    DeviceLost,
    DeviceNotFound,
    PermissionDenied,
    SourceError,
    UnreadableMedia,
)
from engine.media import NANOSECONDS, Image
from engine.ports.sources import Clock, Source
from engine.sources import mjpeg
from engine.sources.decoder import open_capture
from engine.sources.pump import Pictures, PumpedSource
from engine.sources.stream_time import StreamTime

_CONNECT_S = 5.0
_SILENCE_S = 10.0
_LOOK_S = 0.05


def open_stream(url: str, run: str, clock: Clock, *, origin: int) -> Source:
    """Connect to the address and begin to read. `origin`: monotonic time at pts 0.

    Raises:
        DeviceLost: nothing answers now; trying again may help.
        DeviceNotFound: no such host, or nothing at this address of it.
        PermissionDenied: it wants a name and a password, or its certificate is not trusted.
        UnreadableMedia: what is there is no video that can be read.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    stream: Pictures
    if parts.scheme.lower().startswith("rtsp"):
        _knock(host, parts.port or (322 if parts.scheme.lower() == "rtsps" else 554))
        stream = _capture(url, host, clock)
    else:
        stream = _http(url, host) or _capture(url, host, clock)
    return PumpedSource(stream, run, clock, origin=origin)


class _MultipartStream:
    """The pictures of a Motion JPEG response."""

    def __init__(
        self, client: httpx.Client, response: httpx.Response, boundary: str, host: str
    ) -> None:
        self._client, self._response, self._boundary = client, response, boundary
        self._host = host

    def pictures(self) -> Generator[Image]:
        try:
            yield from mjpeg.decode(self._response.iter_raw(), self._boundary)
        except (httpx.HTTPError, httpx.StreamError):
            pass
        finally:
            self._response.close()
            self._client.close()
        raise DeviceLost(_ENDED.format(self._host))

    def abort(self) -> None:
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream else None
        if isinstance(connection, socket.socket):
            # The plain socket's: an SSL socket's own takes its state away from the reader.
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _CaptureStream:
    """The pictures of a stream that OpenCV reads. One with an end plays at its own pace."""

    def __init__(self, capture: cv2.VideoCapture, host: str, clock: Clock) -> None:
        self._capture, self._host, self._clock = capture, host, clock
        self._aborted = Event()

    def pictures(self) -> Generator[Image]:
        finite = self._capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
        time = StreamTime(self._capture.get(cv2.CAP_PROP_FPS))
        begin = self._clock.monotonic()
        try:
            while not self._aborted.is_set():
                got, image = self._capture.read()
                if not got:
                    break
                if finite:
                    self._wait(begin + time.next(self._capture.get(cv2.CAP_PROP_POS_MSEC)))
                yield np.asarray(image, np.uint8)
        finally:
            self._capture.release()
        if finite:
            raise EOFError
        raise DeviceLost(_ENDED.format(self._host))

    def abort(self) -> None:
        self._aborted.set()

    def _wait(self, due: int) -> None:
        while (left := due - self._clock.monotonic()) > 0:
            if self._aborted.wait(min(left / NANOSECONDS, _LOOK_S)):
                return


_ENDED = "The connection to {} ended; it is tried again."
_NO_VIDEO = "{} answers, but sends no video that Nacre can read. Is the address complete?"


def _capture(url: str, host: str, clock: Clock) -> _CaptureStream:
    settings = {
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: round(_CONNECT_S * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC: round(_SILENCE_S * 1000),
    }
    capture = open_capture(url, cv2.CAP_FFMPEG, settings)
    if capture is None:
        raise UnreadableMedia(_NO_VIDEO.format(host))
    return _CaptureStream(capture, host, clock)


def _knock(host: str, port: int) -> None:
    """See that somebody listens there, because OpenCV does not tell why it could not open."""
    try:
        socket.create_connection((host, port), _CONNECT_S).close()
    except OSError as error:
        raise _unreachable(host, error) from None


def _http(url: str, host: str) -> _MultipartStream | None:
    """The response, when it is Motion JPEG; None when it is something else."""
    client = httpx.Client(
        follow_redirects=True,
        timeout=httpx.Timeout(_SILENCE_S, connect=_CONNECT_S),
        trust_env=not _at_home(host),
    )
    try:
        response = _ask(client, url)
        boundary = mjpeg.boundary_of(response.headers.get("content-type", ""))
        if response.is_success and boundary:
            return _MultipartStream(client, response, boundary, host)
        response.close()
        _check(response, host)
    except httpx.InvalidURL:
        client.close()
        raise DeviceNotFound("This address cannot be read; check it for mistakes.") from None
    except httpx.HTTPError as error:
        client.close()
        raise _unreachable(host, error) from None
    except SourceError:
        client.close()
        raise
    client.close()
    return None


def _ask(client: httpx.Client, url: str) -> httpx.Response:
    """Send the request; a name and password in the address are given in the way asked for."""
    response = client.send(client.build_request("GET", url), stream=True)
    parts = urlsplit(url)
    wants = response.headers.get("www-authenticate", "")
    if response.status_code == 401 and parts.username and wants.lower().startswith("digest"):
        response.close()
        given = httpx.URL(url)
        auth = httpx.DigestAuth(given.username, given.password)
        bare = given.copy_with(username=None, password=None)
        response = client.send(client.build_request("GET", bare), auth=auth, stream=True)
    return response


def _check(response: httpx.Response, host: str) -> None:
    """Say why a response is of no use."""
    if response.status_code in (401, 403):
        raise PermissionDenied(
            f"{host} wants a name and a password; write them as http://NAME:PASSWORD@{host}/…"
        )
    if response.status_code in (404, 410):
        raise DeviceNotFound(f"{host} has nothing at this address; check it for mistakes.")
    if response.status_code >= 500:
        raise DeviceLost(f"{host} has an error of its own just now; it is tried again.")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.is_error or kind in ("text/html", "text/plain", "application/json"):
        raise UnreadableMedia(_NO_VIDEO.format(host))


def _unreachable(host: str, error: Exception) -> SourceError:
    """Why nobody answers, found in what lies behind the error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return DeviceNotFound(f"There is no host {host}, or this machine is offline.")
        if isinstance(cause, ssl.SSLCertVerificationError):
            return PermissionDenied(f"The certificate of {host} is not trusted by this machine.")
        cause = cause.__cause__ or cause.__context__
    return DeviceLost(f"Nothing answers at {host}; it is tried again.")


def _at_home(host: str) -> bool:
    """On this machine or in the house, where no proxy belongs in between."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(".local")
