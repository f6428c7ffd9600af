"""The first contact with a model, here the demo model that comes with the program."""

import json
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.eval import apart
from app.eval.apart import Findings
from app.eval.first_contact import measure
from app.eval.first_contact_report import cell
from app.paths import Paths
from app.shelf import open_shelf
from engine.errors import ModelNotInstalled

WEIGHTS = Path(__file__).parents[3] / "models" / "demo"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.locate(tmp_path / "data")
    paths.prepare()
    return paths


def test_every_part_is_told_and_the_page_can_be_passed_on(paths: Paths, tmp_path: Path) -> None:
    open_shelf(paths).add(WEIGHTS)
    out = tmp_path / "contact.json"
    found = measure(paths=paths, quick=True, out=out, model="nacre-demo")
    assert {row["benchmark"] for row in found.rows} == {"template", "speed", "clip", "drift"}
    assert found.metrics["template_usable"] == found.metrics["template_marks_known"] == 1
    shares = ("concepts_right", "yes_no_right", "yes_no_lean", "answers_ended", "yes_no_ece")
    assert all(0 <= found.metrics[name] <= 1 for name in shares)
    assert all(found.metrics[name] > 0 for name in ("frames_per_s", "ttft_ms", "decode_tok_s"))
    drift = {row["what"]: row["value"] for row in found.rows if row["benchmark"] == "drift"}
    assert drift["KL redecoded, 10 evictions"] < 1e-5
    assert drift["answers alike redecoded, 10 evictions"] == 1
    page = out.with_suffix(".md").read_text(encoding="utf-8")
    assert "Nacre demo model" in page
    assert "ended early" not in page
    assert str(tmp_path) not in page + json.dumps(found.to_json())


def test_a_model_whose_process_dies_leaves_what_was_found_until_then(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shelf(paths).add(WEIGHTS)
    taken = apart._take  # pyright: ignore[reportPrivateUsage]

    def take(found: Findings, told: dict[str, Any]) -> None:
        taken(found, told)
        if found.part == "clip":
            for child in psutil.Process().children():
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()

    monkeypatch.setattr(apart, "_take", take)
    out = tmp_path / "contact.json"
    found = measure(paths=paths, quick=True, out=out, model="nacre-demo")
    assert found.metrics["frames_per_s"] > 0
    assert found.rows[-1]["what"] == "ended early"
    assert "in the part clip" in found.rows[-1]["note"]
    assert "What was found until then" in out.with_suffix(".md").read_text(encoding="utf-8")


def test_what_a_model_says_does_not_become_a_part_of_the_page() -> None:
    assert cell("a | b\n# c <img>") == "a \\| b \\# c \\<img\\>"


def test_a_model_that_is_not_here_is_said_to_be_so(paths: Paths) -> None:
    with pytest.raises(ModelNotInstalled):
        measure(paths=paths, quick=True, out=None, model="nacre-demo")
