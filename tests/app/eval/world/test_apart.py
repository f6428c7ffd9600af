"""The drawn world's truth and its future stay with the evaluations: what runs the product knows
pictures only."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from app.eval.world.camera import Camera
from app.eval.world.stream import Stream
from app.paths import Paths, resources

WORLD = "app.eval.world"


def test_the_program_runs_without_having_loaded_the_world() -> None:
    code = (
        "import json, sys, app.__main__, app.bootstrap, app.window, engine.runtime, engine.session;"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=resources(), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    loaded = json.loads(done.stdout)
    assert "engine.runtime" in loaded
    assert not [name for name in loaded if name.startswith(WORLD)]


def imported(path: Path, root: Path) -> set[str]:
    """Every module that a file below `root` names in an import, by its whole name."""
    here = path.relative_to(root).parent.parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def test_relative_imports_are_named_whole(tmp_path: Path) -> None:
    file = tmp_path / "app" / "perception" / "sly.py"
    file.parent.mkdir(parents=True)
    file.write_text("def f():\n    from ..eval.world import camera\n", encoding="utf-8")
    assert f"{WORLD}.camera" in imported(file, tmp_path)


def test_only_evaluations_name_the_world() -> None:
    """Also where an import stands inside a function, or under a condition."""
    root = resources()
    users = {
        path.relative_to(root).as_posix()
        for folder in ("app", "engine", "ui")
        for path in (root / folder).rglob("*.py")
        if any(name.startswith(WORLD) for name in imported(path, root))
    }
    assert "app/eval/demo_model.py" in users
    assert all(user.startswith("app/eval/") for user in users)


def test_no_truth_lies_beside_the_bundled_clip(tmp_path: Path) -> None:
    assets = Paths.locate(tmp_path).assets
    assert not list(assets.rglob("*.truth*"))
    assert not list(assets.rglob("*.json*"))


def test_a_frame_tells_nothing_of_what_comes_after_it() -> None:
    """A stream that ends there shows the same pictures as one that goes on."""
    short, long = (
        [
            shown.picture
            for shown in Stream(7, "dev").frames(until_s=end, fps=0.5, camera=Camera((96, 96)))
        ]
        for end in (20.0, 60.0)
    )
    assert len(short) == 10
    assert len(long) == 30
    for a, b in zip(short, long, strict=False):
        assert a is not None
        assert b is not None
        assert np.array_equal(a, b)
