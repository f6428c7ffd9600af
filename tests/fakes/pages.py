"""All that a memory's file holds, decrypted by hand: free pages and the gaps between rows too.

SQLCipher 4: AES-256-CBC, pages of 4096 bytes of which the last 80 hold the IV and the HMAC; the
first 16 bytes of the file are the salt.
"""

import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVE = 4096, 80
WAL_HEADER, FRAME_HEADER = 32, 24


def decrypted(path: Path, key: bytes) -> bytes:
    """All pages of the file and of its log, in the order in which they lie there."""
    content = path.read_bytes()
    pages = [
        (_page(content[at : at + PAGE], key, skip=16 if at == 0 else 0))
        for at in range(0, len(content), PAGE)
    ]
    log = path.with_name(path.name + "-wal")
    logged = log.read_bytes() if log.exists() else b""
    for at in range(WAL_HEADER, len(logged) - FRAME_HEADER, FRAME_HEADER + PAGE):
        (number,) = struct.unpack(">I", logged[at : at + 4])
        page = logged[at + FRAME_HEADER : at + FRAME_HEADER + PAGE]
        pages.append(_page(page, key, skip=16 if number == 1 else 0))
    return b"".join(pages)


def _page(page: bytes, key: bytes, *, skip: int) -> bytes:
    body, tail = page[skip : PAGE - RESERVE], page[PAGE - RESERVE :]
    if not any(tail):
        return page
    cipher = Cipher(algorithms.AES256(key), modes.CBC(tail[:16])).decryptor()
    return cipher.update(body) + cipher.finalize()


def pieces(data: bytes) -> list[bytes]:
    """Parts of a blob; it may lie on several pages, so the whole is rarely in one place."""
    step = max(len(data) // 12, 1)
    return [data[at : at + 16] for at in range(0, len(data) - 16, step)]
