"""What a publisher says of a file before it is downloaded: its size and SHA-256.

Source: the Hugging Face hub answers a request for a large file with a redirect to its storage, and
tells the file's SHA-256 and size as `X-Linked-Etag` and `X-Linked-Size` on that answer. What the
storage itself says is not asked: only the publisher's own word, over TLS, counts.
"""

import re
import time
from collections.abc import Sequence

import httpx

from engine.errors import DownloadFailed, ModelError
from engine.inference.catalogue import CatalogueFile, is_loopback
from engine.inference.download import Patience

_DIGEST = re.compile(r'^(?:W/)?"?([0-9a-f]{64})"?$')
_MOVED = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


def as_published(
    addresses: Sequence[str], file: CatalogueFile, *, patience: Patience
) -> CatalogueFile:
    """The file with the size and SHA-256 that the first of the addresses that has it gives.

    Raises:
        DownloadFailed: no connection, or nobody has it.
        ModelError: the publisher does not say what the file must be, so it is not downloaded.
    """
    for address in addresses:
        said = _asked(address, file, patience)
        if said is not None:
            return said
    raise DownloadFailed(
        f"{httpx.URL(addresses[0]).host} does not have {file.name}. Nothing was changed."
    )


def _asked(address: str, file: CatalogueFile, patience: Patience) -> CatalogueFile | None:
    url = httpx.URL(address)
    if url.scheme != "https" and not is_loopback(url.host):
        raise _silent(url, file, "its address has no encryption")
    timeout = httpx.Timeout(patience.silence_s, connect=patience.connect_s)
    with httpx.Client(
        follow_redirects=False,
        timeout=timeout,
        headers={"Accept-Encoding": "identity", "User-Agent": "nacre"},
        trust_env=not is_loopback(url.host),
    ) as client:
        for _ in range(patience.redirects + 1):
            answer = _head(client, url, file, patience)
            if answer.status_code in (404, 410):
                return None
            if "X-Linked-Etag" in answer.headers:
                return _said(answer, url, file)
            target = url.join(answer.headers.get("Location", ""))
            renamed = (target.scheme, target.host) == (url.scheme, url.host) and target != url
            if answer.status_code not in _MOVED or not renamed:
                break
            url = target
    raise _silent(url, file, "it tells neither size nor SHA-256")


def _head(
    client: httpx.Client, url: httpx.URL, file: CatalogueFile, patience: Patience
) -> httpx.Response:
    why = "no connection"
    for tried in range(patience.tries):
        if tried:
            time.sleep(patience.wait_s * 2 ** (tried - 1))
        try:
            answer = client.head(url)
        except httpx.TransportError:
            continue
        if answer.status_code not in _PASSING:
            if answer.status_code < 400 or answer.status_code in (404, 410):
                return answer
            why = f"it answered {answer.status_code}"
            break
        why = f"it answered {answer.status_code}"
    raise DownloadFailed(
        f"{url.host} could not be asked about {file.name}: {why}. Nothing was changed. "
        "Check the connection and try again."
    )


def _said(answer: httpx.Response, url: httpx.URL, file: CatalogueFile) -> CatalogueFile:
    digest = _DIGEST.match(answer.headers["X-Linked-Etag"])
    size = answer.headers.get("X-Linked-Size", "")
    if digest is None or not size.isdecimal() or not 0 < int(size) < 1 << 42:
        raise _silent(url, file, "what it tells is no size and SHA-256")
    return file.model_copy(update={"size": int(size), "sha256": digest[1]})


def _silent(url: httpx.URL, file: CatalogueFile, why: str) -> ModelError:
    return ModelError(
        f"{file.name} is not pinned, and {url.host} cannot vouch for it: {why}. Nothing was "
        "downloaded. `nacre models import --unlisted` takes files of your own."
    )
