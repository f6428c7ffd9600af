"""What a measurement prints."""

import json
from pathlib import Path

import pytest

from app.cli import measure as commands
from app.measure import Goal, Measurement, kept
from tests.app.cli.conftest import Nacre

MEASURED = Measurement(
    name="toy",
    metrics={"gated_fps": 1234.0, "stall_ms": 71.5, "other": 0.25},
    intervals={"other": (0.2, 0.31)},
    goals=(
        Goal(metric="gated_fps", relation=">=", goal=100),
        Goal(metric="stall_ms", relation="<", goal=50),
        Goal(metric="absent", relation=">=", goal=1),
    ),
    rows=[{"n": 20, "name": "bottles"}, {"n": 3, "name": None}],
)


def test_the_object_has_what_the_contract_names():
    made = MEASURED.to_json()
    assert list(made) == [
        "name", "machine", "commit", "date", "metrics", "intervals", "goals", "rows",
    ]  # fmt: skip
    assert [(g["metric"], g["value"], g["met"]) for g in made["goals"]] == [
        ("gated_fps", 1234.0, True),
        ("stall_ms", 71.5, False),
        ("absent", None, False),
    ]
    assert made["intervals"] == {"other": [0.2, 0.31]}
    assert made["machine"]["cores"] >= 1
    json.dumps(made)


def test_the_table_marks_the_goals_that_were_missed():
    lines = MEASURED.table().splitlines()
    missed = [line.split()[0] for line in lines if "NOT MET" in line]
    assert missed == ["stall_ms", "absent"]
    assert any(line.split()[:2] == ["gated_fps", "1,234"] for line in lines)
    assert "0.2 to 0.31" in MEASURED.table()
    assert lines[-1].split() == ["3", "-"]


def test_the_object_is_kept_in_a_file(tmp_path: Path):
    kept(MEASURED.to_json(), tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["name"] == "toy"
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_a_measurement_is_found_by_name_and_run(
    nacre: Nacre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    asked: list[bool] = []

    def measure(*, quick: bool, **_: object) -> Measurement:
        asked.append(quick)
        return MEASURED

    monkeypatch.setattr("tests.app.cli.test_measure.toy", measure, raising=False)
    known = {"toy": f"{__name__}:toy"}
    monkeypatch.setattr(f"{__name__}.KNOWN", known, raising=False)
    for group in commands.TABLES:
        monkeypatch.setitem(commands.TABLES, group, (__name__, "KNOWN"))
    out = tmp_path / "toy.json"
    said = nacre("eval", "toy", "--quick", "--json", "--out", out)
    assert said.code == 0
    assert said.json["metrics"] == MEASURED.metrics
    assert json.loads(out.read_text())["name"] == "toy"
    assert asked == [True]
    assert "NOT MET" in nacre("bench", "toy").out
    assert nacre("eval").out == "toy\n"
    wrong = nacre("eval", "tou")
    assert wrong.code == 2
    assert "toy" in wrong.reason
    assert nacre("eval", "toy", "--out", tmp_path / "no" / "x.json").code == 1


def test_a_first_contact_wants_a_model_and_nothing_else_does(nacre: Nacre):
    missing = nacre("eval", "first-contact")
    assert missing.code == 2
    assert "MODEL" in missing.reason
    assert nacre("eval", "gallery", "some-model").code == 2
    unknown = nacre("eval", "first-contact", "no-such-model")
    assert unknown.code != 0
    assert "no-such-model" in unknown.reason
