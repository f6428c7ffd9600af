"""All threads share few heaps of the C library, and collections walk only what came later."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import ctypes, sys
from threading import Barrier, Thread
from app.heap import keep_compact
if sys.argv[1] == "compact":
    assert keep_compact()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = Barrier(9)
def work():
    libc.malloc(50_000)
    together.wait()
    together.wait()
threads = [Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
together.wait()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
together.wait()
"""


def heaps(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="this C library is not glibc")
def test_many_threads_allocate_from_two_heaps():
    assert heaps("as it is") > 2
    assert 1 <= heaps("compact") <= 2


LATER = """
import gc
from app.heap import set_aside
set_aside()
rings = []
for _ in range(100):
    ring = []
    ring.append(ring)
    rings.append(ring)
assert gc.get_freeze_count() > 5000
assert len(gc.get_objects(generation=None)) < 5000
del ring
rings.clear()
assert gc.collect() >= 100
"""


def test_what_is_set_aside_is_not_walked_again_and_what_comes_later_is_collected():
    subprocess.run([sys.executable, "-c", LATER], cwd=ROOT, check=True)
