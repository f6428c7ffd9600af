"""`nacre bench`: every benchmark, each in a process of its own, put together."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from app.bench.lines import line
from app.bench.program import command
from app.bench.run import BENCHMARKS
from app.measure import Goal, Measurement, commit, kept
from app.paths import Paths

LIMIT_S = 4 * 3600.0


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """All of `BENCHMARKS` one after the other; one that cannot be measured says why in the table,
    and its metrics are missing. Curves go beside `out`, with the name of the benchmark.

    With `out` the run can be broken off: what was measured of this commit is kept in a folder
    beside it, and the same command goes on from there.
    """
    parts = Parts(None if out is None else out.with_name(f"{out.name}.parts"), quick=quick)
    whole = Measurement(name="all", metrics={})
    goals: list[Goal] = []
    for name in BENCHMARKS:
        if name == "all":
            continue
        told = parts.take(name) or _one(name, paths, quick=quick, out=out)
        if not isinstance(told, str):
            parts.keep(name, told)
        else:
            whole.rows.append(line(name, "not measured", None, "", told))
            continue
        whole.metrics.update(told["metrics"])
        whole.intervals.update({key: (low, high) for key, (low, high) in told["intervals"].items()})
        goals += [
            Goal(metric=goal["metric"], relation=goal["relation"], goal=goal["goal"])
            for goal in told["goals"]
        ]
        whole.rows.extend(told["rows"])
    parts.remove()
    return Measurement(
        name=whole.name,
        metrics=whole.metrics,
        intervals=whole.intervals,
        goals=tuple(goals),
        rows=whole.rows,
    )


class Parts:
    """The benchmarks that a broken off run has finished, one file each."""

    def __init__(self, folder: Path | None, *, quick: bool) -> None:
        self._folder = folder
        self._of = {"commit": commit(), "quick": quick}

    def take(self, name: str) -> dict[str, Any] | None:
        """What was measured of this commit, and as thoroughly; None where it has yet to be."""
        if self._folder is None:
            return None
        try:
            kept: dict[str, Any] = json.loads(self._file(self._folder, name).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return kept["told"] if kept.get("of") == self._of else None

    def keep(self, name: str, told: dict[str, Any]) -> None:
        if self._folder is not None:
            self._folder.mkdir(exist_ok=True)
            kept({"of": self._of, "told": told}, self._file(self._folder, name))

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _file(folder: Path, name: str) -> Path:
        return folder / f"{name}.json"


def _one(name: str, paths: Paths, *, quick: bool, out: Path | None) -> dict[str, Any] | str:
    """What the benchmark printed, or why it could not be measured."""
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        told_in = Path(folder) / f"{name}.json"
        arguments = ["bench", name, "--data-dir", str(paths.data), "--out", str(told_in)]
        try:
            done = subprocess.run(
                command(*arguments, *(["--quick"] if quick else [])),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "It took too long."
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            return said[-1].removeprefix("nacre: ") if said else f"It ended with {done.returncode}."
        curves = told_in.with_suffix(".png")
        if out is not None and curves.is_file():
            out.with_name(f"{out.stem}-{name}.png").write_bytes(curves.read_bytes())
        told: dict[str, Any] = json.loads(told_in.read_text(encoding="utf-8"))
        return told
