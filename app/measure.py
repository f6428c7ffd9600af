"""What a benchmark or an evaluation brings: numbers with bounds, goals, and a table of them."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from app.paths import Paths, resources

Relation = Literal[">=", "<=", ">", "<", "=="]

HOLDS: Mapping[Relation, Callable[[float, float], bool]] = {
    ">=": lambda value, goal: value >= goal,
    "<=": lambda value, goal: value <= goal,
    ">": lambda value, goal: value > goal,
    "<": lambda value, goal: value < goal,
    "==": lambda value, goal: value == goal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a metric should reach."""

    metric: str
    relation: Relation
    goal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One benchmark or evaluation, measured."""

    name: str
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    """Bounds of 95 % by metric."""
    goals: tuple[Goal, ...] = ()
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The table behind the metrics; the same keys in every row."""

    def met(self, goal: Goal) -> bool:
        """False also when the metric was not measured."""
        value = self.metrics.get(goal.metric)
        return value is not None and HOLDS[goal.relation](value, goal.goal)

    def to_json(self) -> dict[str, Any]:
        """The object of the contract, with the machine, the commit and the date."""
        return {
            "name": self.name,
            "machine": machine(),
            "commit": commit(),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "metrics": self.metrics,
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "goals": [
                {**asdict(goal), "value": self.metrics.get(goal.metric), "met": self.met(goal)}
                for goal in self.goals
            ],
            "rows": self.rows,
        }

    def table(self) -> str:
        """For people; a metric that misses its goal is marked."""
        from app.cli.printing import table

        goals = {goal.metric: goal for goal in self.goals}
        lines = [
            (name, _number(value), self._bounds(name), self._judged(goals.get(name)))
            for name, value in self.metrics.items()
        ]
        unmeasured = (goal for name, goal in goals.items() if name not in self.metrics)
        lines += [(goal.metric, "-", "", self._judged(goal)) for goal in unmeasured]
        text = f"{self.name}\n{table(lines, ('METRIC', 'VALUE', '95 %', 'GOAL'))}"
        if self.rows:
            head = list(self.rows[0])
            rows = [[_cell(row.get(key)) for key in head] for row in self.rows]
            text += f"\n\n{table(rows, head)}"
        return text

    def _bounds(self, name: str) -> str:
        if name not in self.intervals:
            return ""
        low, high = self.intervals[name]
        return f"{_number(low)} to {_number(high)}"

    def _judged(self, goal: Goal | None) -> str:
        if goal is None:
            return ""
        wanted = f"{goal.relation} {_number(goal.goal)}"
        return wanted if self.met(goal) else f"{wanted}  NOT MET"


class Measure(Protocol):
    """A benchmark or an evaluation."""

    def __call__(self, *, paths: Paths, quick: bool, out: Path | None) -> Measurement:
        """Measure; `quick` in under 50 s. Curves go beside `out`, as PNG.

        Of `paths`, the installed models may be used; the user's memory is left alone.

        Raises:
            EngineError: something that it needs is not on this machine.
        """
        ...


def machine() -> dict[str, Any]:
    """What the numbers were measured on; nothing that names the machine or its user."""
    import psutil

    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "python": platform.python_version(),
    }


def commit() -> str:
    """The commit of the source tree, with `+` when it was changed; empty where there is none."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
            cwd=resources(),
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def kept(measurement: Mapping[str, Any], out: Path) -> None:
    """Write the object to a file, all at once."""
    part = out.with_name(out.name + ".part")
    part.write_text(json.dumps(measurement, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(part, out)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:.4g}"


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return _number(value) if isinstance(value, int | float) else str(value)
