"""Whether a video file is all there, from the lengths that its container declares.

A decoder just ends where the bytes do, and cannot tell a file that was cut off from a short one.
"""

from pathlib import Path
from typing import BinaryIO

_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def is_cut_off(path: Path) -> bool:
    """Whether an MP4 (ISO/IEC 14496-12), Matroska (RFC 9559) or RIFF file ends before it should.
    False where the container does not tell.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(8)
        file.seek(0)
        if head[4:] == b"ftyp":
            return _boxes_end(file, size) > size
        if head[:4] == _EBML:
            return _segment_end(file) > size
        if head[:4] == b"RIFF":
            return 8 + int.from_bytes(head[4:], "little") > size
    return False


def _boxes_end(file: BinaryIO, size: int) -> int:
    """Where the last of the outermost boxes ends, or would end."""
    end = 0
    while end < size:
        file.seek(end)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:  # 0: to the end of the file
            return size
        end += length
    return end


def _segment_end(file: BinaryIO) -> int:
    """Where the segment ends; 0 when its length was left open, as in a live recording."""
    file.seek(len(_EBML))
    header = _length(file)
    file.seek(header or 0, 1)
    if header is None or file.read(4) != _SEGMENT:
        return 0
    length = _length(file)
    return 0 if length is None else file.tell() + length


def _length(file: BinaryIO) -> int | None:
    """A variable-length integer (RFC 8794); None where all its bits are set: unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    width = 9 - first[0].bit_length()
    bits = int.from_bytes(first + file.read(width - 1), "big") & ((1 << 7 * width) - 1)
    return None if bits == (1 << 7 * width) - 1 else bits
