"""`nacre bench`: every benchmark, each in a process of its own, put together."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from app.bench.lines import line
from app.bench.program import command
from app.bench.run import BENCHMARKS
from app.measure import Goal, Measurement
from app.paths import Paths

LIMIT_S = 4 * 3600.0


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """All of `BENCHMARKS` one after the other; one that cannot be measured says why in the table,
    and its metrics are missing. Curves go beside `out`, with the name of the benchmark."""
    whole = Measurement(name="all", metrics={})
    goals: list[Goal] = []
    for name in BENCHMARKS:
        if name == "all":
            continue
        told = _one(name, paths, quick=quick, out=out)
        if isinstance(told, str):
            whole.rows.append(line(name, "not measured", None, "", told))
            continue
        whole.metrics.update(told["metrics"])
        whole.intervals.update({key: (low, high) for key, (low, high) in told["intervals"].items()})
        goals += [
            Goal(metric=goal["metric"], relation=goal["relation"], goal=goal["goal"])
            for goal in told["goals"]
        ]
        whole.rows.extend(told["rows"])
    return Measurement(
        name=whole.name,
        metrics=whole.metrics,
        intervals=whole.intervals,
        goals=tuple(goals),
        rows=whole.rows,
    )


def _one(name: str, paths: Paths, *, quick: bool, out: Path | None) -> dict[str, Any] | str:
    """What the benchmark printed, or why it could not be measured."""
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        kept = Path(folder) / f"{name}.json"
        arguments = ["bench", name, "--data-dir", str(paths.data), "--out", str(kept)]
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
        curves = kept.with_suffix(".png")
        if out is not None and curves.is_file():
            out.with_name(f"{out.stem}-{name}.png").write_bytes(curves.read_bytes())
        told: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return told
