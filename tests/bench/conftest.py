"""A data folder with the small models, where this machine has them."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """The object that a benchmark wrote, and whether a curve lies beside it."""

    name: str
    metrics: dict[str, float]
    goals: dict[str, dict[str, Any]]
    rows: dict[str, float | None]
    """Values by what was measured; the last where there are several."""
    curve: Path | None


@pytest.fixture(scope="session")
def has_models() -> bool:
    return (SHARED / "models").is_dir()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, has_models: bool) -> Path:
    """The data folder of a user who has the models, and no memory yet."""
    data = tmp_path_factory.mktemp("installation") / "data"
    if has_models:
        _nacre("models", "import", str(SHARED / "models"), "--data-dir", str(data))
    else:
        data.mkdir()
    return data


@pytest.fixture
def bench(installation: Path, tmp_path: Path) -> Callable[[str], Told]:
    """Run one benchmark as its users do, in a process of its own."""

    def run(name: str) -> Told:
        out = tmp_path / f"{name}.json"
        before = _files(installation)
        arguments = ("bench", name, "--quick", "--json", "--out", str(out))
        told = json.loads(_nacre(*arguments, "--data-dir", str(installation)))
        assert told == json.loads(out.read_text())
        assert _files(installation) == before, "a benchmark has touched the user's own data"
        curve = out.with_suffix(".png")
        return Told(
            name=told["name"],
            metrics=told["metrics"],
            goals={goal["metric"]: goal for goal in told["goals"]},
            rows={row["what"]: row["value"] for row in told["rows"]},
            curve=curve if curve.is_file() else None,
        )

    return run


def _nacre(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _files(folder: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}
