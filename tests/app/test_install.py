"""What is installed, and what the lock files promise."""

import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "installers" / "locks"
RUNTIMES = {"onnxruntime", "onnxruntime-gpu"}
ALL = ("run", "gpu", "train", "dev", "model", "build", "uv")
SETS = ("run", "gpu", "train", "dev")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(lock: str) -> dict[str, list[str]]:
    """The pinned lines of a lock, each with its hashes, by the package's name."""
    text = (LOCKS / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            found.setdefault(name_of(line), []).append(line)
    return found


def name_of(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def installed() -> set[str]:
    return {name_of(package.name) for package in importlib.metadata.distributions()}


def test_exactly_one_onnxruntime_is_installed() -> None:
    assert len(installed() & RUNTIMES) == 1


def test_only_the_headless_opencv_is_installed() -> None:
    assert {name for name in installed() if name.startswith("opencv-")} == {
        "opencv-python-headless"
    }


@pytest.mark.parametrize(
    ("lock", "runtime"),
    [
        ("run", "onnxruntime"),
        ("gpu", "onnxruntime-gpu"),
        ("train", "onnxruntime"),
        ("dev", "onnxruntime"),
    ],
)
def test_a_set_names_exactly_one_onnxruntime(lock: str, runtime: str) -> None:
    assert requirements(lock).keys() & RUNTIMES == {runtime}


@pytest.mark.parametrize("lock", ALL)
def test_every_line_is_pinned_and_hashed(lock: str) -> None:
    lines = [line for lines in requirements(lock).values() for line in lines]
    assert lines
    for line in lines:
        assert re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.parametrize("lock", ALL)
def test_no_lock_names_an_index_or_a_folder(lock: str) -> None:
    text = (LOCKS / f"{lock}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-{1,2}(i|f|e|index|extra|find|trusted)", text, re.MULTILINE)
    assert not re.search(r"(^|[\s=])/\w", text)


COMPILED = "llama-cpp-python"


def test_the_engine_of_the_language_model_is_pinned_exactly() -> None:
    """Its structures are bound by hand: another version may read the wrong memory."""
    for name in ("model", "dev"):
        lines = [x for x in PROJECT["dependency-groups"][name] if name_of(x) == COMPILED]
        assert len(lines) == 1
        assert re.search(r"==\d+\.\d+\.\d+$", lines[0])
    (locked,) = requirements("model")[COMPILED]
    (wanted,) = PROJECT["dependency-groups"]["model"]
    assert locked.startswith(f"{wanted} ")


@pytest.mark.parametrize("lock", [*SETS, "build"])
def test_what_is_compiled_has_a_lock_of_its_own(lock: str) -> None:
    assert COMPILED not in requirements(lock)


def test_the_build_takes_only_tools_that_are_pinned() -> None:
    assert {"cmake", "ninja", "scikit-build-core"} <= requirements("build").keys()


def group(name: str) -> set[str]:
    found = {name_of(requirement) for requirement in PROJECT["dependency-groups"][name]}
    return found - {COMPILED}


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("run", ["base"]), ("gpu", ["gpu"]), ("train", ["base", "train"]), ("dev", ["base", "dev"])],
)
def test_each_lock_holds_what_the_project_asks_for(lock: str, groups: list[str]) -> None:
    wanted = {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]}
    assert wanted.union(*map(group, groups)) <= requirements(lock).keys()


@pytest.mark.parametrize("lock", ["run", "gpu", "train", "model"])
def test_what_runs_is_what_was_tested(lock: str) -> None:
    tested = requirements("dev")
    for name, lines in requirements(lock).items():
        if name in tested:
            assert pins(lines) == pins(tested[name])


def pins(lines: list[str]) -> set[str]:
    return {line.split()[0] for line in lines}


def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "installers").mkdir(parents=True, exist_ok=True)
    for name in ("setup.sh", "model.sh", "linux", "locks"):
        if not (folder / "installers" / name).exists():
            (folder / "installers" / name).symlink_to(ROOT / "installers" / name)
    return folder


def setup_script(
    tmp_path: Path, *, path: str, what: str = "run", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the set-up on a machine that has nothing but the programs in `path`."""
    return subprocess.run(
        ["/bin/sh", str(checkout(tmp_path) / "installers" / "setup.sh"), what],
        env={"PATH": path, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def programs(folder: Path, **scripts: str) -> str:
    """A PATH with coreutils and these scripts, and neither Python nor a compiler."""
    folder.mkdir()
    for tool in ("dirname", "sed", "tr", "sort", "cat", "cut", "grep", "id", "env"):
        (folder / tool).symlink_to(f"/usr/bin/{tool}")
    for name, body in scripts.items():
        tool = folder / name.replace("_", "-")
        tool.unlink(missing_ok=True)
        tool.write_text(f"#!/bin/sh\n{body}\n")
        tool.chmod(0o755)
    return str(folder)


def test_another_system_is_told_the_packages(tmp_path: Path) -> None:
    done = setup_script(tmp_path, path=programs(tmp_path / "bin"))
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
    assert "gcc" in done.stderr


def test_without_the_right_to_install_the_line_is_printed(tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", apt_get="exit 99", id="echo 1000", sudo="exit 1")
    done = setup_script(tmp_path, path=path)
    assert done.returncode == 1
    assert "sudo apt-get install --no-install-recommends" in done.stderr
    assert "python3-venv" in done.stderr
    assert {"g++", "cmake", "ninja-build"} <= set(done.stderr.split()), "all in one line"


def test_what_is_missing_is_installed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    path = programs(tmp_path / "bin", apt_get=f'echo "$@" >>{log}', id="echo 0")
    done = setup_script(tmp_path, path=path)
    assert "python3-venv" in log.read_text()
    assert done.returncode == 1, "there is still no Python, and it says so"
    assert "Python 3.11" in done.stderr
