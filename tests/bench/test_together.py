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


def test_a_run_that_was_broken_off_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []

    def one(name: str, paths: Paths, *, quick: bool, out: Path | None) -> dict[str, object]:
        asked.append(name)
        if name == "second" and asked.count("second") == 1:
            raise KeyboardInterrupt
        return {"metrics": {name: 1.0}, "intervals": {}, "goals": [], "rows": []}

    monkeypatch.setattr(together, "BENCHMARKS", {"all": "", "first": "", "second": ""})
    monkeypatch.setattr(together, "_one", one)
    monkeypatch.setattr(together, "commit", lambda: "abc")
    paths, out = Paths.locate(tmp_path / "data"), tmp_path / "all.json"
    with pytest.raises(KeyboardInterrupt):
        together.measure(paths=paths, quick=True, out=out)
    whole = together.measure(paths=paths, quick=True, out=out)
    assert whole.metrics == {"first": 1.0, "second": 1.0}
    assert asked == ["first", "second", "second"]
    assert not list(tmp_path.glob("*.parts"))


def test_what_was_measured_of_another_commit_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "all.json.parts"
    monkeypatch.setattr(together, "commit", lambda: "old")
    together.Parts(out, quick=True).keep("first", {"metrics": {}})
    assert together.Parts(out, quick=True).take("first") == {"metrics": {}}
    assert together.Parts(out, quick=False).take("first") is None
    monkeypatch.setattr(together, "commit", lambda: "new")
    assert together.Parts(out, quick=True).take("first") is None
