"""What the program uses does not depend on who else has the same files open."""

import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from app.bench.footprint import footprint

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells the PSS of what is mapped"
)

SIZE_MB = 24
READER = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    sum(pages[at] for at in range(0, len(pages), 4096))
    own = bytearray(b"x" * (int(sys.argv[2]) << 20))
    print("ready", flush=True)
    sys.stdin.read()
"""

Start = Callable[[int], psutil.Process]


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    """Starts a process that has read the same file as the others, and holds some megabytes."""
    shared = tmp_path / "library"
    shared.write_bytes(bytes(SIZE_MB << 20))
    with ExitStack() as started:

        def one(own_mb: int) -> psutil.Process:
            process = started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", READER, str(shared), str(own_mb)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return psutil.Process(process.pid)

        yield one


def test_a_stranger_with_the_same_files_changes_nothing(start: Start):
    ours = start(0)
    alone, pss_alone = footprint(ours), ours.memory_full_info().pss
    start(0)
    beside, pss_beside = footprint(ours), ours.memory_full_info().pss
    assert pss_alone - pss_beside > SIZE_MB / 3 * 2**20, "PSS depends on strangers"
    assert beside.files == pytest.approx(alone.files, abs=1)
    assert beside.own == pytest.approx(alone.own, abs=1)
    assert alone.files >= SIZE_MB


def test_what_our_processes_share_counts_once_and_the_rest_for_each(start: Start):
    start(0)
    one = footprint()
    start(40)
    two = footprint()
    assert two.files - one.files < SIZE_MB / 3
    assert two.own - one.own >= 40
    assert two.mb == two.own + two.files
