"""The wire of an OpenAI-compatible server: chat completions over HTTP, streamed as server-sent
events (WHATWG HTML, section 9.2). Nothing of what is sent or answered is logged.
"""

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import cv2
import httpx
from pydantic import ValidationError

from engine.errors import ConfigError, ModelError, ModelTimedOut
from engine.inference.catalogue import is_loopback
from engine.inference.chat_completions import Choice, Completion
from engine.inference.conversation import Part
from engine.prompts import Picture

Body = dict[str, Any]

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_JPEG_QUALITY = 90
_LARGEST_ANSWER = 1 << 20
"""Characters; a server that sends more is not answering."""
_LARGEST_BODY = 4 * _LARGEST_ANSWER
"""Bytes of an answer that comes whole, with the alternatives of its tokens; of one line of a
stream as well."""
_LARGEST_STREAM = 16 * _LARGEST_ANSWER
"""Bytes of an answer that comes in pieces: some 300 around each."""


class NotServed(ModelError):
    """Asking again is of no use before something is changed: the key, the address, the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a server may take, and how often it is tried. Times in seconds."""

    connect_s: float = 5.0
    silence_s: float = 120.0
    """A large model may think that long before its first word."""
    whole_s: float = 240.0
    """For an answer that comes whole, however steadily it trickles."""
    tries: int = 3
    wait_s: float = 0.5
    """Before the second try; doubled before each further one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What came at once of an answer, a token mostly, with the probability it had."""

    text: str
    tokens: int = 0
    """How many the server tells the probability of."""
    probability: float | None = None
    """None where the server tells none."""
    why: str = ""
    """Why the answer ended, on its last piece."""


def split_system(parts: Sequence[Part]) -> tuple[str, list[Part]]:
    """The text before the first picture, and the rest."""
    text = ""
    for n, part in enumerate(parts):
        if isinstance(part, Picture):
            return text, list(parts[n:])
        text += part
    return text, []


def contents(parts: Sequence[Part]) -> list[Body]:
    """A turn of text and pictures, as the chat completions API wants it."""
    content: list[Body] = []
    for part in parts:
        if isinstance(part, Picture):
            content += [_text(part.mark), _picture(part)]
        else:
            content.append(_text(part))
    return content


def _text(text: str) -> Body:
    return {"type": "text", "text": text}


def _picture(part: Picture) -> Body:
    _, coded = cv2.imencode(".jpg", part.image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    data = base64.b64encode(coded.tobytes()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


class OpenAiServer:
    """One server and one of its models.

    Redirects are not followed, and the key goes only to the address that the user gave, never
    unencrypted to another machine.
    """

    def __init__(
        self, address: str, model: str, *, key: str = "", patience: Patience | None = None
    ) -> None:
        """`address` as the user gives it, with or without `/v1`.

        Raises:
            ConfigError: it is no web address, or the key would travel unencrypted.
        """
        url = _url(address)
        self.model = model
        self.host = url.host
        self.remote = not is_loopback(url.host)
        if key and self.remote and url.scheme != "https":
            raise ConfigError(
                f"The key is not sent to {url.host} without encryption. Nothing was sent. "
                "Give an address that begins with https, or take the key away."
            )
        self._patience = patience or Patience()
        self._client = httpx.Client(
            base_url=url,
            headers={"User-Agent": "nacre", **({"Authorization": f"Bearer {key}"} if key else {})},
            timeout=httpx.Timeout(self._patience.silence_s, connect=self._patience.connect_s),
            trust_env=self.remote,
        )

    def close(self) -> None:
        self._client.close()

    def stream(self, body: Body, stopped: Callable[[], bool]) -> Iterator[Piece]:
        """The answer, a token at a time; ends early when `stopped` says so.

        Raises:
            ModelError: in words for people.
        """
        request = {**body, "stream": True}
        with closing(self._sent(request, stopped)) as response:
            try:
                yield from _pieces(response, stopped)
            except httpx.TimeoutException as error:
                raise self._late() from error
            except httpx.RequestError as error:
                raise ModelError(
                    f"The connection to {self.host} broke off in the middle of the answer. "
                    "What came so far stands. Ask again."
                ) from error

    def complete(self, body: Body) -> tuple[str, dict[str, float]]:
        """The whole answer, and of its first token the alternatives with their log
        probabilities (none where the server does not tell them).

        Raises:
            ModelError: in words for people.
        """
        with closing(self._sent(body, lambda: False)) as response:
            try:
                choice = _choice(_whole(response, self._patience.whole_s))
            except httpx.TimeoutException as error:
                raise self._late() from error
            except httpx.RequestError as error:
                raise ModelError(f"The connection to {self.host} broke off. Ask again.") from error
        first = choice.told[0].top_logprobs if choice.told else None
        said = choice.message.content if choice.message else None
        return said or "", {one.token: one.logprob for one in first or []}

    def _sent(self, body: Body, stopped: Callable[[], bool]) -> httpx.Response:
        """The response's head; tried again while the server is not there or busy."""
        tried = 0
        while True:
            tried += 1
            request = self._client.build_request("POST", "chat/completions", json=body)
            try:
                response = self._client.send(request, stream=True)
            except httpx.TimeoutException as error:
                if tried >= self._patience.tries or stopped():
                    raise self._late() from error
            except httpx.RequestError as error:
                if tried >= self._patience.tries or stopped():
                    raise ModelError(
                        f"No connection to the model server {self.host}. Your question was kept. "
                        "Start the server, or choose another model in Settings."
                    ) from error
            else:
                if response.status_code == 200:
                    return response
                response.close()
                if response.status_code == 400 and body.pop("logprobs", None):
                    body.pop("top_logprobs", None)  # Some servers refuse to tell probabilities.
                    continue
                passing = response.status_code in _PASSING
                if not passing or tried >= self._patience.tries or stopped():
                    raise self._refused(response.status_code)
            time.sleep(self._patience.wait_s * 2 ** (tried - 1))

    def _late(self) -> ModelTimedOut:
        return ModelTimedOut(
            f"The model server {self.host} did not answer in time. Ask again, or choose another "
            "model in Settings."
        )

    def _refused(self, status: int) -> ModelError:
        match status:
            case 401 | 403:
                why = "refused the key. Give it anew in Settings."
            case 404:
                why = f"has no model {self.model}. Check its name and the address in Settings."
            case 413:
                why = "takes no pictures of this size."
            case 400 | 415 | 422:
                why = (
                    "does not take pictures with a question. Choose a vision-language model there."
                )
            case _:
                why = f"answered {status}. Try again later, or choose another model in Settings."
        kind = NotServed if status in (401, 403, 404) else ModelError
        return kind(f"The model server {self.host} {why}")


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as error:
        raise ConfigError("That is no address of a model server. Nothing was changed.") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise ConfigError(
            "The address of a model server begins with http:// or https:// and carries no "
            "password. Nothing was changed."
        )
    path = url.path.rstrip("/")
    return url.copy_with(path=f"{path if path.endswith('/v1') else path + '/v1'}/", query=None)


def _endless() -> ModelError:
    return ModelError("The model server does not stop answering. What came was dropped.")


def _whole(response: httpx.Response, limit_s: float) -> bytes:
    """The body, if it is no longer than an answer can be, and does not take longer."""
    body = bytearray()
    until = time.monotonic() + limit_s
    for part in response.iter_bytes():
        body += part
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the answer trickles")
        if len(body) > _LARGEST_BODY:
            raise _endless()
    return bytes(body)


def _lines(response: httpx.Response, stopped: Callable[[], bool]) -> Iterator[str]:
    """Line by line, if they are not more or longer than an answer's can be; ends early when
    `stopped` says so."""
    left, size = b"", 0
    for part in response.iter_bytes():
        size += len(part)
        if size > _LARGEST_STREAM:
            raise _endless()
        *lines, left = (left + part).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if stopped():
                return
            yield line.decode(errors="replace")
        if len(left) > _LARGEST_BODY:
            raise _endless()
    if left and not stopped():
        yield left.decode(errors="replace")


def _pieces(response: httpx.Response, stopped: Callable[[], bool]) -> Iterator[Piece]:
    length, why = 0, ""
    for line in _lines(response, stopped):
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        choice = _choice(data)
        text = (choice.delta.content if choice.delta else None) or ""
        length += len(text)
        if length > _LARGEST_ANSWER:
            raise _endless()
        why = choice.finish_reason or why
        yield Piece(text=text, tokens=len(choice.told), probability=choice.probability, why=why)
    if not why and not stopped():
        raise httpx.RemoteProtocolError("the answer ended without saying so")


def _choice(data: str | bytes) -> Choice:
    try:
        completion = Completion.model_validate_json(data)
    except ValidationError as error:
        raise ModelError(
            "The model server's answer was not understood. Check its address in Settings."
        ) from error
    if completion.error is not None:
        raise ModelError("The model server could not answer this question. Ask again.")
    return completion.choices[0] if completion.choices else Choice()
