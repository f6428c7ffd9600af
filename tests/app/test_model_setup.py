"""`setup.sh model` on machines that lack something; uv and the compilers are scripts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.waiting import wait_for

ROOT = Path(__file__).parents[2]
TOOLS = ("cat", "cut", "dirname", "env", "grep", "id", "mkdir", "nice", "rm", "sed", "sha256sum")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="set up by shell scripts")


class Machine:
    """A checkout whose .venv is there, and a PATH with nothing but a few tools."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.bin = folder / "checkout", folder / "bin"
        (self.checkout / "installers").mkdir(parents=True)
        for name in ("setup.sh", "model.sh", "linux", "locks"):
            (self.checkout / "installers" / name).symlink_to(ROOT / "installers" / name)
        self.bin.mkdir()
        for tool in (*TOOLS, "uname", "flock"):
            found = shutil.which(tool)
            if found is not None:
                (self.bin / tool).symlink_to(found)
        (self.venv / "bin").mkdir(parents=True)
        (self.venv / "bin" / "python").symlink_to(sys.executable)
        self.program("python3", f'exec {sys.executable} "$@"')

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def calls(self) -> list[str]:
        """What uv was asked to install with."""
        log = self.bin / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if "pip install" in line]

    @property
    def state(self) -> str:
        state = self.venv / "nacre-model.state"
        return state.read_text() if state.exists() else ""

    def program(self, name: str, body: str = "exit 0") -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.bin / name).chmod(0o755)

    def uv(self, *install: str) -> None:
        """A uv that does this when it is asked to install."""
        package = self.venv / "lib" / "python3.11" / "site-packages" / "llama_cpp"
        body = [
            'case "$1" in --version) echo "uv 0.13.9"; exit ;; esac',
            f'echo "$@" >>{self.bin / "calls"}',
            f'case "$2" in uninstall) rm -rf {package}; exit ;; esac',
            *install,
            f"mkdir -p {package}",
        ]
        self.program("uv", "\n".join(body))

    def start(self, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["/bin/sh", str(self.checkout / "installers" / "setup.sh"), "model"],
            env={"PATH": str(self.bin), "CUDA_HOME": str(self.bin / "none"), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **environ: str) -> tuple[int, str, str]:
        process = self.start(**environ)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.program("c++")
    return made


COMPILES = (
    'echo "DEBUG *** Configuring CMake..."',
    'echo "DEBUG [1/4] c++ one.cpp"',
    'echo "DEBUG [2/4] c++ [3/9] two.cpp"',
    'echo "[x/y] is no step"',
    'echo "DEBUG [4/4] ld"',
)


def test_progress_is_told_and_the_second_time_nothing_is_done(machine: Machine) -> None:
    machine.uv(*COMPILES)
    code, out, err = machine.run()
    assert (code, err) == (0, "")
    assert [line.split()[-2] for line in out.splitlines() if line.endswith("%")] == [
        "25",
        "50",
        "100",
    ]
    assert machine.state == ""
    assert machine.run() == (0, "", "")
    assert len(machine.calls) == 1


def test_what_was_compiled_before_is_taken_without_a_connection(machine: Machine) -> None:
    machine.uv("true")
    machine.run()
    (call,) = machine.calls
    assert "--offline" in call
    assert "--require-hashes" in call
    assert "GGML_NATIVE=OFF" in call


def test_what_was_not_is_fetched(machine: Machine) -> None:
    machine.uv('case "$*" in *--offline*) exit 1 ;; esac', *COMPILES)
    assert machine.run()[0] == 0
    assert ["--offline" in call for call in machine.calls] == [True, False]


def test_what_another_set_up_took_away_comes_back(machine: Machine) -> None:
    machine.uv("true")
    machine.run()
    shutil.rmtree(machine.venv / "lib")
    assert machine.run()[0] == 0
    assert len(machine.calls) == 2


def test_without_a_compiler_the_sentence_names_it(machine: Machine) -> None:
    (machine.bin / "c++").unlink()
    machine.uv("true")
    code, _, err = machine.run()
    assert code == 1
    assert "sudo apt-get install g++" in err
    assert machine.state.startswith("failed A C++ compiler is missing")
    assert machine.calls == []


def test_without_cmake_and_an_index_the_sentence_names_both(machine: Machine) -> None:
    machine.uv('echo "error: no such index"', "exit 1")
    code, _, err = machine.run()
    assert code == 1
    assert "sudo apt-get install cmake ninja-build" in err


def test_without_a_connection_the_sentence_says_so(machine: Machine) -> None:
    machine.program("cmake")
    machine.program("ninja")
    machine.uv("exit 1")
    code, _, err = machine.run()
    assert code == 1
    assert "is there a connection?" in err


def test_a_compiler_that_stops_is_not_asked_again(machine: Machine) -> None:
    machine.uv(*COMPILES, 'echo "error: no such header"', "exit 1")
    code, _, err = machine.run()
    assert code == 1
    assert "The compiler stopped" in err
    assert "no such header" in (machine.venv / "nacre-model.log").read_text()
    assert len(machine.calls) == 1
    assert machine.state.startswith("failed ")


def test_a_full_disk_is_called_so(machine: Machine) -> None:
    machine.uv(*COMPILES, 'echo "fatal error: No space left on device"', "exit 1")
    assert "The disk is full." in machine.run()[2]


@pytest.mark.skipif(shutil.which("flock") is None, reason="no flock here")
def test_two_at_once_build_once(machine: Machine) -> None:
    os.mkfifo(machine.bin / "go")
    machine.uv(*COMPILES, f"read -r _ <{machine.bin / 'go'}")
    first = machine.start()
    wait_for(lambda: bool(machine.calls))
    second = machine.start()
    assert second.stdout is not None
    assert "waiting" in second.stdout.readline()
    (machine.bin / "go").write_text("\n")
    for process in (first, second):
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(machine.calls) == 1


def vulkan_sdk(folder: Path, headers: str) -> str:
    """A folder for VULKAN_SDK whose headers say this."""
    header = folder / "sdk" / "include" / "vulkan" / "vulkan_core.h"
    header.parent.mkdir(parents=True, exist_ok=True)
    header.write_text(headers)
    return str(folder / "sdk")


@pytest.mark.parametrize(
    ("gpu", "tool", "flag"),
    [("vulkan", "glslc", "-DGGML_VULKAN=ON"), ("cuda", "nvcc", "-DGGML_CUDA=ON")],
)
def test_a_gpu_is_one_variable(
    machine: Machine, tmp_path: Path, gpu: str, tool: str, flag: str
) -> None:
    machine.uv("true")
    sdk = vulkan_sdk(tmp_path, "#define VK_EXT_layer_settings 1")
    code, _, err = machine.run(GPU=gpu, VULKAN_SDK=sdk)
    assert code == 1
    assert tool in err
    machine.program(tool)
    assert machine.run(GPU=gpu, VULKAN_SDK=sdk)[0] == 0
    assert flag in machine.calls[-1]
    assert machine.run()[0] == 0, "unset, it stays what it is"
    assert len(machine.calls) == 1
    assert machine.run(GPU="cpu")[0] == 0
    assert flag not in machine.calls[-1]


def test_headers_that_are_too_old_are_seen_before_anything_is_compiled(
    machine: Machine, tmp_path: Path
) -> None:
    machine.uv("true")
    machine.program("glslc")
    code, _, err = machine.run(GPU="vulkan", VULKAN_SDK=vulkan_sdk(tmp_path, "old"))
    assert code == 1
    assert "newer Vulkan headers" in err
    assert machine.calls == []


def test_what_works_is_kept_until_the_other_is_whole(machine: Machine) -> None:
    machine.program("nvcc")
    machine.uv('case "$*" in *CUDA*) echo "DEBUG *** Configuring CMake..."; exit 1 ;; esac')
    assert machine.run()[0] == 0
    assert machine.run(GPU="cuda")[0] == 1
    assert (machine.venv / "lib" / "python3.11" / "site-packages" / "llama_cpp").is_dir()
    assert "uninstall" not in (machine.bin / "calls").read_text()
    assert machine.state.startswith("failed ")
    assert machine.run()[0] == 0
    assert machine.state == "", "what is asked for now is there"
    assert len(machine.calls) == 2


def test_a_gpu_that_is_not_known_is_refused(machine: Machine) -> None:
    machine.uv("true")
    code, _, err = machine.run(GPU="abacus")
    assert code == 1
    assert "cuda, vulkan, metal or cpu" in err
