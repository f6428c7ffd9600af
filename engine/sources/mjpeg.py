"""Motion JPEG over HTTP: `multipart/x-mixed-replace`, one JPEG a part."""

import re
from collections.abc import Iterable, Iterator
from email.message import Message

import cv2
import numpy as np

from engine.errors import UnreadableMedia
from engine.media import Image

_LARGEST = 32 * 1024 * 1024
_BROKEN_IN_A_ROW = 50
_LENGTH = re.compile(rb"^content-length:\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def boundary_of(content_type: str) -> str | None:
    """The boundary that a multipart content type names; None for other content."""
    header = Message()
    header["content-type"] = content_type
    if header.get_content_maintype() != "multipart":
        return None
    return header.get_boundary()


def decode(chunks: Iterable[bytes], boundary: str) -> Iterator[Image]:
    """The pictures of a multipart body that arrives in chunks; damaged ones are left out.

    Raises:
        UnreadableMedia: no picture among the last parts, or one part too large for a picture.
    """
    broken = 0
    for part in parts(chunks, boundary):
        image = cv2.imdecode(np.frombuffer(part, np.uint8), cv2.IMREAD_COLOR)
        if image is not None:
            broken = 0
            yield np.asarray(image, np.uint8)
            continue
        broken += 1
        if broken >= _BROKEN_IN_A_ROW:
            raise UnreadableMedia("The stream sends parts that are no JPEG pictures.")


def parts(chunks: Iterable[bytes], boundary: str) -> Iterator[bytes]:
    """The non-empty bodies of the parts, each as soon as it is whole."""
    # Cameras disagree on whether the dashes belong to the boundary.
    marker = b"--" + boundary.encode().removeprefix(b"--")
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        while (part := _cut(buffer, marker)) is not None:
            if part:
                yield part
        if len(buffer) > _LARGEST:
            raise UnreadableMedia("The stream sends something that is too large for a picture.")


def _cut(buffer: bytearray, marker: bytes) -> bytes | None:
    """Take the first whole part out of the buffer; None when there is none yet."""
    begin = buffer.find(marker)
    if begin < 0:
        del buffer[: -len(marker)]
        return None
    blank = _BLANK_LINE.search(buffer, begin)
    if blank is None:
        return None
    body = blank.end()
    length = _LENGTH.search(bytes(buffer[begin:body]))
    end = body + int(length[1]) if length else buffer.find(marker, body)
    if end < body or end > len(buffer):
        return None
    part = bytes(buffer[body:end])
    del buffer[:end]
    return part
