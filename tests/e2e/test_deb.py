"""The Debian package: built, installed, run with a new home under Xvfb, removed without a trace."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = ("/usr/bin/nacre", "/usr/lib/nacre", "/usr/share/doc/nacre")

pytestmark = [
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or shutil.which("dpkg-deb") is None,
        reason="no dpkg-deb: this is not a Debian system",
    ),
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="installing a package needs root"
    ),
    pytest.mark.timeout(900),
]


def run(*command: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would: with no trace of this environment's Python or Qt."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "QT_", "VIRTUAL_ENV", "NACRE_", "XDG_"))
    }
    if home is not None:
        environment["HOME"] = str(home)
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd="/",
    )


def listing(*folders: str) -> set[str]:
    return {str(path) for folder in folders for path in Path(folder).rglob("*")}


@pytest.fixture(scope="module")
def package() -> Path:
    built = run(sys.executable, str(ROOT / "installers" / "linux" / "build_deb.py"))
    assert built.returncode == 0, built.stdout + built.stderr
    (package,) = (ROOT / "dist").glob("nacre_*.deb")
    return package


@pytest.fixture(scope="module")
def before() -> set[str]:
    if run("dpkg-query", "-W", "nacre").returncode == 0:
        pytest.skip("nacre is installed on this machine; the test would remove it")
    return listing("/usr/share/applications", "/usr/share/icons/hicolor")


@pytest.fixture(scope="module")
def installed(package: Path, before: set[str]) -> Iterator[Path]:
    done = run("dpkg", "-i", str(package))
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield package
    finally:
        run("dpkg", "-P", "nacre")


def test_everything_it_needs_is_declared(installed: Path) -> None:
    missing: list[str] = []
    for file in Path("/usr/lib/nacre").rglob("*.so*"):
        done = run("ldd", str(file))
        missing += [f"{file.name}: {x.strip()}" for x in done.stdout.splitlines() if "not fo" in x]
    assert not missing
    assert "libegl1" in run("dpkg-deb", "-f", str(installed), "Depends").stdout


def test_it_carries_no_path_of_the_machine_it_was_built_on(installed: Path) -> None:
    found = run("grep", "-rlIF", str(ROOT), "/usr/lib/nacre", "/usr/share/doc/nacre")
    assert found.stdout == ""


@pytest.mark.usefixtures("installed")
def test_the_menu_knows_it() -> None:
    entry = Path("/usr/share/applications/nacre.desktop").read_text(encoding="utf-8")
    assert "Exec=nacre" in entry
    assert Path("/usr/share/icons/hicolor/scalable/apps/nacre.svg").is_file()


@pytest.mark.usefixtures("installed")
def test_the_window_opens_on_the_bundled_clip(tmp_path: Path) -> None:
    done = run("xvfb-run", "-a", "/usr/bin/nacre", "--smoke", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("installed")
def test_the_bundled_clip_is_watched_headless(tmp_path: Path) -> None:
    done = run("nacre", "watch", "demo", "--until", "5", "--yes", "--json", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"source"' in done.stdout


@pytest.mark.usefixtures("installed")
def test_the_demo_comes_whole(tmp_path: Path) -> None:
    """Its models, and all that come with the program, are the ones that the catalogue pins, and its
    gallery is there."""
    carried = {path.name for path in Path("/usr/lib/nacre").rglob("*") if path.is_file()}
    catalogue = tomllib.loads((ROOT / "models" / "catalogue.toml").read_text(encoding="utf-8"))
    entries = [*catalogue["bundled"], *(m for m in catalogue["model"] if m["id"] == "nacre-demo")]
    assert {file["name"] for entry in entries for file in entry["files"]} <= carried
    done = run("nacre", "watch", "demo", "--until", "6", "--yes", "--json", home=tmp_path)
    assert '"Momo"' in done.stdout


@pytest.mark.usefixtures("installed")
def test_doctor_finds_its_files(tmp_path: Path) -> None:
    done = run("nacre", "doctor", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it computes on: CPU" in done.stdout, "llama.cpp is carried, and answers a child process"
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("installed")
def test_the_version_is_the_packages_own(package: Path, tmp_path: Path) -> None:
    version = run("dpkg-deb", "-f", str(package), "Version").stdout.strip()
    assert version in run("nacre", "--version", home=tmp_path).stdout


def test_removing_it_leaves_nothing(installed: Path, before: set[str]) -> None:
    assert installed.is_file()
    done = run("dpkg", "-r", "nacre")
    assert done.returncode == 0, done.stderr
    done = run("dpkg", "-P", "nacre")
    assert done.returncode == 0, done.stderr
    assert run("dpkg-query", "-W", "nacre").returncode != 0
    assert [path for path in INSTALLED if os.path.lexists(path)] == []
    assert listing("/usr/share/applications", "/usr/share/icons/hicolor") == before
