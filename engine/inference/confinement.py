"""What the model's process may not do: open a socket, start a program, look into another process.
A model file comes from elsewhere, and native code reads it.

On Linux the kernel sees to it (seccomp, for x86-64 and 64-bit ARM). On other systems nothing does.
"""

import ctypes
import errno
import logging
import platform
import struct
import sys
from typing import Final

log = logging.getLogger(__name__)

_NO_NEW_PRIVILEGES: Final = 38
_FILTER_MODE, _ALL_THREADS = 1, 1
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_X32: Final = 0x40000000
"""Numbers from here on are the same calls again, for 32-bit pointers."""

# (audit architecture, seccomp, the calls that are refused: socket, execve, execveat, ptrace,
# process_vm_readv, process_vm_writev, pidfd_getfd, io_uring_setup)
_CALLS: Final = {
    "x86_64": (0xC000003E, 317, (41, 59, 322, 101, 310, 311, 438, 425)),
    "aarch64": (0xC00000B7, 277, (198, 221, 281, 117, 270, 271, 438, 425)),
}

# Classic BPF: load a word, jump if equal, jump if greater or equal, return.
_LOAD, _EQUAL, _FROM, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> bool:
    """This process and all its threads, for good; whether the kernel sees to it."""
    calls = _CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if calls is None:
        return False
    architecture, seccomp, forbidden = calls
    program = _program(architecture, forbidden)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    held = _Program(len(program) // 8, program)
    refused = libc.syscall(seccomp, _FILTER_MODE, _ALL_THREADS, ctypes.byref(held))
    if refused:
        log.info("the kernel does not confine the model's process (%s)", ctypes.get_errno())
    return not refused


def _program(architecture: int, forbidden: tuple[int, ...]) -> bytes:
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER),
        (_FROM, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for number in forbidden:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
