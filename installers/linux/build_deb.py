"""Build `dist/nacre_VERSION_ARCH.deb`: PyInstaller's folder, a desktop entry, an icon, licences.

What it needs from the system is computed from the libraries themselves (`dpkg-shlibdeps`). The
same sources give the package of the last time back at once, without a new build.

Source: Debian Policy Manual, chapters 5 (control fields) and 12 (copyright); freedesktop.org
Desktop Entry and Icon Theme specifications.
"""

import gzip
import hashlib
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "deb"
DIST = ROOT / "dist"
SOURCES = ("app", "engine", "ui", "models", "assets", "installers", "pyproject.toml", "LICENSE")
TOOLS = ("dpkg-deb", "dpkg-shlibdeps", "objdump")
ENGINE = Path(sys.prefix) / "nacre-model"
"""What the set-up notes about the compiled engine of the language model."""
MAINTAINER = "The Nacre authors <nacre@localhost>"


def main() -> int:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"missing: {', '.join(missing)} (packages dpkg-dev and binutils)", file=sys.stderr)
        return 1
    if not ENGINE.is_file():
        print("llama.cpp is not compiled yet: sh installers/setup.sh model", file=sys.stderr)
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    architecture = _output("dpkg", "--print-architecture")
    package = DIST / f"nacre_{project['version']}_{architecture}.deb"
    seal = BUILD / "sources.sha256"
    fingerprint = source_fingerprint()
    if package.is_file() and seal.is_file() and seal.read_text() == fingerprint:
        print(f"{package.relative_to(ROOT)} is up to date")
        return 0
    shutil.rmtree(BUILD, ignore_errors=True)
    tree = BUILD / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    freeze(tree / "usr" / "lib" / "nacre")
    furnish(tree)
    _write(tree / "DEBIAN" / "control", control(project, architecture, tree))
    DIST.mkdir(exist_ok=True)
    _run("dpkg-deb", "--root-owner-group", "-Zzstd", "--build", str(tree), str(package))
    shutil.rmtree(tree)
    seal.write_text(fingerprint)
    print(f"{package.relative_to(ROOT)} ({package.stat().st_size / 1e6:.0f} MB)")
    return 0


def source_fingerprint() -> str:
    """SHA-256 over the names and bytes of everything that goes into the package."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(ENGINE.read_bytes())
    for file in sorted(_source_files()):
        digest.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for name in SOURCES:
        path = ROOT / name
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (f for f in files if f.is_file() and "__pycache__" not in f.parts)


def freeze(target: Path) -> None:
    """Leave the frozen program in `target`."""
    out = BUILD / "frozen"
    _run(
        *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
        *("--distpath", str(out), "--workpath", str(BUILD / "work")),
        str(ROOT / "installers" / "nacre.spec"),
    )
    target.parent.mkdir(parents=True)
    shutil.move(out / "nacre", target)
    shutil.rmtree(BUILD / "work")


def furnish(tree: Path) -> None:
    """Everything around the program: the command, the menu entry, the icon, the licences."""
    command = tree / "usr" / "bin" / "nacre"
    command.parent.mkdir(parents=True)
    command.symlink_to("../lib/nacre/nacre")
    share = tree / "usr" / "share"
    _copy(ROOT / "installers" / "linux" / "nacre.desktop", share / "applications")
    icons = share / "icons" / "hicolor"
    _copy(ROOT / "assets" / "icons" / "nacre.svg", icons / "scalable" / "apps")
    _copy(ROOT / "assets" / "nacre.png", icons / "256x256" / "apps")
    doc = share / "doc" / "nacre"
    _write(doc / "copyright", (ROOT / "installers" / "linux" / "copyright").read_text())
    _write(doc / "third-party.txt.gz", gzip.compress(third_party().encode(), mtime=0))
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    _write(doc / "changelog.gz", gzip.compress(changes, mtime=0))
    for path in tree.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)


def third_party() -> str:
    """The licence texts of the Python packages that the program carries."""
    locks = [ROOT / "installers" / "locks" / f"{name}.txt" for name in ("run", "model")]
    lines = [line for lock in locks for line in lock.read_text(encoding="utf-8").splitlines()]
    carried = {line.split("==")[0] for line in lines if "==" in line}
    parts = ["Nacre carries these packages, each under its own licence.\n"]
    for package in sorted(distributions(), key=lambda one: one.name.lower()):
        if package.name.lower().replace("_", "-").replace(".", "-") in carried:
            parts.append(f"\n{'=' * 78}\n{package.name} {package.version}\n")
            parts.extend(_licences(package))
    return "".join(parts)


def _licences(package: Distribution) -> Iterator[str]:
    expression = package.metadata.json.get("license_expression")
    if expression:
        yield f"{expression}\n"
    for file in package.files or ():
        if ".dist-info" in str(file) and "licen" in str(file).lower():
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
            yield f"\n--- {file.name}\n{text}"


def control(project: dict[str, str], architecture: str, tree: Path) -> str:
    """The control file. `Installed-Size` is in KiB."""
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files) // 1024
    return (
        "Package: nacre\n"
        f"Version: {project['version']}\n"
        f"Architecture: {architecture}\n"
        f"Maintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\n"
        "Section: utils\n"
        "Priority: optional\n"
        f"Depends: {depends(files)}\n"
        "Recommends: fonts-dejavu-core | fonts-noto-core, gnome-keyring | kwalletmanager\n"
        f"Description: {project['description'].rstrip('.')}\n"
        " Nacre watches a camera, the screen or a recording with you, knows your own people,\n"
        " pets and things after one snapshot, and answers questions about now and the past.\n"
        " Nothing leaves the machine.\n"
    )


def depends(files: list[Path]) -> str:
    """The system packages that the carried libraries are linked against, and those that the
    screen capture opens by name."""
    binaries = [path for path in files if _is_elf(path)]
    private = sorted({str(path.parent) for path in binaries})
    # dpkg-shlibdeps wants to stand in a source package.
    _write(BUILD / "debian" / "control", "Source: nacre\n\nPackage: nacre\nArchitecture: any\n")
    answer = subprocess.run(
        [
            *("dpkg-shlibdeps", "-O", "--ignore-missing-info"),
            *(f"-l{folder}" for folder in private),
            *(f"-e{path}" for path in binaries),
        ],
        cwd=BUILD,
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise SystemExit(f"dpkg-shlibdeps failed:\n{answer.stderr}")
    computed = answer.stdout.strip().removeprefix("shlibs:Depends=").split(", ")
    named = {entry.split()[0] for entry in computed}
    opened_by_name = {"libx11-6", "libxfixes3", "libxrandr2", "libxcb-randr0", "libxcb-xfixes0"}
    return ", ".join(sorted([*computed, *(opened_by_name - named)]))


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / file.name)


def _write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
