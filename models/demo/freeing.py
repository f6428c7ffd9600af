"""Memory that batches of ever other lengths leave behind."""

import ctypes


def give_back() -> None:
    """Return freed memory to the system, where the C library can: glibc alone keeps the holes
    between tensors of many sizes, 8 GB a process within a quarter of an hour, of which 1 is used.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
