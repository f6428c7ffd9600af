"""Memory that batches of ever other lengths leave behind."""

import ctypes

ROOMY = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "THP_MEM_ALLOC_ENABLE": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(8 * 2**30),
}
"""What a process that learns is to be started with: memory in large pages, and no tensor's pages
given back and asked for again at every step. Up to a third of the processor's time went into that
(3.5 lessons a second for 2.8)."""


def give_back() -> None:
    """Return freed memory to the system, where the C library can: glibc alone keeps the holes
    between tensors of many sizes, 8 GB a process within a quarter of an hour, of which 1 is used.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
