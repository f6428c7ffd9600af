"""How much memory the program uses, whatever else runs on the machine.

PSS divides a page by the number of processes that have it, strangers included. A stranger that has
the same library open takes half of the library off our PSS, and gives it back when it ends:
measured, 59 of 371 MB. So a page of a file counts once and whole if any of our processes has it;
of everything else the PSS counts, with what was swapped out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psutil

MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The memory of some processes, in megabytes."""

    own: float
    """What they allocated and changed."""
    files: float
    """Pages as they stand in files: programs and libraries, mostly."""

    @property
    def mb(self) -> float:
        return self.own + self.files


def footprint(process: psutil.Process | None = None, *, models: bool = True) -> Footprint:
    """That of a process (None: this one) and all its children; without `models` those are left out
    that a language model runs in. Where the system does not tell what
    is mapped, only the memory that is each process's own."""
    root = process or psutil.Process()
    own, files = 0, dict[str, int]()
    for each in (root, *root.children(recursive=True)):
        if not models and each.pid != root.pid and _is_model(each):
            continue
        try:
            for mapped in _mappings(each):
                changed = mapped.anonymous + mapped.swap
                if not mapped.path.startswith("/"):
                    own += mapped.pss + mapped.swap
                    continue
                own += changed
                unchanged = mapped.rss - mapped.anonymous
                files[mapped.path] = max(files.get(mapped.path, 0), unchanged)
        except (AttributeError, NotImplementedError):
            own += int(each.memory_full_info().uss)
        except psutil.NoSuchProcess:
            continue
    return Footprint(own=own / MEGABYTE, files=sum(files.values()) / MEGABYTE)


def _is_model(process: psutil.Process) -> bool:
    """Whether it is one of multiprocessing's, as a model's process is."""
    try:
        return any("multiprocessing" in part for part in process.cmdline())
    except psutil.Error:
        return False


def _mappings(process: psutil.Process) -> Iterable[Any]:
    """What is mapped, by path; in brackets what is no file."""
    return process.memory_maps(grouped=True)
