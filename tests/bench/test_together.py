"""`nacre bench` without a name: everything in one table."""

from pathlib import Path

import pytest

from app.bench import together
from app.paths import Paths


def test_the_figures_are_put_together_and_a_failure_is_told(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    names = {"all": "", "gate": "app.bench.gate:measure", "toy": "absent"}
    monkeypatch.setattr(together, "BENCHMARKS", names)
    paths = Paths.locate(installation)
    whole = together.measure(paths=paths, quick=True, out=tmp_path / "all.json")
    assert whole.metrics["gated_fps"] > 0
    assert [goal.metric for goal in whole.goals] == ["gated_fps"]
    assert whole.rows[0]["what"] == "decode and change gate"
    assert whole.rows[-1]["benchmark"] == "toy"
    assert whole.rows[-1]["value"] is None
    assert "toy" in whole.rows[-1]["note"]
    assert len({tuple(row) for row in whole.rows}) == 1, "one table has one head"


def test_curves_lie_beside_the_file(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(together, "BENCHMARKS", {"growth": "app.bench.growth:measure"})
    out = tmp_path / "all.json"
    together.measure(paths=Paths.locate(installation), quick=True, out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["all-growth.png"]
