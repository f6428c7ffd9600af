"""Memory: the C library's heap kept from falling to pieces, and Python's collector kept short."""

import ctypes
import gc
import sys

M_ARENA_MAX = -8
ARENAS = 2
FULL_COLLECTION_AFTER = 100
"""Collections of the middle generation; Python's own figure is 10."""


def keep_compact() -> bool:
    """Have all threads allocate from two heaps instead of one each (glibc's habit); whether that
    could be set.

    Frames are made in one thread and given up in another. With a heap each, over hours they leave
    holes in all of them: measured, a fifth more memory at once, and more every hour.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError):
        return False


def set_aside() -> None:
    """Take what there is now out of the sight of Python's collector of cycles, and have it walk the
    rest ten times less often.

    A full collection walks every object while no other thread runs: 70 ms with the modules that
    Nacre has when its models are loaded, in which the window stands still. Those stay anyway. What
    is counted after that is so little that Python would walk it every few seconds, for 20 ms each.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_COLLECTION_AFTER)
