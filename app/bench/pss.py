"""How much memory the program uses: PSS, which counts what processes share once."""

import psutil

MEGABYTE = 1024**2


def pss_mb(process: psutil.Process | None = None) -> float:
    """Megabytes of a process (None: this one) and all its children. Where the system does not tell
    the PSS, the memory that is the process's own."""
    root = process or psutil.Process()
    return sum(_of_one(each) for each in (root, *root.children(recursive=True))) / MEGABYTE


def _of_one(process: psutil.Process) -> int:
    try:
        told = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(told, "pss", 0) or told.uss)
